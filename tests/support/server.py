"""A real server for the tests that need one: gunicorn and worker as `serve` starts them."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from portal.config import ROOT
from portal.core import clock
from portal.core.db import write
from portal.people import actions, queries
from portal.people.models import Person

CSRF = "0" * 40


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment(database_url: str, secret_key: str, port: int, **more: str) -> dict[str, str]:
    """Return the environment of a server over a database."""
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    return {
        **kept,
        "DATABASE_URL": database_url,
        "SECRET_KEY": secret_key,
        "PORT": str(port),
        "RATELIMIT_ENABLED": "0",
        **more,
    }


class Server:
    """A program that serves; everything it started ends with it."""

    def __init__(self, env: dict[str, str], log: Path, module: tuple[str, ...]) -> None:
        self.port = int(env["PORT"])
        self.log = log
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                (sys.executable, "-m", *module),
                cwd=ROOT,
                env=env,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, path: str = "/readyz", seconds: float = 60) -> None:
        """Wait until the address answers with 200."""
        last = time.monotonic() + seconds
        while time.monotonic() < last and self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if self.request("GET", path)[0] == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text()[-3000:])

    def request(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Send one request over a connection of its own; return status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def post(self, path: str, cookie: str, token: str, **fields: str) -> tuple[int, str]:
        """Send a form as a browser would."""
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", path, urlencode({**fields, "csrf_token": token}), headers)

    def kill(self) -> None:
        """Kill it and all it started at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def signed_in(app: Flask, person: Person) -> str:
    """Return the cookie of a new sign-in of the person."""
    token, _row = write(
        actions.sign_in, person.id, "", actor=queries.actor_of(person), now=clock.now()
    )
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    values = {"_user_id": token, "_fresh": True, "_permanent": True, "csrf_token": CSRF}
    return f"session={serializer.dumps(values)}"


def csrf_token(app: Flask) -> str:
    """Return the token that forms of these sign-ins carry."""
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(CSRF))
