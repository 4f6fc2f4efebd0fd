"""Micro-wishes (微心愿): filed, verified, published, pledged, fulfilled, confirmed, closed."""

from __future__ import annotations

from flask import Flask

from portal.wishes import views_filing, views_pledges, views_public  # noqa: F401  add their pages
from portal.wishes.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
