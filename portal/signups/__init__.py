"""People on shifts: signing up, waiting, withdrawing."""

from __future__ import annotations

from flask import Flask

from portal.signups import (  # noqa: F401  they add pages to the blueprint
    views,
    views_course,
    views_desk,
    views_missed,
    views_open,
    views_waiting,
)


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(views.bp)
