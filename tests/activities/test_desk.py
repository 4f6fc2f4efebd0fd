"""The desk's pages at their edges: what is refused, what is kept, what happens twice."""

from datetime import timedelta

import pytest

from portal.activities import actions, queries
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.core.filters import day
from portal.core.ref import Ref
from portal.records import settings, steps
from portal.records.audit import AuditEntry
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions as signups
from tests.activities.test_publishing import fields, made
from tests.support.client import Browser
from tests.support.queries import count_queries


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def count():
    return db.session.query(Activity).count()


def shift_fields(**changes):
    day = clock.today() + timedelta(days=5)
    return {
        "day": day.isoformat(), "starts": "14:00", "ends": "16:00", "volunteers": "2",
        "attendees": "", **changes,
    }  # fmt: skip


def at_desk(activity, rest=""):
    return f"/desk/activities/{activity.public_id}{rest}"


# --- creating ------------------------------------------------------------------------------------


def test_the_form_sent_twice_makes_one_activity(desk, station):
    first, second = (desk.post("/desk/activities/new", fields(station)) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert count() == 1
    desk.post("/desk/activities/new", fields(station, ends="12:00"))
    desk.post("/desk/activities/new", fields(station, title="周日清洁家园"))
    desk.post("/desk/activities/new", fields(station, volunteers="9"))
    assert count() == 4


def test_a_called_off_activity_can_be_made_anew(desk, station):
    activity = made(desk.post("/desk/activities/new", fields(station)))
    desk.post(at_desk(activity, "/call-off"), {"reason": "下雨"})
    assert made(desk.post("/desk/activities/new", fields(station))).id != activity.id


def test_the_form_begins_with_sensible_values(desk, station):
    page = desk.get("/desk/activities/new").text
    assert f'value="{station.public_id}"' in page
    assert 'value="09:00"' in page
    assert station.address in page
    assert 'value="environment" selected' in page or 'selected value="environment"' in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "请填写这一项"),
        ({"title": "一"}, "至少 2 个字"),
        ({"title": "长" * 61}, "最多 60 个字"),
        ({"kind": "none"}, "请从列表中选择一项"),
        ({"kind": ""}, "请从列表中选择一项"),
        ({"station": "zzzzzzzzzz"}, "请从列表中选择一项"),
        ({"day": "2020-01-01"}, "请选择今天起"),
        ({"day": "2999-01-01"}, "请选择今天起"),
        ({"day": ""}, "请选择日期"),
        ({"starts": ""}, "请选择时间"),
        ({"ends": "09:00"}, "结束时间要在开始之后"),
        ({"volunteers": "", "attendees": ""}, "请写明要几名志愿者"),
        ({"volunteers": "0", "attendees": "0"}, "请写明要几名志愿者"),
        ({"volunteers": "5001"}, "请填 0 到 5000 之间的整数"),
        ({"volunteers": "-1"}, "请填 0 到 5000 之间的整数"),
        ({"minimum_age": "100"}, "请填 0 到 99 之间的整数"),
        ({"summary": "长" * 2001}, "最多 2000 个字"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_made(desk, station, changes, sentence):
    response = desk.post("/desk/activities/new", {**fields(station), **changes})
    assert response.status_code == 422
    assert sentence in response.text
    assert count() == 0
    if "title" not in changes:
        assert 'value="周六清洁家园"' in response.text


@pytest.mark.parametrize(
    "changes",
    [{"volunteers": "x"}, {"volunteers": "9" * 5000}, {"day": "x"}, {"starts": "25:00"},
     {"minimum_age": "x"}, {"attendees": "1e3"}],
)  # fmt: skip
def test_no_sentence_comes_in_english_from_elsewhere(desk, station, changes):
    response = desk.post("/desk/activities/new", {**fields(station), **changes})
    assert response.status_code == 422
    assert "Not a valid" not in response.text
    assert "error-summary" in response.text


def test_strange_text_is_text(desk, station, app):
    title = "<script>alert(1)</script>'; DROP TABLE"
    activity = made(
        desk.post(
            "/desk/activities/new", fields(station, title=title, summary="=1+1\r\n\x07{{7*7}}")
        )
    )
    assert activity.title == title
    assert activity.summary == "=1+1\n{{7*7}}"
    for browser, path in (
        (desk, at_desk(activity)),
        (Browser(app), f"/activities/{activity.public_id}"),
        (Browser(app), "/activities"),
    ):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_draft_that_is_not_fit_is_kept_and_the_reason_told(desk, station):
    response = desk.post("/desk/activities/new", fields(station, is_risky="y"))
    activity = made(response)
    assert activity.state == OfferingState.DRAFT
    assert "要先写明保险" in desk.get(response.location).text
    answer = desk.post(at_desk(activity, "/publication"))
    assert answer.status_code == 409
    assert "要先写明保险" in answer.text


def test_a_draft_without_places_is_not_published(desk, make, station):
    activity = make.activity(station, state=OfferingState.DRAFT)
    assert "还没有场次" in desk.post(at_desk(activity, "/publication")).text
    make.shift(activity=activity, places={})
    assert "还没有名额" in desk.post(at_desk(activity, "/publication")).text


def test_publishing_twice_is_harmless(desk, make, station):
    activity = make.activity(station, state=OfferingState.DRAFT)
    make.shift(activity=activity)
    for _ in range(2):
        assert desk.post(at_desk(activity, "/publication")).status_code == 303
    assert [step.verb for step in steps.of(Ref("activity", activity.id))] == ["publish"]


def test_what_was_done_is_written_down(desk, station):
    activity = made(desk.post("/desk/activities/new", fields(station)))
    verbs = db.session.query(AuditEntry.verb).filter_by(subject_kind="activity")
    assert sorted(verb for (verb,) in verbs) == ["activity.create", "activity.publish"]
    assert activity.leader_id == activity.created_by_id


def test_copying_somebody_elses_draft_copies_nothing(desk, make):
    other = make.activity(make.station(), title="别人的草稿", state=OfferingState.DRAFT)
    page = desk.get("/desk/activities/new", query_string={"copy": other.public_id}).text
    assert "别人的草稿" not in page
    assert desk.get("/desk/activities/new?copy=zzz").status_code == 200


# --- changing ------------------------------------------------------------------------------------


def test_a_change_is_seen_and_counts_the_revisions_up(desk, make, station, app):
    shift = make.shift(station)
    activity = queries.activity(shift.offering_id)
    form = {**fields(station), "title": "改了名称"}
    assert desk.post(at_desk(activity, "/edit"), form).status_code == 303
    assert "改了名称" in Browser(app).get(f"/activities/{activity.public_id}").text
    db.session.refresh(shift)
    assert shift.revision == 1
    desk.post(at_desk(activity, "/edit"), {**form, "bring": "手套"})
    db.session.refresh(shift)
    assert shift.revision == 1  # calendars do not hold what to bring


def test_a_change_that_cannot_be_used_changes_nothing(desk, make, station):
    activity = make.activity(station, title="原来的")
    response = desk.post(at_desk(activity, "/edit"), {**fields(station), "title": ""})
    assert response.status_code == 422
    assert 'value="小区东门"' in response.text
    db.session.refresh(activity)
    assert (activity.title, activity.place) == ("原来的", "社区广场")


def test_what_is_called_off_is_not_changed(desk, make, station):
    activity = make.activity(station, state=OfferingState.CALLED_OFF)
    assert desk.post(at_desk(activity, "/edit"), fields(station)).status_code == 409
    assert desk.post(at_desk(activity, "/shifts"), shift_fields()).status_code == 409
    assert desk.post(at_desk(activity, "/publication")).status_code == 409


def test_nothing_becomes_risky_behind_the_reviewers_backs(desk, make, station):
    activity = queries.activity(make.shift(station).offering_id)
    form = {**fields(station), "is_risky": "y", "insurance_note": "已投保"}
    response = desk.post(at_desk(activity, "/edit"), form)
    assert response.status_code == 409
    assert "不能再改成有风险的" in response.text
    db.session.refresh(activity)
    assert not activity.is_risky
    write(settings.change, "review_station", "none", actor=SYSTEM, now=clock.now())
    assert desk.post(at_desk(activity, "/edit"), form).status_code == 303


def test_a_published_risky_one_keeps_its_insurance(desk, make, station):
    shift = make.shift(activity=make.activity(station, is_risky=True, insurance_note="已投保"))
    activity = queries.activity(shift.offering_id)
    form = {**fields(station), "is_risky": "y", "insurance_note": ""}
    assert desk.post(at_desk(activity, "/edit"), form).status_code == 409
    db.session.refresh(activity)
    assert activity.insurance_note == "已投保"


# --- shifts --------------------------------------------------------------------------------------


def test_a_shift_is_added_with_its_places(desk, make, station):
    activity = make.activity(station)
    assert desk.post(at_desk(activity, "/shifts"), shift_fields(attendees="30")).status_code == 303
    (shift,) = shifts.shifts_of(activity.id)
    assert clock.local(shift.starts_at).strftime("%H:%M") == "14:00"
    assert {row.role: row.capacity for row in shifts.places(shift.id)} == {
        "volunteer": 2, "attendee": 30,
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes", [{"volunteers": ""}, {"day": ""}, {"ends": "14:00"}, {"volunteers": "x"}]
)
def test_a_shift_that_cannot_be_used_opens_the_form_again(desk, make, station, changes):
    activity = make.activity(station)
    response = desk.post(at_desk(activity, "/shifts"), shift_fields(**changes))
    assert response.status_code == 422
    assert '<details class="section" open>' in response.text
    assert shifts.shifts_of(activity.id) == []


def test_what_is_over_has_no_way_to_be_called_off(desk, make, station, time_machine):
    shift = make.shift(station)
    time_machine.move_to(shift.ends_at, tick=False)
    desk.sign_in(make.manager(station))
    page = desk.get(f"/desk/activities/{shift.offering.public_id}").text
    assert f"/desk/shifts/{shift.public_id}/call-off" not in page
    wanted = {
        **shift_fields(), "place": "社区广场", "reason": "停电", "places_0": "9", "places_1": "9",
        "confirm": "1",
    }  # fmt: skip
    for path, form in (("call-off", {"reason": "下雨"}), ("change", wanted)):
        response = desk.post(f"/desk/shifts/{shift.public_id}/{path}", form)
        assert response.status_code == 409
        assert "已经结束" in response.text


def test_calling_off_one_shift_leaves_the_others(desk, make, station):
    activity = make.activity(station)
    first = make.shift(activity=activity, starts_at=clock.now() + timedelta(days=1))
    second = make.shift(activity=activity, starts_at=clock.now() + timedelta(days=2))
    path = f"/desk/shifts/{first.public_id}/call-off"
    assert desk.get(path).status_code == 200
    assert desk.post(path, {"reason": ""}).status_code == 422
    assert desk.post(path, {"reason": "  "}).status_code == 422
    for _ in range(2):
        assert desk.post(path, {"reason": "有雷雨"}).status_code == 303
    db.session.refresh(activity)
    db.session.refresh(first)
    db.session.refresh(second)
    assert (first.state, second.state, activity.state) == ("called_off", "planned", "published")
    assert first.called_off_reason == "有雷雨"


def test_calling_an_activity_off_leaves_what_has_been(desk, make, station):
    activity = make.activity(station)
    past = make.shift(activity=activity, starts_at=clock.now() - timedelta(days=3))
    coming = make.shift(activity=activity)
    row = write(
        signups.sign_up, coming.id, make.person().id, PlaceRole.ATTENDEE, actor=SYSTEM,
        now=clock.now(),
    )  # fmt: skip
    for _ in range(2):
        assert desk.post(at_desk(activity, "/call-off"), {"reason": "下雨"}).status_code == 303
    for one in (past, coming, row, activity):
        db.session.refresh(one)
    assert (past.state, coming.state, row.state) == ("planned", "called_off", "called_off")
    assert activity.state == "called_off"


# --- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "answers"),
    [("campaign_officer", (200, 404, 404)), ("administrator", (200, 200, 200)),
     ("auditor", (404, 404, 404)), ("team_leader", (404, 404, 404))],
)  # fmt: skip
def test_who_sees_and_who_changes(browser, make, station, role, answers):
    shift = make.shift(station)
    browser.sign_in(make.holder(role, make.centre()))
    activity = queries.activity(shift.offering_id)
    paths = (
        at_desk(activity), at_desk(activity, "/edit"), f"/desk/shifts/{shift.public_id}/change",
    )  # fmt: skip
    assert tuple(browser.get(path).status_code for path in paths) == answers
    posts = (
        at_desk(activity, "/edit"),
        at_desk(activity, "/shifts"),
        at_desk(activity, "/call-off"),
    )
    for path in posts:
        expected = 422 if answers[1] == 200 else 404
        assert browser.post(path, {}).status_code == expected


