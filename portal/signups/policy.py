"""Who may do what with sign-ups."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.shifts.models import Shift
from portal.signups.models import Signup


def may_keep_roster(actor: Actor, shift: Shift) -> bool:
    """Managers of the shift's station (or above), and administrators."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR, at=shift.station_id)


def may_withdraw(actor: Actor, shift: Shift, signup: Signup) -> bool:
    """Who keeps the roster of the shift that the sign-up belongs to."""
    return signup.shift_id == shift.id and may_keep_roster(actor, shift)


def owns(actor: Actor, signup: Signup) -> bool:
    """The person themselves, or who keeps the roster on their behalf."""
    return signup.person_id == actor.person_id or may_keep_roster(actor, signup.shift)
