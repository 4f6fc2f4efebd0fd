"""The commands, from `init` to `reset-password`; each file beside holds some of them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

# Each of these files has a tuple COMMANDS; one that is not there is left out.
PARTS = ("setup", "demo", "serve", "worker", "backup", "checks", "visits")


def init_app(app: Flask) -> None:
    """Register the commands."""
    for part in PARTS:
        if find_spec(f"portal.cli.{part}") is not None:
            for command in import_module(f"portal.cli.{part}").COMMANDS:
                app.cli.add_command(command)
