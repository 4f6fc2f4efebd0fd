"""Sign-up on the pages: plain forms, fragments, who may, strange input."""

import re
from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, is_sqlite, write
from portal.records import limits
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions, queries
from portal.signups.models import Signup, SignupState
from tests.support.queries import count_queries

HTMX = {"HX-Request": "true"}


@pytest.fixture
def shift(make):
    start = clock.now().replace(microsecond=0) + timedelta(days=3)
    return make.shift(starts_at=start, places={"attendee": 1, "volunteer": 2})


@pytest.fixture
def resident(make, browser):
    person = make.person()
    browser.sign_in(person)
    return person


def page_of(shift):
    return f"/activities/{shift.offering.public_id}"


def signup_path(shift):
    return f"/shifts/{shift.public_id}/signup"


def sign_up(shift, person, role=PlaceRole.ATTENDEE):
    return write(actions.sign_up, shift.id, person.id, role, actor=SYSTEM, now=clock.now())


def state(row):
    db.session.refresh(row)
    return row.state


def own(shift, person):
    return queries.live(shift.id, person.id)


# --- without a script ----------------------------------------------------------------------------


def test_sign_up_by_the_form_that_stands_on_the_page(browser, resident, shift):
    page = browser.get(page_of(shift)).text
    assert f'action="{signup_path(shift)}"' in page
    assert page.count('type="radio"') == 2
    assert page.count(" checked") == 1
    response = browser.post(signup_path(shift), {"role": "attendee"})
    assert response.status_code == 303
    assert response.location == f"{page_of(shift)}#shift-{shift.public_id}"
    after = browser.get(page_of(shift)).text
    row = own(shift, resident)
    assert "报名成功" in after
    assert row.public_id in after
    assert f"/signups/{row.public_id}/withdrawal" in after
    assert signup_path(shift) not in after


def test_signing_up_costs_few_statements(browser, resident, shift):
    token = browser.token()
    fields = {"csrf_token": token, "role": "attendee"}
    with count_queries() as seen:
        assert browser.client.post(signup_path(shift), data=fields).status_code == 303
    assert len(seen) <= (10 if is_sqlite() else 14)  # locks of rows, how long to wait, the version


def test_one_role_is_a_hidden_field(browser, resident, make):
    shift = make.shift(places={"attendee": 3})
    assert '<input type="hidden" name="role" value="attendee">' in browser.get(page_of(shift)).text


def test_withdraw_by_the_form_on_the_own_page(browser, resident, shift):
    browser.post(signup_path(shift), {"role": "attendee"})
    row = own(shift, resident)
    assert f"/signups/{row.public_id}/withdrawal" in browser.get("/me/signups").text
    path = f"/signups/{row.public_id}/withdrawal"
    response = browser.post(path, {"reason": "要上班", "next": "/me/signups"})
    assert (response.status_code, response.location) == (303, "/me/signups")
    page = browser.get("/me/signups").text
    assert "已取消报名" in page
    assert path not in page
    assert browser.post(path).status_code == 303


def test_a_withdrawal_goes_back_into_this_site_only(browser, resident, shift):
    browser.post(signup_path(shift), {"role": "attendee"})
    row = own(shift, resident)
    response = browser.post(
        f"/signups/{row.public_id}/withdrawal", {"next": "https://elsewhere.example/"}
    )
    assert response.location == "/me/signups"


def test_the_queue_shows_the_own_position(browser, resident, shift, make):
    holder = sign_up(shift, make.person())
    sign_up(shift, make.person())
    page = browser.get(page_of(shift)).text
    assert "名额已满 · 候补 1 人" in page
    browser.post(signup_path(shift), {"role": "attendee"})
    assert "您排在第 2 位" in browser.get(page_of(shift)).text
    assert "排在第 2 位" in browser.get("/me/signups").text
    write(actions.withdraw, holder.id, "", actor=SYSTEM, now=clock.now())
    assert "您排在第 1 位" in browser.get(page_of(shift)).text


