"""What goes wrong is said in plain words, with a way on, and tells nothing of the inside."""

import json

import pytest
from flask import abort

from portal import create_app
from portal.core.errors import Invalid, Reason, Refused
from portal.core.failures import titles
from tests.conftest import config_for
from tests.support.client import check_page

SECRET_WORDS = "张三 13812345678"


@pytest.fixture
def app_with_faults(own_app):
    """An application with an address for every fault there is."""

    def fail(code):
        if code == "crash":
            raise ValueError(SECRET_WORDS)
        if code == "refused":
            raise Refused(
                Reason("full", "名额已满。", "看别的活动", "/activities"),
                Reason("clash", "时间冲突。"),
            )
        abort(int(code))

    fail.access = "public"
    for rule in ("/fail/<code>", "/api/fail/<code>"):
        own_app.add_url_rule(rule, endpoint=rule, view_func=fail, methods=["GET", "POST"])
    return own_app


@pytest.fixture
def client(app_with_faults):
    return app_with_faults.test_client()


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_each_error_has_its_page(client, app_with_faults, code):
    response = client.get(f"/fail/{code}")
    assert response.status_code == code
    assert response.mimetype == "text/html"
    with app_with_faults.test_request_context():
        title, sentence = titles()[code]
    assert title in response.text
    assert sentence in response.text
    assert 'href="/"' in response.text
    assert str(code) in response.text
    assert response.headers["Cache-Control"] == "no-store"
    check_page(response.text, str(code))


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 413, 422, 429, 500, 503])
def test_each_error_has_its_json(client, app_with_faults, code):
    response = client.get(f"/api/fail/{code}")
    assert response.status_code == code
    assert response.mimetype == "application/json"
    error = response.get_json()["error"]
    assert set(error) == {"code", "message", "field"}
    assert error["message"].endswith("。")
    assert client.post(f"/fail/{code}", json={}).mimetype == "application/json"


def test_the_codes_of_json_are_stable(client):
    codes = {
        code: client.get(f"/api/fail/{code}").get_json()["error"]["code"]
        for code in (400, 403, 404, 409, 413, 422, 429, 500, 503)
    }
    assert codes == {
        400: "bad_request",
        403: "forbidden",
        404: "not_found",
        409: "refused",
        413: "too_large",
        422: "invalid",
        429: "too_many_requests",
        500: "error",
        503: "busy",
    }


@pytest.mark.parametrize("path", ["/fail/crash", "/api/fail/crash"])
def test_a_crash_leaks_nothing(client, path):
    response = client.get(path)
    assert response.status_code == 500
    for word in ("ValueError", "Traceback", "test_errors", "张三", "13812345678", ".py"):
        assert word not in response.text


def test_a_crash_tells_its_number(client):
    for path in ("/fail/crash", "/fail/503"):
        response = client.get(path)
        number = response.headers["X-Request-Id"]
        assert len(number) >= 12
        assert number in response.text
    assert client.get("/fail/404").headers["X-Request-Id"] not in client.get("/fail/404").text


def test_a_refusal_tells_every_reason_and_way(client):
    response = client.get(
        "/fail/refused", headers={"Referer": "http://localhost/activities/abc?x=1"}
    )
    assert response.status_code == 409
    assert "名额已满。" in response.text
    assert "时间冲突。" in response.text
    assert 'href="/activities"' in response.text
    assert 'href="/activities/abc' in response.text
    error = client.get("/api/fail/refused").get_json()["error"]
    assert (error["code"], error["message"]) == ("full", "名额已满。时间冲突。")


def test_the_way_back_leads_into_this_site(client):
    for referrer in ("https://elsewhere.example//evil.example/x", "//elsewhere.example", "x:y"):
        response = client.get("/fail/refused", headers={"Referer": referrer})
        assert "elsewhere" not in response.text.split("<main")[1]
        assert "evil" not in response.text.split("<main")[1]


def test_too_many_says_when_to_come_again(client):
    assert client.get("/fail/429").headers["Retry-After"] == "60"


def test_a_body_too_large_is_refused_before_it_is_read(client):
    response = client.post(
        "/login", data=b"x", content_type="application/x-www-form-urlencoded",
        environ_overrides={"CONTENT_LENGTH": str(13 * 1024 * 1024)},
    )  # fmt: skip
    assert response.status_code == 413
    assert "内容太大" in response.text


def test_many_fields_and_long_texts_are_refused(client):
    for fields in ({"phone": "1" * 505_000}, {f"f{n}": "1" for n in range(2000)}):
        response = client.post("/login", data=fields, content_type="multipart/form-data")
        assert response.status_code == 413


@pytest.mark.parametrize("view", ["normal", "elder"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_errors_are_shown_as_the_reader_reads(client, view, lang):
    client.set_cookie("view", view)
    client.set_cookie("lang", lang)
    for code in (404, 500, 503):
        text = client.get(f"/fail/{code}").text
        assert f'class="view-{view}"' in text
        assert f'lang="{"en" if lang == "en" else "zh-CN"}"' in text


def test_the_last_page_needs_no_database(databases):
    """Neither sign-in nor settings can be read: the page says so in words all the same."""
    app = create_app(config_for(databases.url("portal_that_is_not_there")))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "some-token"
    for path in ("/", "/me", "/activities"):
        response = client.get(path)
        assert response.status_code == 503
        assert "系统正忙" in response.text
        assert response.headers["X-Request-Id"] in response.text
        assert response.headers["Retry-After"]
        assert "X-Content-Type-Options" in response.headers
    assert client.get("/api/v1/figures").status_code in {401, 503}
    with app.app_context():
        from portal.core.db import db

        db.engine.dispose()


def test_a_refusal_knows_its_codes():
    refused = Refused(Reason("a", "甲。"), Reason("b", "乙。"))
    assert (refused.codes, refused.message, str(refused)) == (("a", "b"), "甲。乙。", "a; b")
    assert str(Invalid("phone", "x")) == "phone: x"


def test_json_that_is_none_is_not_understood(browser, make):
    """A body that says it is JSON and is none."""
    shift = make.shift()
    browser.sign_in(make.manager(shift.offering.station))
    for body in (b"", b"{", b"[1", b"\xff\xfe", b"null", json.dumps([1]).encode()):
        response = browser.client.post(
            f"/desk/shifts/{shift.public_id}/scans",
            data=body,
            headers={"X-CSRFToken": browser.token(), "Content-Type": "application/json"},
        )
        assert response.status_code == 400, body
        assert response.get_json()["error"]["code"] == "bad_request"
