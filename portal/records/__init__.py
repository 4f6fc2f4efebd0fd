"""What any feature writes down: audit, steps, notes, outbox, settings, limits, search, files."""

from __future__ import annotations

from flask import Flask

from portal.records import (  # noqa: F401  the tables must be known to the metadata
    audit,
    files,
    leases,
    limits,
    notes,
    outbox,
    search,
    settings,
    stale,
    steps,
)


def init_app(app: Flask) -> None:
    """Put the settings in reach of a request."""
    settings.init_app(app)
