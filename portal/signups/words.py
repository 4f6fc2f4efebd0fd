"""What the queue and the changes of a shift say, in ready words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.shifts import queries as shifts
from portal.shifts.models import PLACE_ROLE_LABELS, Place, PlaceRole, Shift, ShiftState
from portal.signups import queries_waiting, rules
from portal.signups.models import Signup
from portal.signups.models_changes import CHANGE_LABELS, ChangeKind, ShiftChange


@dataclass(frozen=True, slots=True)
class QueueShown:
    """One place with its queue; `why` says why nobody is offered a place just now."""

    label: str
    capacity: int
    taken: int
    offers: Sequence[Signup]
    groups: Sequence[Sequence[Signup]]
    why: str

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(group) for group in self.groups)


def queues(shift: Shift, now: datetime) -> list[QueueShown]:
    """Return the places of a shift with their queues."""
    return [_queue(place, shift, now) for place in shifts.places(shift.id)]


def _queue(place: Place, shift: Shift, now: datetime) -> QueueShown:
    offers, groups = queries_waiting.offers_of(place.id), queries_waiting.groups(place.id)
    return QueueShown(
        label=place_label(place),
        capacity=place.capacity,
        taken=place.taken,
        offers=offers,
        groups=groups,
        why=why(place, shift, offers, groups, now),
    )


def place_label(place: Place) -> str:
    """Return what a place is for."""
    role = str(PLACE_ROLE_LABELS[PlaceRole(place.role)])
    return _("%(role)s：%(label)s", role=role, label=place.label) if place.label else role


def why(  # noqa: PLR0911  each fact has its own sentence
    place: Place,
    shift: Shift,
    offers: Sequence[Signup],
    groups: Sequence[Sequence[Signup]],
    now: datetime,
) -> str:
    """Return why nobody is offered a place just now, from the facts alone."""
    if shift.state == ShiftState.CALLED_OFF:
        return _("这一场取消了，不再递补。")
    if now >= shift.starts_at:
        return _("这一场已经开始，不再递补。")
    if not rules.queue_is_open(shift.starts_at, now):
        return _("离开始不到 2 小时，候补已经关了。有空位时谁先报名归谁。")
    if not groups:
        return _("没有人候补。")
    free = place.capacity - place.taken
    if free <= 0 and offers:
        until = offers[0].offered_until or now
        message = _("%(n)d 个名额已经给出去，在等本人确认，最早的到 %(until)s。")
        return message % {"n": len(offers), "until": filters.moment(until)}
    if free <= 0:
        return _("名额满了：%(n)d 个都有人。有人取消才轮到候补。", n=place.capacity)
    if len(groups[0]) > free:
        message = _("排在最前面的一家要 %(n)d 个，现在空 %(free)d 个，不够，后面的人不能越过。")
        return message % {"n": len(groups[0]), "free": free}
    return _("有 %(n)d 个空位还没有给出去，一分钟内会自动给排在最前面的人。", n=free)


@dataclass(frozen=True, slots=True)
class UndoShown:
    """A change that can still be undone."""

    id: str
    text: str
    minutes: int


def undoable(changes: Sequence[ShiftChange], now: datetime) -> list[UndoShown]:
    """Return the changes in words, with the minutes that are left."""
    return [
        UndoShown(
            change.public_id,
            _(
                "%(what)s：「%(title)s」%(when)s。通知还没有发出。",
                what=CHANGE_LABELS[ChangeKind(change.kind)],
                title=change.shift.offering.title,
                when=filters.when(change.shift.starts_at, change.shift.ends_at),
            ),
            max(ceil((change.undo_until - now).total_seconds() / 60), 1),
        )
        for change in changes
    ]
