"""Who may see and settle visits; who keeps a roster is said by `signups.policy`."""

from __future__ import annotations

from portal.attendance.models import Visit
from portal.core.access import Actor
from portal.shifts.models import Shift
from portal.signups.policy import may_keep_roster


def owns(actor: Actor, visit: Visit) -> bool:
    """The person themselves, also when the record that came was merged into theirs."""
    return actor.person_id in {visit.person_id, visit.person.merged_into_id} - {None}


def counts_heads(actor: Actor, shift: Shift) -> bool:
    """Who keeps the roster, and who leads what is on."""
    leads = actor.is_signed_in and actor.person_id == shift.offering.leader_id
    return leads or may_keep_roster(actor, shift)


def may_settle(actor: Actor, shift: Shift, visit: Visit) -> bool:
    """Who keeps the roster of the shift that the visit belongs to."""
    return visit.shift_id == shift.id and may_keep_roster(actor, shift)
