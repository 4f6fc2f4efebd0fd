"""The practice portal: a district's civilization-practice stations, volunteers and their hours."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.config import ROOT, Config
from portal.core import assets, clock, db, engines, failures, filters, i18n, log, security, web
from portal.floors import FEATURES

MAX_REQUEST_BYTES = 12 * 1024 * 1024


def create_app(config: Config) -> Flask:
    """Make the application: configuration, mechanisms, then every feature bottom-up."""
    app = Flask(__name__, static_folder=None)
    app.jinja_environment = web.Environment
    clock.set_zone(config.timezone)
    _configure(app, config)
    log.init_app(app)
    db.init_app(app)
    i18n.init_app(app)
    filters.init_app(app)
    assets.init_app(app)
    web.init_app(app)
    failures.init_app(app)
    security.init_app(app)
    Migrate(app, db.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    for feature in FEATURES:
        load_models(feature)
        init_app = getattr(load(feature), "init_app", None)
        if init_app:
            init_app(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def load(feature: str, part: str = "") -> ModuleType | None:
    """Return a feature's package, or one of its files; None when it has no such file."""
    name = f"portal.{feature}.{part}" if part else f"portal.{feature}"
    if part and find_spec(name) is None:
        return None
    return import_module(name)


def load_models(feature: str) -> None:
    """Import a feature's tables, `models.py` and each `models_<noun>.py`: the schema is all of them."""
    for found in iter_modules(import_module(f"portal.{feature}").__path__):
        if found.name.startswith("models"):
            load(feature, found.name)


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        PORTAL=config,
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engines.engine_options(config.database_url),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        SESSION_COOKIE_NAME="__Host-session" if config.production else "session",
        SESSION_COOKIE_SECURE=config.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=90 * 24 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        WTF_CSRF_SSL_STRICT=False,  # Origin and Sec-Fetch-Site are checked instead of Referer
        JSON_AS_ASCII=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
