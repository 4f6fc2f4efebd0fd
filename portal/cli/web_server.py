"""Gunicorn's settings: `gunicorn --config python:portal.cli.web_server wsgi:app`, as `serve` does."""

from __future__ import annotations

import gc
import os

from portal.cli.lifeline import follow_parent

_host = os.environ.get("HOST", "127.0.0.1")
_written_host = f"[{_host}]" if ":" in _host else _host
bind = f"{_written_host}:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
worker_class = "gthread"
# Loaded once and forked: faults show at once, and the workers share the code's memory.
preload_app = True
keepalive = 5
timeout = 30
graceful_timeout = 1
# By default it opens a socket in the home directory, which may be read-only or shared.
control_socket_disable = True
loglevel = "warning"


def on_starting(_server: object) -> None:
    """End with the parent."""
    follow_parent()


def pre_fork(_server: object, _worker: object) -> None:
    """Put what is loaded out of the collector's sight: it stays, and stays shared."""
    gc.collect()
    gc.freeze()


def post_fork(_server: object, _worker: object) -> None:
    """Let the collector look less often: a page makes thousands of objects and few cycles."""
    gc.set_threshold(10_000, 20, 20)
