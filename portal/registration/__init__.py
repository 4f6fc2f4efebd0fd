"""Becoming a registered volunteer: application, decision, number."""

from __future__ import annotations

from flask import Flask

from portal.registration import (  # noqa: F401  each puts its pages on the one blueprint
    views,
    views_counter,
    views_desk,
    views_details,
    views_merge,
)


def init_app(app: Flask) -> None:
    """Register the pages of the volunteer and of the desk that decides."""
    app.register_blueprint(views.bp)
