"""A sign-in on the server: how long it lasts, what ends it, what its cookie is."""

from datetime import timedelta
from secrets import token_hex

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.people import actions, queries
from portal.people.models import RoleGrant
from portal.people.models_sign_ins import SignIn
from portal.records import settings
from tests.conftest import made_app
from tests.support.client import Browser
from tests.support.factory import PASSWORD, Factory

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def stopped_clock(time_machine):
    time_machine.move_to(clock.now(), tick=False)


def is_in(browser):
    return browser.client.get("/me").status_code == 200


def staff(make, role):
    return make.holder(role, make.centre())


LIFETIMES = [
    (None, 30 * DAY, 90 * DAY),
    (Role.STATION_MANAGER, 12 * HOUR, 7 * DAY),
    (Role.TEAM_LEADER, 12 * HOUR, 7 * DAY),
    (Role.CAMPAIGN_OFFICER, 12 * HOUR, 7 * DAY),
    (Role.AUDITOR, 12 * HOUR, 7 * DAY),
    (Role.ADMINISTRATOR, 2 * HOUR, 12 * HOUR),
]


@pytest.mark.parametrize(("role", "idle", "absolute"), LIFETIMES)
def test_an_unused_sign_in_ends(browser, make, time_machine, role, idle, absolute):
    browser.sign_in(staff(make, role) if role else make.person())
    time_machine.shift(idle - MINUTE)
    assert is_in(browser)  # and is used by that
    time_machine.shift(idle - MINUTE)
    assert is_in(browser)
    time_machine.shift(idle)
    assert not is_in(browser)


@pytest.mark.parametrize(("role", "idle", "absolute"), LIFETIMES)
def test_a_sign_in_in_use_ends_all_the_same(browser, make, time_machine, role, idle, absolute):
    browser.sign_in(staff(make, role) if role else make.person())
    started = clock.now()
    step = idle - MINUTE
    while clock.now() + step < started + absolute:
        time_machine.shift(step)
        assert is_in(browser)
    time_machine.move_to(started + absolute - MINUTE, tick=False)
    assert is_in(browser)
    time_machine.move_to(started + absolute, tick=False)
    assert not is_in(browser)


def test_lifetimes_are_settings(browser, make, time_machine):
    write(settings.change, "resident_idle_days", 1, actor=SYSTEM, now=clock.now())
    browser.sign_in(make.person())
    time_machine.shift(DAY)
    assert not is_in(browser)


def test_the_use_is_written_down_now_and_then(browser, make, time_machine):
    browser.sign_in(make.person())
    row = db.session.query(SignIn).one()
    started = row.last_seen_at
    time_machine.shift(4 * MINUTE)
    assert is_in(browser)
    db.session.refresh(row)
    assert row.last_seen_at == started
    time_machine.shift(2 * MINUTE)
    assert is_in(browser)
    db.session.refresh(row)
    assert row.last_seen_at == clock.now()


# --- what ends it --------------------------------------------------------------------------------


def test_signing_out_bites_at_once_and_on_the_server(browser, make, app):
    browser.sign_in(make.person())
    stolen = app.test_client()
    with browser.client.session_transaction() as session, stolen.session_transaction() as copy:
        copy.update(session)
    assert stolen.get("/me").status_code == 200
    response = browser.post("/logout")
    assert (response.status_code, response.location) == (303, "/")
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert not is_in(browser)
    assert stolen.get("/me").status_code == 303
    assert browser.client.post("/logout", data={"csrf_token": browser.token()}).status_code == 303


def test_signing_out_needs_the_token(browser, make):
    browser.sign_in(make.person())
    assert browser.post("/logout", token=False).status_code == 400
    assert is_in(browser)
    assert browser.get("/logout").status_code == 405


def test_demotion_bites_at_once(browser, make):
    station = make.station()
    browser.sign_in(make.manager(station))
    assert browser.get("/desk").status_code == 200
    grant = db.session.query(RoleGrant).one()
    write(actions.revoke_role, grant.id, actor=SYSTEM, now=clock.now())
    assert browser.get("/desk").status_code == 403
    assert is_in(browser)


