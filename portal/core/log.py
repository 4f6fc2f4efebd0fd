"""Log lines: one JSON object a line on stdout, without names, phones, query strings or tokens."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from sqlalchemy.exc import OperationalError

_FIELDS = ("method", "path", "status", "ms", "endpoint")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Addresses that carry a secret or a personal number are logged by their pattern.
_SECRET_PATHS = re.compile(
    r"^/(check-in|cal/my|certificates|reset|feedback/track|services/track|branches)/.*"
)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "")
        for key in _FIELDS:
            if hasattr(record, key):
                line[key] = getattr(record, key)
        if record.exc_info and record.exc_info[1]:
            line["trace"] = trace(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def trace(error: BaseException) -> str:
    """Return where it went wrong and what class of error it was, with those it came from.

    The message is left out: a database's says which name or phone it did not like. Those of
    OperationalError speak of the database itself and are kept.
    """
    parts = []
    following: BaseException | None = error
    while following is not None:
        said = f": {following.orig}" if isinstance(following, OperationalError) else ""
        frames = "".join(traceback.format_tb(following.__traceback__))
        parts.append(f"{frames}{type(following).__name__}{said}")
        following = following.__cause__ or following.__context__
    return "\n".join(reversed(parts))


def path() -> str:
    """Return the request's path as it may be logged."""
    return _SECRET_PATHS.sub(r"/\1/…", request.path)


def init_app(app: Flask) -> None:
    """Log to stdout, number every request, and write one line for each."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("portal")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = bool(app.testing)
    # A crash is logged once, where it is answered, and by an address that gives no secret away.
    app.log_exception = lambda *_args: None  # type: ignore[method-assign]
    app.before_request(_number_request)
    app.after_request(_log_request)


def _number_request() -> None:
    g.started = time.perf_counter()
    from_proxy = request.headers.get("X-Request-Id", "") if _behind_proxy() else ""
    g.request_id = from_proxy if _REQUEST_ID.fullmatch(from_proxy) else secrets.token_hex(6)


def _behind_proxy() -> bool:
    return "werkzeug.proxy_fix.orig" in request.environ


def _log_request(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint == "static":
        return response
    logging.getLogger("portal.request").info(
        "request",
        extra={
            "method": request.method,
            "path": path(),
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            "endpoint": request.endpoint or "",
        },
    )
    return response
