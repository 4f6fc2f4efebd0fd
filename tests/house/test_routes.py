"""Every address: who may, what it answers whom it does not let in, and what it never sends."""

import re

import pytest

from portal import create_app
from portal.core.web import CSP
from tests.conftest import SECRET, config_for
from tests.posts.given import every_day
from tests.posts.given import published as post_published
from tests.services.given import offered
from tests.wishes.given import published

STRANGE_ID = "zzzzzzzzzz"
# Read once, from an application that no test changes; pages are fetched from the fixtures' own.
_APP = create_app(config_for("sqlite:///unused.db"))
RULES = sorted(_APP.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
STAFF = ("/desk", "/office", "/admin")
# The check-in board of a hall and a station's kiosk run on their own token, not on a manager's sign-in.
OWN_TOKEN = {
    "attendance.board", "attendance.board_code",
    "arrivals.kiosk", "arrivals.kiosk_scan", "arrivals.kiosk_visit",
}  # fmt: skip
# Public addresses with a form of their own: a token, so a session, so never cached.
WITH_FORM = {"/login", "/register", "/reset", "/feedback", "/feedback/track",
             "/services/<service>", "/services/track", "/wishes/new", "/wishes/track"}  # fmt: skip
NO_TOKEN_NEEDED = {
    "/preferences": "guarded by Origin and Sec-Fetch-Site, so that public pages carry no token"
}


def address(rule, **values):
    return re.sub(
        r"<(?:\w+:)?(\w+)>", lambda found: values.get(found.group(1), STRANGE_ID), rule.rule
    )


def ids(rules):
    return pytest.mark.parametrize("rule", [pytest.param(one, id=f"{one.rule}") for one in rules])


def access_of(rule):
    return getattr(_APP.view_functions[rule.endpoint], "access", None)


def is_public(rule):
    return access_of(rule) == "public"


GET = [rule for rule in RULES if "GET" in rule.methods]
POST = [rule for rule in RULES if "POST" in rule.methods]
PRIVATE_GET = [rule for rule in GET if not is_public(rule)]
PUBLIC_GET = [rule for rule in GET if is_public(rule)]


@ids(RULES)
def test_every_address_says_who_may(rule):
    assert access_of(rule) is not None


@ids(RULES)
def test_addresses_have_no_other_methods(rule):
    assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}


@ids(RULES)
def test_addresses_hold_no_internal_numbers(rule):
    """`<int:…>` would be an internal id; public ids are texts."""
    assert "<int:" not in rule.rule


@ids(PRIVATE_GET)
def test_a_visitor_is_asked_to_sign_in(browser, rule):
    response = browser.get(address(rule))
    assert response.status_code == 303
    assert response.location.startswith("/login?next=/")


@ids([rule for rule in PRIVATE_GET if rule.rule.startswith(STAFF)])
def test_a_resident_is_kept_out_of_staff_pages(browser, make, rule):
    browser.sign_in(make.person())
    assert browser.get(address(rule)).status_code == 403


@ids([rule for rule in GET if rule.endpoint in OWN_TOKEN])
def test_the_board_opens_to_no_visitor_without_its_token(browser, make, rule):
    shift = make.shift()
    for path in (address(rule, shift=shift.public_id), address(rule)):
        assert browser.get(path).status_code in {303, 403, 404}


@ids([rule for rule in PRIVATE_GET if "<" in rule.rule])
def test_a_strange_id_is_not_found_by_whoever_may_most(browser, make, rule):
    browser.sign_in(make.holder("administrator", make.centre()))
    assert browser.get(address(rule)).status_code in {403, 404}


@ids([rule for rule in POST if rule.rule not in NO_TOKEN_NEEDED])
def test_a_form_without_token_is_not_understood(browser, make, rule):
    browser.sign_in(make.holder("administrator", make.centre()))
    response = browser.post(address(rule), {"csrf_token": "0" * 40}, token=False)
    assert response.status_code == 400
    assert browser.post(address(rule), token=False).status_code == 400


FOREIGN = (
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.elsewhere.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
)


@ids(POST)
def test_a_form_from_elsewhere_is_refused(browser, rule):
    for headers in FOREIGN:
        assert browser.client.post(address(rule), headers=headers).status_code == 403


def test_our_own_origin_is_let_through(browser):
    for headers in (
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        response = browser.client.post("/preferences", data={"view": "elder"}, headers=headers)
        assert response.status_code == 303


@pytest.fixture
def known(make):
    """Return values for every variable that an address of a public page may hold."""
    shift = make.shift()
    return {
        "activity": shift.offering.public_id,
        "shift": shift.public_id,
        "station": make.centre().public_id,
        "service": offered(make.centre()).public_id,
        # Of one weekday: four duties show what 28 do, and some three hundred tests make them.
        "post": post_published(make.centre(), cells=every_day()[:1]).public_id,
        "wish": published(make.centre()).public_id,
    }


@ids([rule for rule in PUBLIC_GET if rule.rule not in WITH_FORM])
def test_a_public_page_gives_a_visitor_no_cookie_and_no_token(browser, known, rule):
    response = browser.get(address(rule, **known))
    assert response.status_code in {200, 302, 303, 401, 404}
    assert "Set-Cookie" not in response.headers
    assert "csrf" not in response.text or rule.endpoint in OWN_TOKEN


@ids([rule for rule in PUBLIC_GET if rule.rule in WITH_FORM])
def test_a_public_form_is_not_kept_by_anybody(browser, known, rule):
    response = browser.get(address(rule, **known))
    assert response.headers["Cache-Control"] == "no-store"
    assert 'name="csrf_token"' in response.text


@ids(PUBLIC_GET)
def test_a_public_page_is_the_same_whatever_session_a_visitor_drags_along(browser, known, rule):
    path = address(rule, **known)
    if rule.rule in WITH_FORM or rule.endpoint in OWN_TOKEN or rule.rule.startswith("/check-in"):
        pytest.skip("has a form or a token of its own")
    plain = browser.get(path)
    browser.get("/login")  # leaves a session with a token
    assert browser.get(path).data == plain.data


def headers_are_there(response):
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@ids(GET)
def test_security_headers_are_on_every_answer(browser, known, rule):
    response = browser.get(address(rule, **known))
    headers_are_there(response)
    if response.mimetype == "text/html":
        assert response.headers["Content-Security-Policy"].split("; ")[1:] or CSP
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Request-Id"]
    assert "Server" not in response.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [("/no-such-page", 404), ("/static/none.css", 404), ("/activities/%00", 404), ("/logout", 405)],
)
def test_security_headers_are_on_errors(browser, path, status):
    response = browser.get(path)
    assert response.status_code == status
    headers_are_there(response)


def test_security_headers_are_on_static_files(app, browser):
    with app.test_request_context():
        path = app.jinja_env.globals["asset"]("core/site.css")
    response = browser.client.get(path, buffered=True)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    headers_are_there(response)


def test_the_map_of_addresses_is_not_told(browser):
    """A wrong method says which are right, and no more."""
    response = browser.client.put("/activities")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_the_key_of_the_tests_is_in_no_page(browser):
    assert SECRET not in browser.get("/").text
