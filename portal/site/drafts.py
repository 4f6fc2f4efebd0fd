"""The drafts on a desk: what was returned first, then the own ones, then the station's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core import filters
from portal.core.access import Actor
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.records import notes
from portal.shifts import queries_desk as shifts
from portal.shifts.models import OfferingType, page_of

SHOWN = 8
_MOST = 50
# What steps and notes call each kind of offering.
_NOTED = {OfferingType.ACTIVITY: "activity", OfferingType.SERVICE_POST: "post"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; `returned` is why a reviewer gave it back."""

    title: str
    href: str
    changed: str
    is_own: bool
    returned: str


@dataclass(frozen=True, slots=True)
class Drafts:
    """The first of them, how many there are (at least), and how many lie with a reviewer."""

    rows: Sequence[Draft]
    count: int
    in_review: int


def drafts(station_ids: Sequence[int], actor: Actor) -> Drafts:
    """Return the drafts of these stations."""
    found = shifts.drafts_at(station_ids, _MOST)
    refs = {row.id: Ref(_NOTED[OfferingType(row.type)], row.id) for row in found}
    reasons = notes.latest_of(list(refs.values()), "return")
    rows = [
        Draft(
            title=row.title or _("没有名称"),
            href=f"/desk{page_of(row.type, row.public_id)}",
            changed=filters.moment(row.updated_at),
            is_own=row.created_by_id == actor.person_id,
            returned=reasons.get(refs[row.id], ""),
        )
        for row in found
    ]
    rows.sort(key=lambda row: (not row.returned, not row.is_own))
    return Drafts(rows[:SHOWN], len(rows), shifts.count_in_review(station_ids))
