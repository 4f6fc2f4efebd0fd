"""Party members' service: who is in a branch, reporting to a community, a year that writes itself."""

from __future__ import annotations

from flask import Flask

from portal.membership.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
