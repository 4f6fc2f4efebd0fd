"""Bringing persons, posts and activities in from a table: checked row by row, then all or nothing."""

from __future__ import annotations

from flask import Flask

from portal.imports.views import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
