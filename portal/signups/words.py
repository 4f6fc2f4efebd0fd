"""What the queue and the changes of a shift say, in ready words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.shifts import queries as shifts
from portal.shifts.models import (
    PLACE_ROLE_LABELS,
    OfferingType,
    Place,
    PlaceRole,
    Shift,
    ShiftState,
)
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
        why=why(_standing(place, shift, offers, groups), now),
    )


def _standing(
    place: Place, shift: Shift, offers: Sequence[Signup], groups: Sequence[Sequence[Signup]]
) -> Standing:
    return Standing(
        starts_at=shift.starts_at,
        capacity=place.capacity,
        taken=place.taken,
        first_group=len(groups[0]) if groups else 0,
        offers=len(offers),
        first_until=offers[0].offered_until if offers else None,
        is_planned=shift.state == ShiftState.PLANNED,
    )


def place_label(place: Place) -> str:
    """Return what a place is for."""
    role = str(PLACE_ROLE_LABELS[PlaceRole(place.role)])
    return _("%(role)s：%(label)s", role=role, label=place.label) if place.label else role


@dataclass(frozen=True, slots=True)
class Standing:
    """How a place and its queue stand: `first_group` wait together at the head, 0 when nobody does."""

    starts_at: datetime
    capacity: int
    taken: int
    first_group: int
    offers: int = 0
    first_until: datetime | None = None
    is_planned: bool = True


def why(stands: Standing, now: datetime) -> str:  # noqa: PLR0911  each fact has its own sentence
    """Return why nobody is offered a place just now, from the facts alone; one wording everywhere."""
    if not stands.is_planned:
        return _("这一场取消了，不再递补。")
    if now >= stands.starts_at:
        return _("这一场已经开始，不再递补。")
    if not rules.queue_is_open(stands.starts_at, now):
        return _("离开始不到 2 小时，候补已经关了。有空位时谁先报名归谁。")
    if not stands.first_group:
        return _("没有人候补。")
    free = stands.capacity - stands.taken
    if free <= 0 and stands.offers:
        until = stands.first_until or now
        message = _("%(n)d 个名额已经给出去，在等本人确认，最早的到 %(until)s。")
        return message % {"n": stands.offers, "until": filters.moment(until)}
    if free <= 0:
        return _("名额满了：%(n)d 个都有人。有人取消才轮到候补。", n=stands.capacity)
    if stands.first_group > free:
        message = _("排在最前面的一家要 %(n)d 个，现在空 %(free)d 个，不够，后面的人不能越过。")
        return message % {"n": stands.first_group, "free": free}
    return _("有 %(n)d 个空位还没有给出去，一分钟内会自动给排在最前面的人。", n=free)


@dataclass(frozen=True, slots=True)
class UndoShown:
    """A change that can still be undone."""

    id: str
    text: str
    minutes: int
    path: str


def undoable(changes: Sequence[ShiftChange], now: datetime) -> list[UndoShown]:
    """Return the changes in words, with the minutes that are left.

    An offering called off with all its shifts is undone as a whole, and is one line.
    """
    found: dict[tuple[str, int], UndoShown] = {}
    for change in changes:
        is_whole = change.kind == ChangeKind.CALL_OFF_ALL
        key = ("all", change.shift.offering_id) if is_whole else ("one", change.id)
        found.setdefault(key, _undo_shown(change, now, is_whole=is_whole))
    return list(found.values())


def _undo_shown(change: ShiftChange, now: datetime, *, is_whole: bool) -> UndoShown:
    what, offering = CHANGE_LABELS[ChangeKind(change.kind)], change.shift.offering
    if is_whole:
        text = _("%(what)s：「%(title)s」。通知还没有发出。", what=what, title=offering.title)
    else:
        text = _(
            "%(what)s：「%(title)s」%(when)s。通知还没有发出。",
            what=what,
            title=offering.title,
            when=filters.when(change.shift.starts_at, change.shift.ends_at),
        )
    # Each kind of offering takes back what is its own beside the shifts.
    desk = "/desk/posts" if offering.type == OfferingType.SERVICE_POST else "/desk"
    path = f"{desk}/changes/{change.public_id}/undo"
    minutes = max(ceil((change.undo_until - now).total_seconds() / 60), 1)
    return UndoShown(change.public_id, text, minutes, path)
