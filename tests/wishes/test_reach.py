"""Whom an unclaimed wish reaches: the street, paired units, the centre; and the weekly letter."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.cli.rounds import relay
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.org import queries as org
from portal.org.models import Level, Vocabulary
from portal.org.models_party import BranchLevel, PartyBranch
from portal.org.models_units import CivilizedUnit, Pairing
from portal.people import units
from portal.people.models import VolunteerTerm
from portal.people.models_consents import Channel
from portal.people.models_party import PartyMember
from portal.people.queries import volunteer_of
from portal.records import steps
from portal.records.outbox import OutboxRow
from portal.site import personal
from portal.wishes import actions, actions_letter, hooks, rules
from portal.wishes import queries_reach as reach
from portal.wishes.models_reach import WishDigest, WishDigestItem
from tests.signups.test_races import at_once, look_afresh
from tests.support.factory import Factory
from tests.wishes.given import filed, pledge, published, verified, wanted
from tests.wishes.test_filing import told


def after(days):
    return clock.now() + timedelta(days=days)


def paired(station, name="城东小学"):
    unit = CivilizedUnit(name=name)
    db.session.add(unit)
    db.session.flush()
    db.session.add(Pairing(unit_id=unit.id, station_id=station.id, since_on=date(2026, 1, 1)))
    db.session.commit()
    return unit


def appoint(unit, person):
    write(units.appoint, unit.id, person.id, actor=SYSTEM, now=clock.now())
    return person


# --- climbing ----------------------------------------------------------------------------------------


def test_it_climbs_to_the_street_then_to_paired_units_then_to_the_centre(make, browser):
    institute = make.station("东湾实践所", level=Level.INSTITUTE)
    station = make.station(parent=institute)
    unit, beside = paired(station), paired(make.station(), "城西医院")
    liaison, other = appoint(unit, make.person()), appoint(beside, make.person())
    wish = published(station)
    seen = []
    for days in (7, 14, 21, 28):
        for _twice in range(2):
            hooks.due(after(days))
        seen.append((wish.raised_to_id, [one.unit_id for one in reach.units_seeing(wish.id)]))
    centre = make.centre().id
    assert seen == [
        (institute.id, []), (institute.id, [unit.id]), (centre, [unit.id]), (centre, [unit.id]),
    ]  # fmt: skip
    reasons = [step.reason for step in steps.of(Ref("wish", wish.id)) if step.verb == "raise"]
    assert reasons == ["institute", "units", "centre"]
    assert (told(liaison), told(other)) == (["wish_raised"], [])
    browser.sign_in(make.manager(station))
    page = browser.get(f"/desk/wishes/{wish.public_id}").text
    assert [word in page for word in ("实践所", "城东小学", "实践中心")] == [True] * 3


def test_a_units_liaison_sees_what_was_shown_to_the_unit_and_nobody_else_does(make, browser):
    station = make.station()
    unit = paired(station)
    liaison = appoint(unit, make.person())
    wish = published(station)
    text = wish.public_text
    browser.sign_in(liaison)
    assert "/me/unit-wishes" in browser.get("/me").text
    assert text not in browser.get("/me/unit-wishes").text
    hooks.due(after(7))
    assert text in browser.get("/me/unit-wishes").text
    pledge(wish, make.person())
    assert text not in browser.get("/me/unit-wishes").text
    browser.sign_in(make.person())
    assert "/me/unit-wishes" not in browser.get("/me").text
    assert "不是结对单位的联络员" in browser.get("/me/unit-wishes").text


def test_who_keeps_the_street_finds_what_was_raised_to_it(make, browser):
    institute = make.station(level=Level.INSTITUTE)
    wish = published(make.station(parent=institute))
    browser.sign_in(make.manager(institute))
    assert "下面交上来" not in browser.get("/desk/wishes").text
    hooks.due(after(7))
    assert "下面交上来的 1" in browser.get("/desk/wishes").text
    assert wish.number in browser.get("/desk/wishes?state=raised").text
    assert "下面交上来 1 个" in browser.get("/desk").text


# --- overdue -----------------------------------------------------------------------------------------


def test_the_station_is_told_once_that_somebody_waits_for_its_call(make, browser):
    station = make.station()
    manager = make.manager(station)
    filed(station)
    verified(station)
    hooks.due(after(1))
    assert told(manager) == []
    for _twice in range(2):
        hooks.due(after(20))
    assert told(manager) == ["wish_overdue"]
    relay(after(21))
    assert 'href="/desk/wishes"' in browser.sign_in(manager).get("/me").text


# --- the letter --------------------------------------------------------------------------------------


def monday(weeks=0):
    today = clock.today()
    first = today - timedelta(days=today.weekday())
    return clock.day_start(first + timedelta(weeks=weeks)) + timedelta(hours=10)


def letters(person):
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice"))
    return [
        row.id for row in rows if row.payload == {"person_id": person.id, "kind": "wish_letter"}
    ]


def chosen(person):
    query = select(WishDigestItem).where(WishDigestItem.person_id == person.id)
    return {row.wish_id: row for row in db.session.scalars(query)}


def member(make, **kwargs):
    person = make.person(**kwargs)
    branch = db.session.scalars(select(PartyBranch)).first()
    if branch is None:
        branch = PartyBranch(level=BranchLevel.STREET, name="东湾街道党工委")
        db.session.add(branch)
        db.session.flush()
    db.session.add(
        PartyMember(
            person_id=person.id, branch_id=branch.id, since_on=date(2020, 1, 1),
            channel=Channel.PAPER, recorded_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    return person


def skilled(make, station, *codes):
    person = make.volunteer(station)
    volunteer = volunteer_of(person.id)
    for code in codes:
        term = org.term(Vocabulary.SKILL, code)
        db.session.add(VolunteerTerm(volunteer_id=volunteer.id, term_id=term.id))
    db.session.commit()
    return person


def want(person, wanted=True):
    write(actions_letter.want_letter, person.id, wanted=wanted, actor=SYSTEM, now=clock.now())


def test_members_get_it_until_they_say_no_and_volunteers_when_they_say_yes(make):
    station = make.station()
    published(station)
    party, opted_out = member(make, station=station), member(make, station=station)
    asked, silent = make.volunteer(station), make.volunteer(station)
    resident = make.person(station=station)
    want(opted_out, wanted=False)
    want(asked)
    want(resident)
    for _twice in range(2):
        hooks.due(monday())
    got = [len(letters(one)) for one in (party, opted_out, asked, silent, resident)]
    assert got == [1, 0, 1, 0, 0]


def test_wishes_are_chosen_by_community_and_by_skill_with_the_reason(make, browser):
    home, beside = make.station(), make.station()
    person = skilled(make, home, "repair")
    near = published(home)
    by_skill = published(beside, wanted=wanted("repair"))
    both = published(home, wanted=wanted("repair"))
    far = published(beside)
    want(person)
    hooks.due(monday())
    found = chosen(person)
    assert set(found) == {near.id, by_skill.id, both.id}
    assert far.id not in found
    reasons = {one: (row.is_near, row.skill_id is not None) for one, row in found.items()}
    assert reasons == {
        near.id: (True, False), by_skill.id: (False, True), both.id: (True, True),
    }  # fmt: skip
    page = browser.sign_in(person).get("/me/wishes/letter").text
    assert page.count("同社区") == 2
    assert page.count("您会家电维修") == 2


def test_five_at_most_and_not_the_same_twice_in_a_row(make):
    station = make.station()
    person = make.volunteer(station)
    want(person)
    every = {published(station).id for _ in range(7)}
    hooks.due(monday())
    first = set(chosen(person))
    assert len(first) == rules.LETTER_LENGTH
    hooks.due(monday() + timedelta(days=3))
    assert set(chosen(person)) == first
    hooks.due(monday(1))
    assert set(chosen(person)) == every - first
    hooks.due(monday(2))
    assert set(chosen(person)) == first
    assert len(letters(person)) == 3


def test_nothing_that_is_ones_own_or_was_ones_own_to_do(make):
    station = make.station()
    person = make.volunteer(station)
    want(person)
    published(station, wisher_id=person.id)
    shared = published(station, parts=("米", "油"))
    pledge(shared, person)
    gone = published(station)
    write(actions.withdraw, gone.id, "", actor=SYSTEM, now=clock.now())
    hooks.due(monday())
    assert (chosen(person), letters(person)) == ({}, [])


@pytest.mark.parametrize("weekday", range(1, 8))
def test_the_week_begins_on_the_districts_day(weekday):
    for offset in range(14):
        today = date(2026, 11, 2) + timedelta(days=offset)
        week = rules.letter_week(today, weekday)
        assert week.isoweekday() == weekday
        assert today - timedelta(days=6) <= week <= today


def test_the_switch_is_ones_own(make, browser):
    person = make.volunteer(make.station())
    browser.sign_in(person)
    assert "现在不收" in browser.get("/me/wishes/letter").text
    assert browser.post("/me/wishes/letter", {"wanted": "1"}).status_code == 303
    assert "现在会收到" in browser.get("/me/wishes/letter").text
    browser.post("/me/wishes/letter", {"wanted": "0"})
    assert not reach.wants_letter(person.id)
    page = browser.sign_in(make.person()).get("/me/wishes/letter").text
    assert "登记成为志愿者" in page


def test_erasing_forgets_the_letter(make):
    person = make.volunteer(make.station())
    want(person)
    write(personal.erase, person.id, actor=SYSTEM, now=clock.now())
    assert db.session.get(WishDigest, person.id) is None


@pytest.mark.race
def test_two_rounds_at_once_write_one_letter(own_app):
    make = Factory()
    station = make.station()
    person = make.volunteer(station)
    want(person)
    published(station)
    now, person_id = monday(1), person.id
    at_once(
        own_app,
        [lambda: write(actions_letter.send_letter, person_id, actor=SYSTEM, now=now)] * 6,
    )
    look_afresh()
    assert len(letters(person)) == 1
