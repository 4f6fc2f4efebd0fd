"""Signing in: who gets in, what the rest is told, how often one may try."""

import re
from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.people import actions, queries
from portal.people.models_sign_ins import SignIn
from portal.records import limits
from portal.records.audit import AuditEntry
from tests.conftest import PROFILE
from tests.support.client import Browser
from tests.support.factory import PASSWORD

WRONG = "手机号或密码不对。"


@pytest.fixture(autouse=True)
def stopped_clock(time_machine):
    time_machine.move_to(clock.now(), tick=False)


def sign_in(browser, phone, password=PASSWORD, address="127.0.0.1", **fields):
    return browser.post(
        "/login",
        {"phone": phone, "password": password, **fields},
        environ_overrides={"REMOTE_ADDR": address},
    )


def without_numbers(text):
    """Take out what differs with each answer: tokens, numbers of requests, what was typed."""
    text = re.sub(r'value="[^"]*"', 'value=""', text)
    return re.sub(r"\b[0-9a-f]{12}\b", "", text)


def test_signing_in(browser, make):
    person = make.person("张三")
    response = sign_in(browser, person.phone)
    assert (response.status_code, response.location) == (303, "/")
    assert "张三" in browser.get("/me").text
    assert browser.get("/login").status_code == 303
    assert "登录" in browser.get("/login?stay=1").text


def test_the_phone_may_be_typed_as_people_do(browser, make):
    person = make.person(phone="13712345678")
    assert sign_in(browser, "+86 137-1234 5678").status_code == 303
    assert db.session.query(SignIn).filter_by(person_id=person.id).count() == 1


def test_one_goes_on_to_where_one_wanted(browser, make):
    person = make.person()
    response = browser.get("/me/signups?x=1")
    assert response.location == "/login?next=/me/signups?x%3D1"
    page = browser.get(response.location).text
    assert '<input type="hidden" name="next" value="/me/signups?x=1">' in page
    assert sign_in(browser, person.phone, next="/me/signups?x=1").location == "/me/signups?x=1"


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x"]
)
def test_one_does_not_go_elsewhere(browser, make, target):
    assert sign_in(browser, make.person().phone, next=target).location == "/"
    assert browser.get("/login", query_string={"next": target}).location == "/"


def test_a_refusal_keeps_the_phone_and_not_the_password(browser, make):
    person = make.person()
    response = sign_in(browser, person.phone, "a-wrong-password", next="/me")
    assert response.status_code == 422
    assert WRONG in response.text
    assert f'value="{person.phone}"' in response.text
    assert "a-wrong-password" not in response.text
    assert 'name="next" value="/me"' in response.text


def test_nobody_learns_who_has_an_account(browser, make):
    """The same words, the same status, the same headers for every reason."""
    known, disabled = make.person(), make.person()
    queries.account_of(disabled.id).disabled_at = clock.now()
    db.session.commit()
    person_only = make.person(account=False)
    answers = [
        sign_in(browser, known.phone, "wrong-password"),
        sign_in(browser, "13699999999", "wrong-password"),
        sign_in(browser, disabled.phone, PASSWORD),
        sign_in(browser, person_only.phone, PASSWORD),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({without_numbers(answer.text) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


def test_the_work_is_the_same_for_an_unknown_phone(browser, make, monkeypatch):
    """A password is checked in any case, against a hash of the same price."""
    from portal.people import passwords

    checked = []
    verify = passwords.verify

    def counting(password_hash, password):
        checked.append(password_hash is None)
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "verify", counting)
    sign_in(browser, make.person().phone, "wrong-password")
    sign_in(browser, "13699999999", "wrong-password")
    assert checked == [False, True]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"phone": "", "password": "x"}, "请填写手机号"),
        ({"phone": "12345", "password": "x"}, "手机号是 11 位数字"),
        ({"phone": "23712345678", "password": "x"}, "手机号是 11 位数字"),
        ({"phone": "1371234567８x", "password": "x"}, "手机号是 11 位数字"),
        ({"phone": "13712345678", "password": ""}, "请填写密码"),
        ({}, "请填写手机号"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field(browser, app, fields, sentence):
    response = browser.post("/login", fields)
    assert response.status_code == 422
    assert sentence in response.text
    assert "错误：" in response.text
    # All but what the template begins with.
    rows = db.session.query(AuditEntry).filter(AuditEntry.verb != "calendar.import")
    assert rows.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": "' OR 1=1 --", "password": "x"},
        {"phone": "13712345678", "password": "长" * 129},
        {"phone": "1" * 100_000, "password": "x" * 100_000},
        {"phone": "13712345678", "password": "\ud83d\ude00" * 20},
        {"phone": "<script>alert(1)</script>", "password": "x"},
    ],
    ids=["sql", "long", "huge", "emoji", "script"],
)
def test_strange_input_is_answered(browser, app, fields):
    fields = {
        name: value.encode("utf-16", "surrogatepass").decode("utf-16")
        for name, value in fields.items()
    }
    response = browser.post("/login", fields)
    assert response.status_code == 422
    assert "<script>alert" not in response.text


# --- limits --------------------------------------------------------------------------------------


def test_the_limit_of_one_account(browser, make, time_machine):
    phone = make.person().phone
    most = limits.SIGN_IN_ACCOUNT.most
    for _ in range(most):
        assert sign_in(browser, phone, "wrong-password").status_code == 422
    response = sign_in(browser, phone)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 301
    assert "试的次数太多了" in response.text
    time_machine.shift(timedelta(minutes=5, seconds=1))
    assert sign_in(browser, phone).status_code == 303


