"""Who is signed in: the cookie holds a random token, the database row decides.

Flask-Login carries the token; every request asks the row, so that signing out, disabling an
account and taking a role away bite at once.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from portal.core import clock, tokens
from portal.core.access import VISITOR, Actor, Role
from portal.core.db import write
from portal.people import actions, queries
from portal.people.models_sign_ins import SignIn
from portal.people.rules import Lifetime
from portal.records import settings

# The last use is written down at most this often; a read page stays a read.
SEEN_STEP = timedelta(minutes=5)
KEPT_FORM_SECONDS = 30 * 60
_KEPT_FORM_BYTES = 3000
_KEPT_FORM_COOKIE = "kept_form"
KNOWN_DEVICE_SECONDS = 365 * 24 * 3600
_KNOWN_DEVICE_COOKIE = "known_device"
_NEVER_KEPT = ("csrf_token", "password", "new_password", "old_password")


class Session(UserMixin):  # type: ignore[misc]
    """A live sign-in as Flask-Login sees it; its id is the token of the cookie."""

    def __init__(self, token: str, sign_in_id: int, actor: Actor) -> None:
        self.token = token
        self.sign_in_id = sign_in_id
        self.actor = actor

    def get_id(self) -> str:
        """Return the token, never a person's id."""
        return self.token


def lifetime(actor: Actor) -> Lifetime:
    """Return how long the actor's sign-in lasts: the shorter, the more they may."""
    if actor.holds(Role.ADMINISTRATOR):
        idle = timedelta(hours=settings.get("admin_idle_hours"))
        return Lifetime(idle, timedelta(hours=settings.get("admin_absolute_hours")))
    if actor.is_staff:
        idle = timedelta(hours=settings.get("staff_idle_hours"))
        return Lifetime(idle, timedelta(days=settings.get("staff_absolute_days")))
    idle = timedelta(days=settings.get("resident_idle_days"))
    return Lifetime(idle, timedelta(days=settings.get("resident_absolute_days")))


def begin(token: str, row: SignIn, actor: Actor) -> None:
    """Give the browser the sign-in; whatever its session held before is dropped."""
    session.clear()
    session.permanent = True
    # The CSRF token hangs on the sign-in: the same in every tab, gone with it.
    session["csrf_token"] = tokens.keyed_hash("csrf", token)[:40]
    login_user(Session(token, row.id, actor))


def end() -> None:
    """Take the sign-in out of the browser."""
    logout_user()
    session.clear()


def present() -> Session | None:
    """Return the live sign-in of this request."""
    return current_user if getattr(current_user, "token", None) else None


def _load(token: str) -> Session | None:
    found = queries.signed_in(token)
    if found is None:
        return None
    actor, now = found.actor, clock.now()
    if not lifetime(actor).holds(found.created_at, found.last_seen_at, now):
        return None
    if now - found.last_seen_at > SEEN_STEP and request.method in {"GET", "HEAD"}:
        write(actions.see, found.sign_in_id, actor=actor, now=now)
    return Session(token, found.sign_in_id, actor)


def _actor() -> Actor:
    present_session = present()
    return present_session.actor if present_session else VISITOR


def remember_device(response: Response, person_public_id: str) -> None:
    """Let the browser prove later that its owner signed in here before."""
    response.set_cookie(
        _KNOWN_DEVICE_COOKIE,
        tokens.sign("known-device", [person_public_id, tokens.new_token()[:16]]),
        max_age=KNOWN_DEVICE_SECONDS,
        path="/login",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def known_device(person_public_id: str) -> str:
    """Return the mark of a browser in which this person signed in before, else an empty text.

    Such a browser's attempts are counted apart, so that strangers' wrong guesses slow strangers
    down and never lock the owner out (ASVS 5.0 6.3.1).
    """
    cookie = request.cookies.get(_KNOWN_DEVICE_COOKIE, "")
    known = tokens.unsign("known-device", cookie, max_age_seconds=KNOWN_DEVICE_SECONDS)
    if isinstance(known, list) and len(known) == 2 and known[0] == person_public_id:
        return str(known[1])
    return ""


def device_name(user_agent: str) -> str:
    """Return the rough kind of a device, for the list of sign-ins; not a fingerprint."""
    for mark, name in (
        ("MicroMessenger", "微信"),
        ("HarmonyOS", "鸿蒙手机"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "安卓手机"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
    ):
        if mark in user_agent:
            return name
    return ""


# --- a form sent after the sign-in had ended -----------------------------------------------------


def keep_form(response: Response) -> None:
    """Keep what was typed in a signed cookie until the person has signed in again."""
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name not in _NEVER_KEPT
    ]
    kept = tokens.sign("kept-form", {"path": request.path, "fields": fields})
    if fields and len(kept) <= _KEPT_FORM_BYTES:
        _set_kept_form(response, kept, KEPT_FORM_SECONDS)


def kept_form() -> tuple[str, list[tuple[str, str]]] | None:
    """Return address and fields of the kept form."""
    kept = tokens.unsign(
        "kept-form", request.cookies.get(_KEPT_FORM_COOKIE, ""), max_age_seconds=KEPT_FORM_SECONDS
    )
    if not isinstance(kept, dict):
        return None
    return str(kept["path"]), [(str(name), str(value)) for name, value in kept["fields"]]


def drop_form(response: Response) -> None:
    """Forget the kept form."""
    _set_kept_form(response, "", 0)


def _set_kept_form(response: Response, value: str, seconds: int) -> None:
    response.set_cookie(
        _KEPT_FORM_COOKIE,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def init_app(app: Flask) -> None:
    """Let Flask-Login load sign-ins, and `core.access` find the actor."""
    # Its context processor would ask the database also for the page that says it is away.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None
    manager.user_loader(_load)
    app.extensions["portal.actor"] = _actor
    app.extensions["portal.keep_form"] = keep_form
