"""iCalendar feeds."""

from __future__ import annotations

from flask import Flask

from portal.calendars import views


def init_app(app: Flask) -> None:
    """Register the feeds."""
    app.register_blueprint(views.bp)
