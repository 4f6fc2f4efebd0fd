"""What the records say of members: counted where they stand, in a constant number of statements."""

import os
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.hours import actions as hours
from portal.membership import actions_branches, completion, hooks, rules, standing
from portal.membership import queries_members as members
from portal.membership.models import CommunityReport, ReportWay
from portal.people import actions as people
from portal.people import party
from portal.people.models import Person
from portal.people.models_consents import Channel
from portal.people.models_party import PartyMember
from portal.registration import actions as registration
from portal.registration import merge as merging
from portal.registration.application import Application
from portal.wishes import actions_pledges
from portal.wishes.models import WishPart
from portal.wishes.models_pledges import Pledge, PledgeState
from tests.membership.made import (
    LONG_AGO,
    act,
    branch,
    credit,
    keeper,
    kept,
    member,
    report,
    setting,
    ties,
)
from tests.support.queries import count_queries
from tests.wishes.given import deliver, pledge, published

TODAY = clock.today()
# A whole year that is over, on whatever day the tests run.
YEAR = TODAY.year - 1
JANUARY = date(YEAR, 1, 8)


def counted(person, year=YEAR):
    span = rules.year_span(year)
    found = standing.of(members.live_members(), span, standing.targets())
    return next(one.counted for one in found if one.person_id == person.id)


def bits(*months):
    return sum(1 << (month - 1) for month in months)


@pytest.fixture
def place(make):
    return make.station("和平社区实践站")


@pytest.fixture
def row(make, place):
    return branch(station=place)


def test_reports_stand_in_their_periods(make, row, place):
    person = member(make, row)
    ties(person, place, now=clock.day_start(JANUARY))
    report(person, clock.day_start(JANUARY) + timedelta(hours=9))
    assert counted(person).reports == bits(1)
    setting("party_report_every", "half_year")
    assert counted(person).reports == 1


def test_service_in_the_community_counts_as_a_report(make, row, place):
    person, elsewhere = member(make, row), make.station()
    point = make.station(parent=place, level="point")
    ties(person, place, now=clock.day_start(JANUARY))
    credit(person, elsewhere, JANUARY, n=1)
    assert counted(person).reports == 0
    credit(person, point, JANUARY + timedelta(days=1), n=2)
    credit(person, place, JANUARY + timedelta(days=2), n=3)
    assert counted(person).reports == bits(1)
    setting("party_service_reports", False)
    assert counted(person).reports == 0


def test_service_before_the_community_was_chosen_is_no_report(make, row, place):
    person = member(make, row)
    credit(person, place, JANUARY)
    ties(person, place, now=clock.day_start(JANUARY + timedelta(days=1)))
    assert counted(person).reports == 0


def test_service_that_was_taken_back_is_no_report(make, row, place):
    person = member(make, row)
    ties(person, place, now=clock.day_start(JANUARY))
    entry = credit(person, place, JANUARY + timedelta(days=1))
    assert counted(person).minutes == 60
    act(hours.reverse, entry.id)
    assert (counted(person).reports, counted(person).minutes) == (0, 0)


def test_hours_of_the_year_everywhere_or_in_the_community(make, row, place):
    person, elsewhere = member(make, row), make.station()
    ties(person, place, now=clock.day_start(JANUARY))
    credit(person, elsewhere, JANUARY, 30, n=1)
    credit(person, place, JANUARY + timedelta(days=1), 90, n=2)
    credit(person, place, JANUARY - timedelta(days=60), 600, n=3)
    assert counted(person).minutes == 120
    setting("party_hours_where", "community")
    assert counted(person).minutes == 90


def test_wishes_pledged_and_fulfilled_this_year(make, row, place):
    person = member(make, row)
    open_one, done_one, given_back = (published(place) for _n in range(3))
    pledge(open_one, person)
    deliver(pledge(done_one, person))
    back = pledge(given_back, person)
    act(actions_pledges.give_back, back.id, "办不了")
    found = counted(person, TODAY.year)
    assert (found.pledged, found.fulfilled) == (2, 1)


def test_what_a_merged_record_did_counts_once(make, row, place):
    person = make.person(station=place)
    other = write(_record, person.name, person.phone, place.id)
    member(make, row, person=person)
    ties(person, place, now=clock.day_start(JANUARY))
    credit(person, place, JANUARY, 60, n=1)
    credit(other, place, JANUARY + timedelta(days=1), 60, n=2)
    pledge(published(place), other)
    _merge(make, person, other, place)
    assert (counted(person).minutes, counted(person, TODAY.year).pledged) == (120, 1)
    assert counted(person).reports == bits(1)


