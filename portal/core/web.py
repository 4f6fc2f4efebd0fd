"""Pages: full page or fragment, headers, cached public bytes, and what an error looks like."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from portal.core import assets, clock, log
from portal.core.access import ask_to_sign_in, current_actor, wants_json
from portal.core.db import data_version, db
from portal.core.errors import Busy, Refused
from portal.core.i18n import gettext as _
from portal.core.i18n import lang, view

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
# Balancers and monitors ask by address, not by name.
_ASKED_BY_MACHINES = ("/healthz", "/readyz")
PUBLIC_CACHE = "public, max-age=0, must-revalidate"


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


# --- public pages as cached bytes ----------------------------------------------------------------

# Within this many seconds a page may say "now" about the same things; spans are kept in steps of
# five minutes, so what begins and ends does so on such a boundary.
NOW_STEP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Copy:
    """An answer as it was rendered, with the data version it holds for."""

    version: str
    body: bytes
    etag: str
    headers: tuple[tuple[str, str], ...]


class _Copies:
    """The rendered public answers of this process, by address; a small cache, never the truth."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._bytes = 0
        self._lock = Lock()
        self._copies: OrderedDict[tuple[str, ...], _Copy] = OrderedDict()

    def get(self, key: tuple[str, ...], version: str) -> _Copy | None:
        with self._lock:
            copy = self._copies.get(key)
            if copy is None or copy.version != version:
                return None
            self._copies.move_to_end(key)
            return copy

    def put(self, key: tuple[str, ...], copy: _Copy) -> None:
        with self._lock:
            before = self._copies.pop(key, None)
            self._bytes += len(copy.body) - (len(before.body) if before else 0)
            self._copies[key] = copy
            while len(self._copies) > self._most or self._bytes > self._most_bytes:
                _key, dropped = self._copies.popitem(last=False)
                self._bytes -= len(dropped.body)

    def clear(self) -> None:
        with self._lock:
            self._copies.clear()
            self._bytes = 0


_copies = _Copies(most=512, most_bytes=12 * 1024 * 1024)
_KEPT_HEADERS = ("Content-Type", "Content-Disposition", "Last-Modified")


def cached(render: Callable[[], Response]) -> Response:
    """Answer a public address: 304, bytes rendered before, or `render()` kept for the next one.

    Only for visitors: signed-in people get `render()` and `no-store`. The bytes depend on path,
    query, reading preferences, assets, data and the running five minutes, on nothing else.
    """
    if current_actor().is_signed_in or "_flashes" in session:
        return render()
    step = int(clock.now().timestamp()) // NOW_STEP_SECONDS
    return cached_for_all(render, during=str(step))


def cached_for_all(render: Callable[[], Response], *, during: str) -> Response:
    """Answer with the same bytes whoever asks; they hold while data and `during` stay the same.

    Content-Type, Content-Disposition and Last-Modified of what was rendered are kept with it.
    """
    key = (
        request.path,
        urlencode(sorted(request.args.items(multi=True))),
        view(),
        lang(),
        str(wants_fragment()),
    )
    version = f"{data_version()}/{during}"
    copy = _copies.get(key, version)
    if copy is None:
        rendered = render()
        if rendered.status_code != 200:
            return rendered
        copy = _copy_of(rendered, version)
        _copies.put(key, copy)
    response = current_app.response_class(copy.body, headers=copy.headers)
    response.set_etag(copy.etag)
    response.headers["Cache-Control"] = PUBLIC_CACHE
    response.make_conditional(request)
    return response


def _copy_of(rendered: Response, version: str) -> _Copy:
    body = rendered.get_data()
    etag = hashlib.sha256(body + assets.asset_version().encode()).hexdigest()[:24]
    headers = tuple(
        (name, rendered.headers[name]) for name in _KEPT_HEADERS if name in rendered.headers
    )
    return _Copy(version, body, etag, headers)


def cached_page(template: str, *, fragment: str = "", **values: Any) -> Response:
    """Answer a public page whose values are ready; see `cached` for pages that query."""
    return cached(lambda: page(template, fragment=fragment, **values))


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


