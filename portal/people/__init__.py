"""Persons, accounts, sign-ins, roles, volunteers, teams and API tokens."""

from __future__ import annotations

from flask import Flask

from portal.people import (  # noqa: F401  they add pages to the blueprint
    session,
    views,
    views_desk,
    views_desk_records,
    views_family,
    views_records,
)


def init_app(app: Flask) -> None:
    """Register the pages of the account and let requests know who is signed in."""
    session.init_app(app)
    app.register_blueprint(views.bp)
