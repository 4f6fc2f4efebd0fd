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
             "/certificates", "/services/<service>", "/services/track", "/wishes/new", "/wishes/track"}  # fmt: skip
NO_TOKEN_NEEDED = {
    "/preferences": "guarded by Origin and Sec-Fetch-Site, so that public pages carry no token"
}


def address(rule, **values):
    return re.sub(
        r"<(?:\w+:)?(\w+)>", lambda found: values.get(found.group(1), STRANGE_ID), rule.rule
    )


def access_of(rule):
    return getattr(_APP.view_functions[rule.endpoint], "access", None)


def is_public(rule):
    return access_of(rule) == "public"


GET = [rule for rule in RULES if "GET" in rule.methods]
POST = [rule for rule in RULES if "POST" in rule.methods]
PRIVATE_GET = [rule for rule in GET if not is_public(rule)]
PUBLIC_GET = [rule for rule in GET if is_public(rule)]


def answers(browser, rules, **values):
    """Fetch each address; yield (its rule, its answer). One test asks them all: the setting-up of a
    test takes longer than an answer, and there are hundreds."""
    for rule in rules:
        yield rule.rule, browser.get(address(rule, **values))


def test_every_address_says_who_may():
    assert [rule.rule for rule in RULES if access_of(rule) is None] == []


def test_addresses_have_no_other_methods():
    known = {"GET", "HEAD", "OPTIONS", "POST"}
    assert [rule.rule for rule in RULES if not rule.methods <= known] == []


def test_addresses_hold_no_internal_numbers():
    """`<int:…>` would be an internal id; public ids are texts."""
    assert [rule.rule for rule in RULES if "<int:" in rule.rule] == []


def test_a_visitor_is_asked_to_sign_in(browser):
    let_in = [
        path
        for path, response in answers(browser, PRIVATE_GET)
        if response.status_code != 303 or not response.location.startswith("/login?next=/")
    ]
    assert let_in == []


def test_a_resident_is_kept_out_of_staff_pages(browser, make):
    browser.sign_in(make.person())
    of_staff = [rule for rule in PRIVATE_GET if rule.rule.startswith(STAFF)]
    let_in = [path for path, response in answers(browser, of_staff) if response.status_code != 403]
    assert len(of_staff) > 100
    assert let_in == []


def test_the_board_opens_to_no_visitor_without_its_token(browser, make):
    boards = [rule for rule in GET if rule.endpoint in OWN_TOKEN]
    shift = make.shift()
    for values in ({"shift": shift.public_id}, {}):
        for path, response in answers(browser, boards, **values):
            assert response.status_code in {303, 403, 404}, path


def test_a_strange_id_is_not_found_by_whoever_may_most(browser, make):
    browser.sign_in(make.holder("administrator", make.centre()))
    named = [rule for rule in PRIVATE_GET if "<" in rule.rule]
    found = [
        path for path, response in answers(browser, named) if response.status_code not in {403, 404}
    ]
    assert found == []


def test_a_form_without_token_is_not_understood(browser, make):
    browser.sign_in(make.holder("administrator", make.centre()))
    understood = [
        rule.rule
        for rule in POST
        for data in ({"csrf_token": "0" * 40}, {})
        if rule.rule not in NO_TOKEN_NEEDED
        and browser.post(address(rule), data, token=False).status_code != 400
    ]
    assert understood == []


FOREIGN = (
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.elsewhere.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
)


def test_a_form_from_elsewhere_is_refused(browser):
    let_in = [
        (rule.rule, headers)
        for rule in POST
        for headers in FOREIGN
        if browser.client.post(address(rule), headers=headers).status_code != 403
    ]
    assert let_in == []


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


PLAIN = [rule for rule in PUBLIC_GET if rule.rule not in WITH_FORM]
FORMS = [rule for rule in PUBLIC_GET if rule.rule in WITH_FORM]


def test_a_public_page_gives_a_visitor_no_cookie_and_no_token(browser, known):
    own_token = {rule.rule for rule in GET if rule.endpoint in OWN_TOKEN}
    for path, response in answers(browser, PLAIN, **known):
        assert response.status_code in {200, 302, 303, 401, 404}, path
        assert "Set-Cookie" not in response.headers, path
        assert "csrf" not in response.text or path in own_token, path


def test_a_public_form_is_not_kept_by_anybody(browser, known):
    for path, response in answers(browser, FORMS, **known):
        assert response.headers["Cache-Control"] == "no-store", path
        assert 'name="csrf_token"' in response.text, path


def test_a_public_page_is_the_same_whatever_session_a_visitor_drags_along(browser, known):
    same = [
        rule
        for rule in PLAIN
        if rule.endpoint not in OWN_TOKEN and not rule.rule.startswith("/check-in")
    ]
    plain = {path: response.data for path, response in answers(browser, same, **known)}
    browser.get("/login")  # leaves a session with a token
    changed = [
        path for path, response in answers(browser, same, **known) if response.data != plain[path]
    ]
    assert changed == []


def headers_are_there(response):
    assert response.headers["X-Content-Type-Options"] == "nosniff", response.request.path
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_security_headers_are_on_every_answer(browser, known):
    for path, response in answers(browser, GET, **known):
        headers_are_there(response)
        headers = response.headers
        if response.mimetype == "text/html":
            assert headers["Content-Security-Policy"].split("; ")[1:] or CSP, path
            assert "unsafe" not in headers["Content-Security-Policy"], path
            assert headers["Referrer-Policy"] == "same-origin", path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Request-Id"], path
        assert "Server" not in headers, path


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
