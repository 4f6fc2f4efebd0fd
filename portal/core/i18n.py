"""Two languages: Chinese is the source language of the catalogue, English is complete."""

from __future__ import annotations

from collections.abc import Callable

import flask_babel
from flask import Flask, request
from flask_babel import Babel, lazy_gettext

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}

# Flask-Babel comes without types; these two give texts.
gettext: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext

__all__ = ["gettext", "lang", "lazy_gettext", "ngettext"]


def lang() -> str:
    """Return `zh` or `en`, by the reader's cookie alone (a page's bytes depend on nothing else)."""
    try:
        chosen = request.cookies.get("lang", "zh")
    except RuntimeError:  # a command, not a request
        return "zh"
    return chosen if chosen in LANGUAGES else "zh"


def view() -> str:
    """Return `normal` or `elder`, by the reader's cookie."""
    return "elder" if request.cookies.get("view") == "elder" else "normal"


def init_app(app: Flask) -> None:
    """Install the message catalogue."""
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES["zh"]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=lambda: LANGUAGES[lang()])
