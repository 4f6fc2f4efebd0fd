"""The site-wide CSRF check, and soft limits on pages."""

from __future__ import annotations

from flask import Flask, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup

from portal.core.access import VISITOR, current_actor
from portal.core.i18n import HTML_LANGUAGES, lang, view
from portal.core.web import here

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=False)


def csrf_field() -> Markup:
    """Return the hidden field of a POST form; its page is never cached."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def csrf_token_value() -> str | None:
    """Return the token for scripts: signed-in people only, so that public bytes carry none."""
    return generate_csrf() if current_actor().is_signed_in else None


def init_app(app: Flask) -> None:
    """Check every unsafe request, and give templates what each of them needs."""
    csrf.init_app(app)
    limiter.init_app(app)
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
