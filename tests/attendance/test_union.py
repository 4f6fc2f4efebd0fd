"""Two phones and the desk, in whatever order their scans reach us, tell the same of a person's day."""

from datetime import datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.attendance import batches, hooks, queries, rules
from portal.attendance.batches import DeskScan
from portal.attendance.models import Direction, ScanVerdict, Way
from portal.attendance.rules import Facts
from portal.attendance.rules_stays import Mark, derive
from portal.core.db import write
from portal.hours import hooks as hour_hooks
from portal.hours import queries as ledger
from portal.hours.rules import Span, Terms, counted_span, worth
from portal.signups.models import SignupState
from tests.attendance.conftest import sign_up

START = datetime.fromisoformat("2026-05-08T14:00:00+08:00")
PLANNED = Span(START, START + timedelta(minutes=120))
SOURCES = (Way.CODE, Way.CAMERA, Way.MANUAL)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@st.composite
def days(draw):
    """Return the true stays, and the scans of them in the order in which they reached us.

    Each coming and going was scanned by the own phone, a desk's phone or by hand, some by two of
    them; each of these sends in order, but they do not wait for one another.
    """
    number = draw(st.integers(1, 3))
    edges = sorted(draw(st.sets(st.integers(-30, 119), min_size=2 * number, max_size=2 * number)))
    edges[-1] += draw(st.integers(0, 60))
    told = {way: [] for way in SOURCES}
    for index, minute in enumerate(edges):
        direction = Direction.OUT if index % 2 else Direction.IN
        for way in draw(st.sets(st.sampled_from(SOURCES), min_size=1, max_size=2)):
            told[way].append(Mark(direction, way, at(minute)))
    order = draw(st.permutations([way for way, marks in told.items() for _ in marks]))
    sent = {way: iter(marks) for way, marks in told.items()}
    stays = [Span(at(a), at(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return stays, [next(sent[way]) for way in order]


def received(scans: list[Mark]) -> list[Mark]:
    """Return what is kept of the scans as they come: judged by what was known each time."""
    known: list[Mark] = []
    for scan in scans:
        facts = Facts(*PLANNED, True, SignupState.CONFIRMED, derive(known))
        verdict, reason = rules.judge(scan.direction, scan.way, scan.occurred_at, at(300), facts)
        assert verdict == ScanVerdict.STORED or reason in rules.OUT_OF_TURN, (scan, reason)
        known.append(scan)
    return known


@given(days())
def test_any_order_gives_the_union_of_the_stays(day):
    stays, scans = day
    assert [(stay.in_at, stay.out_at) for stay in derive(received(scans))] == stays


@given(days(), st.integers(0, 60), st.integers(0, 30))
def test_no_more_counts_than_the_shift_and_its_grace(day, grace, break_minutes):
    terms = Terms(grace=grace, break_after=60, break_minutes=break_minutes)
    minutes = [worth(stay, PLANNED, terms)[1] for stay in day[0]]
    counted = [counted_span(stay, PLANNED, grace).seconds for stay in day[0]]
    assert all(0 <= one <= seconds / 60 for one, seconds in zip(minutes, counted, strict=True))
    assert sum(minutes) <= 120 + 2 * grace


numbers = count()


@settings(max_examples=10)
@given(days())
def test_hours_follow_whatever_comes_first(scene, day):
    """As sent to the desk: what is credited too early is taken back and credited anew."""
    stays, scans = day
    person = scene.make.volunteer(scene.station)
    shift = scene.make.shift(scene.station, starts_at=START)
    signup = sign_up(shift, person)
    actor = scene.make.actor(scene.manager)
    for scan in scans:
        record = DeskScan(
            f"00000000-0000-4000-8000-{next(numbers):012d}",
            scan.direction,
            Way.CAMERA,
            scan.occurred_at,
            signup_id=signup.public_id,
        )
        write(batches.record_batch, shift.id, [record], actor=actor, now=at(300))
    found = sorted(queries.visits_of(person.id), key=lambda visit: visit.pair)
    assert [(visit.in_at, visit.out_at) for visit in found] == stays
    due = [worth(stay, PLANNED, Terms())[1] for stay in stays]
    assert [visit.minutes for visit in found] == due
    assert ledger.total(person.id) == sum(due)
    assert hooks.check() == []
    assert hour_hooks.check() == []


def test_a_fourth_pair_of_the_day_is_refused_wherever_it_is(scene):
    """The limit is for the person and the day, not for a shift."""
    person = scene.make.volunteer(scene.station)
    for hour in range(4):
        shift = scene.make.shift(scene.station, starts_at=scene.at(60 * hour - 300), minutes=50)
        sign_up(shift, person)
        came = scene.scan(person, "in", 60 * hour - 300, shift=shift)
        scene.scan(person, "out", 60 * hour - 260, shift=shift)
    assert (came.verdict, came.reason) == ("rejected", "too_many_pairs")
    assert ledger.total(person.id) == 120
    tomorrow = scene.make.shift(scene.station, starts_at=scene.at(24 * 60))
    sign_up(tomorrow, person)
    assert scene.scan(person, "in", 24 * 60, shift=tomorrow).reason == "ok"


def test_who_was_elsewhere_then_is_refused_also_when_that_is_over(scene):
    person = scene.volunteer()
    other = scene.make.shift(scene.station, starts_at=scene.at(30))
    sign_up(other, person)
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 60)
    late = scene.scan(person, "in", 40, shift=other, now=scene.at(90), way=Way.CAMERA)
    assert (late.verdict, late.reason) == ("rejected", "overlap")
    assert scene.scan(person, "in", 60, shift=other, now=scene.at(91)).reason == "ok"


def test_a_stay_over_the_day_cap_is_cut_and_says_so(scene):
    long = scene.make.shift(scene.station, starts_at=scene.at(-480), minutes=720)
    person = scene.make.volunteer(scene.station)
    sign_up(long, person)
    scene.scan(person, "in", -480, shift=long)
    scene.scan(person, "out", 230, shift=long)
    (entry,) = ledger.entries_of(person.id)
    assert (entry.minutes, entry.rule["cut_by"]) == (600, ["day_cap"])
