"""Who may do what with honours, evaluations, star levels and upstream batches."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.honours.models import Honour
from portal.honours.models_evaluations import Evaluation
from portal.honours.models_stars import StarRecognition
from portal.honours.models_upstream import UpstreamBatch
from portal.people.models import Person
from portal.shifts.models import Shift
from portal.signups.policy import keeps_roster_at

OFFICE = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
KEEPERS = (Role.STATION_MANAGER, *OFFICE)


def keeps_honours(actor: Actor) -> bool:
    """Managers of some station, campaign officers and administrators."""
    return actor.holds_any(*KEEPERS)


def may_keep(actor: Actor, honour: Honour) -> bool:
    """The same at the station that keeps it, or above."""
    return actor.holds_any(*KEEPERS, at=honour.station_id)


def may_evaluate(actor: Actor, shift: Shift) -> bool:
    """Who keeps the shift's roster."""
    return keeps_roster_at(actor, shift.station_id)


def may_see_record(actor: Actor, person: Person) -> bool:
    """Who keeps the person's home station; the page says what a whole record holds."""
    return person.home_station_id is not None and actor.holds_any(
        *KEEPERS, at=person.home_station_id
    )


def may_answer(actor: Actor, evaluation: Evaluation) -> bool:
    """Whom it is about, under this record or the one it was merged into."""
    person = evaluation.person
    return actor.person_id in {person.id, person.merged_into_id} - {None}


def may_withdraw_star(actor: Actor, star: StarRecognition) -> bool:
    """Who keeps the volunteer's home station."""
    return may_see_record(actor, star.person)


def exports(actor: Actor) -> bool:
    """Campaign officers of some station, and administrators."""
    return actor.holds_any(*OFFICE)


def may_export(actor: Actor, batch: UpstreamBatch) -> bool:
    """The same over all of the batch: at its station, or above."""
    return actor.holds_any(*OFFICE, at=batch.station_id)
