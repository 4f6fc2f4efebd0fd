"""What machines ask: is the process up, is it ready, where may robots go, whom to tell of a hole."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock, schema
from portal.core.access import public
from portal.core.db import db
from portal.records import settings

bp = Blueprint("health", __name__)

# Calendars are fetched by robots of Google and Microsoft, which ask here first.
ROBOTS = """User-agent: *
Allow: /cal/
Disallow: /admin
Disallow: /check-in
Disallow: /desk
Disallow: /feedback?
Disallow: /feedback/
Disallow: /login
Disallow: /me
Disallow: /office
Disallow: /register
Disallow: /reset
Disallow: /services/track
Disallow: /volunteer
Disallow: /wishes/new
Disallow: /wishes/track
"""
SECURITY_DAYS = 180


@bp.get("/healthz")
@public
def process() -> Response:
    """The process answers; the database is not asked."""
    return _text("ok\n")


@bp.get("/readyz")
@public
def ready() -> Response:
    """The database answers and has the revision the code needs; 503 with the reason otherwise."""
    try:
        head = schema.database_head()
    except SQLAlchemyError:
        db.session.rollback()
        return _text("the database does not answer\n", 503)
    if head != schema.code_head():
        return _text(f"the schema is {head}, the code needs {schema.code_head()}\n", 503)
    return _text("ready\n")


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """Everything public may be read, calendars above all."""
    return _text(ROBOTS)


@bp.get("/.well-known/security.txt")
@public
def security() -> Response:
    """Whom to tell of a hole (RFC 9116): the district's telephone, until a day within the year."""
    public_url = current_app.config["PORTAL"].public_url
    last = datetime.combine(clock.today() + timedelta(days=SECURITY_DAYS), time(), UTC)
    phone = "".join(mark for mark in settings.get("help_phone") if mark.isdigit())
    lines = (
        f"Contact: tel:+86-{phone.removeprefix('0')}",
        f"Expires: {last:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: zh, en",
        f"Canonical: {public_url}/.well-known/security.txt",
    )
    return _text("\n".join(lines) + "\n")


def _text(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
