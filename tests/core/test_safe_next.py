"""Where a form may lead afterwards: into this site, in whatever spelling it is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.web import safe_next

ELSEWHERE = [
    None,
    "",
    " ",
    "elsewhere.example",
    "https://elsewhere.example",
    "http://elsewhere.example/",
    "HTTPS://elsewhere.example",
    "https:elsewhere.example",
    "https:/elsewhere.example",
    "https:///elsewhere.example",
    "//elsewhere.example",
    "//elsewhere.example/activities",
    "///elsewhere.example",
    "////elsewhere.example",
    "//user@elsewhere.example",
    "//localhost@elsewhere.example/",
    "//elsewhere.example:80",
    "/\\elsewhere.example",
    "/\\/elsewhere.example",
    "\\\\elsewhere.example",
    "\\/elsewhere.example",
    "/a\\elsewhere.example",
    "/\t/elsewhere.example",
    "/\n/elsewhere.example",
    "/\r\n/elsewhere.example",
    "/\x00/elsewhere.example",
    "\t//elsewhere.example",
    " //elsewhere.example",
    "\x00//elsewhere.example",
    "/activities\r\nSet-Cookie: a=b",
    "/activities\nLocation: https://elsewhere.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "mailto:a@elsewhere.example",
    "tel:110",
    "about:blank",
    "activities",
    "./activities",
    "../activities",
    "?next=/",
    "#top",
    "::",
    "[",
]
WITHIN = [
    "/",
    "/activities",
    "/activities?q=%E6%B8%85%E6%B4%81&free=1",
    "/activities/abc#shift-xyz",
    "/login?next=//elsewhere.example",
    "/me?back=https://elsewhere.example",
    "/a//b",
    "/活动",
    "/:80",
    "/a:b",
    "/@elsewhere.example",
    "/%2F/elsewhere.example",
    "/..//elsewhere.example",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_leads_out(target):
    assert safe_next(target) == "/"
    assert safe_next(target, "/me") == "/me"


@pytest.mark.parametrize("target", WITHIN)
def test_a_path_is_kept(target):
    assert safe_next(target) == target


@given(st.text(st.sampled_from("/\\\t\r\n :.@?#aé%５x[]"), max_size=12))
def test_whatever_is_asked_the_answer_is_a_path(target):
    answer = safe_next(target)
    assert answer.startswith("/")
    assert answer[1:2] not in {"/", "\\"}
    assert not any(ord(character) < 32 for character in answer)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_form_leads_out(browser, target):
    if target is None or "\0" in target:
        return
    assert browser.post("/preferences", {"next": target}).location == "/"
    page = browser.get("/login", query_string={"next": target})
    assert '<input type="hidden" name="next" value="/">' in page.text
