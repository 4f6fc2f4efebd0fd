"""Each detector at its figure and just below it."""

from datetime import timedelta

import pytest

from portal.anomalies import rules_hours, rules_scans
from portal.anomalies.models import AnomalyState
from portal.anomalies.rules import (
    DECISIONS,
    STEPS,
    Check,
    Entry,
    Figures,
    Spot,
    Window,
    window_start,
)
from portal.attendance.models import Way
from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.hours.models import Source
from tests.anomalies.generated import instant

NINE = instant("2026-03-04 09:00:00")  # a Wednesday
FIGURES = Figures()
SPOTS = {1: Spot(1, 10), 2: Spot(2, 10), 3: Spot(3, 11), 4: Spot(1, 10)}


def check(number, seconds, *, person=None, station=1, way=Way.CODE, hand=None, comes=True, device="",
          shift=1):  # fmt: skip
    person = number if person is None else person
    at = NINE + timedelta(seconds=seconds)
    return Check(number, person, shift, station, comes, way, hand or person, at, device)


def entry(number, starts_at=NINE, minutes=120, *, late=0, **changes):
    ends_at = starts_at + timedelta(minutes=minutes)
    values = {
        "person_id": number, "station_id": 1, "shift_id": number, "source": Source.MAKE_UP,
        "author_id": 900, "approver_id": 901, "written_at": ends_at + timedelta(days=late), **changes,
    }  # fmt: skip
    return Entry(number, starts_at=starts_at, ends_at=ends_at, minutes=minutes, **values)


def found(detector, *records, **more):
    checks = tuple(one for one in records if isinstance(one, Check))
    entries = tuple(one for one in records if isinstance(one, Entry))
    return list(detector(Window(checks, entries, spots=SPOTS, **more), FIGURES))


def row(count, pace, **changes):
    return [check(n, n * pace, **changes) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("checks", "listed"),
    [
        (row(8, 2.5, way=Way.MANUAL, hand=900), True),
        (row(8, 2.9, way=Way.MANUAL, hand=900), False),
        (row(7, 1, way=Way.CAMERA, hand=900), False),
        (row(20, 1), False),  # a bus: each on their own phone
        (row(20, 1, way=Way.RULE, hand=900), False),  # the system closes what was forgotten
    ],
)
def test_bursts(checks, listed):
    findings = found(rules_scans.bursts, *checks)
    assert [one.person_id for one in findings] == ([900] if listed else [])
    assert all(len(one.checks) == 8 for one in findings)


def stays(count, *, second=None, length=None, person=None):
    for n in range(count):
        came = 60 * n + (second if second is not None else 7 * n * n % 60)
        gone = came + 7200 + (length if length is not None else 37 * n)
        # One person cannot be twice at one shift; a shift is full of different people.
        who = person or 100 + n
        shift = n + 1 if person else 1
        yield check(2 * n + 1, came, person=who, shift=shift)
        yield check(2 * n + 2, gone, person=who, shift=shift, comes=False)


@pytest.mark.parametrize(
    ("checks", "what"),
    [
        (stays(6, second=7), "second"),
        (stays(6, length=0), "length"),
        (stays(6, second=7, person=5), "second"),
        (stays(5, second=7, length=0), None),
        (stays(9), None),
        ([check(n, n % 2 * 0.4, person=n) for n in range(1, 20)], None),  # a crowd, within a second
    ],
)
def test_equal_seconds(checks, what):
    findings = found(rules_scans.equal_seconds, *checks)
    assert [one.facts["what"] for one in findings] == ([what] if what else [])


@pytest.mark.parametrize(
    ("persons", "families", "listed"),
    [(3, {}, True), (2, {}, False), (4, {1: 1, 2: 1, 3: 1}, False), (5, {1: 1, 2: 1, 3: 1}, True)],
)
def test_a_family_on_one_phone_counts_as_one(persons, families, listed):
    checks = [check(n, 60 * n, device="x") for n in range(1, persons + 1)]
    findings = found(rules_scans.same_devices, *checks, families=families)
    assert len(findings) == listed
    assert all(one.facts["persons"] == persons and one.person_id is None for one in findings)
    apart = [check(n, 60 * n, device=f"own{n}") for n in range(1, 9)]
    assert found(rules_scans.same_devices, *apart) == []


@pytest.mark.parametrize(
    ("station", "minutes", "way", "listed"),
    [
        (3, 19, Way.CODE, True),
        (3, 20, Way.CODE, False),
        (2, 9, Way.CODE, True),
        (2, 10, Way.CODE, False),
        (4, 0, Way.CODE, False),  # a point of the same community
        (9, 0, Way.CODE, False),  # a centre holds things anywhere
        (3, 1, Way.RULE, False),
    ],
)
def test_travels(station, minutes, way, listed):
    left = check(1, 0, person=7, comes=False)
    came = check(2, 60 * minutes, person=7, station=station, way=way, shift=2)
    assert len(found(rules_scans.travels, left, came)) == listed
    assert found(rules_scans.travels, left, check(3, 60, person=8, station=3)) == []


