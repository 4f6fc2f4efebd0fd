"""Who closes shifts out, and who sees their photos."""

from __future__ import annotations

from portal.attendance.policy import counts_heads
from portal.closeouts.models import CloseoutPhoto
from portal.core.access import Actor, Role
from portal.shifts.models import Shift
from portal.signups.policy import may_keep_roster

KEEPERS = (Role.STATION_MANAGER, Role.ADMINISTRATOR)


def keeps_closeouts(actor: Actor) -> bool:
    """Who keeps rosters at some station."""
    return actor.holds_any(*KEEPERS)


def may_close_out(actor: Actor, shift: Shift) -> bool:
    """Who keeps the roster, and who leads what was on."""
    return counts_heads(actor, shift)


def may_see_photo(actor: Actor, photo: CloseoutPhoto) -> bool:
    """Who keeps the roster of its shift, and who sent it."""
    return photo.added_by_id == actor.person_id or may_keep_roster(actor, photo.shift)
