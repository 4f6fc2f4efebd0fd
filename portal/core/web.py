"""Pages: full page or fragment of one address, safe ways back, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    templating,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.core.i18n import lang

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000; includeSubDomains"


class Environment(templating.Environment):
    """The templates' environment. Its globals are complete before the first page is made.

    Jinja chains them to those of a template, and copies the chain at every rendering and include:
    an eighth of a page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template as one plain mapping."""
        return {**self.globals, **(d or {})}


# --- two renderings of one address ---------------------------------------------------------------


def wants_fragment() -> bool:
    """Return whether htmx asks for a part; a restored history entry gets the full page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-History-Restore-Request") != "true"
        and headers.get("HX-Boosted") != "true"
    )


def page(template: str, *, fragment: str = "", status: int = 200, **values: Any) -> Response:
    """Answer a GET (or a form that must be shown again): the page, or its fragment for htmx."""
    chosen = fragment if fragment and wants_fragment() else template
    return make_response(render_template(chosen, **values), status)


def changed(to: str, *, fragment: str = "", **values: Any) -> ResponseReturnValue:
    """Answer a POST that worked: the changed fragment for htmx, else 303 to where it shows."""
    if fragment and wants_fragment():
        return page(fragment, **values)
    if wants_fragment():
        return "", 200, {"HX-Redirect": to}
    return redirect(to, 303)


def invalid(template: str, **values: Any) -> Response:
    """Answer a form that cannot be used: 422 with the form as typed and what to mend."""
    return page(template, status=422, **values)


def safe_next(target: str | None, default: str = "/") -> str:
    r"""Return the target when it is a path on this site, else the default.

    Refuses other hosts in every spelling browsers accept (`//x`, `/\x`, control characters).
    """
    if not target or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return default
    if any(ord(character) < 32 or character == "\\" for character in target):
        return default
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else default


def here() -> str:
    """Return the present address with its query, for forms that come back to it."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


@lru_cache(maxsize=1024)
def _rendered(_lang: str, template: str, macro: str, *values: Hashable) -> Markup:
    module = current_app.jinja_env.get_template(template).module
    text: Markup = getattr(module, macro)(*values)
    return text


def rendered(template: str, macro: str, *values: Hashable) -> Markup:
    """Return what a macro makes of values, kept by them: what many pages show is rendered once.

    The macro sees nothing of the page but its values, and all of them are values (hashable).
    """
    return _rendered(lang(), template, macro, *values)


# --- headers -------------------------------------------------------------------------------------


def _add_headers(response: Response) -> Response:
    headers = response.headers
    # `setdefault` goes through all headers for each name.
    present = {name.title() for name, _value in headers}
    for name, value in _HEADERS.items():
        if name not in present:
            headers.add(name, value)
    if current_app.config["PORTAL"].production:
        headers["Strict-Transport-Security"] = HSTS
    headers["Vary"] = "Cookie, HX-Request"
    return response


def init_app(app: Flask) -> None:
    """Install the headers, and what templates may call."""
    app.after_request(_add_headers)
    app.jinja_env.globals.update(rendered=rendered)