def test_the_author_does_not_approve(desk, make, station):
    author = db.session.query(Activity.created_by_id)
    write(settings.change, "review_station", "all", actor=SYSTEM, now=clock.now())
    activity = made(desk.post("/desk/activities/new", fields(station)))
    assert activity.state == OfferingState.IN_REVIEW
    assert author.scalar()
    for verb in ("approval", "return"):
        assert desk.post(at_desk(activity, f"/{verb}"), {"reason": "x"}).status_code == 404
    assert activity.title not in desk.get("/desk/reviews").text
    db.session.refresh(activity)
    assert activity.state == OfferingState.IN_REVIEW


def test_a_reviewer_of_another_branch_finds_nothing(browser, make, station):
    activity = make.activity(station, state=OfferingState.IN_REVIEW, title="待审的")
    browser.sign_in(make.holder("campaign_officer", make.station()))
    assert browser.post(at_desk(activity, "/approval")).status_code == 404
    assert "待审的" not in browser.get("/desk/reviews").text


def test_approving_twice_is_harmless_and_returning_then_is_refused(browser, make, station):
    shift = make.shift(activity=make.activity(station, state=OfferingState.IN_REVIEW))
    activity = queries.activity(shift.offering_id)
    browser.sign_in(make.holder("campaign_officer", make.centre()))
    assert browser.post(at_desk(activity, "/return"), {"reason": ""}).status_code == 422
    for _ in range(2):
        assert browser.post(at_desk(activity, "/approval")).status_code == 303
    assert browser.post(at_desk(activity, "/return"), {"reason": "x"}).status_code == 409
    assert len(steps.of(Ref("activity", activity.id))) == 1


