from datetime import date
from itertools import product

import pytest

from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.people.models import VolunteerState
from portal.registration import rules
from tests.registration.forms import id_number

VERBS = (
    "approve",
    "leave",
    "pause",
    "reapply",
    "refuse",
    "resubmit",
    "resume",
    "return",
    "withdraw",
)
# Every move there is; all others are refused.
ALLOWED = {
    ("submitted", "approve"): "registered",
    ("submitted", "return"): "returned",
    ("submitted", "refuse"): "refused",
    ("submitted", "withdraw"): "withdrawn",
    ("returned", "resubmit"): "submitted",
    ("returned", "withdraw"): "withdrawn",
    ("refused", "reapply"): "submitted",
    ("withdrawn", "reapply"): "submitted",
    ("left", "reapply"): "submitted",
    ("registered", "pause"): "paused",
    ("registered", "leave"): "left",
    ("paused", "resume"): "registered",
    ("paused", "leave"): "left",
}


@pytest.mark.parametrize(("state", "verb"), list(product(VolunteerState, VERBS)))
def test_every_state_with_every_verb(app, state, verb):
    following = ALLOWED.get((state.value, verb))
    if following is None:
        with pytest.raises(Refused) as refused:
            next_state(rules.STEPS, state, verb)
        assert refused.value.codes == ("wrong_state",)
    else:
        assert next_state(rules.STEPS, state, verb) == following


def test_the_table_holds_no_other_verb():
    assert {verb for _state, verb in rules.STEPS} == set(VERBS)


def test_who_may_send_the_form_in_and_how_a_row_ends():
    assert rules.apply_verb(None) == "submit"
    assert {state: rules.apply_verb(state) for state in VolunteerState} == {
        "submitted": None, "returned": "resubmit", "refused": "reapply", "withdrawn": "reapply",
        "registered": None, "paused": None, "left": "reapply",
    }  # fmt: skip
    assert {state: rules.closing_verb(state) for state in VolunteerState} == {
        "submitted": "withdraw", "returned": "withdraw", "refused": None, "withdrawn": None,
        "registered": "leave", "paused": "leave", "left": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("birth_on", "minimum", "own", "refused"),
    [
        (date(2012, 11, 28), 14, True, False),  # 14 today
        (date(2012, 11, 29), 14, True, True),  # 14 tomorrow
        (date(2012, 11, 29), 14, False, True),  # the desk cannot either
        (date(2012, 11, 29), 12, True, True),  # a lower minimum, but not alone
        (date(2012, 11, 29), 12, False, False),  # with the desk
        (date(2010, 1, 1), 18, True, True),  # a higher minimum
        (date(1950, 1, 1), 14, True, False),
    ],
)
def test_who_is_old_enough(app, birth_on, minimum, own, refused):
    today = date(2026, 11, 28)
    assert bool(rules.age_refusal(birth_on, today, minimum, own=own)) == refused


def test_a_guardian_is_needed_until_the_eighteenth_birthday():
    today = date(2026, 11, 28)
    assert rules.needs_guardian(date(2008, 11, 29), today)
    assert not rules.needs_guardian(date(2008, 11, 28), today)
    # Born on a leap day: of age on 1 March in a common year.
    assert rules.needs_guardian(date(2008, 2, 29), date(2026, 2, 28))
    assert not rules.needs_guardian(date(2008, 2, 29), date(2026, 3, 1))


def test_free_times_are_a_mask_of_twenty_one_bits():
    assert rules.free_times_mask([]) == 0
    assert rules.free_slots(rules.free_times_mask([0, 20, 5, 5, 21, -1])) == [0, 5, 20]
    assert rules.free_times_mask(range(21)) == 2**21 - 1


def test_the_birth_date_in_an_id_number():
    assert rules.id_number_birth(id_number(date(1999, 12, 31))) == date(1999, 12, 31)
    assert rules.id_number_birth("999999199902300012") is None
