"""Crediting time that somebody gave for a wish or an order, once its station approved it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import locked
from portal.core.ref import Ref
from portal.hours import actions, queries
from portal.hours.models import Source
from portal.hours.rules import rounded
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import queries as people
from portal.people.models import Person

# As what the time counts in the figures.
KIND = "care"


class Given(Protocol):
    """A row that holds whose time it is, when it began, how long it took, and who approved it."""

    id: int
    person_id: int
    starts_at: datetime
    minutes: int
    approved_by_id: int | None
    credited_at: datetime | None


def lock_givers(person_ids: Iterable[int]) -> None:
    """Lock the persons whose minutes will be judged, before anything else; also whom they became."""
    kept, given = people.kept_ids(), set(person_ids)
    for person_id in sorted(given | {kept.get(one, one) for one in given}):
        locked(Person, person_id)


def credit(given: Given, kind: str, station_id: int, *, actor: Actor, now: datetime) -> None:
    """Credit registered volunteers whose time somebody approved; for others the minutes wait.

    `kind` names the row in the ledger, so that it is credited once. The day's cap holds.
    """
    if given.approved_by_id is None or not people.is_registered(given.person_id):
        return
    terms = queries.terms(clock.local_day(given.starts_at))
    actions.credit(
        actions.Credit(
            person_id=given.person_id,
            shift_id=None,
            station_id=station_id,
            kind_id=_kind_id(),
            starts_at=given.starts_at,
            ends_at=given.starts_at + timedelta(minutes=given.minutes),
            minutes=rounded(given.minutes * 60, terms),
            source=Source.WISH,
            source_ref=Ref(kind, given.id),
            rule={**terms.as_rule(), "approved_by": given.approved_by_id},
        ),
        actor=actor,
        now=now,
    )
    given.credited_at = now


def _kind_id() -> int:
    term = org.term(Vocabulary.ACTIVITY_KIND, KIND)
    return term.id if term else org.terms(Vocabulary.ACTIVITY_KIND)[0].id