def test_an_action_refuses_what_a_page_would_not_offer(make, station):
    activity = make.activity(station, state=OfferingState.DRAFT)
    with pytest.raises(Refused) as refused:
        write(actions.approve, activity.id, actor=SYSTEM, now=clock.now())
    assert refused.value.codes == ("wrong_state",)


# --- lists ---------------------------------------------------------------------------------------


def test_the_desks_list_by_state(desk, make, station):
    for title, state in (("甲", "draft"), ("乙", "published"), ("丙", "in_review")):
        make.activity(station, title=title, state=OfferingState(state))
    make.activity(make.station(), title="别站的")
    assert all(title in desk.get("/desk/activities").text for title in ("甲", "乙", "丙"))
    page = desk.get("/desk/activities?state=draft").text
    assert "甲" in page.partition('class="plain rows"')[2]
    assert "乙" not in page.partition('class="plain rows"')[2]
    assert desk.get("/desk/activities?state=none").text.count('<li class="row">') == 3
    assert "别站的" not in desk.get("/desk/activities").text


def test_the_list_says_when(desk, station):
    activity = made(desk.post("/desk/activities/new", fields(station)))
    (first,) = shifts.shifts_of(activity.id)
    assert "另有" not in desk.get("/desk/activities").text
    later = shift_fields()
    desk.post(at_desk(activity, "/shifts"), later)
    page = desk.get("/desk/activities").text
    assert day(clock.local_day(first.starts_at)) in page
    assert "09:00-11:00" in page
    assert "另有 1 场" in page
    found = shifts.next_or_last([activity.id], first.ends_at)[activity.id]
    assert (found.starts_at > first.starts_at, found.more) == (True, 1)
    long_after = found.ends_at + timedelta(days=9)
    assert shifts.next_or_last([activity.id], long_after)[activity.id] == found


def test_the_desks_lists_cost_the_same_for_one_and_thirty(browser, make, station):
    """As reviewer too: what waits is asked for once, not once a row."""
    browser.sign_in(make.manager(make.centre()))
    costs = {}
    for number in (1, 29):
        for _ in range(number):
            make.activity(station, state=OfferingState.IN_REVIEW)
            make.shift(station)
        for path in ("/desk/activities", "/desk/reviews", "/desk"):
            browser.get(path)
            with count_queries() as seen:
                assert browser.get(path).status_code == 200
            costs.setdefault(path, []).append(len(seen))
    assert {path: one for path, (one, thirty) in costs.items() if one != thirty} == {}
