"""What was recorded too late or wrongly: make-ups and corrections, decided by a second person."""

from __future__ import annotations

from flask import Flask

from portal.corrections import views_asking, views_desk, views_me  # noqa: F401  on the one blueprint
from portal.corrections.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the own pages, those of the desk and of the office."""
    app.register_blueprint(bp)
