from datetime import UTC, date, datetime, time

import pytest

from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.services import rules, words
from portal.services.models_dispatches import (
    DISPATCH_STATE_LABELS,
    HOLDING,
    DispatchState,
)
from portal.services.models_orders import ORDER_STATE_LABELS, DayPart, OrderState, VisitStep
from portal.services.rules import Claimer
from portal.services.story import _TITLES

S, D = OrderState, DispatchState
VERBS = (
    "review", "refuse", "dispatch", "open", "accept", "claim", "decline", "recall", "finish",
    "reopen", "rate", "close", "withdraw", "expire",
)  # fmt: skip
# State -> verb -> next: written out once more, by hand.
ALLOWED = {
    S.FILED: {"review": S.REVIEWED, "refuse": S.REFUSED, "withdraw": S.WITHDRAWN,
              "expire": S.EXPIRED},
    S.REVIEWED: {"dispatch": S.DISPATCHED, "open": S.OPEN, "refuse": S.REFUSED,
                 "withdraw": S.WITHDRAWN, "expire": S.EXPIRED},
    S.DISPATCHED: {"accept": S.ACCEPTED, "decline": S.REVIEWED, "recall": S.REVIEWED,
                   "withdraw": S.WITHDRAWN, "expire": S.EXPIRED},
    S.OPEN: {"claim": S.ACCEPTED, "recall": S.REVIEWED, "withdraw": S.WITHDRAWN,
             "expire": S.EXPIRED},
    S.ACCEPTED: {"finish": S.DONE, "decline": S.REVIEWED, "recall": S.REVIEWED,
                 "withdraw": S.WITHDRAWN},
    S.DONE: {"reopen": S.ACCEPTED, "rate": S.RATED, "close": S.CLOSED},
    S.RATED: {"close": S.CLOSED},
    S.CLOSED: {}, S.REFUSED: {}, S.WITHDRAWN: {}, S.EXPIRED: {},
}  # fmt: skip
DISPATCHES = {
    D.OFFERED: {"accept": D.ACCEPTED, "claim": D.ACCEPTED, "decline": D.DECLINED,
                "recall": D.RECALLED},
    D.ACCEPTED: {"decline": D.DECLINED, "recall": D.RECALLED, "finish": D.DONE},
    D.DONE: {"reopen": D.ACCEPTED},
    D.DECLINED: {}, D.RECALLED: {},
}  # fmt: skip
TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("table", "allowed"),
    [(rules.STEPS, ALLOWED), (rules.DISPATCH_STEPS, DISPATCHES)],
    ids=["order", "dispatch"],
)
def test_the_whole_table(table, allowed):
    for state, steps in allowed.items():
        for verb in VERBS:
            if verb in steps:
                assert next_state(table, state, verb) == steps[verb]
            else:
                with pytest.raises(Refused) as caught:
                    next_state(table, state, verb)
                assert caught.value.codes == ("wrong_state",)
    assert len(table) == sum(map(len, allowed.values()))


def test_every_state_has_words_and_is_open_or_an_end():
    assert set(ORDER_STATE_LABELS) == set(words.ASKER_LABELS) == set(OrderState) == set(ALLOWED)
    assert set(DISPATCH_STATE_LABELS) == set(DispatchState) == set(DISPATCHES)
    assert set(rules.OPEN) | rules.ENDS == set(OrderState)
    assert not set(rules.OPEN) & rules.ENDS
    assert {S.CLOSED, S.REFUSED, S.WITHDRAWN, S.EXPIRED} == rules.ENDS
    assert set(VERBS) | {rules.FILE} == set(_TITLES)


def test_from_every_state_an_end_can_be_reached():
    reached = set(rules.ENDS)
    for _round in OrderState:
        reached |= {state for (state, _verb), to in rules.STEPS.items() if to in reached}
    assert reached == set(OrderState)


def test_an_order_has_the_dispatch_of_its_state():
    assert set(rules.HELD.values()) == set(HOLDING)
    assert not set(rules.HELD) & {S.FILED, S.REVIEWED, S.REFUSED, S.WITHDRAWN, S.EXPIRED}


