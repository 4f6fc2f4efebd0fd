"""Close-outs: after a shift the desk tells once what it came to, within the ten working days."""

from __future__ import annotations

from flask import Flask

from portal.closeouts import views, views_photos  # noqa: F401  they add their pages
from portal.closeouts.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
