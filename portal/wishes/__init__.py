"""Micro-wishes (微心愿): filed, verified, published, pledged, fulfilled, confirmed, closed."""

from __future__ import annotations

from flask import Flask

from portal.wishes import (  # noqa: F401  add their pages
    views_desk,
    views_desk_steps,
    views_filing,
    views_me,
    views_office,
    views_pledges,
    views_public,
    views_stories,
    views_tracking,
)
from portal.wishes.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