def test_one_less_than_the_limit_is_let_in(browser, make):
    phone = make.person().phone
    for _ in range(limits.SIGN_IN_ACCOUNT.most - 1):
        sign_in(browser, phone, "wrong-password")
    assert sign_in(browser, phone).status_code == 303


def test_an_unknown_phone_is_limited_alike(browser, app):
    for _ in range(limits.SIGN_IN_ACCOUNT.most):
        assert sign_in(browser, "13699999999", "wrong-password").status_code == 422
    assert sign_in(browser, "13699999999", "wrong-password").status_code == 429


def test_the_limit_of_an_hour(browser, make, time_machine):
    phone = make.person().phone
    for _ in range(2):
        for _ in range(limits.SIGN_IN_ACCOUNT.most):
            assert sign_in(browser, phone, "wrong-password").status_code == 422
        time_machine.shift(timedelta(minutes=5, seconds=1))
    response = sign_in(browser, phone)
    assert response.status_code == 429
    assert 2000 < int(response.headers["Retry-After"]) <= 3601


def fail_from(address, number):
    """Count failures of an address as wrong passwords of many phones would."""

    def count():
        for _ in range(number):
            limits.count(limits.SIGN_IN_ADDRESS, address, now=clock.now())

    write(count)


def test_the_limit_of_an_address(browser, make):
    fail_from("203.0.113.7", limits.SIGN_IN_ADDRESS.most - 1)
    person = make.person()
    assert sign_in(browser, person.phone, "wrong", "203.0.113.7").status_code == 422
    assert sign_in(browser, person.phone, PASSWORD, "203.0.113.7").status_code == 429
    assert sign_in(browser, person.phone, PASSWORD, "203.0.113.8").status_code == 303


def test_limits_keep_no_phone_and_no_address(browser, make):
    phone = make.person().phone
    sign_in(browser, phone, "wrong-password", "203.0.113.7")
    keys = [row.key for row in db.session.query(limits.Attempt)]
    assert len(keys) == 2
    assert not any(phone in key or "203" in key[:4] for key in keys)


def test_old_attempts_are_forgotten(app, time_machine):
    write(limits.count, limits.SIGN_IN_ADDRESS, "x", now=clock.now())
    write(limits.prune, now=clock.now() + limits.KEEP)
    assert db.session.query(limits.Attempt).count() == 1
    write(limits.prune, now=clock.now() + limits.KEEP + timedelta(seconds=1))
    assert db.session.query(limits.Attempt).count() == 0


@pytest.mark.timeout(600)
def test_a_whole_station_behind_one_address(app, make):
    """More residents than the address may fail: each signs in once and signs up, none waits."""
    crowd = 300 if PROFILE == "full" else 110
    assert crowd > limits.SIGN_IN_ADDRESS.most
    shift = make.shift(places={"attendee": 5000})
    answers = []
    for _ in range(crowd):
        browser, person = Browser(app), make.person()
        answers.append(sign_in(browser, person.phone, address="198.51.100.1").status_code)
        path = f"/shifts/{shift.public_id}/signup"
        answers.append(browser.post(path, {"role": "attendee"}).status_code)
    assert answers == [303] * crowd * 2


# --- what is written down ------------------------------------------------------------------------


def test_what_is_kept_of_a_sign_in(browser, make):
    person = make.person()
    browser.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) Chrome/130"
    sign_in(browser, person.phone)
    row = db.session.query(SignIn).one()
    assert (row.person_id, row.device, row.ended_at) == (person.id, "安卓手机", None)
    with browser.client.session_transaction() as session:
        token = session["_user_id"]
    assert token != row.token_hash
    assert len(token) >= 43
    verbs = [entry.verb for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert verbs[-1] == "account.sign_in"


def test_a_refused_sign_in_is_written_down(browser, make):
    person = make.person()
    sign_in(browser, person.phone, "wrong-password")
    sign_in(browser, "13699999999", "wrong-password")
    rows = db.session.query(AuditEntry).filter_by(verb="account.sign_in_refused")
    assert [row.subject_id for row in rows.order_by(AuditEntry.id)] == [person.id, 0]
    assert all(row.details == {} for row in rows)


def test_the_desk_is_told_of_by_htmx_too(browser, make):
    person = make.person()
    response = sign_in(browser, person.phone, next="/me")
    assert response.headers["HX-Redirect"] == "/me"


def test_an_actor_is_made_from_the_tree(make):
    """A role at a station is valid for its subtree and nowhere else."""
    institute = make.station("甲所", level="institute")
    below, beside = make.station(parent=institute), make.station()
    person = make.holder("station_manager", institute)
    actor = make.actor(person)
    assert actor.holds("station_manager", institute.id)
    assert actor.holds("station_manager", below.id)
    assert not actor.holds("station_manager", beside.id)
    assert not actor.holds("station_manager", make.centre().id)
    assert not actor.holds("administrator")
    assert not actor.is_office
    assert actor.has_desk


def test_a_grant_twice_is_one_and_taken_back_twice_is_harmless(make):
    person, station = make.person(), make.station()
    grants = [
        write(actions.grant_role, person.id, "auditor", station.id, actor=SYSTEM, now=clock.now())
        for _ in range(2)
    ]
    assert grants[0].id == grants[1].id
    for _ in range(2):
        write(actions.revoke_role, grants[0].id, actor=SYSTEM, now=clock.now())
    assert not queries.is_staff(person.id)
    again = write(
        actions.grant_role, person.id, "auditor", station.id, actor=SYSTEM, now=clock.now()
    )
    assert again.id != grants[0].id
