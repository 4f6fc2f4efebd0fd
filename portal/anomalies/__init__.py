"""What stands out in check-ins and hours: a list for the office to look into, and no more than that."""

from __future__ import annotations

from flask import Flask

from portal.anomalies.views import bp


def init_app(app: Flask) -> None:
    """Register the pages of the list."""
    app.register_blueprint(bp)
