"""A desk's day in words: what is on and what comes next, what needs a person, the week, the queues.

As many queries whatever there is: each sort of thing is asked for once, for all stations at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from portal.attendance import queries_today as attendance
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.org.models import Station
from portal.shifts import queries_desk as shifts
from portal.shifts.queries_desk import Planned
from portal.signups import queries as signups
from portal.signups import queries_desk
from portal.site.lines import Line, Words
from portal.site.needs import needs
from portal.site.queues import Queue, queues

DAYS = 7
# So much is read of a sort; who keeps more stations than that fills looks at one of them.
MOST_SHIFTS = 400
MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class DayOf:
    """A day of the week with its shifts, and how many volunteers they lack."""

    title: str
    lines: Sequence[Line]
    gap: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Day:
    """The whole of it; `lead` says in a sentence what is on and what comes next."""

    lead: str
    on_now: Sequence[Line]
    later: Sequence[Line]
    over: Sequence[Line]
    needs: Sequence[Line]
    week: Sequence[DayOf]
    queues: Sequence[Queue]
    is_cut: bool

    @property
    def gap(self) -> int:
        """How many volunteers the days from tomorrow on lack."""
        return sum(one.gap for one in self.week)

    @property
    def waiting(self) -> int:
        """How many people wait."""
        return sum(one.count for one in self.queues)


def day(stations: Sequence[Station], now: datetime) -> Day:
    """Return the day of these stations."""
    ids, today = [row.id for row in stations], clock.local_day(now)
    start, end = clock.day_span(today, today + timedelta(days=DAYS - 1))
    rows = shifts.planned_at(ids, start, end, MOST_SHIFTS)
    words = Words(
        places=signups.places_of([row.id for row in rows]),
        came=attendance.came([row.id for row in rows if row.starts_at <= now]),
        names={row.id: row.name for row in stations} if len(stations) > 1 else {},
        now=now,
    )
    offers = queries_desk.offers_at(ids, now)
    waits = queries_desk.waiting_at(ids, now, MOST_WAITING)
    tomorrow = clock.day_start(today + timedelta(days=1))
    of_today = [row for row in rows if row.starts_at < tomorrow]
    to_come = [row for row in rows if row.starts_at > now]
    return Day(
        lead=_lead(rows, to_come, now),
        on_now=[words.line(row) for row in of_today if row.starts_at <= now < row.ends_at],
        later=[
            words.line(row, is_next=row is to_come[0]) for row in of_today if row.starts_at > now
        ],
        over=[words.line(row) for row in of_today if row.ends_at <= now],
        needs=needs(ids, rows, words, offers),
        week=_week(rows[len(of_today) :], words),
        queues=queues(waits, offers, now),
        is_cut=len(rows) == MOST_SHIFTS,
    )


def _lead(rows: Sequence[Planned], to_come: Sequence[Planned], now: datetime) -> str:
    """Return in a sentence what is on and what comes next."""
    on_now = sum(row.starts_at <= now < row.ends_at for row in rows)
    first = _("现在有 %(n)d 场正在进行。", n=on_now) if on_now else _("现在没有正在进行的场次。")
    if not to_come:
        return f"{first} " + (_("一周内没有别的安排。") if on_now else _("一周内没有安排。"))
    following = to_come[0]
    day, time = clock.local_day(following.starts_at), filters.hour(following.starts_at)
    moment = time if day == clock.local_day(now) else f"{filters.near_day(day)} {time}"
    return f"{first} " + _("下一场 %(when)s：%(title)s。", when=moment, title=following.title)


def _week(rows: Sequence[Planned], words: Words) -> list[DayOf]:
    def day_of(row: Planned) -> date:
        return clock.local_day(row.starts_at)

    return [
        DayOf(
            title=filters.near_day(day),
            lines=[words.line(row) for row in found],
            gap=sum(words.gap(row) for row in found),
            waiting=sum(words.waiting(row) for row in found),
        )
        for day, group in groupby(rows, key=day_of)
        if (found := list(group))
    ]
