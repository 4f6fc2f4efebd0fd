"""Who may do what with sign-ups."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.access import Actor, Role
from portal.shifts.models import Shift
from portal.signups.models import Signup
from portal.signups.models_course import CourseSignup


def may_keep_roster(actor: Actor, shift: Shift) -> bool:
    """Managers of the shift's station (or above), and administrators."""
    return keeps_roster_at(actor, shift.station_id)


def keeps_roster_at(actor: Actor, station_id: int) -> bool:
    """Managers of the station (or above), and administrators."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR, at=station_id)


def may_withdraw(actor: Actor, shift: Shift, signup: Signup) -> bool:
    """Who keeps the roster of the shift that the sign-up belongs to."""
    return signup.shift_id == shift.id and may_keep_roster(actor, shift)


@dataclass(frozen=True, slots=True)
class Held:
    """A sign-up, and who of the family may act for its person."""

    signup: Signup
    holders: frozenset[int]


@dataclass(frozen=True, slots=True)
class HeldCourse:
    """A sign-up for a course, whose station it is, and who of the family may act for its person."""

    signup: CourseSignup
    station_id: int
    holders: frozenset[int]


def acts_in_course(actor: Actor, signup: HeldCourse) -> bool:
    """The person themselves, who holds them as family, and who keeps the station's rosters."""
    if actor.person_id in {signup.signup.person_id, *signup.holders}:
        return True
    return keeps_roster_at(actor, signup.station_id)


def owns(actor: Actor, signup: Signup) -> bool:
    """The person themselves, or who keeps the roster on their behalf."""
    return signup.person_id == actor.person_id or may_keep_roster(actor, signup.shift)


def acts_for(actor: Actor, signup: Held) -> bool:
    """Who owns the sign-up, and who holds its person as family."""
    return actor.person_id in signup.holders or owns(actor, signup.signup)
