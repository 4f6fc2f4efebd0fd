"""Requests as bytes, sent by wrk from the same machine, and one at a time to look at the answer."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlencode

_SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: an address; with form fields or JSON it is a POST."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] | None = None
    json: Mapping[str, object] | None = None

    def raw(self) -> str:
        """Return it as it goes over the line."""
        kind, body = self._body()
        lines = [f"{'POST' if kind else 'GET'} {self.path} HTTP/1.1"]
        lines += ["Host: 127.0.0.1", *(f"{name}: {value}" for name, value in self.headers.items())]
        if kind:
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", body])

    def _body(self) -> tuple[str, str]:
        if self.json is not None:
            return "application/json", json.dumps(self.json)
        if self.fields is not None:
            return "application/x-www-form-urlencoded", urlencode(self.fields)
        return "", ""


@dataclass(frozen=True, slots=True)
class Round:
    """What one run of wrk saw."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int
    broken: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as far as it is looked at."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_there() -> bool:
    """Return whether wrk is installed."""
    return shutil.which("wrk") is not None


def run(url: str, requests: Sequence[Request], *, connections: int, seconds: int) -> Round:
    """Send the requests, round and round, for some seconds."""
    with NamedTemporaryFile("w", suffix=".txt", newline="") as file:
        file.writelines(request.raw().replace("\r\n", "\x1f") + "\n" for request in requests)
        file.flush()
        done = subprocess.run(
            (
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{seconds}s",
                "--timeout",
                "10s",
                "--latency",
                "-s",
                str(_SCRIPT),
                url,
                "--",
                file.name,
            ),
            capture_output=True,
            text=True,
            check=True,
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("JSON "))
    told = json.loads(line.removeprefix("JSON "))
    return Round(
        told["requests"],
        told["us"] / 1e6,
        told["p50"] / 1e3,
        told["p99"] / 1e3,
        told["refused"],
        told["broken"],
    )


def ask(port: int, request: Request) -> Answer:
    """Send one request on a connection of its own and return the answer."""
    closing = replace(request, headers={**request.headers, "Connection": "close"})
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(closing.raw().encode())
        with line.makefile("rb") as stream:
            return read_answer(stream.read())


def read_answer(raw: bytes) -> Answer:
    """Return an answer taken apart."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return Answer(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body)
