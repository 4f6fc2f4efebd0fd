"""The service menu (服务菜单) and orders: filed, reviewed, dispatched, accepted, done, rated."""

from __future__ import annotations

from flask import Flask

from portal.services import (  # noqa: F401  add their pages
    views_desk,
    views_me,
    views_menu,
    views_office,
    views_public,
    views_steps,
    views_track,
)
from portal.services.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
