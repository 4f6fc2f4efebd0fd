"""Templates: nothing inline, a token in every form, a partial named by its root."""

import re

import pytest

from tests.house.reading import PORTAL, TEMPLATES

FILES = sorted(TEMPLATES.glob("**/*.html"))
SOURCES = {
    file.relative_to(TEMPLATES).as_posix(): file.read_text(encoding="utf-8") for file in FILES
}
# Reading preferences carry no token, so that public pages carry none.
WITHOUT_TOKEN = {"/preferences"}


def without_comments(source):
    return re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)


def tags(source):
    """Yield each opening tag with its attributes; Jinja's own marks are taken out first."""
    plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", without_comments(source), flags=re.DOTALL)
    return re.findall(r"<[a-zA-Z][^>]*>", plain)


def wrong_tags(is_wrong):
    """Return (template, tag) of each tag that the question is true of."""
    return [
        (name, tag) for name, source in SOURCES.items() for tag in tags(source) if is_wrong(tag)
    ]


def test_nothing_is_inline():
    def is_inline(tag):
        quoted = re.sub(r'"[^"]*"|\'[^\']*\'', '""', tag)
        return (
            re.search(r"\s(style|on\w+|hx-on[\w:-]*)\s*=", quoted)
            or re.match(r"<style\b", tag)
            or (re.match(r"<script\b", tag) and " src=" not in tag)
            or "javascript:" in tag
        )

    assert wrong_tags(is_inline) == []


def test_every_post_form_carries_a_token():
    wrong = []
    for name, source in SOURCES.items():
        for form in re.findall(r"<form\b.*?</form>", without_comments(source), flags=re.DOTALL):
            opening = form.split(">", 1)[0]
            action = re.search(r'action="([^"]*)"', opening)
            if 'method="post"' not in opening or (action and action.group(1) in WITHOUT_TOKEN):
                continue
            if "csrf_field()" not in form:
                wrong.append((name, opening))
    assert wrong == []


def test_an_hx_request_sits_on_a_real_form_or_link():
    """So that everything works without a script; a part that refreshes itself has a link beside."""

    def is_bare(tag):
        return (" hx-post" in tag and not tag.startswith("<form")) or (
            " hx-get" in tag and " hx-trigger" not in tag and not tag.startswith(("<a", "<form"))
        )

    assert wrong_tags(is_bare) == []


def test_nothing_is_shown_unescaped():
    plain = {name: source.replace(" ", "") for name, source in SOURCES.items()}
    wrong = [name for name, text in plain.items() if "|safe" in text or "autoescapefalse" in text]
    assert wrong == []


def test_nothing_comes_from_elsewhere():
    def is_foreign(tag):
        return re.match(r"<(script|link|img|iframe|source|video|audio)\b", tag) and re.search(
            r'(src|href)="(https?:)?//', tag
        )

    assert wrong_tags(is_foreign) == []


def fragments():
    """Names of the partials that views hand to htmx."""
    named = set()
    for file in PORTAL.glob("*/**/*.py"):
        named |= set(re.findall(r'"(\w+/_\w+\.html)"', file.read_text(encoding="utf-8")))
    return sorted(named)


def singular(feature):
    if feature.endswith("ies"):
        return feature[:-3] + "y"
    return feature.removesuffix("s")


@pytest.mark.parametrize("name", fragments())
def test_a_partial_is_named_by_its_root_id(name):
    folder, _, file = name.partition("/")
    own = file.removeprefix("_").removesuffix(".html").replace("_", "-")
    body = without_comments(SOURCES[name])
    body = re.sub(r"\{%.*?%\}", "", body, flags=re.DOTALL).strip()
    root = re.match(r"<\w+[^>]*?\bid=\"([^\"{]*)", body)
    assert root, f"{name} has no root with an id"
    assert root.group(1).rstrip("-") in {own, f"{singular(folder)}-{own}"}


def test_every_template_is_used():
    """A template that nobody extends, includes, imports or renders is taken away."""
    code = "\n".join(file.read_text(encoding="utf-8") for file in PORTAL.glob("**/*.py"))
    everything = code + "\n".join(SOURCES.values())
    unused = [name for name in SOURCES if f'"{name}"' not in everything]
    assert unused == []


def test_static_addresses_are_made_by_asset():
    """A literal address would be without its hash, and kept for a minute instead of a year."""
    wrong = [
        name
        for name, source in SOURCES.items()
        if re.search(r'(src|href)="/static/', source) and name != "errors/plain.html"
    ]
    assert wrong == []
