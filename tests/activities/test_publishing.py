"""From draft to published, reviewed, moved and called off, at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.activities import queries, rules
from portal.core import clock
from portal.core.access import Role
from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.org.models import Level
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState


def fields(station, **changes):
    day = clock.today() + timedelta(days=3)
    return {
        "title": "周六清洁家园",
        "kind": "environment",
        "field": "environment",
        "target_group": "everyone",
        "place": "小区东门",
        "station": station.public_id,
        "day": day.isoformat(),
        "starts": "09:00",
        "ends": "11:00",
        "volunteers": "8",
        "attendees": "",
        "then": "publish",
        **changes,
    }


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def made(answer):
    return queries.activity_by_id(answer.headers["Location"].rsplit("/", 1)[1])


def test_a_manager_publishes_and_everybody_sees_it(desk, station, app):
    activity = made(desk.post("/desk/activities/new", fields(station)))
    assert activity.state == OfferingState.PUBLISHED
    visitor = type(desk)(app)
    assert "周六清洁家园" in visitor.get("/activities").text
    assert "还有 8 个名额" in visitor.get(f"/activities/{activity.public_id}").text


def test_a_draft_is_seen_at_the_desk_only(desk, station, app):
    activity = made(desk.post("/desk/activities/new", fields(station, then="draft")))
    assert activity.state == OfferingState.DRAFT
    address = f"/activities/{activity.public_id}"
    assert desk.get(address).status_code == 200
    assert type(desk)(app).get(address).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "长" * 61},
        {"kind": "nothing"},
        {"day": "2020-01-01"},
        {"day": "昨天"},
        {"ends": "09:00"},
        {"volunteers": "", "attendees": ""},
        {"volunteers": "99999"},
        {"volunteers": "-1"},
        {"volunteers": "many"},
    ],
)
def test_what_cannot_be_used_comes_back_with_what_was_typed(desk, station, changes):
    answer = desk.post("/desk/activities/new", fields(station, summary="写好的话", **changes))
    assert answer.status_code == 422
    assert "写好的话" in answer.text


def test_an_end_before_the_start_is_on_the_next_day(desk, station):
    activity = made(
        desk.post("/desk/activities/new", fields(station, starts="22:00", ends="01:00"))
    )
    shift = shifts.shifts_of(activity.id)[0]
    assert shift.ends_at - shift.starts_at == timedelta(hours=3)


def test_a_risky_one_needs_insurance_then_a_review_by_somebody_else(make, desk, station, app):
    risky = fields(station, is_risky="y")
    activity = made(desk.post("/desk/activities/new", risky))
    assert activity.state == OfferingState.DRAFT
    publication = f"/desk/activities/{activity.public_id}/publication"
    assert desk.post(publication).status_code == 409
    edit = f"/desk/activities/{activity.public_id}/edit"
    assert desk.post(edit, {**risky, "insurance_note": "有意外险"}).status_code == 303
    assert desk.post(publication).status_code == 303
    assert queries.activity(activity.id).state == OfferingState.IN_REVIEW
    approval = f"/desk/activities/{activity.public_id}/approval"
    assert desk.post(approval).status_code == 404
    officer = type(desk)(app).sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    assert "周六清洁家园" in officer.get("/desk/reviews").text
    assert officer.post(approval).status_code == 303
    assert queries.activity(activity.id).state == OfferingState.PUBLISHED


def test_a_reviewer_returns_it_with_a_reason(make, desk, station, app):
    risky = fields(station, is_risky="y", insurance_note="有意外险")
    activity = made(desk.post("/desk/activities/new", risky))
    officer = type(desk)(app).sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    address = f"/desk/activities/{activity.public_id}/return"
    assert officer.post(address, {"reason": ""}).status_code == 422
    assert officer.post(address, {"reason": "写清集合地点"}).status_code == 303
    assert queries.activity(activity.id).state == OfferingState.DRAFT


def test_calling_off_asks_first_and_stays_public(make, desk, station, app):
    shift = make.shift(station)
    activity = queries.activity(shift.offering_id)
    address = f"/desk/activities/{activity.public_id}/call-off"
    assert "可以撤销" in desk.get(address).text
    assert desk.post(address, {"reason": ""}).status_code == 422
    assert desk.post(address, {"reason": "有雷雨"}).status_code == 303
    assert "有雷雨" in type(desk)(app).get(f"/activities/{activity.public_id}").text


def test_moving_a_shift_counts_its_revision_up(make, desk, station):
    shift = make.shift(station)
    before, day = shift.revision, clock.today() + timedelta(days=9)
    wanted = {
        "day": day.isoformat(), "starts": "14:00", "ends": "15:30", "place": "社区广场",
        "places_0": "10", "places_1": "5", "reason": "场地停电", "people": "keep",
    }  # fmt: skip
    address = f"/desk/shifts/{shift.public_id}/change"
    assert "会影响谁" in desk.post(address, wanted).text
    assert shifts.shift(shift.id).revision == before
    assert desk.post(address, {**wanted, "confirm": "1"}).status_code == 303
    moved = shifts.shift(shift.id)
    assert (moved.revision, moved.starts_at) == (before + 1, clock.at_local(day, _time(14)))


def _time(hour):
    return clock.datetime.min.time().replace(hour=hour)


def test_a_copy_begins_with_the_same_words_a_week_later(make, desk, station):
    shift = make.shift(station)
    activity = queries.activity(shift.offering_id)
    text = desk.get(f"/desk/activities/new?copy={activity.public_id}").text
    assert activity.title in text
    assert (clock.local_day(shift.starts_at) + timedelta(days=7)).isoformat() in text


def test_another_stations_manager_finds_nothing_and_residents_may_not(make, desk, station, app):
    shift = make.shift(station)
    activity = queries.activity(shift.offering_id)
    other = type(desk)(app).sign_in(make.manager(make.station()))
    for path in ("", "/edit", "/call-off"):
        assert other.get(f"/desk/activities/{activity.public_id}{path}").status_code == 404
    assert other.post(f"/desk/activities/{activity.public_id}/publication").status_code == 404
    assert other.post("/desk/activities/new", fields(station)).status_code == 422
    resident = type(desk)(app).sign_in(make.person())
    assert resident.get("/desk/activities").status_code == 403


def test_every_step_and_no_other():
    verbs = {"submit", "publish", "approve", "return", "call_off", "change"}
    for state in OfferingState:
        for verb in verbs:
            if (state, verb) in rules.STEPS:
                assert next_state(rules.STEPS, state, verb) == rules.STEPS[state, verb]
            else:
                with pytest.raises(Refused):
                    next_state(rules.STEPS, state, verb)


@pytest.mark.parametrize(
    ("setting", "is_risky", "needed"),
    [
        ("none", True, False),
        ("risky_only", False, False),
        ("risky_only", True, True),
        ("all", False, True),
    ],
)
def test_who_is_reviewed(setting, is_risky, needed):
    assert rules.needs_review(setting, is_risky=is_risky) is needed
    assert rules.review_setting(Level.POINT) == "review_point"
