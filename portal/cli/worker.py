"""`tick`: one round. `worker`: for ever, with a thread for each channel by which something leaves."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from threading import Event, Thread
from types import FrameType

import click
from flask import Flask, current_app

from portal.cli import outgoing, rounds
from portal.cli.edge import command
from portal.cli.lifeline import follow_parent
from portal.core import clock

RELAY_SECONDS = 5
TICK_SECONDS = 60
# So long at most `tick` begins to send by one channel; cron calls it again.
SENDING_SECONDS = 20
# What is under way may end; after that the transaction is given up, which leaves nothing behind.
LAST_SECONDS = 0.8


@command("tick")
def tick() -> None:
    """Do one round of what comes by itself. Safe twice and side by side; for cron."""
    failed = rounds.tick(clock.now())
    failed += outgoing.all_once(seconds=SENDING_SECONDS)
    rounds.checkpoint()
    if failed:
        raise click.ClickException(f"These tasks failed, see the log: {', '.join(failed)}")


@command("worker")
def worker() -> None:
    """Relay the outbox every 5 seconds, tick and checkpoint every minute, until TERM."""
    stop = Event()
    _stop_on_signals(stop)
    follow_parent()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    for channel in outgoing.channels():
        Thread(target=_send, args=(app, channel, stop), daemon=True, name=channel).start()
    next_tick = time.monotonic()
    while not stop.is_set():
        if time.monotonic() >= next_tick:
            next_tick = time.monotonic() + TICK_SECONDS
            _in_own_context(app, lambda: rounds.tick(clock.now()))
            _in_own_context(app, rounds.checkpoint)
        else:
            _in_own_context(app, lambda: rounds.relay(clock.now()))
        stop.wait(RELAY_SECONDS)


def _send(app: Flask, channel: outgoing.Channel, stop: Event) -> None:
    """Send by one channel until told to stop; one that is slow makes nobody else wait.

    The thread ends with the process: what it was sending then goes out again, with the same key.
    """
    while not stop.is_set():
        _in_own_context(app, lambda: outgoing.once(channel, stop.is_set))
        stop.wait(RELAY_SECONDS)


def _in_own_context(app: Flask, work: Callable[[], object]) -> None:
    """Do the work with fresh settings and a fresh session; a fault ends the round, not the worker."""
    try:
        with app.app_context():
            work()
    except Exception:  # the database may be away for a while
        logging.getLogger("portal.worker").exception("round failed")


def _stop_on_signals(stop: Event) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.setitimer(signal.ITIMER_REAL, LAST_SECONDS)

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGALRM, give_up)


COMMANDS = (tick, worker)
