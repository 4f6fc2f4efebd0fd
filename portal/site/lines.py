"""Lines of a desk: one shift in words, with what is the matter with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.shifts.models import PlaceRole
from portal.shifts.queries_desk import Planned
from portal.signups.queries import PlacesOf


class Tag(NamedTuple):
    """A word about a state, with its tone."""

    text: str
    tone: str


@dataclass(slots=True)
class Line:
    """One shift on the desk; `tags` say what is the matter with it."""

    id: str
    title: str
    when: str
    places: str
    station: str = ""
    is_on: bool = False
    gap: int = 0
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Words:
    """What lines are made of."""

    places: Mapping[int, Sequence[PlacesOf]]
    came: Mapping[int, int]
    names: Mapping[int, str]
    now: datetime

    def line(self, row: Planned, *, is_next: bool = False, with_day: bool = False) -> Line:
        """Return a shift in words."""
        found = Line(
            id=row.public_id,
            title=row.title,
            when=(filters.when if with_day else filters.span)(row.starts_at, row.ends_at),
            places=self._places(row),
            station=self.names.get(row.station_id, ""),
            is_on=row.starts_at <= self.now < row.ends_at,
            gap=self.gap(row),
        )
        if found.is_on:
            found.tags.append(Tag(_("正在进行"), "success"))
        if is_next:
            minutes = int((row.starts_at - self.now).total_seconds()) // 60
            found.tags.append(Tag(_("%(time)s后开始", time=filters.minutes(minutes)), "info"))
        if found.gap and row.ends_at > self.now:
            found.tags.append(Tag(_("缺 %(n)d 名志愿者", n=found.gap), "warning"))
        return found

    def gap(self, row: Planned) -> int:
        """Return how many volunteers a shift lacks; where somebody waits, the queue sees to it."""
        return sum(
            place.capacity - place.taken
            for place in self.places.get(row.id, ())
            if place.role == PlaceRole.VOLUNTEER and not place.waiting
        )

    def waiting(self, row: Planned) -> int:
        """Return how many wait for a place on a shift."""
        return sum(place.waiting for place in self.places.get(row.id, ()))

    def _places(self, row: Planned) -> str:
        parts = []
        if row.starts_at <= self.now:
            parts.append(_("已到 %(n)d 人", n=self.came.get(row.id, 0)))
        for place in self.places.get(row.id, ()):
            values = {"taken": place.taken, "all": place.capacity}
            if place.role == PlaceRole.VOLUNTEER:
                parts.append(_("志愿者 %(taken)d/%(all)d", **values))
            else:
                parts.append(_("参加 %(taken)d/%(all)d", **values))
        if waiting := self.waiting(row):
            parts.append(_("候补 %(n)d 人", n=waiting))
        return " · ".join(parts)
