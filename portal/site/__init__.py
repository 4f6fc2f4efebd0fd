"""Pages composed from everything below."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from portal.site import calls, desk, home, me, preferences, search, settings, stations, tray

OTHERS = ("health", "privacy", "on_behalf", "audit", "admin", "admin_units", "admin_calendar")


def init_app(app: Flask) -> None:
    """Register the pages."""
    for part in (home, me, tray, desk, calls, stations, search, preferences, settings):
        app.register_blueprint(part.bp)
    for name in OTHERS:
        if find_spec(f"portal.site.{name}"):
            app.register_blueprint(import_module(f"portal.site.{name}").bp)