def test_promotion_shortens_what_runs(browser, make, time_machine):
    person = make.person()
    browser.sign_in(person)
    time_machine.shift(13 * HOUR)
    write(
        actions.grant_role, person.id, Role.ADMINISTRATOR, make.centre().id, actor=SYSTEM,
        now=clock.now(),
    )  # fmt: skip
    assert not is_in(browser)


def test_disabling_bites_at_once(browser, make):
    person = make.person()
    browser.sign_in(person)
    queries.account_of(person.id).disabled_at = clock.now()
    db.session.commit()
    assert not is_in(browser)


def test_a_sign_in_is_ended_from_another_device(browser, make, app):
    person = make.person()
    other = Browser(app).sign_in(person)
    browser.sign_in(person)
    page = browser.get("/me/sign-ins").text
    assert page.count('<li class="row">') == 2
    assert page.count("这台") == 1
    assert browser.post("/me/sign-ins/end").status_code == 303
    assert is_in(browser)
    assert not is_in(other)
    assert "结束其他设备的登录" not in browser.get("/me/sign-ins").text


def test_somebody_elses_sign_ins_are_not_shown_and_not_ended(browser, make, app):
    other = Browser(app).sign_in(make.person())
    browser.sign_in(make.person())
    assert browser.get("/me/sign-ins").text.count('<li class="row">') == 1
    browser.post("/me/sign-ins/end")
    assert is_in(other)


# --- the cookie ----------------------------------------------------------------------------------


def cookie_of(response, name):
    found = [one for one in response.headers.getlist("Set-Cookie") if one.startswith(f"{name}=")]
    assert len(found) == 1
    first, *attributes = found[0].split("; ")
    return first.partition("=")[2], {
        one.partition("=")[0]: one.partition("=")[2] for one in attributes
    }


def test_the_cookie_at_home(browser, make):
    response = browser.post("/login", {"phone": make.person().phone, "password": PASSWORD})
    _value, attributes = cookie_of(response, "session")
    assert attributes["SameSite"] == "Lax"
    assert attributes["Path"] == "/"
    assert "HttpOnly" in attributes
    assert "Secure" not in attributes
    assert "Domain" not in attributes
    assert "Strict-Transport-Security" not in response.headers


@pytest.fixture
def public_app(databases):
    """The same application as the district serves it."""
    url = databases.copy()
    app = made_app(url, public_url="https://portal.example")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    databases.drop(url)


def test_the_cookie_in_public(public_app):
    person = Factory().person()
    browser = Browser(public_app)
    base = {"base_url": "https://portal.example"}
    page = browser.client.get("/login", **base)
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    fields = {"phone": person.phone, "password": PASSWORD, "csrf_token": token}
    response = browser.client.post(
        "/login", data=fields, headers={"Origin": "https://portal.example"}, **base
    )
    assert response.status_code == 303
    _value, attributes = cookie_of(response, "__Host-session")
    assert {"Secure", "HttpOnly"} <= set(attributes)
    assert (attributes["Path"], attributes["SameSite"]) == ("/", "Lax")
    assert "Domain" not in attributes
    for name in ("known_device",):
        assert "Secure" in cookie_of(response, name)[1]
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert browser.client.get("/me", **base).status_code == 200


def test_another_host_is_refused_in_public(public_app):
    client = public_app.test_client()
    for base in ("https://elsewhere.example", "https://portal.example:8443", "https://127.0.0.1"):
        response = client.get("/activities", base_url=base)
        assert response.status_code == 400
        assert "https://portal.example" in response.text
        assert "elsewhere" not in response.text
    assert client.get("/activities", base_url="https://portal.example").status_code == 200
    assert client.get("/healthz", base_url="http://127.0.0.1:8000").status_code == 200


def test_a_session_brought_along_is_not_the_one_that_is_signed_in(browser, make):
    """Fixation: whatever the browser's session held before is dropped, its token too."""
    page = browser.get("/login").text
    before = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    with browser.client.session_transaction() as session:
        session["planted"] = "x"
        kept_before = session["csrf_token"]
    person = make.person()
    browser.post("/login", {"phone": person.phone, "password": PASSWORD})
    with browser.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != kept_before
        first = session["_user_id"]
    response = browser.client.post("/logout", data={"csrf_token": before})
    assert response.status_code == 400
    browser.post("/login", {"phone": person.phone, "password": PASSWORD})
    with browser.client.session_transaction() as session:
        assert session["_user_id"] != first


