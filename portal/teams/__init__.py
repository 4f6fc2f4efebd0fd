"""Service teams: their pages, who joins and who leads, and the shifts a team takes."""

from __future__ import annotations

from flask import Flask

from portal.teams import (  # noqa: F401  add their pages
    views_desk,
    views_me,
    views_members,
    views_public,
    views_shifts,
)
from portal.teams.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
