"""The queues of a desk: who waits for which place, and why nobody moves up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole
from portal.signups import words
from portal.signups.queries_desk import Counted, Waits
from portal.signups.words import Standing

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits for a place, and why nobody moves up."""

    shift_id: str
    title: str
    when: str
    role: str
    count: int
    names: str
    why: str


def queues(waits: Sequence[Waits], offers: Sequence[Counted], now: datetime) -> list[Queue]:
    """Return the queues in the order of their shifts."""
    out = {one.place_id: one for one in offers}
    found = []
    for place_id, group in groupby(waits, key=lambda one: one.place_id):
        people = list(group)
        first = people[0]
        names = _("、").join(one.name for one in people[:_NAMED])
        if len(people) > _NAMED:
            names = _("%(names)s等 %(n)d 人", names=names, n=len(people))
        found.append(
            Queue(
                shift_id=first.shift.public_id,
                title=first.shift.title,
                when=filters.when(first.shift.starts_at, first.shift.ends_at),
                role=str(PLACE_ROLE_LABELS[PlaceRole(first.role)]),
                count=len(people),
                names=names,
                why=words.why(_standing(people, out.get(place_id)), now),
            )
        )
    return found


def _standing(people: Sequence[Waits], offer: Counted | None) -> Standing:
    first = people[0]
    together = [one for one in people if first.party_id and one.party_id == first.party_id]
    return Standing(
        starts_at=first.shift.starts_at,
        capacity=first.capacity,
        taken=first.taken,
        first_group=len(together) or 1,
        offers=offer.count if offer else 0,
        first_until=offer.first_at if offer else None,
    )
