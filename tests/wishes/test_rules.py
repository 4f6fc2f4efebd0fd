from datetime import date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import at_local
from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.people.rules import with_check_digit
from portal.wishes import rules
from portal.wishes.models import ON_WALL, WishState
from portal.wishes.models_pledges import PledgeState
from portal.wishes.rules import Helper

# Every move there is; all others are refused.
WISH_MOVES = {
    ("filed", "return"): "filed",
    ("filed", "change"): "filed",
    ("filed", "verify"): "verified",
    ("filed", "reject"): "rejected",
    ("filed", "withdraw"): "withdrawn",
    ("filed", "expire"): "expired",
    ("verified", "return"): "filed",
    ("verified", "publish"): "published",
    ("verified", "reject"): "rejected",
    ("verified", "withdraw"): "withdrawn",
    ("published", "edit"): "published",
    ("published", "raise"): "published",
    ("published", "pledge"): "pledged",
    ("published", "withdraw"): "withdrawn",
    ("published", "expire"): "expired",
    ("pledged", "release"): "published",
    ("pledged", "fulfil"): "fulfilled",
    ("pledged", "withdraw"): "withdrawn",
    ("fulfilled", "reopen"): "pledged",
    ("fulfilled", "confirm"): "confirmed",
    ("fulfilled", "close"): "closed",
    ("confirmed", "close"): "closed",
}
PLEDGE_MOVES = {
    ("active", "extend"): "active",
    ("active", "return"): "returned",
    ("active", "lapse"): "lapsed",
    ("active", "call_off"): "returned",
    ("active", "deliver"): "fulfilled",
    ("fulfilled", "reopen"): "active",
}
WISH_VERBS = sorted({verb for _state, verb in WISH_MOVES} | {"file", "deliver"})
PLEDGE_VERBS = sorted({verb for _state, verb in PLEDGE_MOVES} | {"pledge", "close"})
WHOLE = [
    *((rules.STEPS, WISH_MOVES, *pair) for pair in product(WishState, WISH_VERBS)),
    *((rules.PLEDGE_STEPS, PLEDGE_MOVES, *pair) for pair in product(PledgeState, PLEDGE_VERBS)),
]


@pytest.mark.parametrize(("steps", "moves", "state", "verb"), WHOLE)
def test_every_state_with_every_verb(app, steps, moves, state, verb):
    following = moves.get((state.value, verb))
    if following is None:
        with pytest.raises(Refused) as refused:
            next_state(steps, state, verb)
        assert refused.value.codes == ("wrong_state",)
    else:
        assert next_state(steps, state, verb) == following


def test_the_tables_hold_no_other_verb():
    assert {verb for _state, verb in rules.STEPS} <= set(WISH_VERBS)
    assert {verb for _state, verb in rules.PLEDGE_STEPS} <= set(PLEDGE_VERBS)


def test_from_every_state_a_wish_can_come_to_its_end():
    ends = {state for state in WishState if not any(one == state for one, _verb in rules.STEPS)}
    assert ends == rules.ENDS == {"closed", "rejected", "withdrawn", "expired"}
    reaching = set(ends)
    for _round in WishState:
        reaching |= {state for (state, _verb), to in rules.STEPS.items() if to in reaching}
    assert reaching == set(WishState)


def test_the_wall_shows_what_is_public():
    assert {state for state in WishState if rules.is_public(state)} == set(ON_WALL)


@pytest.mark.parametrize(
    ("ceiling", "most"), [(0, 0), (49, 0), (50, 50), (500, 500), (999, 500), (2000, 2000)]
)
def test_bands_end_at_the_ceiling_of_the_district(ceiling, most):
    assert rules.bands(ceiling)[-1] == most
    assert rules.bands(ceiling)[0] == 0


TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("helper", "codes"),
    [
        (Helper(date(1980, 1, 1), is_own=False, live=2), []),
        (Helper(None, is_own=False, live=0), []),
        (Helper(date(1980, 1, 1), is_own=False, live=3), ["too_many"]),
        (Helper(date(1980, 1, 1), is_own=True, live=0), ["own_wish"]),
        (Helper(date(2008, 11, 28), is_own=False, live=0), []),
        (Helper(date(2008, 11, 29), is_own=False, live=0), ["too_young"]),
        (Helper(None, is_own=False, live=0, withdrew_notice=True), ["consent_withdrawn"]),
        (
            Helper(date(2010, 1, 1), is_own=True, live=9, withdrew_notice=True),
            ["own_wish", "consent_withdrawn", "too_young", "too_many"],
        ),
    ],
)
def test_who_may_pledge(app, helper, codes):
    assert [reason.code for reason in rules.may_pledge(helper, 3, TODAY)] == codes


@pytest.mark.parametrize(("days", "refused"), [(-1, True), (0, False), (30, False), (31, True)])
def test_what_day_can_be_promised(app, days, refused):
    promised_on = TODAY + timedelta(days=days)
    assert bool(rules.promise_refusal(promised_on, TODAY, 30)) is refused


@pytest.mark.parametrize(
    ("days", "refused"), [(-1, True), (0, True), (1, False), (14, False), (15, True)]
)
def test_how_far_a_promise_can_be_put_off(app, days, refused):
    assert bool(rules.extension_refusal(TODAY, TODAY + timedelta(days=days), 14)) is refused


@pytest.mark.parametrize(("days", "lapsed"), [(0, False), (3, False), (4, True)])
def test_a_promise_lapses_after_the_days_of_grace(days, lapsed):
    assert rules.has_lapsed(TODAY, TODAY + timedelta(days=days), 3) is lapsed


def test_waiting_is_counted_in_whole_days():
    since: datetime = at_local(TODAY, datetime.min.time())
    assert not rules.waits_too_long(since, since + timedelta(days=7, microseconds=-1), 7)
    assert rules.waits_too_long(since, since + timedelta(days=7), 7)


@pytest.mark.parametrize("state", PledgeState)
def test_the_contact_is_for_a_known_person_while_the_pledge_is_live(state):
    assert rules.may_see_contact(state, is_known=True) is (state == "active")
    assert not rules.may_see_contact(state, is_known=False)


@given(st.from_regex(r"[0-9]{11,13}", fullmatch=True), st.data())
def test_a_slip_in_a_number_is_found(body, data):
    number = with_check_digit(body)
    at = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([one for one in "0123456789" if one != number[at]]))
    slipped = number[:at] + wrong + number[at + 1 :]
    assert with_check_digit(slipped[:-1]) != slipped
