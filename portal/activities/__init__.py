"""Activities: drafting, review, publishing, the public list and page."""

from __future__ import annotations

from flask import Flask

from portal.activities import (  # noqa: F401  they add their pages
    views_changes,
    views_desk,
    views_public,
    views_review,
    views_series,
    views_stalls,
    views_templates,
    views_week,
)
from portal.activities.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