def test_an_offer_is_accepted_by_its_button(browser, resident, shift, make):
    holder = sign_up(shift, make.person())
    browser.post(signup_path(shift), {"role": "attendee"})
    write(actions.withdraw, holder.id, "", actor=SYSTEM, now=clock.now())
    row = own(shift, resident)
    path = f"/signups/{row.public_id}/acceptance"
    for page in (page_of(shift), "/me/signups", "/me"):
        assert path in browser.get(page).text
    response = browser.post(path, {"next": "/me"})
    assert (response.status_code, response.location) == (303, "/me")
    assert state(row) == SignupState.CONFIRMED
    assert browser.post(path).status_code == 303


def test_a_lapsed_offer_says_so(browser, resident, shift, make, time_machine):
    holder = sign_up(shift, make.person())
    row = sign_up(shift, resident)
    write(actions.withdraw, holder.id, "", actor=SYSTEM, now=clock.now())
    db.session.refresh(row)
    time_machine.move_to(row.offered_until, tick=False)
    browser.sign_in(resident)
    response = browser.post(f"/signups/{row.public_id}/acceptance")
    assert response.status_code == 409
    assert "已经让给下一位" in response.text


def test_a_visitor_is_led_to_the_sign_in_and_back(browser, shift):
    page = browser.get(page_of(shift)).text
    assert "<form" not in page.split("<main")[1].split("</main")[0]
    assert f"/login?next=/activities/{shift.offering.public_id}" in page
    response = browser.post(signup_path(shift), {"role": "attendee"})
    assert response.status_code == 303
    assert response.location.startswith("/login?next=")


# --- refusals ------------------------------------------------------------------------------------


def test_a_refusal_is_a_page_with_every_reason_and_its_way_out(browser, resident, shift):
    response = browser.post(signup_path(shift), {"role": "volunteer"})
    assert response.status_code == 409
    assert "做志愿者要先登记" in response.text
    assert f"/volunteer/apply?next=/activities/{shift.offering.public_id}" in response.text


def test_all_reasons_stand_there_at_once(browser, resident, shift, make):
    sign_up(make.shift(starts_at=shift.starts_at), resident)
    response = browser.post(signup_path(shift), {"role": "volunteer"})
    assert "做志愿者要先登记" in response.text
    assert "时间冲突" in response.text
    assert 'href="/me/signups"' in response.text


def test_a_called_off_and_an_ended_shift_have_no_form(browser, resident, shift, make, time_machine):
    write(actions.call_off, shift.id, "有雷雨", actor=SYSTEM, now=clock.now())
    page = browser.get(page_of(shift)).text
    assert "已取消" in page
    assert "有雷雨" in page
    assert signup_path(shift) not in page
    assert browser.post(signup_path(shift), {"role": "attendee"}).status_code == 409
    other = make.shift()
    time_machine.move_to(other.ends_at, tick=False)
    browser.sign_in(resident)
    assert signup_path(other) not in browser.get(page_of(other)).text
    response = browser.post(signup_path(other), {"role": "attendee"})
    assert response.status_code == 409
    assert "已经结束" in response.text


# --- fragments -----------------------------------------------------------------------------------


def test_htmx_gets_the_panel_alone(browser, resident, shift):
    response = browser.post(signup_path(shift), {"role": "attendee"}, headers=HTMX)
    assert response.status_code == 200
    opening = response.text.lstrip().partition(">")[0]
    assert opening.startswith("<section")
    assert f'id="signup-panel-{shift.public_id}"' in opening
    assert "<html" not in response.text
    assert "报名成功" in response.text


def test_htmx_gets_a_refusal_beside_the_button(browser, resident, shift):
    response = browser.post(signup_path(shift), {"role": "volunteer"}, headers=HTMX)
    assert response.status_code == 409
    assert f'id="signup-panel-{shift.public_id}"' in response.text
    assert "做志愿者要先登记" in response.text
    assert signup_path(shift) in response.text


