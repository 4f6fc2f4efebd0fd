"""The portal and hello as they are served, and what their workers use up."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import ROOT, environment
from portal.cli.supervisor import WEB, WEB_ENVIRONMENT

START_SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")
# As many workers and threads as the portal has.
_GUNICORN = ("gunicorn", "--workers", "2", "--threads", "4", "--worker-class", "gthread")
_HELLO = (*_GUNICORN, "--preload", "--keep-alive", "5", "--log-level", "warning")
_GRANIAN = ("granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4")
SERVERS = ("gunicorn", "granian")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        """The processes that serve."""
        return _children(self.pid)

    def cpu_seconds(self) -> float:
        """Return the processor time that the workers have had so far."""
        return sum(_cpu_seconds(pid) for pid in self.workers)

    def memory(self) -> list[float]:
        """Return the proportional set size of each worker in MiB."""
        return [_pss(pid) for pid in self.workers]


@contextmanager
def portal(database_url: str, server: str, log: Path) -> Iterator[Server]:
    """Serve the portal as `serve` does, or by the other server."""
    port = _free_port()
    command: tuple[str, ...] = WEB
    if server == "granian":
        command = (*_GRANIAN, "--host", "127.0.0.1", "--port", str(port), "wsgi:app")
    env = {**WEB_ENVIRONMENT, **environment(database_url), "HOST": "127.0.0.1", "PORT": str(port)}
    with _running(command, env, port, "/healthz", log) as running:
        yield running


@contextmanager
def hello(log: Path) -> Iterator[Server]:
    """Serve the bare application, always by gunicorn."""
    port = _free_port()
    command = (
        *_HELLO,
        "--no-control-socket",
        "--bind",
        f"127.0.0.1:{port}",
        "benchmarks.hello:app",
    )
    with _running(command, dict(os.environ), port, "/", log) as running:
        yield running


@contextmanager
def _running(
    module: tuple[str, ...], env: dict[str, str], port: int, path: str, log: Path
) -> Iterator[Server]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", *module),
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, path, log)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):  # whatever it has left behind
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if _answers(port, path):
            return
        time.sleep(0.1)
    raise SystemExit(f"The server did not start:\n{log.read_text()[-2000:]}")


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# --- what Linux says of a process ----------------------------------------------------------------


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _cpu_seconds(pid: int) -> float:
    # The name of the process, in brackets, may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
