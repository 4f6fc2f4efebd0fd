"""Static files under a name that holds their content's hash, so that a copy is good for a year."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

STATIC = Path(__file__).resolve().parent.parent / "static"
_HASHED = re.compile(r"^(?P<stem>.+)\.(?P<hash>[0-9a-f]{10})\.(?P<ending>[a-z0-9]+)$")


@cache
def asset(name: str) -> str:
    """Return the address of a static file, e.g. `core/site.css`; which must exist."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}.{digest}.{ending}"


@cache
def asset_version() -> str:
    """Return a text that differs whenever a static file or a template differs."""
    digest = hashlib.sha256()
    for folder in (STATIC, STATIC.parent / "templates", STATIC.parent / "translations"):
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:10]


@cache
def icon(name: str) -> Markup:
    """Return one icon of the sprite; always beside its word, so hidden from screen readers."""
    return Markup(  # noqa: S704  the name is a literal of a template
        '<svg class="icon" aria-hidden="true">'
        f'<use href="{asset("core/icons.svg")}#{name}"></use></svg>'
    )


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; sandbox"


def init_app(app: Flask) -> None:
    """Serve `/static/` from memory-mapped files with far-reaching cache headers."""
    whitenoise = WhiteNoise(
        app.wsgi_app,
        max_age=60,
        immutable_file_test=lambda _path, url: bool(_HASHED.match(url)),
        allow_all_origins=False,
        add_headers_function=_add_headers,
    )
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        name = file.relative_to(STATIC).as_posix()
        if name.endswith((".gz", ".json", ".txt")):
            continue
        whitenoise.add_file_to_dictionary(asset(name), str(file))
    app.wsgi_app = whitenoise  # type: ignore[method-assign]
    app.jinja_env.globals.update(asset=asset, icon=icon)
