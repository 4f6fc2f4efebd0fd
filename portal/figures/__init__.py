"""Figures computed from the records: roll-ups, pages, API."""

from __future__ import annotations

from flask import Flask

from portal.figures import views_api, views_office, views_public, views_tokens
from portal.figures.blueprint import bp

VIEWS = (views_office, views_public, views_api, views_tokens)


def init_app(app: Flask) -> None:
    """Register the pages of figures."""
    app.register_blueprint(bp)
