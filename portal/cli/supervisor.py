"""One parent, two children: the web server and the worker, started, watched and ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event
from types import FrameType

from portal.cli.lifeline import VARIABLE
from portal.config import ROOT

# Together far below the five seconds in which everything has to be over, also on a busy machine.
WEB_SECONDS = 1.4
WORKER_SECONDS = 1.4
START_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_LONGEST_PAUSE = 30.0

WEB = ("gunicorn", "--config", "python:portal.cli.web_server", "wsgi:app")
# glibc would keep the 19 MiB of each password check for the thread that made it; so they are given back.
WEB_ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": str(1024 * 1024), "MALLOC_ARENA_MAX": "2"}
WORKER = ("flask", "--app", "wsgi", "worker")


class Child:
    """A program of ours in a session of its own, so that Ctrl-C reaches the parent alone."""

    def __init__(self, module: tuple[str, ...], env: Mapping[str, str], lifeline: int) -> None:
        self._command = (sys.executable, "-m", *module)
        self._env = {**env, VARIABLE: str(lifeline)}
        self._lifeline = lifeline
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program."""
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and modules
            self._command,
            cwd=ROOT,
            env=self._env,
            pass_fds=(self._lifeline,),
            start_new_session=True,
        )

    @property
    def is_over(self) -> bool:
        """Whether the program has ended."""
        return self._process is None or self._process.poll() is not None

    def ask_to_end(self) -> None:
        """Send TERM."""
        if not self.is_over and self._process is not None:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, at most so long."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)

    def kill(self) -> None:
        """Make it end now, with everything it started."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Supervisor:
    """Runs both until a signal comes. A worker that dies is started anew; without web it is over."""

    def __init__(self, env: Mapping[str, str]) -> None:
        reading, self._writing = os.pipe()
        self._web = Child(WEB, {**WEB_ENVIRONMENT, **env}, reading)
        self._worker = Child(WORKER, env, reading)
        self._stop = Event()

    def run(self, answers: Callable[[], bool], on_ready: Callable[[], None]) -> bool:
        """Run both; `on_ready` is called once when `answers` says so. Return False for a fault."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._web.start()
        self._worker.start()
        try:
            if not self._is_up(answers):
                return self._stop.is_set()
            on_ready()
            self._watch()
            return self._stop.is_set()
        finally:
            self._end()

    def _is_up(self, answers: Callable[[], bool]) -> bool:
        last = time.monotonic() + START_SECONDS
        while not self._stop.wait(_LOOK_SECONDS) and not self._web.is_over:
            if answers():
                return True
            if time.monotonic() > last:
                return False
        return False

    def _watch(self) -> None:
        pause, next_start = 1.0, 0.0
        while not self._stop.wait(_LOOK_SECONDS) and not self._web.is_over:
            if self._worker.is_over and time.monotonic() >= next_start:
                self._worker.start()
                next_start = time.monotonic() + pause
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _end(self) -> None:
        self._web.ask_to_end()
        self._web.wait(WEB_SECONDS)
        # The last to close a SQLite database tidies its log up, which is the worker's task.
        self._worker.ask_to_end()
        self._web.wait(WORKER_SECONDS / 2)
        self._worker.wait(WORKER_SECONDS / 2)
        self._web.kill()
        self._worker.kill()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()
