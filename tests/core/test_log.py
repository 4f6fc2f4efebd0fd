"""Log lines: one JSON object each, with the request's number, and nothing about anybody."""

import io
import json
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal import create_app
from portal.core.db import db
from portal.core.log import JsonFormatter, trace
from tests.conftest import config_for
from tests.support.factory import PASSWORD


@pytest.fixture
def lines():
    """What is logged, as it would stand on stdout."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("portal")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_a_line_for_each_request(browser, lines):
    response = browser.get("/activities")
    (line,) = lines()
    assert line["request"] == response.headers["X-Request-Id"]
    assert line["ms"] >= 0
    kept = {key: line[key] for key in ("event", "level", "method", "path", "status", "endpoint")}
    assert kept == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "path": "/activities",
        "status": 200,
        "endpoint": "activities.index",
    }


def test_nothing_about_anybody_is_logged(browser, make, lines):
    person = make.person("欧阳测试", phone="13712340000")
    browser.get("/activities?q=欧阳测试&phone=13712340000")
    browser.post("/login", {"phone": "13712340000", "password": "wrong-password"})
    browser.post("/login", {"phone": "13712340000", "password": PASSWORD, "next": "/me?q=secret"})
    browser.get("/me")
    browser.get("/check-in/abcdefgh234567")
    browser.get("/cal/my/some-secret-token.ics")
    browser.get("/no-such-page?token=secret-token")
    browser.post("/reset", {"phone": "13712340000", "code": "abcd2345", "password": "new-password"})
    everything = json.dumps(lines(), ensure_ascii=False)
    assert len(lines()) >= 8
    for word in (
        "欧阳", "13712340000", "wrong-password", PASSWORD, "secret", "q=", "abcdefgh234567",
        "abcd2345", "new-password", "%E6", person.public_id,
    ):  # fmt: skip
        assert word not in everything


def test_an_address_with_a_secret_is_logged_by_its_pattern(browser, lines):
    for path in ("/check-in/abcdefgh234567", "/cal/my/token.ics", "/certificates/code"):
        browser.get(path)
    assert [line["path"] for line in lines()] == ["/check-in/…", "/cal/my/…", "/certificates/…"]


def test_a_refused_token_is_logged_by_the_pattern_too(browser, make, lines):
    browser.sign_in(make.person())
    browser.post("/check-in/abcdefgh234567", token=False)
    assert {line.get("path") for line in lines()} >= {"/check-in/…"}
    assert "abcdefgh234567" not in json.dumps(lines())


def test_a_line_break_in_an_address_makes_no_line(browser, lines):
    browser.get('/no%0A{"level":"info"}')
    (line,) = lines()
    assert line["status"] == 404


def test_the_number_of_a_request_is_made_here(browser):
    """Who is not our proxy may not choose it."""
    seen = {
        browser.client.get("/accessibility", headers={"X-Request-Id": "chosen"}).headers[
            "X-Request-Id"
        ]
        for _ in range(3)
    }
    assert len(seen) == 3
    assert "chosen" not in seen


def test_a_trusted_proxys_number_is_kept(databases):
    app = create_app(config_for(databases.url(databases.template), trusted_proxies=1))
    client = app.test_client()
    for given, kept in (("abc-123.X", True), ("x" * 65, False), ("a b", False), ("a\tb", False)):
        answer = client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
        assert (answer == given) is kept


def test_a_crash_is_logged_with_its_place_and_without_its_words(own_app, lines):
    def crash():
        # Not literals: lines of code may stand in a trace, what they worked on may not.
        name, phone = chr(0x5F20) + chr(0x4E09), str(13812345677 + 1)
        try:
            {}[phone]
        except KeyError as error:
            raise ValueError(name) from error

    crash.access = "public"
    own_app.add_url_rule("/crash", view_func=crash)
    response = own_app.test_client().get("/crash?q=王五")
    found = [line for line in lines() if line["event"] == "error"]
    assert [line["request"] for line in found] == [response.headers["X-Request-Id"]]
    assert "KeyError" in found[0]["trace"]
    assert found[0]["trace"].endswith("ValueError")
    assert "in crash" in found[0]["trace"]
    for word in ("13812345678", "张三", "王五"):
        assert word not in json.dumps(lines(), ensure_ascii=False)


def test_a_database_that_is_not_content_names_no_phone(own_app, make_account):
    with pytest.raises(IntegrityError) as caught:
        make_account()
    assert "13712340000" not in trace(caught.value)
    assert "13712340000" not in str(caught.value).partition("DETAIL")[0]


@pytest.fixture
def make_account(own_app):
    from tests.support.factory import Factory

    make = Factory()
    make.person(phone="13712340000")
    other = make.person(account=False)

    def again():
        db.session.execute(
            text(
                "INSERT INTO account (person_id, phone, password_hash, created_at)"
                " VALUES (:person, :phone, 'x', CURRENT_TIMESTAMP)"
            ),
            {"person": other.id, "phone": "13712340000"},
        )

    yield again
    db.session.rollback()
