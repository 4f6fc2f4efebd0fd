"""Projects and brands (项目品牌): what groups activities, teams and stations, with its figures."""

from __future__ import annotations

from flask import Flask

from portal.projects import views_desk, views_public  # noqa: F401  add their pages
from portal.projects.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
