"""Service posts: the weekly grid that becomes shifts, the rota, standing places, cover, logs."""

from __future__ import annotations

from flask import Flask

from portal.posts import (  # noqa: F401  they add their pages
    views_cover,
    views_desk,
    views_duty,
    views_logs,
    views_pattern,
    views_public,
    views_rota,
    views_standing,
    views_undo,
)
from portal.posts.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