@pytest.mark.parametrize("state", OrderState)
def test_overdue_is_the_day_after_and_only_what_is_open(state):
    due = date(2026, 11, 27)
    assert not rules.is_overdue(state, due, due)
    assert rules.is_overdue(state, due, TODAY) == (state in rules.OPEN)
    assert not rules.is_overdue(state, None, TODAY)


@pytest.mark.parametrize(
    ("due_day", "level"), [(28, 0), (29, 0), (27, 1), (26, 1), (25, 2), (1, 2)]
)
def test_first_who_must_act_is_told_then_who_stands_above(due_day, level):
    assert rules.to_tell(date(2026, 11, due_day), TODAY, 2) == level


@pytest.mark.parametrize(
    ("begins", "ends", "closed", "fine"),
    [
        (TODAY, None, None, True),
        (TODAY, TODAY, None, True),
        (date(2026, 11, 29), None, None, False),
        (date(2026, 1, 1), date(2026, 11, 27), None, False),
        (date(2026, 1, 1), None, datetime(2026, 11, 1, tzinfo=UTC), False),
    ],
)
def test_what_stands_on_the_menu(begins, ends, closed, fine):
    assert rules.may_be_ordered(begins, ends, closed, TODAY) == fine


@pytest.mark.parametrize(
    ("day", "fine"),
    [(27, False), (28, True), (30, True)],
)
def test_a_promise_is_for_today_or_later(day, fine):
    assert (rules.promise_refusal(date(2026, 11, day), TODAY, 10) == "") == fine


def test_a_promise_is_not_too_far_off():
    assert rules.promise_refusal(date(2026, 12, 8), TODAY, 10) == ""
    assert "10" in rules.promise_refusal(date(2026, 12, 9), TODAY, 10)


def test_the_steps_of_a_visit_come_in_order():
    taken = []
    for step in VisitStep:
        assert rules.next_visit_step(taken) == step
        taken.append(step)
    assert rules.next_visit_step(taken) is None


def test_an_activity_made_of_an_order_has_usual_hours():
    assert rules.usual_hours(DayPart.EVENING) == (time(19), time(20, 30))
    assert rules.usual_hours(DayPart.ANY) == rules.usual_hours(DayPart.MORNING)
    assert all(first < last for first, last in map(rules.usual_hours, DayPart))


FINE = Claimer(date(1980, 5, 4), is_registered=True, is_own=False, live=0)


@pytest.mark.parametrize(
    ("claimer", "codes"),
    [
        (FINE, []),
        (Claimer(date(1980, 5, 4), True, True, 0), ["own_order"]),
        (Claimer(None, False, False, 0), ["not_registered"]),
        (Claimer(date(2010, 1, 1), True, False, 0), ["too_young"]),
        (Claimer(date(1980, 5, 4), True, False, 3), ["too_many"]),
        (Claimer(date(1980, 5, 4), True, False, 2), []),
        (Claimer(None, False, True, 9, withdrew_notice=True),
         ["own_order", "not_registered", "consent_withdrawn", "too_many"]),
    ],
)  # fmt: skip
def test_who_may_claim_hears_all_reasons(claimer, codes):
    reasons = rules.may_claim(claimer, 3, TODAY)
    assert [reason.code for reason in reasons] == codes
    assert all(reason.message for reason in reasons)


@pytest.mark.parametrize("running", [0, 1, 12345678, 99999999])
def test_a_number_has_nine_digits_and_finds_a_slip(running):
    number = rules.checked_number(running)
    assert len(number) == rules.NUMBER_DIGITS
    assert rules.is_number(number)
    for at, digit in enumerate(number):
        slip = number[:at] + str((int(digit) + 1) % 10) + number[at + 1 :]
        assert not rules.is_number(slip)


@pytest.mark.parametrize("text", ["", "12345678", "abcdefghi", "１２３４５６７８９", "1234567890"])
def test_what_is_no_number(text):
    assert not rules.is_number(text)


def test_a_number_is_shown_in_groups_and_read_with_blanks():
    assert rules.shown_number("123456789") == "123 456 789"
    assert rules.normal_number(" １２３ 456-789") == "123456789"
    assert rules.normal_number(None) == ""
