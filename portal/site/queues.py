"""The queues of a desk: who waits for which place, and why nobody moves up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole
from portal.signups import rules
from portal.signups.queries_desk import Counted, Waits

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
                why=_why(first, out.get(place_id), now),
            )
        )
    return found


def _why(first: Waits, offer: Counted | None, now: datetime) -> str:
    """Return why nobody moves up."""
    if not rules.queue_is_open(first.shift.starts_at, now):
        return _("离开始不到 2 小时，不再递补；空出的名额谁先报谁得。")
    if offer:
        until = filters.moment(offer.first_at)
        return _("有 %(n)d 个名额在等前面的人确认，最晚 %(when)s。", n=offer.count, when=until)
    if first.taken >= first.capacity:
        return _("%(n)d 个名额都有人了，有人退出就递补。", n=first.capacity)
    return _("有名额空着。请打开名单，看看能不能替他确认。")
