"""Registering, changing the password, setting a new one with a code."""

from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import queries, resets
from portal.people.models import Account, Person
from portal.people.models_consents import Consent
from portal.people.models_sign_ins import ResetCode
from portal.records import limits
from tests.people.test_sign_in import without_numbers
from tests.support.client import Browser
from tests.support.factory import PASSWORD

NEW = {
    "name": "王小明",
    "phone": "13612345678",
    "password": "一句好记的话语呀",
    "birth_date": "1990-05-04",
    "consent": "y",
}


@pytest.fixture(autouse=True)
def stopped_clock(time_machine):
    time_machine.move_to(clock.now(), tick=False)


def register(browser, **changes):
    return browser.post("/register", {**NEW, **changes})


# --- registering ---------------------------------------------------------------------------------


def test_registering_signs_in(browser, app):
    response = register(browser, phone="+86 136 1234 5678", next="/activities")
    assert (response.status_code, response.location) == (303, "/activities")
    assert "王小明" in browser.get("/me").text
    person = db.session.query(Person).one()
    assert (person.phone, person.birth_on) == ("13612345678", date(1990, 5, 4))
    assert person.phone_confirmed_at is None
    account = db.session.query(Account).one()
    assert account.password_hash.startswith("$argon2id$")
    (consent,) = db.session.query(Consent)
    assert (consent.kind, consent.given, consent.channel) == ("notice", True, "web")
    assert consent.actor_id == person.id
    assert queries.volunteer_of(person.id) is None


def test_without_a_birth_date(browser, app):
    assert register(browser, birth_date="").status_code == 303
    assert db.session.query(Person).one().birth_on is None


def test_a_known_phone_says_so(browser, make):
    person = make.person()
    response = register(browser, phone=person.phone)
    assert response.status_code == 422
    assert "这个手机号已经注册过" in response.text
    assert 'value="王小明"' in response.text
    assert NEW["password"] not in response.text
    assert db.session.query(Person).count() == 1


