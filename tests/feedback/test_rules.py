from datetime import UTC, date, datetime

import pytest

from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.feedback import rules
from portal.feedback.models import FEEDBACK_STATE_LABELS, OPEN, FeedbackState

VERBS = ("answer", "decline", "hand_over", "withdraw", "reopen")
FILED, HANDED_OVER, REOPENED, ANSWERED, CANNOT, WITHDRAWN = FeedbackState
ALLOWED = {
    (FILED, "answer"): ANSWERED,
    (FILED, "decline"): CANNOT,
    (FILED, "hand_over"): HANDED_OVER,
    (FILED, "withdraw"): WITHDRAWN,
    (HANDED_OVER, "answer"): ANSWERED,
    (HANDED_OVER, "decline"): CANNOT,
    (HANDED_OVER, "hand_over"): HANDED_OVER,
    (HANDED_OVER, "withdraw"): WITHDRAWN,
    (REOPENED, "answer"): ANSWERED,
    (REOPENED, "decline"): CANNOT,
    (REOPENED, "hand_over"): HANDED_OVER,
    (REOPENED, "withdraw"): WITHDRAWN,
    (ANSWERED, "reopen"): REOPENED,
    (CANNOT, "reopen"): REOPENED,
}


@pytest.mark.parametrize("state", FeedbackState)
@pytest.mark.parametrize("verb", VERBS)
def test_the_whole_table(state, verb):
    if (state, verb) in ALLOWED:
        assert next_state(rules.STEPS, state, verb) == ALLOWED[state, verb]
    else:
        with pytest.raises(Refused) as caught:
            next_state(rules.STEPS, state, verb)
        assert caught.value.codes == ("wrong_state",)


def test_the_table_knows_no_other_steps():
    assert rules.STEPS == ALLOWED


def test_every_state_has_words_and_is_open_or_closed():
    assert set(FEEDBACK_STATE_LABELS) == set(FeedbackState)
    assert set(OPEN) == {FILED, HANDED_OVER, REOPENED}


@pytest.mark.parametrize("state", FeedbackState)
def test_who_filed_may_withdraw_what_is_open_and_reopen_once_what_was_answered(state):
    assert rules.may_withdraw(state) == (state in OPEN)
    assert rules.may_reopen(state, None) == (state in {ANSWERED, CANNOT})
    assert not rules.may_reopen(state, datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize("state", FeedbackState)
def test_overdue_is_the_day_after_and_only_what_is_open(state):
    due_on = date(2026, 11, 27)
    assert not rules.is_overdue(state, due_on, due_on)
    assert rules.is_overdue(state, due_on, date(2026, 11, 28)) == (state in OPEN)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234 5678", "12345678"),
        (" 1234-5678\t", "12345678"),
        ("１２３４　５６７８", "12345678"),
        ("", ""),
        (None, ""),
        ("abc", "abc"),
    ],
)
def test_a_number_is_read_as_it_is_typed(typed, number):
    assert rules.normal_number(typed) == number


def test_a_number_is_shown_in_two_groups():
    assert rules.shown_number("01234567") == "0123 4567"
