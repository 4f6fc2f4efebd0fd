"""A volunteer's record beyond hours: honours, evaluation, star level; and its way to the State."""

from __future__ import annotations

from flask import Flask

from portal.honours import (  # noqa: F401  add their pages
    views_desk,
    views_evaluations,
    views_public,
    views_record,
    views_stars,
    views_upstream,
)
from portal.honours.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