def test_somebody_on_record_without_account_may_register(browser, make):
    make.person(account=False, phone=NEW["phone"])
    assert register(browser).status_code == 303


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"name": "   "}, "请填写这一项"),
        ({"name": "张3"}, "请填写真实姓名"),
        ({"name": "<b>张</b>"}, "请填写真实姓名"),
        ({"name": "张" * 41}, "最多 40 个字"),
        ({"phone": "1361234"}, "手机号是 11 位数字"),
        ({"password": "1234567"}, "密码至少 8 个字符"),
        ({"password": ""}, "请填写密码"),
        ({"password": "x" * 129}, "密码"),
        ({"birth_date": "2999-01-01"}, "请检查这个日期"),
        ({"birth_date": "1850-01-01"}, "请检查这个日期"),
        ({"birth_date": "gestern"}, "日期"),
        ({"consent": ""}, "要先同意隐私告知才能注册"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_is_kept(browser, app, changes, sentence):
    response = register(browser, **changes)
    assert response.status_code == 422
    assert sentence in response.text
    kept = {
        name: value for name, value in NEW.items() if name not in {*changes, "password", "consent"}
    }
    for value in kept.values():
        assert f'value="{value}"' in response.text
    assert db.session.query(Person).count() == 0


def test_no_sentence_comes_in_english_from_elsewhere(browser, app):
    """The words of the form library are ours, in Chinese."""
    response = register(browser, birth_date="x", phone="1", name="", password="", consent="")
    main = response.text.partition("<main")[2]
    for word in ("Not a valid", "This field", "required", "Invalid"):
        assert word not in main.replace("aria-required", "")


def test_the_limit_of_one_phone(browser, app, make):
    phone = make.person().phone
    for _ in range(limits.REGISTER_PHONE.most):
        assert register(browser, phone=phone).status_code == 422
    response = register(browser, phone=phone)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_the_limit_of_one_address(browser, app):
    def count(number):
        for _ in range(number):
            limits.count(limits.REGISTER_ADDRESS, "127.0.0.1", now=clock.now())

    write(count, limits.REGISTER_ADDRESS.most - 1)
    assert register(browser).status_code == 303
    assert register(Browser(app), phone="13612345679").status_code == 429


# --- the own password ----------------------------------------------------------------------------


def change(browser, old=PASSWORD, new="another-good-password"):
    return browser.post("/me/password", {"old_password": old, "new_password": new})


def test_a_new_password_ends_the_other_sign_ins(browser, make, app):
    person = make.person()
    other = Browser(app).sign_in(person)
    browser.sign_in(person)
    assert change(browser).status_code == 303
    assert browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 303
    fields = {"phone": person.phone, "password": "another-good-password"}
    assert Browser(app).post("/login", fields).status_code == 303
    assert Browser(app).post("/login", {**fields, "password": PASSWORD}).status_code == 422


def test_the_old_password_is_asked_for_and_limited(browser, make):
    browser.sign_in(make.person())
    for _ in range(limits.SIGN_IN_ACCOUNT.most):
        response = change(browser, old="wrong-password")
        assert response.status_code == 422
        assert "现在的密码不对" in response.text
    assert change(browser).status_code == 429


@pytest.mark.parametrize("new", ["", "short", "x" * 129])
def test_a_new_password_has_its_length(browser, make, new):
    person = make.person()
    browser.sign_in(person)
    before = queries.account_of(person.id).password_hash
    assert change(browser, new=new).status_code == 422
    assert queries.account_of(person.id).password_hash == before


# --- a code from the station ---------------------------------------------------------------------


@pytest.fixture
def person(make):
    return make.person()


@pytest.fixture
def code(person):
    return hand(person)


def hand(person, actor=SYSTEM):
    return write(resets.hand_reset_code, person.id, "seen", actor=actor, now=clock.now())


def reset(browser, phone, code, password="a-brand-new-password", address="127.0.0.1"):
    return browser.post(
        "/reset",
        {"phone": phone, "code": code, "password": password},
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_a_code_sets_a_new_password(browser, make, person, code, app):
    signed_in = Browser(app).sign_in(person)
    shown = f"{code[:4].upper()}-{code[4:]} "
    response = reset(browser, person.phone, shown)
    assert (response.status_code, response.location) == (303, "/login")
    assert "密码改好了" in browser.get("/login").text
    assert signed_in.get("/me").status_code == 303
    fields = {"phone": person.phone, "password": "a-brand-new-password"}
    assert browser.post("/login", fields).status_code == 303


def test_a_code_is_kept_as_a_keyed_hash(person, code):
    row = db.session.query(ResetCode).one()
    assert code not in row.code_hash
    assert len(code) == 8
    assert row.expires_at - row.created_at == timedelta(minutes=30)
    assert row.identified == "seen"


def test_every_wrong_way_gets_the_same_answer(browser, make, person, code, time_machine):
    other = make.person()
    used, old = make.person(), make.person()
    used_code, old_code = hand(used), hand(old)
    newer = hand(old)
    reset(browser, used.phone, used_code)
    browser.get("/login")  # takes the sentence of what worked
    answers = [
        reset(browser, person.phone, "wrongone"),
        reset(browser, "13699999999", code),
        reset(browser, other.phone, code),
        reset(browser, used.phone, used_code),
        reset(browser, old.phone, old_code),
    ]
    time_machine.shift(timedelta(minutes=30))
    answers.append(reset(browser, old.phone, newer))
    assert {answer.status_code for answer in answers} == {422}
    assert len({without_numbers(answer.text) for answer in answers}) == 1


def test_the_last_second_of_a_code(browser, person, code, time_machine):
    time_machine.shift(timedelta(minutes=30) - timedelta(seconds=1))
    assert reset(browser, person.phone, code).status_code == 303


def test_the_limit_of_one_phone_for_codes(browser, person, code):
    for _ in range(limits.RESET_ACCOUNT.most):
        assert reset(browser, person.phone, "wrongone").status_code == 422
    response = reset(browser, person.phone, code)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_an_unknown_phone_is_limited_alike(browser, app):
    answers = [
        reset(browser, "13699999999", "wrongone").status_code
        for _ in range(limits.RESET_ACCOUNT.most + 1)
    ]
    assert answers == [*[422] * limits.RESET_ACCOUNT.most, 429]


def test_the_limit_of_one_address_for_codes(browser, person, code, app):
    def count(number):
        for _ in range(number):
            limits.count(limits.RESET_ADDRESS, "203.0.113.7", now=clock.now())

    write(count, limits.RESET_ADDRESS.most - 1)
    assert reset(browser, "13699999999", "wrongone", address="203.0.113.7").status_code == 422
    assert reset(browser, person.phone, code, address="203.0.113.7").status_code == 429
    assert reset(browser, person.phone, code).status_code == 303


def test_a_code_opens_an_account_that_was_locked(browser, person, code):
    for _ in range(limits.SIGN_IN_ACCOUNT.most):
        browser.post("/login", {"phone": person.phone, "password": "wrong-password"})
    reset(browser, person.phone, code)
    fields = {"phone": person.phone, "password": "a-brand-new-password"}
    assert browser.post("/login", fields).status_code == 303


@pytest.mark.parametrize("role", ["station_manager", "team_leader", "campaign_officer", "auditor"])
def test_staff_get_no_code_from_the_desk(make, role):
    station = make.station()
    manager = make.actor(make.manager(station))
    with pytest.raises(Refused) as refused:
        hand(make.holder(role, station), manager)
    assert refused.value.codes == ("staff_account",)
    assert db.session.query(ResetCode).count() == 0
    administrator = make.actor(make.holder("administrator", make.centre()))
    assert hand(make.holder(role, station), administrator)


def test_somebody_without_account_gets_no_code(make):
    with pytest.raises(Refused) as refused:
        hand(make.person(account=False))
    assert refused.value.codes == ("no_account",)


@pytest.mark.parametrize("password", ["", "short", "x" * 129])
def test_a_code_is_not_spent_on_a_password_that_is_none(browser, person, code, password):
    assert reset(browser, person.phone, code, password).status_code == 422
    assert reset(browser, person.phone, code).status_code == 303
