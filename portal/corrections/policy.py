"""Who may ask, see and decide. That nobody decides on their own is said by `rules.is_second`."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.corrections.models import Correction, CorrectionEvidence
from portal.people.models import Person
from portal.shifts.models import Shift
from portal.signups.models import Signup
from portal.signups.policy import may_withdraw as keeps_signup

OFFICE_ROLES = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
ROLES = (Role.STATION_MANAGER, *OFFICE_ROLES)
# Who keeps a station's rosters, and so writes down for others what is missing there.
KEEPERS = (Role.STATION_MANAGER, Role.ADMINISTRATOR)


def keeps_corrections(actor: Actor) -> bool:
    """Managers of some station, campaign officers and administrators."""
    return actor.holds_any(*ROLES)


def reads_office(actor: Actor) -> bool:
    """Campaign officers and administrators."""
    return actor.holds_any(*OFFICE_ROLES)


def may_see(actor: Actor, correction: Correction) -> bool:
    """Who keeps the corrections of its station, or of one above."""
    return actor.holds_any(*ROLES, at=correction.station_id)


def may_write(actor: Actor, correction: Correction) -> bool:
    """Who keeps the rosters of its station: adds what is missing on behalf of the person."""
    return actor.holds_any(*KEEPERS, at=correction.station_id)


def may_write_for(actor: Actor, shift: Shift, signup: Signup) -> bool:
    """Who keeps the roster of the shift that the sign-up belongs to."""
    return keeps_signup(actor, shift, signup)


def wrote(actor: Actor, correction: Correction) -> bool:
    """Who wrote it down for somebody, and keeps the station's corrections still."""
    return is_same(actor, correction.author) and may_see(actor, correction)


def is_own(actor: Actor, correction: Correction) -> bool:
    """The person whose hours they are, also under the record theirs was merged into."""
    return is_same(actor, correction.person)


def is_same(actor: Actor, person: Person) -> bool:
    """Whether the actor is this person."""
    return actor.person_id in {person.id, person.merged_into_id} - {None}


def may_see_evidence(actor: Actor, evidence: CorrectionEvidence) -> bool:
    """The person, and who keeps the corrections of the station."""
    row = evidence.correction
    return is_own(actor, row) or may_see(actor, row)
