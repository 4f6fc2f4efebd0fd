"""The step table whole, and the window, caps and second person at their edges."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.corrections import rules
from portal.corrections.models import CorrectionState
from portal.corrections.rules import Bounds, Fault
from portal.hours.rules import Span, Terms
from tests.corrections.given import NOW, at

SUBMITTED, RETURNED, APPROVED, REFUSED, WITHDRAWN = CorrectionState
VERBS = ("add_evidence", "withdraw", "refuse", "return", "approve", "submit")
TABLE = {
    SUBMITTED: {"add_evidence": SUBMITTED, "withdraw": WITHDRAWN, "refuse": REFUSED,
                "return": RETURNED, "approve": APPROVED},
    RETURNED: {"add_evidence": RETURNED, "withdraw": WITHDRAWN, "refuse": REFUSED,
               "submit": SUBMITTED},
    APPROVED: {}, REFUSED: {}, WITHDRAWN: {},
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", list(CorrectionState))
def test_the_whole_step_table(state, verb):
    expected = TABLE[state].get(verb)
    if expected is not None:
        assert next_state(rules.STEPS, state, verb) == expected
        return
    with pytest.raises(Refused) as caught:
        next_state(rules.STEPS, state, verb)
    assert caught.value.codes == ("wrong_state",)


def test_the_table_knows_no_other_verb():
    assert {verb for _state, verb in rules.STEPS} == set(VERBS)


PLANNED = Span(at(0), at(120))
OF_SHIFT = Bounds(
    now=NOW, asked_at=NOW, ends_at=at(120), window_days=30, cap=120, terms=Terms(), planned=PLANNED
)
RECORD = replace(OF_SHIFT, stands=Span(at(0), at(90)), before=90)
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("span", "minutes", "bounds", "files", "expected"),
    [
        ((0, 120), 120, OF_SHIFT, 1, []),
        ((0, 120), 120, OF_SHIFT, 0, [Fault.NO_EVIDENCE]),
        # From the grace before to the grace after, but no longer than the shift.
        ((-15, 105), 120, OF_SHIFT, 1, []),
        ((-16, 104), 120, OF_SHIFT, 1, [Fault.OUTSIDE]),
        ((15, 135), 120, OF_SHIFT, 1, []),
        ((16, 136), 120, OF_SHIFT, 1, [Fault.OUTSIDE]),
        ((-15, 135), 121, OF_SHIFT, 1, [Fault.TOO_LONG]),
        ((0, 60), 61, OF_SHIFT, 1, [Fault.TOO_LONG]),
        # The window, to the instant.
        ((0, 120), 120, replace(OF_SHIFT, asked_at=at(120, 30)), 1, []),
        ((0, 120), 120, replace(OF_SHIFT, asked_at=at(120, 30) + MOMENT), 1, [Fault.TOO_LATE]),
        ((0, 120), 120, replace(OF_SHIFT, now=at(120) - MOMENT), 1, [Fault.NOT_OVER]),
        # What was recorded too much is put right at any time, and without evidence.
        ((0, 60), 60, replace(RECORD, asked_at=at(0, 300)), 0, []),
        ((0, 90), 0, replace(RECORD, asked_at=at(0, 300)), 0, []),
        ((0, 91), 91, replace(RECORD, asked_at=at(0, 300)), 0, [Fault.TOO_LATE, Fault.NO_EVIDENCE]),
        ((0, 90), 90, RECORD, 1, [Fault.NO_CHANGE]),
        # A record may stand for as long as it did, also where that was more than the shift.
        ((-10, 130), 139, replace(RECORD, before=140, stands=Span(at(-10), at(130))), 0, []),
        # Half-open: one after the other is no overlap.
        ((0, 120), 120, replace(OF_SHIFT, taken=(Span(at(120), at(180)),)), 1, []),
        ((0, 120), 120, replace(OF_SHIFT, taken=(Span(at(119), at(180)),)), 1, [Fault.OVERLAP]),
        ((0, 120), 120, replace(OF_SHIFT, day_minutes=480), 1, []),
        ((0, 120), 120, replace(OF_SHIFT, day_minutes=481), 1, [Fault.DAY_CAP]),
        ((0, 120), 120, replace(OF_SHIFT, month_cap=1200, month_minutes=1080), 1, []),
        ((0, 120), 120, replace(OF_SHIFT, month_cap=1200, month_minutes=1081), 1,
         [Fault.MONTH_CAP]),
        ((0, 120), 120, replace(OF_SHIFT, month_cap=0, month_minutes=9999), 1, []),
        ((0, 120), 120, replace(OF_SHIFT, standing=frozenset({Fault.CALLED_OFF})), 0,
         [Fault.CALLED_OFF, Fault.NO_EVIDENCE]),
    ],
)  # fmt: skip
def test_caps_and_window_at_their_edges(span, minutes, bounds, files, expected):
    found = rules.faults(Span(at(span[0]), at(span[1])), minutes, bounds, files)
    assert found == expected


def test_rounding_up_may_fill_the_shift_it_was_rounded_from():
    up = replace(OF_SHIFT, terms=Terms(rounding="up", step=30), cap=120)
    assert rules.faults(Span(at(0), at(100)), 120, up, 1) == []
    assert rules.faults(Span(at(0), at(90)), 120, up, 1) == [Fault.TOO_LONG]


@pytest.mark.parametrize(
    ("actor", "hands", "expected"),
    [({1}, {2, 3}, True), ({1}, {1, 2}, False), ({1, 9}, {9, 2}, False), (set(), {1}, False)],
)
def test_a_second_person_has_no_record_among_the_hands(actor, hands, expected):
    assert rules.is_second(frozenset(actor), frozenset(hands)) is expected