def test_htmx_withdrawing_shows_the_form_again(browser, resident, shift):
    row = sign_up(shift, resident)
    response = browser.post(f"/signups/{row.public_id}/withdrawal", headers=HTMX)
    assert response.status_code == 200
    assert signup_path(shift) in response.text


def test_htmx_of_somebody_whose_sign_in_ended_goes_to_the_sign_in(browser, shift):
    response = browser.client.post(signup_path(shift), headers=HTMX)
    assert response.status_code == 200
    assert response.headers["HX-Redirect"].startswith("/login?next=")


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["withdrawal", "acceptance"])
def test_anothers_sign_up_is_not_found(browser, resident, shift, make, verb):
    row = sign_up(shift, make.person())
    assert browser.post(f"/signups/{row.public_id}/{verb}").status_code == 404
    browser.sign_in(make.manager(make.station()))
    assert browser.post(f"/signups/{row.public_id}/{verb}").status_code == 404
    assert state(row) == SignupState.CONFIRMED


def test_who_keeps_the_roster_withdraws_for_somebody(browser, shift, make):
    row = sign_up(shift, make.person())
    browser.sign_in(make.manager(shift.offering.station))
    assert browser.post(f"/signups/{row.public_id}/withdrawal").status_code == 303
    assert state(row) == SignupState.WITHDRAWN


@pytest.mark.parametrize("who", ["manager", "above", "administrator"])
def test_who_keeps_the_roster_signs_up_on_behalf(browser, shift, make, who):
    station = shift.offering.station
    staff = {
        "manager": lambda: make.manager(station),
        "above": lambda: make.manager(make.centre()),
        "administrator": lambda: make.holder("administrator", make.centre()),
    }[who]()
    person = make.person(account=False)
    browser.sign_in(staff)
    response = browser.post(signup_path(shift), {"role": "attendee", "person": person.public_id})
    assert response.status_code == 303
    row = own(shift, person)
    assert (row.actor_id, row.state) == (staff.id, SignupState.CONFIRMED)
    assert own(shift, staff) is None


@pytest.mark.parametrize("who", ["resident", "other_manager", "officer", "auditor"])
def test_nobody_else_does(browser, shift, make, who):
    staff = {
        "resident": make.person,
        "other_manager": lambda: make.manager(make.station()),
        "officer": lambda: make.holder("campaign_officer", make.centre()),
        "auditor": lambda: make.holder("auditor", make.centre()),
    }[who]()
    person = make.person()
    browser.sign_in(staff)
    response = browser.post(signup_path(shift), {"role": "attendee", "person": person.public_id})
    assert response.status_code == 404
    assert own(shift, person) is None


def test_naming_oneself_is_signing_up_oneself(browser, resident, shift):
    response = browser.post(signup_path(shift), {"role": "attendee", "person": resident.public_id})
    assert response.status_code == 303
    assert own(shift, resident)


def test_a_person_merged_into_another_is_not_found(browser, shift, make):
    person, other = make.person(), make.person()
    person.merged_into_id = other.id
    db.session.commit()
    browser.sign_in(make.manager(shift.offering.station))
    response = browser.post(signup_path(shift), {"role": "attendee", "person": person.public_id})
    assert response.status_code == 404


# --- strange input and limits --------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"role": ""},
        {"role": "admin"},
        {"role": "volunteer' OR 1=1 --"},
        {"role": "attendee" * 5000},
        {"role": "志愿者"},
    ],
)
def test_a_role_that_is_none_is_not_usable(browser, resident, shift, data):
    response = browser.post(signup_path(shift), data)
    assert response.status_code == 422
    assert db.session.query(Signup).count() == 0


@pytest.mark.parametrize("person", ["zzzzzzzzzz", "1", "人" * 400, "../../etc"])
def test_a_person_that_is_none_is_not_found(browser, resident, shift, person):
    response = browser.post(signup_path(shift), {"role": "attendee", "person": person})
    assert response.status_code == 404


