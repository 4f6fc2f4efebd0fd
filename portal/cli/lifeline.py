"""A child ends with its parent, also when the parent was killed: the pipe between them closes."""

from __future__ import annotations

import os
import signal
from threading import Thread

VARIABLE = "PORTAL_LIFELINE"


def follow_parent() -> None:
    """Send this process TERM when the parent that set the variable is gone."""
    number = os.environ.pop(VARIABLE, "")
    if number:
        Thread(target=_wait, args=(int(number),), daemon=True, name="lifeline").start()


def _wait(descriptor: int) -> None:
    # Nothing is ever written; the read returns when the last writing end is closed.
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
