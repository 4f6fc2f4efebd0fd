"""Party members' service: who is in a branch, reporting to a community, a year that writes itself."""

from __future__ import annotations

from flask import Flask

from portal.membership import (  # noqa: F401  on the one blueprint
    views_admin,
    views_branches,
    views_cards,
    views_desk,
    views_import,
    views_me,
)
from portal.membership.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
