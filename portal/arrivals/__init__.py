"""Arrivals that a second word makes count: typed from paper, said at a poster, of who walked in."""

from __future__ import annotations

from flask import Flask

from portal.arrivals import (  # noqa: F401  they hang their views on the blueprint
    views_claims,
    views_kiosk,
    views_paper,
    views_walk_ins,
)
from portal.arrivals.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages of arrivals."""
    app.register_blueprint(bp)
