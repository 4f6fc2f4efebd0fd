"""Why a number: every entry behind a total in words, sums that equal the ledger, nobody else's eyes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.attendance import hooks, participants, queries, why
from portal.attendance.models import Way
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.hours import explaining
from portal.hours import hooks as hour_hooks
from portal.hours import queries as ledger
from portal.hours.explaining import Judged, Part
from portal.hours.rules import Span, Terms, judge, worth
from portal.people.models import VolunteerState
from portal.records.audit import AuditEntry
from portal.signups.models import ParticipantKind
from tests.attendance.conftest import sign_up
from tests.attendance.test_union import PLANNED, at
from tests.support.client import Browser
from tests.support.queries import count_queries


@given(
    st.tuples(st.integers(-40, 130), st.integers(0, 900)),
    st.tuples(st.integers(-40, 130), st.integers(0, 90)),
    st.builds(
        Terms,
        grace=st.integers(0, 60),
        rounding=st.sampled_from(["down", "nearest", "up"]),
        step=st.integers(1, 60),
        day_cap=st.integers(60, 120),
        break_after=st.sampled_from([0, 30, 90]),
        break_minutes=st.integers(0, 60),
    ),
    st.integers(0, 59),
)
def test_the_steps_add_up(stay, other, terms, seconds):
    mine = Span(at(stay[0]).replace(second=seconds), at(stay[0] + stay[1] + 1))
    counted, minutes = worth(mine, PLANNED, terms)
    taken = Span(at(other[0]), at(other[0] + other[1]))
    judged = judge(counted, minutes, [taken], 10, terms)
    rule = {"cut_by": list(judged.cut_by)}
    steps = explaining.steps(Judged(mine, PLANNED, judged.span, judged.minutes, rule), terms)
    assert sum(step.seconds for step in steps) == judged.minutes * 60
    assert all(step.seconds < 0 for step in steps if step.part not in {Part.STAY, Part.ROUNDING}), (
        steps
    )


@pytest.fixture
def life(scene, time_machine):
    """A volunteer with a bit of everything behind the total, some of it at another station."""
    time_machine.move_to(scene.at(60 * 24 * 5), tick=False)
    person = scene.make.volunteer(scene.station)
    stations = [scene.station, scene.station, scene.station, scene.make.station()]
    for number, station in enumerate(stations):
        shift = scene.make.shift(station, starts_at=scene.at(60 * 24 * number))
        signup = sign_up(shift, person)
        start = 60 * 24 * number
        scene.scan(person, "in", start - 30, shift=shift)
        if number == 1:
            hooks.due(scene.at(start + 241))
            continue
        scene.scan(person, "out", start + 100 - 30 * number, shift=shift)
        if number == 0:
            for kind in (ParticipantKind.ON_DUTY, ParticipantKind.VOLUNTEER):
                write(participants.set_kind, signup.id, kind, actor=SYSTEM, now=scene.at(200))
    hour_hooks.due(scene.at(60 * 24 * 4))
    return person


def test_the_sums_equal_the_ledger(scene, browser, life):
    found = why.explain(life.id)
    total = ledger.total(life.id)
    assert found.total == total == 115 + 55 + 25
    assert len(found.entries) == 5
    assert sum(one.is_live for one in found.entries) == 3
    assert sum(one.is_reversal for one in found.entries) == 1
    page = browser.sign_in(life).get("/me/hours/why").text
    assert "3 小时 15 分钟" in page
    for sentence in (
        "开始前、结束后多出的，不算：-15 分钟",
        "规则：第 1 版",
        "更正收回：1 条",
        "没有签退，按计划结束时间暂计",
        "暂计 2 小时 15 分钟",
        "这一场在场不到 70%，照实计。",
        "封存号：第",
    ):
        assert sentence in page, sentence
    for entry in ledger.entries_of(life.id):
        assert entry.digest[-12:] in page
    assert "3 小时 15 分钟" in browser.get("/me/hours/why?year=2026").text
    assert browser.get("/me/hours/why?year=2020").status_code == 200


def test_one_record_in_steps(scene, browser, life):
    browser.sign_in(life)
    keys = re.findall(r'href="/me/hours/([0-9a-f]{12})"', browser.get("/me/hours/why").text)
    assert len(set(keys)) == 5
    page = browser.get(f"/me/hours/{keys[-1]}").text
    assert "在场的时间" in page
    assert "2 小时 10 分钟" in page
    assert "签到：扫现场的码；签退：扫现场的码" in page
    # By its visit: all that was written for it, taken back and written again.
    visits = queries.visits_of(life.id)
    page = browser.get(f"/me/hours/{visits[-1].public_id}").text
    assert page.count("封存号") == 3
    assert "后来被" in page
    waiting = next(visit for visit in visits if visit.pending)
    assert "按计划结束时间暂计" in browser.get(f"/me/hours/{waiting.public_id}").text
    stranger = Browser(browser.app).sign_in(scene.make.person())
    for key in (keys[0], visits[0].public_id, "nosuchone2"):
        assert stranger.get(f"/me/hours/{key}").status_code == 404


def test_who_said_so_stands_beside_it(scene, browser, time_machine):
    time_machine.move_to(scene.at(300), tick=False)
    by_hand, by_word = scene.volunteer(), scene.volunteer()
    for way_to, minutes in (("in", 0), ("out", 60)):
        scene.scan(by_hand, way_to, minutes, way=Way.MANUAL)
    scene.scan(by_word, "in", 0)
    hooks.due(scene.at(240))
    (visit,) = queries.visits_of(by_word.id)
    browser.sign_in(scene.manager)
    path = f"/desk/shifts/{scene.shift.public_id}/visits/{visit.public_id}/confirmation"
    browser.post(path, {"time": "15:10"})
    (told,) = why.explain(by_word.id).entries
    assert told.by == f"{scene.manager.name[:1]}*确认"
    assert told.ways == "签到：扫现场的码；签退：按确认的时间"
    (told,) = why.explain(by_hand.id).entries
    assert told.ways == "签到：工作人员点名；签退：工作人员点名"


def test_a_desk_sees_its_own_station_and_is_written_down(scene, browser, life):
    path = f"/desk/people/{life.public_id}/hours"
    page = browser.sign_in(scene.manager).get(path).text
    assert "3 小时 15 分钟" not in page
    assert "2 小时 50 分钟" in page
    assert "只算在您的站点的" in page
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="person.reveal")).one()
    assert (entry.actor_id, entry.subject_id, entry.details["what"]) == (
        scene.manager.id,
        life.id,
        "hours",
    )
    stranger = Browser(browser.app).sign_in(scene.make.manager(scene.make.station()))
    assert stranger.get(path).status_code == 404
    assert Browser(browser.app).sign_in(life).get(path).status_code == 403


def test_one_or_thirty_cost_the_same(scene, browser):
    person = scene.make.volunteer(scene.station, state=VolunteerState.REGISTERED)

    def serve(first: int, last: int) -> None:
        for number in range(first, last):
            shift = scene.make.shift(scene.station, starts_at=scene.at(-24 * 60 * number))
            sign_up(shift, person)
            scene.scan(person, "in", -24 * 60 * number, shift=shift)
            scene.scan(person, "out", 90 - 24 * 60 * number, shift=shift)

    browser.sign_in(person)
    counts = []
    for first, last in ((0, 1), (1, 30)):
        serve(first, last)
        browser.get("/me/hours/why")
        with count_queries() as asked:
            page = browser.get("/me/hours/why").text
        counts.append(len(asked))
    assert page.count("规则：第 1 版") == 30
    assert counts[0] == counts[1]
