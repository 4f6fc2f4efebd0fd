"""The site-wide CSRF check, and soft limits on pages."""

from __future__ import annotations

import logging

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from markupsafe import Markup

from portal.core.access import VISITOR, current_actor
from portal.core.i18n import HTML_LANGUAGES, lang, view
from portal.core.web import here

csrf = CSRFProtect()


def within(subject: str, per_second: int) -> bool:
    """Count this request; return whether its address has asked for no more than this a second.

    A limit of load, not of right: when the store of the counters is away, everybody is let in.
    """
    if not current_app.config["PORTAL"].ratelimit_enabled:
        return True
    counters: FixedWindowRateLimiter = current_app.extensions["portal.soft_limits"]
    try:
        return counters.hit(RateLimitItemPerSecond(per_second), subject, request.remote_addr or "")
    except StorageError:
        logging.getLogger("portal.security").warning("soft limits away")
        return True


def csrf_field() -> Markup:
    """Return the hidden field of a POST form; its page is never cached."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def csrf_token_value() -> str | None:
    """Return the token for scripts: signed-in people only, so that public bytes carry none."""
    return generate_csrf() if current_actor().is_signed_in else None


def init_app(app: Flask) -> None:
    """Check every unsafe request, and give templates what each of them needs."""
    csrf.init_app(app)
    app.extensions["portal.soft_limits"] = FixedWindowRateLimiter(_counters(app))
    app.jinja_env.globals.update(csrf_field=csrf_field)

    @app.context_processor
    def words() -> dict[str, object]:
        failed = g.get("failed", False)
        return {
            "actor": VISITOR if failed else current_actor(),
            "csrf_token_value": None if failed else csrf_token_value(),
            "view": view(),
            "lang": lang(),
            "html_lang": HTML_LANGUAGES[lang()],
            "here": here(),
        }


def _counters(app: Flask) -> Storage:
    return storage_from_string(app.config["PORTAL"].ratelimit_storage_uri, wrap_exceptions=True)  # type: ignore[return-value]
