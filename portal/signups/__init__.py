"""People on shifts: signing up, waiting, withdrawing."""

from __future__ import annotations

from flask import Flask

from portal.signups import views, views_course, views_desk  # noqa: F401  they add their pages


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(views.bp)
