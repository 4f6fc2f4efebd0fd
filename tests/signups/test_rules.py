"""Decisions about waiting and offering: the whole table of steps, the queue and its deadlines."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

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
    },
    SignupState.OFFERED: {
        "accept": SignupState.CONFIRMED,
        "lapse": SignupState.WITHDRAWN,
        "withdraw": SignupState.WITHDRAWN,
        "call_off": SignupState.CALLED_OFF,
        "attend": SignupState.ATTENDED,
    },
    SignupState.CONFIRMED: {
        "hand_over": SignupState.WITHDRAWN,
        "withdraw": SignupState.WITHDRAWN,
        "call_off": SignupState.CALLED_OFF,
        "attend": SignupState.ATTENDED,
        "miss": SignupState.NO_SHOW,
    },
    SignupState.NO_SHOW: {"attend": SignupState.ATTENDED},
}


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
    assert not [state for state, _verb in STEPS if state in ends]


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
