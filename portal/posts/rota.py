"""The rota as it is shown: weeks of lines (a post and a span) by days, ready words and flags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce

from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.posts import queries_logs, queries_rota
from portal.posts.models import ServicePost
from portal.posts.queries_rota import DutyRow, SeatRow
from portal.posts.rules import COVER_LABELS, COVER_LETTERS, Cover, cover, percent
from portal.shifts.models import ShiftState
from portal.signups import queries_cover
from portal.signups.models import SignupState

WEEK = timedelta(days=7)
MOST_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody on a duty, and in words what is to be known of it."""

    name: str
    mark: str
    # Where the desk finds somebody else for the duty, while it is to come.
    cover_path: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One duty: its letter and colour, places, people."""

    public_id: str
    time_text: str
    kind: str
    letter: str
    label: str
    count: str
    gap: int
    seats: Sequence[Seat]
    helped: int | None
    opened: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Places planned, taken and people who came; of a post in a week, or of everything."""

    planned: int = 0
    taken: int = 0
    attended: int = 0

    def plus(self, other: Tally) -> Tally:
        """Return the sum."""
        return Tally(
            self.planned + other.planned,
            self.taken + other.taken,
            self.attended + other.attended,
        )

    @property
    def percent(self) -> int | None:
        """The share of planned places that are taken."""
        return percent(self.taken, self.planned)


@dataclass(frozen=True, slots=True)
class Line:
    """A post and a span of the day, with the duties of each of the seven days."""

    post: ServicePost
    time_text: str
    days: Sequence[Sequence[Box]]
    # On the first line of a post: how the post is covered in this week.
    tally: Tally | None


@dataclass(frozen=True, slots=True)
class Day:
    """A column: the day in words, and whether it is a holiday or today."""

    text: str
    holiday: str
    is_today: bool
    entries: Sequence[tuple[Line, Box]]


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the rota."""

    text: str
    days: Sequence[Day]
    lines: Sequence[Line]
    tally: Tally
    gaps: int


@dataclass(frozen=True, slots=True)
class Rota:
    """Some weeks, and the address of those before and after."""

    weeks: Sequence[Week]
    first: date
    count: int

    @property
    def gaps(self) -> int:
        """How many places nobody has taken yet."""
        return sum(week.gaps for week in self.weeks)

    @property
    def before(self) -> str:
        """The first day of the weeks before."""
        return (self.first - WEEK * self.count).isoformat()

    @property
    def after(self) -> str:
        """The first day of the weeks after."""
        return (self.first + WEEK * self.count).isoformat()


def monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def rota(posts: Sequence[ServicePost], first: date, count: int, now: datetime) -> Rota:
    """Return the rota of these posts for `count` weeks from a Monday; a fixed number of queries."""
    last = first + WEEK * count - timedelta(days=1)
    boxes = _boxes(posts, first, last, now)
    holidays = org.holidays(first, last)
    weeks = [
        _week(posts, first + WEEK * n, boxes, holidays, clock.local_day(now)) for n in range(count)
    ]
    return Rota(weeks, first, count)


# --- parts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Placed:
    """A duty as read, and as shown."""

    row: DutyRow
    box: Box
    tally: Tally


def _boxes(
    posts: Sequence[ServicePost], first: date, last: date, now: datetime
) -> Mapping[int, list[_Placed]]:
    """Return the duties of each post, in time order."""
    post_ids = [post.id for post in posts]
    ids = queries_rota.shift_ids(post_ids, first, last)
    seats, came = queries_rota.seats(ids), queries_rota.arrivals(ids)
    covers = queries_cover.open_signups(ids, now)
    helped = queries_logs.helped_on(ids)
    found: dict[int, list[_Placed]] = defaultdict(list)
    for row in queries_rota.duties(post_ids, first, last):
        there, since = came.get(row.shift_id, (0, None))
        people = seats.get(row.shift_id, [])
        box = _box(row, people, covers, now, there)
        shown = Box(*box, helped.get(row.shift_id), filters.hour(since) if since else "")
        planned = row.state == ShiftState.PLANNED
        tally = Tally(row.capacity, row.taken, there) if planned else Tally()
        found[row.post_id].append(_Placed(row, shown, tally))
    return found


def _box(
    row: DutyRow, people: Sequence[SeatRow], covers: frozenset[int], now: datetime, came: int
) -> tuple[str, str, str, str, str, str, int, list[Seat]]:
    planned, begun = row.state == ShiftState.PLANNED, row.starts_at <= now
    kind = cover(
        is_planned=planned, has_begun=begun, capacity=row.capacity, taken=row.taken, came=came
    )
    over = row.ends_at <= now
    if begun and not over and kind == Cover.ABSENT:
        kind = Cover.SHORT if row.taken else Cover.EMPTY  # it is on: somebody may still come
    gap = row.capacity - row.taken if planned and not over else 0
    count = f"{came if begun else row.taken}/{row.capacity}" if planned else ""
    return (
        row.public_id,
        filters.span(row.starts_at, row.ends_at),
        str(kind),
        str(COVER_LETTERS[kind]),
        str(COVER_LABELS[kind]),
        count,
        gap,
        [
            Seat(one.name, _mark(one, covers, is_over=over), _cover_path(row, one, begun=begun))
            for one in people
        ],
    )


def _cover_path(row: DutyRow, seat: SeatRow, *, begun: bool) -> str:
    if begun or row.state != ShiftState.PLANNED or seat.state != SignupState.CONFIRMED:
        return ""
    return f"/desk/shifts/{row.public_id}/signups/{seat.public_id}/cover"


def _mark(seat: SeatRow, covers: frozenset[int], *, is_over: bool) -> str:
    if seat.signup_id in covers:
        return _("等人接")
    if seat.state == SignupState.NO_SHOW:
        return _("没来")
    if seat.state == SignupState.ATTENDED:
        return _("到岗")
    if seat.state == SignupState.OFFERED:
        return _("待确认")
    if is_over:
        return _("没签到")
    return _("固定") if seat.is_standing else ""


def _week(
    posts: Sequence[ServicePost],
    start: date,
    boxes: Mapping[int, list[_Placed]],
    holidays: Mapping[date, str],
    today: date,
) -> Week:
    lines: list[Line] = []
    total, gaps = Tally(), 0
    for post in posts:
        placed = [one for one in boxes.get(post.id, ()) if start <= one.row.day < start + WEEK]
        tally = reduce(Tally.plus, (one.tally for one in placed), Tally())
        total, gaps = total.plus(tally), gaps + sum(one.box.gap for one in placed)
        lines += _lines(post, placed, start, tally)
    days = [_day(start + timedelta(days=n), n, lines, holidays, today) for n in range(7)]
    text = f"{filters.day(start)} - {filters.day(start + timedelta(days=6))}"
    return Week(text, days, lines, total, gaps)


def _lines(post: ServicePost, placed: Sequence[_Placed], start: date, tally: Tally) -> list[Line]:
    spans: dict[str, list[list[Box]]] = {}
    for one in sorted(placed, key=lambda one: one.box.time_text):
        days = spans.setdefault(one.box.time_text, [[] for _n in range(7)])
        days[(one.row.day - start).days].append(one.box)
    return [
        Line(post, text, days, tally if number == 0 else None)
        for number, (text, days) in enumerate(spans.items())
    ]


def _day(
    day: date, number: int, lines: Sequence[Line], holidays: Mapping[date, str], today: date
) -> Day:
    entries = [(line, box) for line in lines for box in line.days[number]]
    return Day(filters.day(day), holidays.get(day, ""), day == today, entries)