def test_a_session_changed_by_hand_is_none(browser, make, app):
    browser.sign_in(make.person())
    value = browser.client.get_cookie("session").value
    for changed in (value[:-2] + "xx", "x" + value[1:], value.partition(".")[0], "", "null"):
        client = app.test_client()
        client.set_cookie("session", changed)
        assert client.get("/me").status_code == 303


def test_a_token_that_is_none_is_no_sign_in(app):
    client = app.test_client()
    for token in ("", "x", "1", "\x00", "a" * 5000, 17, None):
        with client.session_transaction() as session:
            session["_user_id"] = token
        assert client.get("/me").status_code == 303


def test_a_token_is_the_same_in_every_tab_and_gone_with_the_sign_in(browser, make):
    person = make.person()
    browser.post("/login", {"phone": person.phone, "password": PASSWORD})
    tokens = set()
    for path in ("/me", "/me/password"):
        browser.get(path)
        with browser.client.session_transaction() as session:
            tokens.add(session["csrf_token"])
    assert len(tokens) == 1
    first_tab = browser.token()
    browser.get("/me/sign-ins")
    assert (
        browser.client.post("/me/notices/read", data={"csrf_token": first_tab}).status_code == 303
    )


# --- a form that was sent too late ---------------------------------------------------------------


@pytest.fixture
def shift(make):
    return make.shift(starts_at=clock.now() + 60 * DAY)


@pytest.mark.parametrize("how", ["expired", "ended", "signed out", "no cookie"])
def test_what_was_typed_comes_back_after_signing_in(browser, make, shift, time_machine, how):
    person = make.person()
    browser.sign_in(person)
    token = browser.token()
    if how == "expired":
        time_machine.shift(31 * DAY)
    elif how == "ended":
        write(actions.end_other_sign_ins, person.id, 0, actor=SYSTEM, now=clock.now())
    elif how == "signed out":
        browser.post("/logout")
    else:
        browser.client.delete_cookie("session")
    path = f"/shifts/{shift.public_id}/signup"
    fields = {"csrf_token": token, "role": "attendee", "note": "你好 & <b>"}
    response = browser.client.post(path, data=fields)
    assert (response.status_code, response.location) == (303, "/login?next=/resume")
    response = browser.post(
        "/login", {"phone": person.phone, "password": PASSWORD, "next": "/resume"}
    )
    assert response.location == "/resume"
    page = browser.get("/resume").text
    assert f'action="{path}"' in page
    assert '<input type="hidden" name="role" value="attendee">' in page
    assert 'name="note" value="你好 &amp; &lt;b&gt;"' in page
    assert token not in page
    assert browser.post(path, {"role": "attendee"}).status_code == 303
    assert browser.get("/resume").location == "/"


def test_passwords_are_never_kept(browser, make):
    browser.sign_in(make.person())
    token = browser.token()
    with browser.client.session_transaction() as session:
        session.pop("_user_id")
    fields = {"csrf_token": token, "old_password": "secret-one", "new_password": "secret-two"}
    response = browser.client.post("/me/password", data=fields)
    assert response.status_code == 303
    assert not any("kept_form" in one for one in response.headers.getlist("Set-Cookie"))


def test_a_form_too_large_to_keep_is_not_kept_but_answered(browser, make, shift):
    response = browser.client.post(
        f"/shifts/{shift.public_id}/signup", data={"role": token_hex(4500)}
    )
    assert response.status_code == 303
    assert not response.headers.getlist("Set-Cookie")


def test_a_kept_form_of_somebody_elses_making_is_not_shown(browser, make):
    browser.sign_in(make.person())
    for value in ("", "x", "eyJwYXRoIjogIi9sb2dvdXQifQ.x.y"):
        browser.client.set_cookie("kept_form", value)
        assert browser.get("/resume").location == "/"


def test_a_kept_form_ages(browser, make, shift, time_machine):
    browser.client.post(f"/shifts/{shift.public_id}/signup", data={"role": "attendee"})
    time_machine.shift(31 * MINUTE)
    browser.sign_in(make.person())
    assert browser.get("/resume").location == "/"