def _record(name, phone, station_id):
    details = people.NewPerson(name, phone, None, station_id)
    return people.record_person(details, actor=SYSTEM, now=clock.now())


def _merge(make, person, other, place):
    form = Application(name=person.name, birth_on=date(1980, 5, 4), station_id=place.id)
    volunteer = act(registration.apply, person.id, form)
    act(merging.merge, volunteer.id, other.id, actor=make.actor(make.manager(place)))


@pytest.mark.parametrize("both", [True, False])
def test_a_merge_keeps_one_live_membership(make, row, place, both):
    person = make.person(station=place)
    other = write(_record, person.name, person.phone, place.id)
    beside = branch("桥头社区党支部")
    member(make, beside, person=other)
    if both:
        member(make, row, person=person)
    _merge(make, person, other, place)
    live = db.session.query(PartyMember).filter_by(ended_on=None).all()
    kept_branch = row.id if both else beside.id
    assert [(one.person_id, one.branch_id) for one in live] == [(person.id, kept_branch)]
    assert hooks.check() == []


def test_a_merged_secretary_keeps_the_branch(make, row, place):
    person = make.person(station=place)
    other = write(_record, person.name, person.phone, place.id)
    act(actions_branches.grant, row.id, other.id)
    _merge(make, person, other, place)
    assert party.branches_kept_by(person.id) == {row.id}


@pytest.mark.parametrize("path", ["", "/print", "/cards"])
def test_one_member_and_thirty_ask_the_same_number_of_statements(make, row, place, browser, path):
    browser.sign_in(keeper(make, row))
    seen = []
    for size in (1, 29):
        for _n in range(size):
            person = member(make, row)
            ties(person, place, now=clock.day_start(JANUARY))
            report(person)
            credit(person, place, JANUARY)
        with count_queries() as asked:
            assert browser.get(f"/branches/{row.public_id}{path}").status_code == 200
        seen.append(len(asked))
    assert seen[0] == seen[1]


@pytest.mark.skipif(os.environ.get("TEST_PROFILE") != "full", reason="large data: full profile")
def test_4097_members_with_a_year_of_records(make, place, browser):
    """The real number of a district: the page of its highest branch."""
    above = branch("街道党工委", station=place)
    low = [branch(f"第{n}支部", above) for n in range(40)]
    rows = _many(low, place)
    browser.sign_in(keeper(make, above))
    with count_queries() as asked:
        began = time.perf_counter()
        page = browser.get(f"/branches/{above.public_id}")
        took = time.perf_counter() - began
    assert page.status_code == 200
    assert "4097" in page.text
    assert rows == 4097
    assert len(asked) < 30
    assert took < 5
    found = completion.of(kept(above), TODAY.year, TODAY, standing.targets())
    assert len(found.rows) == 4097
    assert sum(one.members for one in found.parts) == 4097
    assert found.whole.wishes.done == 4097 // 2 + 1


def _many(branches, place):
    now, size = clock.now(), 4097
    people = [
        {"name": f"党员{chr(0x4E00 + n % 2000)}", "phone": f"136{n:08d}", "created_at": now}
        for n in range(size)
    ]
    ids = list(db.session.scalars(insert(Person).returning(Person.id), people))
    db.session.execute(insert(PartyMember), [
        {"person_id": one, "branch_id": branches[n % len(branches)].id, "since_on": LONG_AGO,
         "channel": Channel.PAPER, "recorded_at": now - timedelta(days=400)}
        for n, one in enumerate(ids)
    ])  # fmt: skip
    periods = rules.periods_of(rules.year_span(TODAY.year), rules.Every.MONTH)[: TODAY.month]
    db.session.execute(insert(CommunityReport), [
        {"person_id": one, "station_id": place.id, "period_on": period.first,
         "reported_on": period.first, "way": ReportWay.OWN, "at": now}
        for one in ids for period in periods
    ])  # fmt: skip
    db.session.commit()
    _pledged_by(ids[::2], published(place), now)
    db.session.commit()
    return size


def _pledged_by(ids, wish, now):
    parts = [{"wish_id": wish.id, "number": n + 2} for n in range(len(ids))]
    part_ids = list(db.session.scalars(insert(WishPart).returning(WishPart.id), parts))
    db.session.execute(insert(Pledge), [
        {"wish_id": wish.id, "part_id": part, "person_id": one, "state": PledgeState.FULFILLED,
         "promised_on": TODAY, "pledged_at": now, "ended_at": now}
        for one, part in zip(ids, part_ids, strict=True)
    ])  # fmt: skip
