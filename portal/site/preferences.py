"""Reading preferences: elder mode and language, as cookies for a year."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request
from flask.typing import ResponseReturnValue

from portal.core.access import public
from portal.core.i18n import LANGUAGES
from portal.core.security import csrf
from portal.core.web import safe_next

bp = Blueprint("preferences", __name__)
YEAR = 365 * 24 * 3600
KNOWN = {"view": ("normal", "elder"), "lang": tuple(LANGUAGES)}


@bp.post("/preferences")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def preferences() -> ResponseReturnValue:
    """Keep a preference.

    Carries no token, so that public pages carry none; foreign pages are kept out by Origin and
    Sec-Fetch-Site.
    """
    response = make_response(redirect(safe_next(request.form.get("next")), 303))
    for name, values in KNOWN.items():
        value = request.form.get(name)
        if value in values:
            response.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True
            )
    return response
