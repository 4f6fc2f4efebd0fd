"""Complaints and suggestions: filed by whoever likes, answered by when it was said, result told."""

from __future__ import annotations

from flask import Flask

from portal.feedback import views_desk, views_me, views_public  # noqa: F401  on the one blueprint
from portal.feedback.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages of who files and of the desk that answers."""
    app.register_blueprint(bp)
