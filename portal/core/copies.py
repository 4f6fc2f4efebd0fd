"""What a process keeps of the database: public pages as bytes, and small tables every page asks for.

Everything hangs on `db.data_version`: a copy of an older version is not used. It is a cache and
never the truth; another process has its own.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, current_app, g, has_request_context, request, session

from portal.core import assets, clock
from portal.core.access import current_actor
from portal.core.db import data_version, is_writing
from portal.core.i18n import lang, view
from portal.core.web import wants_fragment

PUBLIC_CACHE = "public, max-age=0, must-revalidate"
# Within this many seconds a page may say "now" about the same things; spans are kept in steps of
# five minutes, so what begins and ends does so on such a boundary.
NOW_STEP_SECONDS = 300
Rows = TypeVar("Rows")


def version() -> str:
    """Return the version of the data this request reads: asked once, before any of them."""
    if not has_request_context():
        return data_version()
    if "data_version" not in g:
        g.data_version = data_version()
    known: str = g.data_version
    return known


# --- small tables --------------------------------------------------------------------------------

_tables: dict[Callable[[], Any], tuple[str, Any]] = {}


def kept(load: Callable[[], Rows]) -> Callable[[], Rows]:
    """Keep what a query returned until data change; for small tables that every page asks for.

    All threads share it: it holds values, never models, and nobody may change it. A `write` goes by
    what its request has read before, else asks the database; what it reads, which may be rolled
    back, is kept for itself alone.
    """

    @wraps(load)
    def get() -> Rows:
        mine = g.setdefault("kept", {})
        if not is_writing():
            mine[load] = _present(load)
        elif load not in mine:
            mine[load] = load()
        rows: Rows = mine[load]
        return rows

    return get


def _present(load: Callable[[], Any]) -> Any:
    present = version()
    found = _tables.get(load)
    if found is None or found[0] != present:
        found = _tables[load] = (present, load())
    return found[1]


def last_known(get: Callable[[], Rows]) -> Rows | None:
    """Return what was kept last, true or not any more, without asking: for the page of a failure."""
    found = _tables.get(get.__wrapped__)  # type: ignore[attr-defined]
    return found[1] if found else None


def read_again() -> None:
    """Let a `write` that changed a kept table see the change itself."""
    g.pop("kept", None)


# --- public pages as bytes -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Copy:
    """An answer as it was rendered, with the version of the data it holds for."""

    version: str
    body: bytes
    etag: str
    headers: tuple[tuple[str, str], ...]


class _Copies:
    """The rendered public answers of this process, by address."""

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


_copies = _Copies(most=512, most_bytes=6 * 1024 * 1024)
_KEPT_HEADERS = ("Content-Type", "Content-Disposition")


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

    Content-Type and Content-Disposition of what was rendered are kept with it.
    """
    query = urlencode(sorted(request.args.items(multi=True))) if request.query_string else ""
    key = (request.path, query, view(), lang(), str(wants_fragment()))
    holds_for = f"{version()}/{during}"
    copy = _copies.get(key, holds_for)
    if copy is None:
        rendered = render()
        if rendered.status_code != 200:
            return rendered
        copy = _copy_of(rendered, holds_for)
        _copies.put(key, copy)
    response = current_app.response_class(copy.body, headers=copy.headers)
    response.set_etag(copy.etag)
    response.headers["Cache-Control"] = PUBLIC_CACHE
    response.make_conditional(request)
    return response


def _copy_of(rendered: Response, holds_for: str) -> _Copy:
    body = rendered.get_data()
    etag = hashlib.sha256(body + assets.asset_version().encode()).hexdigest()[:24]
    headers = tuple(
        (name, rendered.headers[name]) for name in _KEPT_HEADERS if name in rendered.headers
    )
    return _Copy(holds_for, body, etag, headers)


def forget() -> None:
    """Drop everything kept; for tests, whose databases take turns in one process."""
    _copies.clear()
    _tables.clear()