def test_no_text_holds_a_nul(browser, resident, shift):
    """PostgreSQL takes none; a browser sends none."""
    for data in ({"role": "\x00"}, {"role": "attendee", "person": "\x00"}):
        assert browser.post(signup_path(shift), data).status_code == 400


def test_a_reason_too_long_is_not_usable(browser, resident, shift):
    row = sign_up(shift, resident)
    path = f"/signups/{row.public_id}/withdrawal"
    assert browser.post(path, {"reason": "长" * 201}).status_code == 422
    assert browser.post(path, {"reason": "长" * 200000}).status_code in {413, 422}
    assert state(row) == SignupState.CONFIRMED
    assert browser.post(path, {"reason": "长" * 200}).status_code == 303


def test_a_shift_that_is_none_is_not_found(browser, resident):
    for shift in ("zzzzzzzzzz", "1", "%00", "a" * 3000):
        assert browser.post(f"/shifts/{shift}/signup", {"role": "attendee"}).status_code == 404


def test_the_limit_of_sign_ups_a_minute(browser, resident, shift, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    for _ in range(limits.SIGN_UP_PERSON.most - 1):
        assert browser.post(signup_path(shift), {"role": "attendee"}).status_code == 303
    assert browser.post(signup_path(shift), {"role": "volunteer"}).status_code == 303
    response = browser.post(signup_path(shift), {"role": "attendee"})
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 61
    time_machine.shift(timedelta(minutes=1, seconds=1))
    assert browser.post(signup_path(shift), {"role": "attendee"}).status_code == 303


def test_refused_sign_ups_count_too(browser, resident, shift, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    answers = [
        browser.post(signup_path(shift), {"role": "volunteer"}).status_code
        for _ in range(limits.SIGN_UP_PERSON.most + 1)
    ]
    assert answers == [*[409] * limits.SIGN_UP_PERSON.most, 429]


def test_the_limit_is_not_the_desks(browser, shift, make, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    browser.sign_in(make.manager(shift.offering.station))
    for _ in range(limits.SIGN_UP_PERSON.most + 2):
        response = browser.post(
            signup_path(shift), {"role": "attendee", "person": make.person().public_id}
        )
        assert response.status_code == 303


# --- many ----------------------------------------------------------------------------------------


def test_the_own_list_asks_no_more_for_thirty_than_for_one(browser, resident, make):
    make.any_number_of_signups()
    station = make.station()

    def add(number):
        for _ in range(number):
            start = clock.now() + timedelta(days=1, hours=3 * make_number())
            sign_up(make.shift(station, starts_at=start), resident)

    numbers = iter(range(100))
    make_number = lambda: next(numbers)  # noqa: E731
    add(1)
    browser.get("/me/signups")
    with count_queries() as one:
        browser.get("/me/signups")
    add(29)
    browser.get("/me/signups")  # small tables kept by the process are read again after a write
    with count_queries() as thirty:
        page = browser.get("/me/signups").text
    assert len(re.findall(r'<li class="row" id="signup-', page)) == 30
    assert len(thirty) == len(one)


def test_an_activity_page_asks_no_more_for_thirty_shifts_than_for_one(browser, resident, make):
    make.any_number_of_signups()
    activity = make.activity(make.station())
    address = f"/activities/{activity.public_id}"
    for number in range(30):
        start = clock.now() + timedelta(days=1, hours=3 * number)
        row = make.shift(activity=activity, starts_at=start, places={"attendee": 1})
        if number in {0, 1}:
            with count_queries() as seen:
                browser.get(address)
            first = len(seen)
        if number % 2:
            sign_up(row, make.person())
            sign_up(row, resident)
    with count_queries() as seen:
        page = browser.get(address).text
    assert page.count('id="signup-panel-') == 30
    # Positions are asked only where somebody waits, why it changed only of whom it concerns.
    assert len(seen) <= first + 2
    assert shifts.shifts_of(activity.id)
