"""Decisions about waiting and offering: the whole table of steps, the queue and its deadlines."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest

from portal.core import clock
from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.signups import rules
from portal.signups.models import HOLDING, LIVE, SIGNUP_STATE_LABELS, SignupState
from portal.signups.panel import TONES
from portal.signups.rules import STEPS

VERBS = sorted({verb for _state, verb in STEPS})
START = datetime(2026, 11, 28, 1, tzinfo=UTC)
NOW = START - timedelta(days=1)

# --- steps ---------------------------------------------------------------------------------------

# What each state knows to do; whatever is not here is refused.
KNOWN = {
    SignupState.WAITLISTED: {
        "offer": SignupState.OFFERED,
        "confirm": SignupState.CONFIRMED,
        "withdraw": SignupState.WITHDRAWN,
        "call_off": SignupState.CALLED_OFF,
        "take_over": SignupState.CONFIRMED,
        "release": SignupState.WITHDRAWN,
        **dict.fromkeys(
            ("split", "move_up", "move_down", "move_first", "give"), SignupState.WAITLISTED
        ),
    },
    SignupState.OFFERED: {
        "decline": SignupState.WITHDRAWN,
        "release": SignupState.WITHDRAWN,
        "put_back": SignupState.WAITLISTED,
        "accept": SignupState.CONFIRMED,
        "lapse": SignupState.WITHDRAWN,
        "withdraw": SignupState.WITHDRAWN,
        "call_off": SignupState.CALLED_OFF,
        "attend": SignupState.ATTENDED,
    },
    SignupState.CONFIRMED: {
        "hand_over": SignupState.WITHDRAWN,
        "ask_again": SignupState.OFFERED,
        "release": SignupState.WITHDRAWN,
        "put_back": SignupState.WAITLISTED,
        "withdraw": SignupState.WITHDRAWN,
        "call_off": SignupState.CALLED_OFF,
        "attend": SignupState.ATTENDED,
        "miss": SignupState.NO_SHOW,
    },
    SignupState.NO_SHOW: {"attend": SignupState.ATTENDED},
}
# Undoing a change leads from whatever it made of a sign-up to what it was before.
for made, before in product(("offered", "waitlisted", "withdrawn", "called_off"), LIVE):
    if before in {"confirmed", "offered", "waitlisted"} and made != before:
        KNOWN.setdefault(SignupState(made), {})[f"undo_{before}"] = before


@pytest.mark.parametrize(("state", "verb"), list(product(SignupState, VERBS)))
def test_every_state_and_every_verb(state, verb):
    expected = KNOWN.get(state, {}).get(verb)
    if expected is not None:
        assert next_state(STEPS, state, verb) == expected
        return
    with pytest.raises(Refused) as refused:
        next_state(STEPS, state, verb)
    assert refused.value.codes == ("wrong_state",)


def test_no_step_leaves_an_end():
    ends = {SignupState.WITHDRAWN, SignupState.CALLED_OFF, SignupState.ATTENDED}
    assert not [
        (state, verb) for state, verb in STEPS if state in ends and not verb.startswith("undo_")
    ]


def test_what_holds_a_place_and_what_is_live():
    assert set(HOLDING) == {"confirmed", "offered", "attended", "no_show"}
    assert set(LIVE) - set(HOLDING) == {"waitlisted"}


def test_every_state_has_its_words():
    assert set(SIGNUP_STATE_LABELS) == set(TONES) == set(SignupState)


@pytest.mark.parametrize("state", SignupState)
def test_what_can_still_be_withdrawn(state):
    waits = {SignupState.CONFIRMED, SignupState.OFFERED, SignupState.WAITLISTED}
    assert rules.may_withdraw(state, START, NOW) == (state in waits)
    assert not rules.may_withdraw(state, START, START)


# --- the queue -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "is_open"),
    [
        (timedelta(hours=2, seconds=1), True),
        (timedelta(hours=2), False),
        (timedelta(hours=1), False),
        (timedelta(hours=-1), False),
    ],
)
def test_the_queue_closes_two_hours_before_the_start(before, is_open):
    assert rules.queue_is_open(START, START - before) is is_open


@pytest.mark.parametrize(
    ("before", "hours", "expected"),
    [
        (timedelta(days=3), 12, START - timedelta(days=3) + timedelta(hours=12)),
        (timedelta(days=3), 1, START - timedelta(days=3) + timedelta(hours=1)),
        (timedelta(days=3), 0, START - timedelta(days=3) + timedelta(minutes=30)),
        (timedelta(hours=14), 12, START - timedelta(hours=2)),
        (timedelta(hours=10), 12, START - timedelta(hours=2)),
        # Thirty minutes are wished for, but two hours before the start is the last word.
        (timedelta(hours=2, minutes=10), 12, START - timedelta(hours=2)),
        (timedelta(hours=1), 12, START - timedelta(hours=1)),
    ],
)
def test_an_offer_holds_until(before, hours, expected):
    assert rules.offer_deadline(START, hours, START - before) == expected


NIGHT = rules.Night(21, 8)


@pytest.mark.parametrize(
    ("made", "hours", "night", "expected"),
    [
        # Local hours of the first of May: twelve hours of waking from nine are up at nine at night.
        ("09:00", 12, NIGHT, "1 21:00"),
        ("12:00", 12, NIGHT, "2 11:00"),
        ("20:45", 1, NIGHT, "2 08:45"),
        ("23:30", 3, NIGHT, "2 11:00"),
        ("03:10", 3, NIGHT, "1 11:00"),
        ("23:30", 3, rules.Night(0, 0), "2 02:30"),
        ("02:30", 3, rules.Night(1, 6), "1 09:00"),
        ("09:00", 40, NIGHT, "4 10:00"),
    ],
)
def test_the_night_is_not_counted(made, hours, night, expected):
    at = clock.at_local(date(2026, 5, 1), time.fromisoformat(made))
    until = clock.local(rules.offer_deadline(at + timedelta(days=9), hours, at, night))
    assert f"{until.day} {until:%H:%M}" == expected


def test_the_closing_is_the_last_word_by_night_too():
    at = clock.at_local(date(2026, 5, 1), time(23))
    start = at + timedelta(hours=9)
    assert rules.offer_deadline(start, 12, at, NIGHT) == start - timedelta(hours=2)


def test_groups_move_as_one():
    queue = [[1], [2, 3], [4]]
    for hand, expected in (
        (rules.Hand.UP, [[2, 3], [1], [4]]),
        (rules.Hand.DOWN, [[1], [4], [2, 3]]),
        (rules.Hand.FIRST, [[2, 3], [1], [4]]),
    ):
        assert rules.reordered(queue, [2, 3], hand) == expected
    assert rules.reordered(queue, [1], rules.Hand.UP) == queue
    assert rules.reordered(queue, [4], rules.Hand.DOWN) == queue
