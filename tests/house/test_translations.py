"""Chinese is the source language; the English catalogue is complete and its placeholders fit."""

import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.house.reading import PORTAL, ROOT

CATALOGUE = PORTAL / "translations/en/LC_MESSAGES/messages.po"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None, "ngettext": (1, 2)}
needs_catalogue = pytest.mark.skipif(
    not CATALOGUE.exists(), reason="the English catalogue is not there yet"
)


def texts():
    """Return every text of code and templates that is to be translated."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)
    found = extract_from_dir(
        str(PORTAL),
        [(name.removeprefix("portal/"), method) for name, method in methods],
        {name.removeprefix("portal/"): values for name, values in options.items()},
        KEYWORDS,
    )
    return {(message, file) for file, _line, message, _comments, _context in found if message}


def catalogue():
    with CATALOGUE.open("rb") as stream:
        return read_po(stream, locale="en")


def placeholders(text):
    return set(re.findall(r"%\((\w+)\)[sd]", text))


def test_there_are_texts_of_code_and_of_templates():
    files = {file.rpartition(".")[2] for _message, file in texts()}
    assert files == {"py", "html"}


def test_every_chinese_sentence_of_a_template_can_be_translated():
    """Outside `_()` a template holds no Chinese, but for the pages that stand alone."""
    alone = {"errors/plain.html", "layouts/_foot.html"}
    wrong = []
    for file in sorted(PORTAL.glob("templates/**/*.html")):
        name = file.relative_to(PORTAL / "templates").as_posix()
        source = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        rest = re.sub(r"""_\(\s*("[^"]*"|'[^']*')""", "", source)
        if name not in alone and re.search(r"[\u4e00-\u9fff]", rest):
            wrong.append((name, re.findall(r"[^\n]*[\u4e00-\u9fff][^\n]*", rest)[:2]))
    assert wrong == []


@needs_catalogue
def test_every_text_has_an_english_one():
    entries = catalogue()
    missing = sorted(
        {
            message
            for message, _file in texts()
            if isinstance(message, str)
            and not (entries.get(message) and entries.get(message).string)
        }
    )
    assert missing == []


@needs_catalogue
def test_nothing_is_fuzzy_or_left_over():
    known = {message for message, _file in texts()}
    entries = [entry for entry in catalogue() if entry.id]
    assert [entry.id for entry in entries if entry.fuzzy] == []
    assert [entry.id for entry in entries if entry.id not in known] == []


@needs_catalogue
def test_placeholders_are_the_same():
    wrong = [
        entry.id
        for entry in catalogue()
        if entry.id
        and isinstance(entry.id, str)
        and placeholders(entry.id) != placeholders(str(entry.string))
    ]
    assert wrong == []


@needs_catalogue
def test_english_holds_no_chinese():
    wrong = [
        entry.id
        for entry in catalogue()
        if entry.id and re.search(r"[\u4e00-\u9fff]", str(entry.string))
    ]
    assert wrong == []