def _refuse_foreign_origin() -> ResponseReturnValue | None:
    """Unsafe requests come from our own pages: a browser says so in one of two headers."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or request.headers.get("Authorization"):
        return None
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = site not in {None, "same-origin", "none"}
    if site is None and origin is not None:
        foreign = urlsplit(origin).netloc != request.host
    if foreign:
        return error_page(403, _("这个请求来自别的网站，没有执行。请在本站页面上再试一次。"))
    return None


def _refuse_nul() -> ResponseReturnValue | None:
    """No text of ours holds U+0000, and PostgreSQL takes none."""
    if "\0" in request.path:
        return error_page(404)
    query, typed = request.query_string, ""
    if request.method != "GET":  # looking for a form where there is none costs as well
        typed = "".join(request.form.values())
    if b"%00" in query or b"\0" in query or "\0" in typed:
        return error_page(400)
    return None


def _refuse_foreign_host() -> ResponseReturnValue | None:
    config = current_app.config["PORTAL"]
    if (
        config.production
        and request.host != config.public_host
        and request.path not in _ASKED_BY_MACHINES
    ):
        return error_page(400, _("网址不对。请使用 %(url)s", url=config.public_url))
    return None


# --- errors --------------------------------------------------------------------------------------


def titles() -> dict[int, tuple[str, str]]:
    """Return heading and sentence of each error page."""
    return {
        400: (_("这个请求看不懂"), _("请返回上一页，刷新后再试一次。")),
        401: (_("请先登录"), _("登录以后再试一次。")),
        403: (_("您没有权限看这一页"), _("如果您认为应该有，请联系所在的站点。")),
        404: (_("没有找到这一页"), _("网址可能写错了，或者内容已经撤下。")),
        405: (_("这个地址不能这样用"), _("请从页面上的按钮进入。")),
        409: (_("现在不能这样做"), _("情况已经变了，请刷新页面再看。")),
        413: (_("内容太大"), _("请减少一些内容再提交。")),
        422: (_("有些内容要改一下"), _("请返回上一页修改。")),
        429: (_("操作太快了"), _("请稍等一会儿再试。")),
        500: (_("系统出了问题"), _("您填的内容没有保存。请稍后再试，或者打电话给我们。")),
        503: (_("系统正忙"), _("没有保存任何内容。请过几秒钟再试一次。")),
    }


def error_page(code: int, message: str = "", *, title: str = "", **values: Any) -> Response:
    """Return the page (or JSON) of an error, in plain words with a way on."""
    known = titles().get(code, (_("出错了"), _("请返回上一页再试一次。")))
    if wants_json():
        body = {"code": _json_code(code), "message": message or known[1], "field": None}
        return make_response(jsonify({"error": body}), code)
    g.failed = code in {500, 503}
    number = g.get("request_id", "") if g.failed else ""
    template = "errors/plain.html" if g.failed else "errors/error.html"
    return page(
        template,
        status=code,
        code=code,
        title=title or known[0],
        message=message or known[1],
        request_number=number,
        **values,
    )


def _json_code(code: int) -> str:
    return {
        400: "bad_request",
        401: "not_signed_in",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        409: "refused",
        413: "too_large",
        422: "invalid",
        429: "too_many_requests",
        503: "busy",
    }.get(code, "error")


def refused_page(refused: Refused) -> Response:
    """Return the 409 page of a refusal: every reason, each with its way out."""
    if wants_json():
        body = {"code": refused.codes[0], "message": refused.message, "field": None}
        return make_response(jsonify({"error": body}), 409)
    return page(
        "errors/error.html",
        status=409,
        code=409,
        title=titles()[409][0],
        message="",
        reasons=refused.reasons,
        way_text=_("返回上一页"),
        way_href=safe_next(urlsplit(request.referrer or "").path, "/"),
    )


def too_many(seconds: int, message: str = "") -> Response:
    """Return 429 with the seconds to wait."""
    response = error_page(429, message)
    response.headers["Retry-After"] = str(max(1, seconds))
    return response


def _on_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    response = error_page(error.code)
    retry_after = getattr(error, "retry_after", None)
    if error.code == 429:
        response.headers["Retry-After"] = str(retry_after or 60)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _on_csrf(error: CSRFError) -> ResponseReturnValue:
    """A form without token; a visitor's is kept, as their sign-in may have ended in another tab."""
    logging.getLogger("portal.security").warning("csrf", extra={"path": log.path()})
    view_function = current_app.view_functions.get(request.endpoint or "")
    is_open = getattr(view_function, "access", "public") == "public"
    if not is_open and not current_actor().is_signed_in:
        return ask_to_sign_in()
    message = _("这个页面放得太久了，或者是从别处打开的。请返回上一页，刷新后再试一次。")
    return error_page(error.code or 400, message)


def _on_busy(_error: Busy) -> ResponseReturnValue:
    db.session.rollback()
    response = error_page(503)
    response.headers["Retry-After"] = "3"
    return response


def _on_crash(error: InternalServerError) -> ResponseReturnValue:
    original = error.original_exception or error
    logging.getLogger("portal.error").error("error", exc_info=original)
    db.session.rollback()
    if isinstance(original, OperationalError | PoolTimeout):
        return _on_busy(Busy())
    return error_page(500)


def init_app(app: Flask) -> None:
    """Install headers and error pages."""
    app.before_request(_refuse_foreign_host)
    app.before_request(_refuse_foreign_origin)
    app.before_request(_refuse_nul)
    app.after_request(_add_headers)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(Refused, refused_page)
    app.register_error_handler(Busy, _on_busy)
    app.register_error_handler(InternalServerError, _on_crash)
    app.register_error_handler(HTTPException, _on_http)
