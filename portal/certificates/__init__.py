"""Certificates of service minutes: issued over the ledger, printed, and checked by anybody."""

from __future__ import annotations

from flask import Flask

from portal.certificates import views_behalf, views_desk, views_me, views_public  # noqa: F401  on the one blueprint
from portal.certificates.blueprint import bp


def init_app(app: Flask) -> None:
    """Register the pages of who is certified, of the desk, and of who checks."""
    app.register_blueprint(bp)
