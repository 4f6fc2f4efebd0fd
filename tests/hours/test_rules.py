"""The pure rules of minutes, as tables and as properties."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.hours import rules
from portal.hours.rules import EntryFields, Span, Terms

START = datetime(2026, 5, 3, 6, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def span(first: float, last: float) -> Span:
    return Span(at(first), at(last))


PLANNED = span(0, 120)


@pytest.mark.parametrize(
    ("stay", "counted"),
    [
        (span(0, 120), span(0, 120)),
        (span(-10, 130), span(-10, 130)),
        (span(-60, 240), span(-15, 135)),
        (span(30, 90), span(30, 90)),
        (span(-60, -30), span(0, 0)),
        (span(136, 150), span(120, 120)),
        (span(50, 50), span(50, 50)),
    ],
)
def test_grace_bounds_what_counts(stay, counted):
    assert rules.counted_span(stay, PLANNED, 15) == counted


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], span(0, 120)),
        ([span(120, 180)], span(0, 120)),
        ([span(-60, 0)], span(0, 120)),
        ([span(100, 180)], span(0, 100)),
        ([span(-60, 20)], span(20, 120)),
        ([span(30, 40)], span(40, 120)),
        ([span(90, 100)], span(0, 90)),
        ([span(-10, 200)], span(0, 0)),
        ([span(20, 30), span(60, 70), span(25, 65)], span(70, 120)),
        ([span(60, 60)], span(0, 120)),
    ],
)
def test_the_longest_free_part_is_left(taken, free):
    found = rules.free_part(span(0, 120), taken)
    assert found.seconds == free.seconds
    if free.seconds:
        assert found == free


@pytest.mark.parametrize(
    ("seconds", "rounding", "step", "minutes"),
    [
        (0, "down", 1, 0),
        (59, "down", 1, 0),
        (59, "up", 1, 1),
        (30, "nearest", 1, 1),
        (29, "nearest", 1, 0),
        (3600, "up", 30, 60),
        (3601, "up", 30, 90),
        (44 * 60, "nearest", 30, 30),
        (45 * 60, "nearest", 30, 60),
        (-5, "up", 1, 0),
    ],
)
def test_rounding(seconds, rounding, step, minutes):
    assert rules.rounded(seconds, Terms(rounding=rounding, step=step)) == minutes


def test_a_stay_is_credited_no_more_than_the_day_cap_and_says_so():
    counted, minutes = rules.worth(span(0, 1200), span(0, 1200), Terms())
    judged = rules.judge(counted, minutes, [], 0, Terms(day_cap=600))
    assert (minutes, judged.minutes, judged.cut_by) == (1200, 600, ("day_cap",))


@pytest.mark.parametrize(
    ("stay", "minutes"),
    [
        # Six hours planned, half an hour off for who stays more than four.
        (span(0, 360), 330),
        (span(0, 240), 240),
        (span(0, 250), 240),
        (span(0, 270), 240),
        (span(0, 271), 241),
    ],
)
def test_a_break_takes_nothing_from_who_left_before_it(stay, minutes):
    terms = Terms(break_after=240, break_minutes=30)
    assert rules.worth(stay, span(0, 360), terms)[1] == minutes
    # A short shift has none, however long somebody stays within its grace.
    assert rules.worth(span(0, 260), span(0, 240), terms)[1] == 255


@pytest.mark.parametrize(
    ("stays", "share", "is_short"),
    [
        ([span(0, 84)], 70, False),
        ([span(0, 83)], 70, True),
        ([span(0, 40), span(60, 110)], 70, False),
        ([span(-60, 60)], 70, True),
        ([span(0, 0)], 0, False),
        ([], 70, True),
    ],
)
def test_stays_are_short_together(stays, share, is_short):
    assert rules.is_short(stays, PLANNED, Terms(minimum_share=share)) is is_short


def test_the_version_of_a_day():
    first, later, newest = (Terms(version=number) for number in (1, 2, 3))
    versions = [(date(2000, 1, 1), first), (date(2026, 6, 1), later), (date(2026, 5, 1), newest)]
    days = {date(2026, 4, 30): 1, date(2026, 5, 1): 3, date(2026, 6, 1): 2, date(2026, 7, 1): 2}
    assert {day: rules.valid_on(versions, day).version for day in days} == days
    same_day = [*versions, (date(2026, 6, 1), Terms(version=4))]
    assert rules.valid_on(same_day, date(2026, 6, 2)).version == 4


def test_a_record_keeps_the_figures_it_was_judged_by():
    assert Terms.of_rule(Terms(version=3, break_after=60).as_rule()) == Terms(
        version=3, break_after=60
    )
    old = {"grace": 5, "rounding": "up", "step": 30, "day_cap": 300, "cut_by": ["overlap"]}
    assert Terms.of_rule(old) == Terms(5, "up", 30, 300, minimum_share=0, version=0)
    assert Terms.of_rule({"bulk": 1}) is None


@pytest.mark.parametrize(
    ("taken", "day_minutes", "minutes", "cut_by"),
    [
        ([], 0, 120, ()),
        ([span(60, 180)], 120, 60, ("overlap",)),
        ([], 550, 50, ("day_cap",)),
        ([span(60, 180)], 590, 10, ("overlap", "day_cap")),
        ([], 700, 0, ("day_cap",)),
    ],
)
def test_what_is_credited_beside_other_records(taken, day_minutes, minutes, cut_by):
    judged = rules.judge(span(0, 120), 120, taken, day_minutes, Terms())
    assert (judged.minutes, judged.cut_by) == (minutes, cut_by)


spans = st.tuples(st.integers(-300, 300), st.integers(0, 300)).map(
    lambda pair: span(pair[0], pair[0] + pair[1])
)
terms = st.builds(
    Terms,
    grace=st.integers(0, 60),
    rounding=st.sampled_from(["down", "nearest", "up"]),
    step=st.integers(1, 60),
    day_cap=st.integers(60, 1440),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(spans, max_size=6), terms)
def test_records_credited_one_after_another_never_overlap(stays, figures):
    taken: list[Span] = []
    total = 0
    for stay in stays:
        counted, minutes = rules.worth(stay, PLANNED, figures)
        judged = rules.judge(counted, minutes, taken, total, figures)
        assert 0 <= judged.minutes <= figures.day_cap
        assert judged.minutes <= judged.span.seconds / 60 + figures.step
        assert counted.starts_at <= judged.span.starts_at <= judged.span.ends_at <= counted.ends_at
        taken.append(judged.span)
        total += judged.minutes
    assert total <= figures.day_cap
    filled = sorted(part for part in taken if part.seconds)
    assert all(left.ends_at <= right.starts_at for left, right in pairwise(filled))


def _fields(**changes) -> EntryFields:
    values = {
        "person_id": 1,
        "seq": 1,
        "shift_id": 2,
        "station_id": 3,
        "kind_id": 4,
        "day": date(2026, 5, 3),
        "starts_at": at(0),
        "ends_at": at(60),
        "minutes": 60,
        "source": "check_in",
        "source_kind": "visit",
        "source_id": 5,
        "source_round": 0,
        "reverses_id": None,
        "rule": {"b": 1, "a": [2]},
        "actor_id": None,
        "at": at(61),
    }
    return EntryFields(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [{"minutes": 61}, {"person_id": 2}, {"starts_at": at(1)}, {"rule": {"a": [2]}}, {"at": at(62)}],
)
def test_the_digest_covers_every_field(changes):
    assert rules.digest(rules.CHAIN_START, _fields()) != rules.digest(
        rules.CHAIN_START, _fields(**changes)
    )


def test_the_digest_does_not_depend_on_order_or_offset():
    shanghai = START.astimezone(tz=None)
    same = _fields(rule={"a": [2], "b": 1}, starts_at=shanghai)
    assert rules.digest("", same) == rules.digest("", _fields())
    assert rules.digest("x", same) != rules.digest("", same)
