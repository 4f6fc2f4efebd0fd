"""Decisions about signing up: the whole table of steps, every refusal, ages at their borders."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest

from portal.core import clock
from portal.core.errors import Refused
from portal.core.steps import next_state
from portal.people.models import MAY_SERVE, VolunteerState
from portal.shifts.models import PlaceRole
from portal.signups import rules
from portal.signups.models import HOLDING, LIVE, SIGNUP_STATE_LABELS, SignupState
from portal.signups.panel import TONES
from portal.signups.rules import STEPS, Applicant, Wanted, may_sign_up

VERBS = sorted({verb for _state, verb in STEPS})
DAY = date(2026, 11, 28)
START = datetime(2026, 11, 28, 1, tzinfo=UTC)
NOW = START - timedelta(days=1)
WANTED = Wanted(
    role=PlaceRole.ATTENDEE,
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    is_open=True,
    is_published=True,
    has_role=True,
    apply_url="/volunteer/apply?next=/activities/x",
)
ADULT = Applicant(date(1980, 5, 4), VolunteerState.REGISTERED)
TO_SERVE = replace(WANTED, role=PlaceRole.VOLUNTEER)


def codes(applicant, wanted, now=NOW):
    return [reason.code for reason in may_sign_up(applicant, wanted, DAY, now)]


def born(years, days=0):
    """Somebody who is `years` old on the day, give or take days."""
    return date(DAY.year - years, DAY.month, DAY.day) + timedelta(days=days)


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


# --- who may -------------------------------------------------------------------------------------


def test_an_adult_may():
    assert codes(ADULT, WANTED) == codes(ADULT, TO_SERVE) == []


def test_who_is_no_volunteer_may_take_part_but_not_serve():
    resident = Applicant(date(1980, 5, 4), None)
    assert codes(resident, WANTED) == []
    (reason,) = may_sign_up(resident, TO_SERVE, DAY, NOW)
    assert reason.code == "not_volunteer"
    assert (reason.way_text, reason.way_url) == ("去登记", WANTED.apply_url)


def test_staff_are_led_to_the_application_on_behalf():
    for state in (None, VolunteerState.LEFT):
        other = Applicant(date(1980, 5, 4), state, is_self=False)
        (reason,) = may_sign_up(other, TO_SERVE, DAY, NOW)
        assert (reason.way_text, reason.way_url) == ("替居民申请做志愿者", WANTED.apply_url)
        assert "您" not in reason.message


@pytest.mark.parametrize("state", SignupState)
def test_what_can_still_be_withdrawn(state):
    waits = {SignupState.CONFIRMED, SignupState.OFFERED, SignupState.WAITLISTED}
    assert rules.may_withdraw(state, START, NOW) == (state in waits)
    assert not rules.may_withdraw(state, START, START)


def test_who_took_the_notices_consent_back_asks_for_no_place():
    withdrawn = replace(ADULT, withdrew_notice=True)
    for wanted in (WANTED, TO_SERVE):
        (reason,) = may_sign_up(withdrawn, wanted, DAY, NOW)
        assert (reason.code, reason.way_url) == ("consent_withdrawn", "/me/privacy")
    (behalf,) = may_sign_up(replace(withdrawn, is_self=False), WANTED, DAY, NOW)
    assert (behalf.code, behalf.way_url) == ("consent_withdrawn", "/desk/people")
    assert "本人" in behalf.message


@pytest.mark.parametrize("state", VolunteerState)
def test_which_volunteers_may_serve(state):
    expected = [] if state in MAY_SERVE else ["wrong_state"]
    assert codes(Applicant(date(1980, 5, 4), state), TO_SERVE) == expected


@pytest.mark.parametrize("now", [WANTED.ends_at, WANTED.ends_at + timedelta(days=1)])
def test_what_is_over_is_closed(now):
    assert codes(ADULT, WANTED, now) == ["closed"]


@pytest.mark.parametrize("now", [START, WANTED.ends_at - timedelta(seconds=1)])
def test_who_comes_late_may_still(now):
    assert codes(ADULT, WANTED, now) == []


def test_called_off_and_without_such_a_place():
    assert codes(ADULT, replace(WANTED, is_open=False)) == ["called_off"]
    assert codes(ADULT, replace(WANTED, is_published=False)) == ["not_published"]
    assert codes(ADULT, replace(WANTED, is_open=False, is_published=False)) == ["called_off"]
    assert codes(ADULT, replace(WANTED, has_role=False)) == ["no_such_place"]


@pytest.mark.parametrize(
    ("minimum", "birth_on", "expected"),
    [
        (14, born(13), ["too_young"]),
        (14, born(14, days=1), ["too_young"]),  # tomorrow is the birthday
        (14, born(14), []),
        (14, born(17), []),
        (18, born(17), ["too_young"]),
        (18, born(18, days=1), ["too_young"]),
        (18, born(18), []),
        (0, born(1), []),
        (14, None, []),
    ],
)
def test_minimum_age_counts_on_the_day_of_the_shift(minimum, birth_on, expected):
    assert codes(Applicant(birth_on, None), replace(WANTED, minimum_age=minimum)) == expected


@pytest.mark.parametrize(
    ("birth_on", "expected"), [(born(13), ["too_young"]), (born(17), ["too_young"]), (born(18), [])]
)
def test_no_minors_where_there_is_a_risk(birth_on, expected):
    assert codes(Applicant(birth_on, None), replace(WANTED, is_risky=True)) == expected


@pytest.mark.parametrize(
    ("birth_on", "consented", "expected"),
    [
        (born(13), False, ["no_guardian_consent"]),
        (born(14), False, ["no_guardian_consent"]),
        (born(17), False, ["no_guardian_consent"]),
        (born(18, days=1), False, ["no_guardian_consent"]),
        (born(17), True, []),
        (born(18), False, []),
        (None, False, []),
    ],
)
def test_minors_serve_with_a_guardians_consent(birth_on, consented, expected):
    applicant = Applicant(birth_on, VolunteerState.REGISTERED, consented)
    assert codes(applicant, TO_SERVE) == expected


def test_a_minor_takes_part_without_a_consent():
    assert codes(Applicant(born(15), VolunteerState.REGISTERED), WANTED) == []


def test_all_reasons_are_told_at_once():
    child = Applicant(born(13), VolunteerState.REGISTERED)
    wanted = replace(TO_SERVE, is_open=False, has_role=False, minimum_age=16, is_risky=True)
    assert codes(child, wanted, WANTED.ends_at) == [
        "called_off", "closed", "no_such_place", "no_guardian_consent", "too_young",
    ]  # fmt: skip
    for reason in may_sign_up(child, wanted, DAY, WANTED.ends_at):
        assert reason.message.endswith("。")


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
