"""Two languages: Chinese is the source language of the catalogue, English is complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel
from flask_babel.speaklater import LazyString
from markupsafe import Markup

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"


def gettext(text: str, **values: Any) -> str:
    """Return the text in the reader's language, with the values put in.

    A page has a hundred of them, and Flask-Babel asks anew each time what language it is.
    """
    said: str = _catalogue(lang()).gettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """Return the one text or the other by the number, which is `num` among the values."""
    said: str = _catalogue(lang()).ngettext(one, many, num)
    return said % {"num": num, **values}


lazy_gettext = partial(LazyString, gettext)


def _in_template(text: str, **values: Any) -> Markup:
    """Return a text of ours as markup, the values escaped; a percent sign is written twice."""
    said = _as_markup(lang(), text)
    return said % values if "%" in said else said


@lru_cache(maxsize=4096)
def _as_markup(chosen: str, text: str) -> Markup:
    return Markup(_catalogue(chosen).gettext(text))  # noqa: S704  a literal of ours


@cache
def _catalogue(chosen: str) -> NullTranslations:
    return Translations.load(TRANSLATIONS, [LANGUAGES[chosen]])


# Asked two hundred times a page, each of which would look for the request and its cookies.
_lang: ContextVar[str] = ContextVar("lang", default="zh")


def lang() -> str:
    """Return `zh` or `en`, by the reader's cookie alone (a page's bytes depend on nothing else)."""
    return _lang.get()


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Speak another language within the block: to somebody who is not who asks."""
    before = _lang.set(chosen if chosen in LANGUAGES else "zh")
    try:
        yield
    finally:
        _lang.reset(before)


def _choose_lang() -> None:
    chosen = request.cookies.get("lang", "zh")
    _lang.set(chosen if chosen in LANGUAGES else "zh")


def _forget_lang(_error: BaseException | None) -> None:
    _lang.set("zh")


def view() -> str:
    """Return `normal` or `elder`, by the reader's cookie."""
    return "elder" if request.cookies.get("view") == "elder" else "normal"


def init_app(app: Flask) -> None:
    """Install the message catalogue."""
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES["zh"]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    app.before_request(_choose_lang)
    app.teardown_request(_forget_lang)
    Babel(app, locale_selector=lambda: LANGUAGES[lang()])
    app.jinja_env.globals.update(_=_in_template, gettext=_in_template)
