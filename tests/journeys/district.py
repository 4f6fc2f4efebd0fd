"""A demo district of one's own, served by a real server process."""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from portal.config import DEMO_PASSWORD, ROOT
from portal.core.assets import STATIC
from tests.conftest import SECRET

PATIENCE = 90
PHONES = {
    "resident": "13900000001",
    "volunteer": "13900000002",
    "member": "13900000003",
    "manager": "13900000004",
    "other_manager": "13900000005",
    "officer": "13900000006",
    "administrator": "13900000007",
    "leader": "13900000008",  # only where a test gave the leader of the team an account
}
PASSWORD = DEMO_PASSWORD


def _zone_of_forenoon() -> str:
    """Return a zone in which it is between ten and eleven now: journeys need hours ahead of them."""
    hours = 10 - datetime.now(UTC).hour
    hours += 24 if hours < -12 else 0
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@dataclass(slots=True)
class District:
    """A folder with a database, and the server over it."""

    folder: Path
    zone: str
    base: str = ""
    states: dict[str, Any] = field(default_factory=dict)
    # Where mail is handed in: nobody is there, unless a test puts a server.
    mail_port: int = 9

    @property
    def database(self) -> Path:
        """Return the database file."""
        return self.folder / "portal.db"

    @property
    def clock(self) -> Path:
        """Return the file with the seconds that the server's clock is ahead."""
        return self.folder / "clock"

    def environment(self) -> dict[str, str]:
        """Return what the server's process and the commands read."""
        return {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": SECRET,
            "PORTAL_PUBLIC_URL": self.base or "http://127.0.0.1",
            "PORTAL_TIMEZONE": self.zone,
            "RATELIMIT_ENABLED": "0",
            "TEST_CLOCK": str(self.clock),
            # So that pages offer all channels; nothing is sent before a `tick`.
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "MAIL_FROM": "portal@example.org",
            "GATEWAY_URL": "http://127.0.0.1:9/",
            "GATEWAY_TOKEN": "a-token-of-the-tests",
        }

    def command(self, *words: str) -> None:
        """Run one of the portal's own commands, at the time its server has."""
        asked = [sys.executable, "-m", "flask", "--app", "tests.journeys.server", *words]
        done = subprocess.run(
            asked,
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def later(self, **span: float) -> None:
        """Put the server's clock forward."""
        ahead = float(self.clock.read_text()) + timedelta(**span).total_seconds()
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(ahead))
        fresh.replace(self.clock)

    def local_now(self) -> datetime:
        """Return the wall-clock time of the district."""
        ahead = timedelta(seconds=float(self.clock.read_text()))
        return (datetime.now(UTC) + ahead).astimezone(ZoneInfo(self.zone))

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read from the database while the server runs."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def change(self, statement: str, *values: object) -> None:
        """Write into the database while the server runs: what the demo does not have by itself."""
        connection = sqlite3.connect(self.database, timeout=30)
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()

    def one(self, query: str, *values: object) -> Any:
        """Return the first column of the first row, which must be there."""
        rows = self.ask(query, *values)
        assert rows, f"the demo district has nothing for: {query}"
        return rows[0][0]


def loaded(shared: Path, template: Path) -> Path:
    """Return the folder of a loaded demo district; the first worker that asks loads it."""
    folder = shared / "demo-district"
    with (shared / "demo-district.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            district = District(folder, _zone_of_forenoon())
            shutil.copyfile(template, district.database)
            district.clock.write_text("0")
            _compress_static_files()
            district.command("demo")
            (folder / "zone").write_text(district.zone)
            (folder / "ready").touch()
    return folder


@contextmanager
def served(source: Path, folder: Path) -> Iterator[District]:
    """Serve a copy of a loaded district until the block ends."""
    folder.mkdir(exist_ok=True)
    district = District(folder, (source / "zone").read_text())
    _copy_database(source / "portal.db", district.database)
    district.clock.write_text("0")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    district.base = f"http://127.0.0.1:{port}"
    asked = [
        sys.executable,
        "-m",
        "gunicorn",
        "--worker-class",
        "gthread",
        "--workers",
        "1",
        "--threads",
        "4",
        "--no-control-socket",
        "--graceful-timeout",
        "1",
        "--log-level",
        "warning",
        "--bind",
        f"127.0.0.1:{port}",
        "tests.journeys.server:app",
    ]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            asked, cwd=ROOT, env=district.environment(), stdout=log, stderr=log
        )
        try:
            _wait(district, process)
            yield district
        finally:
            process.terminate()
            process.wait(20)


def _compress_static_files() -> None:
    """Make the compressed copies that `make build` makes, where they are missing or old."""
    for file in STATIC.rglob("*"):
        packed = file.with_name(file.name + ".gz")
        old = not packed.exists() or packed.stat().st_mtime < file.stat().st_mtime
        if file.suffix in {".css", ".js", ".svg"} and old:
            fresh = packed.with_name(f"{packed.name}.{os.getpid()}")
            fresh.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
            fresh.replace(packed)


def _copy_database(source: Path, target: Path) -> None:
    """Copy with what still stands in the write-ahead log."""
    before = sqlite3.connect(source)
    after = sqlite3.connect(target)
    before.backup(after)
    before.close()
    after.close()


def _wait(district: District, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(district.base + "/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError((district.folder / "server.log").read_text()[-2000:])