def days(count, minutes, hour=9):
    monday = instant(f"2026-03-02 {hour:02}:00:00")
    return [
        entry(n + 1, monday + timedelta(days=n), minutes, person_id=5, source=Source.CHECK_IN)
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("entries", "listed"),
    [
        (days(6, 450), True),
        (days(6, 449), False),
        (days(4, 180, hour=23), True),
        (days(5, 180, hour=20), False),  # evenings are not night
        (days(3, 300, hour=3), False),
    ],
)
def test_round_the_clock(entries, listed):
    assert len(found(rules_hours.round_the_clock, *entries)) == listed


def test_what_is_night():
    assert rules_hours.night_minutes(entry(1, instant("2026-03-04 22:00:00"), 480)) == 360
    assert rules_hours.night_minutes(entry(1, instant("2026-03-04 04:30:00"), 60)) == 30
    assert rules_hours.night_minutes(entry(1)) == 0


@pytest.mark.parametrize(
    ("own", "others", "source", "listed"),
    [
        (10, 2, Source.MAKE_UP, True),
        (10, 3, Source.MAKE_UP, False),
        (9, 0, Source.MAKE_UP, False),
        (40, 0, Source.CHECK_IN, False),
    ],
)
def test_approvers(own, others, source, listed):
    entries = [entry(n, approver_id=901 if n <= own else 902, source=source)
               for n in range(1, own + others + 1)]  # fmt: skip
    findings = found(rules_hours.approvers, *entries)
    assert [one.person_id for one in findings] == ([901] if listed else [])


def test_a_sheet_is_let_count_as_a_whole():
    sheet = [entry(n, source=Source.PAPER, shift_id=1) for n in range(1, 40)]
    assert found(rules_hours.approvers, *sheet) == []


@pytest.mark.parametrize(
    ("entries", "listed"),
    [
        ([entry(n, late=7) for n in range(8)], True),
        ([entry(n, late=7) for n in range(7)], False),
        ([entry(n, late=6) for n in range(20)], False),
        ([entry(1, late=31)], True),
        ([entry(1, late=30)], False),
        ([entry(n, late=20, source=Source.CHECK_IN) for n in range(20)], False),
    ],
)
def test_back_entries(entries, listed):
    assert len(found(rules_hours.back_entries, *entries)) == listed


def test_the_hand_is_who_did_not_ask_for_themselves():
    asked = [entry(n, late=9, author_id=n) for n in range(1, 9)]
    assert [one.person_id for one in found(rules_hours.back_entries, *asked)] == [901]


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ([entry(n, has_signup=False) for n in range(3)], "no_signup"),
        ([entry(n, has_signup=False) for n in range(2)], None),
        ([entry(n, has_signup=False, source=Source.WISH) for n in range(9)], None),
        (
            [entry(1, minutes=300), entry(2, NINE + timedelta(hours=6), 301, person_id=1)],
            "over_day",
        ),
        ([entry(1, minutes=300), entry(2, NINE + timedelta(hours=5), 300, person_id=1)], None),
        ([entry(1, cut_by=("day_cap",))], "over_day"),
        ([entry(1), entry(2, NINE + timedelta(hours=1), person_id=1)], "overlap"),
        ([entry(1, cut_by=("overlap",))], "overlap"),
        ([entry(1, cut_by=("overlap",), source=Source.CHECK_IN)], None),
    ],
)
def test_unfounded(entries, what):
    findings = found(rules_hours.unfounded, *entries)
    assert [one.facts["what"] for one in findings] == ([what] if what else [])


def test_found_again_it_has_the_same_key_and_each_thing_its_own():
    late = [entry(n, late=9) for n in range(1, 9)]
    (first,) = found(rules_hours.back_entries, *late)
    (again,) = found(rules_hours.back_entries, *late, entry(20, late=9))
    (beside,) = found(rules_hours.back_entries, *[entry(n, late=9, station_id=2) for n in range(8)])
    assert first.key == again.key != beside.key
    assert len(first.key) <= 80


def test_the_window_holds_whole_weeks_and_months():
    for text in ("2026-03-01", "2026-03-31", "2026-11-03", "2026-01-02"):
        yesterday = instant(f"{text} 00:00:00").date()
        start = window_start(yesterday)
        assert start.day == 1
        assert 13 <= (yesterday - start).days <= 51


@pytest.mark.parametrize("state", AnomalyState)
@pytest.mark.parametrize("verb", [*DECISIONS, "reopen"])
def test_every_step(state, verb):
    if (state, verb) in STEPS:
        assert next_state(STEPS, state, verb) == DECISIONS.get(verb, AnomalyState.NEW)
    else:
        with pytest.raises(Refused):
            next_state(STEPS, state, verb)
