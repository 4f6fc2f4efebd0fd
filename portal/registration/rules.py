"""Pure decisions about registration: the steps, who is old enough, free times, same persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from enum import StrEnum

from portal.core.i18n import gettext as _
from portal.people.models import VolunteerState
from portal.people.rules import ADULT_AGE, FAMILY_ONLY_BELOW, age_on

# What a first application is recorded as; there is no state before it.
SUBMIT = "submit"

STEPS: dict[tuple[VolunteerState, str], VolunteerState] = {
    (VolunteerState.SUBMITTED, "approve"): VolunteerState.REGISTERED,
    (VolunteerState.SUBMITTED, "return"): VolunteerState.RETURNED,
    (VolunteerState.SUBMITTED, "refuse"): VolunteerState.REFUSED,
    (VolunteerState.SUBMITTED, "withdraw"): VolunteerState.WITHDRAWN,
    (VolunteerState.RETURNED, "resubmit"): VolunteerState.SUBMITTED,
    (VolunteerState.RETURNED, "withdraw"): VolunteerState.WITHDRAWN,
    (VolunteerState.REGISTERED, "pause"): VolunteerState.PAUSED,
    (VolunteerState.REGISTERED, "leave"): VolunteerState.LEFT,
    (VolunteerState.PAUSED, "resume"): VolunteerState.REGISTERED,
    (VolunteerState.PAUSED, "leave"): VolunteerState.LEFT,
    (VolunteerState.REFUSED, "reapply"): VolunteerState.SUBMITTED,
    (VolunteerState.WITHDRAWN, "reapply"): VolunteerState.SUBMITTED,
    (VolunteerState.LEFT, "reapply"): VolunteerState.SUBMITTED,
}

# From here one may fill in the form (again).
MAY_APPLY = tuple(state for (state, verb) in STEPS if verb in {"resubmit", "reapply"})

# Who stands in the register changes what they said alone; before that the desk looks at it first.
MAY_CHANGE = (VolunteerState.REGISTERED, VolunteerState.PAUSED)

WEEKDAYS = 7
PARTS = 3
SLOTS = WEEKDAYS * PARTS


def apply_verb(state: VolunteerState | None) -> str | None:
    """Return the verb that sends the form in from this state; None when it stands already."""
    if state is None:
        return SUBMIT
    return next((verb for verb in ("resubmit", "reapply") if (state, verb) in STEPS), None)


def closing_verb(state: VolunteerState) -> str | None:
    """Return the verb that ends a volunteer's row from this state; None when it has ended."""
    return next((verb for verb in ("withdraw", "leave") if (state, verb) in STEPS), None)


def age_refusal(birth_on: date, today: date, minimum: int, *, own: bool) -> str:
    """Return why somebody is too young to apply, in a sentence, or an empty text.

    Below the district's minimum nobody is registered; below 14 (whose data the law guards most,
    个人信息保护法 art. 31) nobody applies alone, also where the district's minimum is lower.
    """
    age = age_on(birth_on, today)
    if age < minimum:
        return str(
            _("满 %(age)d 岁才能注册志愿者。现在可以由家长带着，一起参加亲子活动。", age=minimum)
        )
    if own and age < FAMILY_ONLY_BELOW:
        return str(_("14 岁以下不能自己申请。请家长带着到站点办理。"))
    return ""


def needs_guardian(birth_on: date, today: date) -> bool:
    """Return whether a guardian must agree (未成年人保护法; 志愿服务条例 art. 9)."""
    return age_on(birth_on, today) < ADULT_AGE


def differing(before: object, after: object) -> list[str]:
    """Return the names of the fields in which two dataclasses of one kind differ."""
    names = [field.name for field in fields(before)]  # type: ignore[arg-type]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def free_times_mask(slots: Iterable[int]) -> int:
    """Return the bit mask of the chosen parts of the week."""
    return sum(1 << slot for slot in {slot for slot in slots if 0 <= slot < SLOTS})


def free_slots(mask: int) -> list[int]:
    """Return the parts of the week that the mask holds, in order."""
    return [slot for slot in range(SLOTS) if mask >> slot & 1]


class Sameness(StrEnum):
    """By what two records look like one person."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    NAME_AND_BIRTH = "name_and_birth"


def id_number_birth(id_number: str) -> date | None:
    """Return the birth date inside a well-formed ID number; None when it is no date."""
    try:
        return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None
