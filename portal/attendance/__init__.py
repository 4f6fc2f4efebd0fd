"""Coming and going: scans, visits, the board, the roster, and how they close into hours."""

from __future__ import annotations

from flask import Flask

from portal.attendance import (  # noqa: F401  they hang their views on the blueprint
    views_board,
    views_codes,
    views_decisions,
    views_desk,
    views_me,
    views_participants,
    views_phone,
    views_print,
    views_public,
    views_rules,
    views_scan,
    views_tally,
    views_why,
)
from portal.attendance.views import bp


def init_app(app: Flask) -> None:
    """Register the pages of attendance."""
    app.register_blueprint(bp)
