"""What an error looks like: a page in plain words with a way on, or JSON; and who is turned away."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from portal.core import log
from portal.core.access import ask_to_sign_in, current_actor, wants_json
from portal.core.db import db
from portal.core.errors import Busy, Refused
from portal.core.i18n import gettext as _
from portal.core.web import page, safe_next

# Balancers and monitors ask by address, not by name.
_ASKED_BY_MACHINES = ("/healthz", "/readyz")


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
        reasons = [
            {
                "code": one.code,
                "message": one.message,
                "way_text": one.way_text,
                "way_url": one.way_url,
            }
            for one in refused.reasons
        ]
        return make_response(jsonify({"error": body, "reasons": reasons}), 409)
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
        # What is raised in here would be taken for a crash: a program is answered at once.
        return error_page(401) if wants_json() else ask_to_sign_in()
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


# --- who is turned away before anything is asked -------------------------------------------------


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


def init_app(app: Flask) -> None:
    """Install the error pages, and the doors that are shut."""
    app.before_request(_refuse_foreign_host)
    app.before_request(_refuse_foreign_origin)
    app.before_request(_refuse_nul)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(Refused, refused_page)
    app.register_error_handler(Busy, _on_busy)
    app.register_error_handler(InternalServerError, _on_crash)
    app.register_error_handler(HTTPException, _on_http)
