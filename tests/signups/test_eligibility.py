"""Who may sign up: every condition with persons at its borders; every refusal has a way out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.people.models import MAY_SERVE, VolunteerState
from portal.shifts.models import PlaceRole
from portal.signups import rules_eligibility
from portal.signups.models import ParticipantKind
from portal.signups.rules_eligibility import Applicant, GuardianFor, Hand, Lacking, Wanted

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
    return [reason.code for reason in rules_eligibility.reasons(applicant, wanted, DAY, now)]


def born(years, days=0):
    """Somebody who is `years` old on the day, give or take days."""
    return date(DAY.year - years, DAY.month, DAY.day) + timedelta(days=days)


# --- who may -------------------------------------------------------------------------------------


def test_an_adult_may():
    assert codes(ADULT, WANTED) == codes(ADULT, TO_SERVE) == []


def test_who_is_no_volunteer_may_take_part_but_not_serve():
    resident = Applicant(date(1980, 5, 4), None)
    assert codes(resident, WANTED) == []
    (reason,) = rules_eligibility.reasons(resident, TO_SERVE, DAY, NOW)
    assert reason.code == "not_volunteer"
    assert (reason.way_text, reason.way_url) == ("去登记", WANTED.apply_url)


def test_staff_are_led_to_the_application_on_behalf():
    for state in (None, VolunteerState.LEFT):
        other = Applicant(date(1980, 5, 4), state, hand=Hand.STAFF)
        (reason,) = rules_eligibility.reasons(other, TO_SERVE, DAY, NOW)
        assert (reason.way_text, reason.way_url) == ("替居民申请做志愿者", WANTED.apply_url)
        assert "您" not in reason.message


def test_who_took_the_notices_consent_back_asks_for_no_place():
    withdrawn = replace(ADULT, withdrew_notice=True)
    for wanted in (WANTED, TO_SERVE):
        (reason,) = rules_eligibility.reasons(withdrawn, wanted, DAY, NOW)
        assert (reason.code, reason.way_url) == ("consent_withdrawn", "/me/privacy")
    (behalf,) = rules_eligibility.reasons(replace(withdrawn, hand=Hand.STAFF), WANTED, DAY, NOW)
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
    person = Applicant(birth_on, None, guardian_consented=True)
    assert codes(person, replace(WANTED, minimum_age=minimum)) == expected


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


@pytest.mark.parametrize(
    ("years", "role", "guardian_for", "needed"),
    [
        (13, PlaceRole.ATTENDEE, GuardianFor.ALWAYS, True),
        (13, PlaceRole.ATTENDEE, GuardianFor.SERVE, True),
        (14, PlaceRole.ATTENDEE, GuardianFor.ALWAYS, True),
        (14, PlaceRole.ATTENDEE, GuardianFor.SERVE, False),
        (14, PlaceRole.VOLUNTEER, GuardianFor.SERVE, True),
        (17, PlaceRole.ATTENDEE, GuardianFor.ALWAYS, True),
        (18, PlaceRole.VOLUNTEER, GuardianFor.ALWAYS, False),
    ],
)
def test_when_a_minor_needs_a_guardian_is_a_setting(years, role, guardian_for, needed):
    wanted = replace(WANTED, role=role, guardian_for=guardian_for)
    minor = Applicant(born(years), VolunteerState.REGISTERED)
    assert codes(minor, wanted) == (["no_guardian_consent"] if needed else [])
    assert codes(replace(minor, guardian_consented=True), wanted) == []


# What a person is or lacks, what the place asks for, and what is said of it.
FOR_RESIDENTS = replace(TO_SERVE, community_only=True, community="桂园社区", path="/activities/x")
SPAN = replace(WANTED, minimum_age=18, maximum_age=60)
UNTRAINED = replace(ADULT, lacks_trainings=(Lacking("急救"), Lacking("消防", "9月3日有", "/a/1")))
CASES = {
    "old enough": (Applicant(born(18), None), SPAN, []),
    "the last year counts": (Applicant(born(61, days=1), None), SPAN, []),
    "a year too old": (Applicant(born(61), None), SPAN, ["too_old"]),
    "too young": (Applicant(born(18, days=1), None, True), SPAN, ["too_young"]),
    "not said": (Applicant(None, None), SPAN, []),
    "lives elsewhere": (replace(ADULT, lives_here=False), FOR_RESIDENTS, ["not_of_community"]),
    "elsewhere is no matter": (replace(ADULT, lives_here=False), TO_SERVE, []),
    "comes by duty": (
        replace(ADULT, lives_here=False, participant=ParticipantKind.ON_DUTY), FOR_RESIDENTS, [],
    ),
    "no training": (UNTRAINED, TO_SERVE, ["no_training", "no_training"]),
    "no training to take part": (UNTRAINED, WANTED, []),
    "on duty without a training": (
        replace(UNTRAINED, participant=ParticipantKind.PAID_POST), TO_SERVE,
        ["no_training", "no_training"],
    ),
    "no skill": (replace(ADULT, lacks_skills=("驾驶",)), TO_SERVE, ["no_skill"]),
    "no skill to take part": (replace(ADULT, lacks_skills=("驾驶",)), WANTED, []),
    "as many as may be": (
        replace(ADULT, open_signups=10), replace(WANTED, most_open=10), ["too_many_open"],
    ),
    "one less": (replace(ADULT, open_signups=9), replace(WANTED, most_open=10), []),
    "no limit": (replace(ADULT, open_signups=99), WANTED, []),
    "alone where teams go": (ADULT, replace(TO_SERVE, team_only=True), ["team_only"]),
    "with the team": (replace(ADULT, with_team=True), replace(TO_SERVE, team_only=True), []),
    # No consent opens what is closed to minors, so none is asked for.
    "a minor at a risk": (Applicant(born(17), None), replace(WANTED, is_risky=True), ["too_young"]),
    "a minor with a consent at a risk": (
        Applicant(born(17), None, True), replace(WANTED, is_risky=True), ["too_young"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_conditions_and_persons(name):
    applicant, wanted, expected = CASES[name]
    assert codes(applicant, wanted) == expected


def everything_wrong(hand, desk_path=""):
    """Somebody against whom all stands that can stand at once, and the place that asks for it all."""
    person = replace(
        UNTRAINED,
        birth_on=born(15),
        withdrew_notice=True,
        lives_here=False,
        open_signups=10,
        lacks_skills=("驾驶", "理发"),
        hand=hand,
        desk_path=desk_path,
    )
    wanted = replace(
        FOR_RESIDENTS, is_open=False, has_role=False, minimum_age=16, most_open=10, team_only=True
    )
    return person, wanted


@pytest.mark.parametrize(
    ("hand", "desk_path"),
    [(Hand.SELF, ""), (Hand.STAFF, ""), (Hand.STAFF, "/desk/people/p"), (Hand.OTHER, "")],
)
def test_all_reasons_are_told_at_once_each_with_a_way_out(hand, desk_path):
    person, wanted = everything_wrong(hand, desk_path)
    found = rules_eligibility.reasons(person, wanted, DAY, WANTED.ends_at)
    assert [reason.code for reason in found] == [
        "called_off", "closed", "no_such_place", "consent_withdrawn", "no_guardian_consent",
        "team_only", "no_training", "no_training", "no_skill", "too_young", "not_of_community",
        "too_many_open",
    ]  # fmt: skip
    others = [
        *rules_eligibility.reasons(replace(person, volunteer_state=None), wanted, DAY, NOW),
        *rules_eligibility.reasons(replace(person, birth_on=born(70)),
                                   replace(wanted, maximum_age=60, is_open=True,
                                           is_published=False), DAY, NOW),
        *rules_eligibility.reasons(replace(person, home="南山社区"), wanted, DAY, NOW),
    ]  # fmt: skip
    assert {"not_volunteer", "too_old", "not_published"} <= {one.code for one in others}
    for reason in [*found, *others]:
        assert reason.message.endswith("。")
        assert reason.way_text
        assert reason.way_url.startswith("/")
        assert hand == Hand.STAFF or not reason.way_url.startswith("/desk")
        assert hand == Hand.SELF or "您" not in reason.message or reason.code == "team_only"


def test_a_course_that_is_coming_is_the_way_to_a_training():
    first_aid, fire = rules_eligibility.reasons(UNTRAINED, TO_SERVE, DAY, NOW)
    assert "急救" in first_aid.message
    assert first_aid.way_url == TO_SERVE.station_path
    assert (fire.way_text, fire.way_url) == ("9月3日有", "/a/1")
