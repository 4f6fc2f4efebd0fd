"""Who may do what with certificates."""

from __future__ import annotations

from portal.certificates.models import Certificate
from portal.core.access import Actor, Role
from portal.people import counter
from portal.people.models import Person

ROLES = (Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)


def keeps_certificates(actor: Actor) -> bool:
    """Managers of some station, campaign officers and administrators."""
    return actor.holds_any(*ROLES)


def may_see(actor: Actor, certificate: Certificate) -> bool:
    """Who keeps the station that issued it, or one above."""
    return actor.holds_any(*ROLES, at=certificate.station_id)


def is_own(actor: Actor, certificate: Certificate) -> bool:
    """Whose it is, under this record or the one it was merged into."""
    return actor.person_id in {certificate.person.id, certificate.person.merged_into_id}


def may_help_with(actor: Actor, person: Person, certificate: Certificate) -> bool:
    """Who may help the person, with a certificate of theirs."""
    theirs = {certificate.person.id, certificate.person.merged_into_id}
    return person.id in theirs and counter.may_help(actor, person)
