"""The pure rules of scans and stays, as tables."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.attendance import rules, rules_stays
from portal.attendance.models import Direction, Pending, ScanVerdict, VisitState, Way
from portal.attendance.rules import Facts, ScanReason
from portal.attendance.rules_stays import Mark, Stay
from portal.signups.models import SignupState

IN, OUT = Direction.IN, Direction.OUT
START = datetime.fromisoformat("2026-05-08T14:00:00+08:00")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def mark(direction, minutes, way=Way.CODE):
    return Mark(direction, way, at(minutes))


# --- stays ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "stays"),
    [
        ([], []),
        ([mark(OUT, 5)], []),
        ([mark(IN, 0)], [Stay(1, at(0))]),
        ([mark(IN, 0), mark(IN, 3)], [Stay(1, at(0))]),
        ([mark(IN, 0), mark(OUT, 60)], [Stay(1, at(0), at(60), Way.CODE)]),
        ([mark(OUT, 60), mark(IN, 0)], [Stay(1, at(0), at(60), Way.CODE)]),
        (
            [mark(IN, 0), mark(OUT, 30), mark(OUT, 40), mark(IN, 50)],
            [Stay(1, at(0), at(30), Way.CODE), Stay(2, at(50))],
        ),
        (
            [mark(IN, 0), mark(OUT, 120, Way.RULE), mark(OUT, 120, Way.CONFIRMED)],
            [Stay(1, at(0), at(120), Way.RULE, Way.CONFIRMED)],
        ),
        (
            [mark(IN, 0), mark(OUT, 120, Way.RULE), mark(OUT, 120, Way.LAPSED)],
            [Stay(1, at(0), at(120), Way.RULE, Way.LAPSED)],
        ),
        # A real going out that reaches us late takes the place of the rule's.
        (
            [mark(IN, 0), mark(OUT, 120, Way.RULE), mark(OUT, 110, Way.CAMERA)],
            [Stay(1, at(0), at(110), Way.CAMERA)],
        ),
        (
            [mark(IN, 0), mark(OUT, 60), mark(OUT, 60, Way.CONFIRMED)],
            [Stay(1, at(0), at(60), Way.CODE, Way.CONFIRMED)],
        ),
        # Somebody's word about another stay's end says nothing of a real one.
        (
            [mark(IN, 0), mark(OUT, 60), mark(OUT, 70, Way.LAPSED)],
            [Stay(1, at(0), at(60), Way.CODE)],
        ),
        # Somebody left before the planned end, or a little after it, as the leader says.
        (
            [mark(IN, 0), mark(OUT, 120, Way.RULE), mark(OUT, 90, Way.CONFIRMED)],
            [Stay(1, at(0), at(90), Way.CONFIRMED, Way.CONFIRMED)],
        ),
        (
            [mark(IN, 0), mark(OUT, 120, Way.RULE), mark(OUT, 125, Way.CONFIRMED)],
            [Stay(1, at(0), at(125), Way.RULE, Way.CONFIRMED)],
        ),
        # Three pairs a day, whatever else was scanned.
        (
            [mark(way_to, n * 2 + (way_to == OUT)) for n in range(4) for way_to in (IN, OUT)],
            [Stay(n + 1, at(n * 2), at(n * 2 + 1), Way.CODE) for n in range(3)],
        ),
    ],
)
def test_scans_make_stays(marks, stays):
    assert rules_stays.derive(marks) == stays


marks = st.lists(
    st.builds(
        mark, st.sampled_from([IN, OUT]), st.integers(0, 30), st.sampled_from(list(Way)[:-1])
    ),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(marks)
def test_stays_are_numbered_and_never_overlap(scans):
    stays = rules_stays.derive(scans)
    assert [stay.pair for stay in stays] == list(range(1, len(stays) + 1))
    assert all(stay.out_at is not None for stay in stays[:-1])
    for before, after in pairwise(stays):
        assert before.in_at <= before.out_at <= after.in_at


@pytest.mark.parametrize(
    ("stay", "earns", "registered", "expected"),
    [
        (Stay(1, at(0)), True, True, (VisitState.OPEN, None)),
        (Stay(1, at(0), at(9), Way.CODE), True, True, (VisitState.CLOSED, None)),
        (Stay(1, at(0), at(9), Way.CODE), False, True, (VisitState.CLOSED, None)),
        (Stay(1, at(0), at(9), Way.RULE), False, False, (VisitState.CLOSED, None)),
        (
            Stay(1, at(0), at(9), Way.CODE),
            True,
            False,
            (VisitState.PROVISIONAL, Pending.NOT_REGISTERED),
        ),
        (
            Stay(1, at(0), at(9), Way.RULE),
            True,
            False,
            (VisitState.PROVISIONAL, Pending.NO_CHECK_OUT),
        ),
        (
            Stay(1, at(0), at(9), Way.RULE, Way.CONFIRMED),
            True,
            False,
            (VisitState.PROVISIONAL, Pending.NOT_REGISTERED),
        ),
        (Stay(1, at(0), at(9), Way.RULE, Way.CONFIRMED), True, True, (VisitState.CLOSED, None)),
        (Stay(1, at(0), at(9), Way.RULE, Way.LAPSED), True, True, (VisitState.LAPSED, None)),
    ],
)
def test_what_a_stay_means(stay, earns, registered, expected):
    assert rules_stays.standing(stay, earns=earns, registered=registered) == expected


# --- verdicts ------------------------------------------------------------------------------------

STAYED = Stay(1, at(0), at(30), Way.CODE)
BY_RULE = Stay(1, at(0), at(120), Way.RULE)


def facts(**changes) -> Facts:
    values = {
        "starts_at": at(0),
        "ends_at": at(120),
        "takes_place": True,
        "signup": SignupState.CONFIRMED,
    }
    return Facts(**{**values, **changes})


REJECTED, STORED, CONFLICT = ScanVerdict.REJECTED, ScanVerdict.STORED, ScanVerdict.CONFLICT
WRONG = ScanReason.WRONG_SHIFT


@pytest.mark.parametrize(
    ("direction", "minutes", "changes", "verdict", "reason"),
    [
        (IN, 0, {}, STORED, "ok"),
        (IN, -60, {}, STORED, "ok"),
        (IN, -61, {}, REJECTED, "too_early"),
        (IN, 120, {}, STORED, "ok"),
        (IN, 121, {}, REJECTED, "too_late"),
        (IN, 0, {"signup": None}, REJECTED, "not_signed_up"),
        (IN, 0, {"signup": SignupState.WAITLISTED}, REJECTED, "not_signed_up"),
        (IN, 0, {"signup": SignupState.OFFERED}, STORED, "ok"),
        (IN, 0, {"signup": SignupState.NO_SHOW}, STORED, "ok"),
        (IN, 0, {"signup": SignupState.WITHDRAWN}, REJECTED, "withdrawn"),
        (IN, 0, {"signup": SignupState.CALLED_OFF}, REJECTED, "called_off"),
        (IN, 0, {"takes_place": False}, REJECTED, "called_off"),
        (IN, 0, {"signup": None, "beside": WRONG}, REJECTED, "wrong_shift"),
        (IN, 5, {"stays": [Stay(1, at(0))]}, REJECTED, "already_in"),
        (IN, 40, {"stays": [STAYED]}, STORED, "ok"),
        (IN, 20, {"stays": [STAYED]}, REJECTED, "already_in"),
        (IN, 40, {"stays": [STAYED] * 3}, REJECTED, "too_many_pairs"),
        (IN, 40, {"is_elsewhere": True}, REJECTED, "overlap"),
        (IN, 40, {"stays": [STAYED], "pairs_elsewhere": 1}, STORED, "ok"),
        (IN, 40, {"stays": [STAYED], "pairs_elsewhere": 2}, REJECTED, "too_many_pairs"),
        (IN, 40, {"pairs_elsewhere": 3}, REJECTED, "too_many_pairs"),
        (OUT, 40, {}, REJECTED, "already_out"),
        (OUT, 40, {"stays": [Stay(1, at(0))]}, STORED, "ok"),
        (OUT, 240, {"stays": [Stay(1, at(0))]}, STORED, "ok"),
        (OUT, 241, {"stays": [Stay(1, at(0))]}, REJECTED, "too_late"),
        (OUT, 241, {"stays": [STAYED]}, REJECTED, "already_out"),
        (OUT, 40, {"stays": [STAYED]}, REJECTED, "already_out"),
        (OUT, 3, {"stays": [Stay(1, at(5))]}, REJECTED, "already_out"),
        (OUT, 110, {"stays": [BY_RULE]}, STORED, "ok"),
    ],
)
def test_what_a_scan_is_worth(direction, minutes, changes, verdict, reason):
    judged = rules.judge(direction, Way.CODE, at(minutes), at(minutes), facts(**changes))
    assert judged == (verdict, ScanReason(reason))


def test_the_clock_of_a_phone_may_be_a_little_ahead():
    assert rules.judge(IN, Way.CAMERA, at(5), at(0), facts()) == rules.ACCEPTED
    assert rules.judge(IN, Way.CAMERA, at(6), at(0), facts()) == (REJECTED, ScanReason.FUTURE)


def test_a_phone_that_comes_back_after_half_a_day_is_too_late():
    assert rules.judge(IN, Way.CAMERA, at(5), at(120 + 719), facts()) == rules.ACCEPTED
    late = rules.judge(IN, Way.CAMERA, at(5), at(120 + 721), facts())
    assert late == (REJECTED, ScanReason.TOO_LATE)


@pytest.mark.parametrize("way", [Way.CAMERA, Way.MANUAL])
def test_going_out_at_the_desk_without_having_come_needs_a_person(way):
    assert rules.judge(OUT, way, at(5), at(5), facts()) == (CONFLICT, ScanReason.ALREADY_OUT)


def test_a_forgotten_stay_ends_as_planned():
    assert rules.planned_end(at(120), None, at(0)) == at(120)
    assert rules.planned_end(at(120), at(60), at(0)) == at(60)
    assert rules.planned_end(at(120), at(60), at(90)) == at(90)
