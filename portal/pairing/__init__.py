"""Pairing of civilized units with communities: needs, resources, projects, joint activities."""

from __future__ import annotations

from flask import Flask

from portal.pairing import (  # noqa: F401  on the one blueprint
    views_desk,
    views_me,
    views_office,
    views_public,
    views_sides,
)
from portal.pairing.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages of the office, of both sides, and of everybody."""
    app.register_blueprint(bp)
