"""What is to be entered within the term after the end, by organiser: computed from the records.

《志愿服务记录与证明出具办法》: records and evaluation are entered within ten working days of the
district's calendar after the end. Nothing is stored here; whoever knows of more that has such a day
hands it to `listed`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select

from portal.attendance.models import Pending, Visit, VisitState
from portal.core import clock, filters
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.corrections.models import Correction, CorrectionState
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live
from portal.org import queries as org
from portal.records import settings
from portal.shifts.models import Offering, PlaceRole, Shift, ShiftState
from portal.signups.models import ParticipantKind, Signup, SignupState

# What is over its day is shown so much longer; by then nothing can be made up any more either.
SHOWN_DAYS = 45
SOON_DAYS = 3
MOST = 500


class Standing(StrEnum):
    """How near the last day is."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


STANDING_LABELS = {
    Standing.OVERDUE: _l("超期"),
    Standing.SOON: _l("快到期"),
    Standing.LATER: _l("还有时间"),
}
STANDING_TONES = {Standing.OVERDUE: "danger", Standing.SOON: "warning", Standing.LATER: "neutral"}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that a station is to enter or answer by its last day, in ready words."""

    station_id: int
    title: str
    when: str
    words: str
    last_on: date
    href: str


@dataclass(frozen=True, slots=True)
class Dated:
    """The same with how near its day is, and whose it is."""

    due: Due
    station: str
    standing: Standing


def listed(station_ids: Collection[int], now: datetime, more: Iterable[Due] = ()) -> list[Dated]:
    """Return what is due at these stations, the most overdue first; `more` from whoever has such."""
    today = clock.local_day(now)
    ids = list(station_ids)
    found = [*_unconfirmed(ids, now), *_without_records(ids, now), *_unanswered(ids, today), *more]
    names = org.names_of({one.station_id for one in found})
    dated = [
        Dated(one, names.get(one.station_id, ""), standing(one.last_on, today)) for one in found
    ]
    return sorted(dated, key=lambda one: (one.due.last_on, one.station, one.due.title))


def standing(last_on: date, today: date) -> Standing:
    """Return how near a last day is."""
    if last_on < today:
        return Standing.OVERDUE
    return Standing.SOON if last_on <= today + timedelta(days=SOON_DAYS) else Standing.LATER


class Tally(NamedTuple):
    """How much of an organiser's is overdue, soon due, and later."""

    station: str
    overdue: int
    soon: int
    later: int


def tally(rows: Sequence[Dated]) -> list[Tally]:
    """Return it for each organiser that has something due, the worst first."""
    counts: dict[str, Counter[Standing]] = {}
    for one in rows:
        counts.setdefault(one.station, Counter())[one.standing] += 1
    found = [Tally(name, *(count[one] for one in Standing)) for name, count in counts.items()]
    return sorted(found, key=lambda row: (-row.overdue, -row.soon, row.station))


# --- where it comes from -------------------------------------------------------------------------


def _unconfirmed(station_ids: list[int], now: datetime) -> Iterable[Due]:
    """Visits without a check-out, by shift: to be confirmed, or not confirmed in time."""
    recorded = select(LedgerEntry.id).where(
        LedgerEntry.shift_id == Shift.id, LedgerEntry.person_id == Visit.person_id, is_live()
    )
    query = (
        select(
            *_SHIFT,
            func.count(Visit.id).label("count"),
            func.min(Visit.settle_by_on).label("last_on"),
        )
        .join(Shift, Shift.id == Visit.shift_id)
        .join(Shift.offering)
        .where(
            Shift.station_id.in_(station_ids),
            Shift.ends_at > now - timedelta(days=SHOWN_DAYS),
            Visit.role == PlaceRole.VOLUNTEER,
            (Visit.pending == Pending.NO_CHECK_OUT)
            | ((Visit.state == VisitState.LAPSED) & ~recorded.exists()),
        )
        .group_by(*_SHIFT)
    )
    rows = db.session.execute(query.order_by(Shift.ends_at).limit(MOST)).all()
    last = _last_days(rows)
    for row in rows:
        last_on = row.last_on or last[clock.local_day(row.ends_at)]
        yield _of_shift(row, _("%(n)d 人没有签退，要确认时长", n=row.count), last_on)


def _without_records(station_ids: list[int], now: datetime) -> Iterable[Due]:
    """Shifts that are over and have volunteers, but nobody's record."""
    came = select(Visit.id).where(Visit.shift_id == Shift.id)
    recorded = select(LedgerEntry.id).where(LedgerEntry.shift_id == Shift.id, is_live())
    query = (
        select(*_SHIFT, func.count(Signup.id).label("count"))
        .join(Signup, Signup.shift_id == Shift.id)
        .join(Shift.offering)
        .where(
            Shift.station_id.in_(station_ids),
            Shift.state == ShiftState.PLANNED,
            Shift.ends_at <= now,
            Shift.ends_at > now - timedelta(days=SHOWN_DAYS),
            Signup.role == PlaceRole.VOLUNTEER,
            Signup.participant == ParticipantKind.VOLUNTEER,
            Signup.state.in_((SignupState.CONFIRMED, SignupState.NO_SHOW)),
            ~came.exists(),
            ~recorded.exists(),
        )
        .group_by(*_SHIFT)
    )
    rows = db.session.execute(query.order_by(Shift.ends_at).limit(MOST)).all()
    last = _last_days(rows)
    for row in rows:
        words = _("%(n)d 名志愿者报了名，没有任何签到记录", n=row.count)
        yield _of_shift(row, words, last[clock.local_day(row.ends_at)])


_SHIFT = (Shift.public_id, Shift.station_id, Shift.starts_at, Shift.ends_at, Offering.title)


def _last_days(rows: Sequence[Row[Any]]) -> Mapping[date, date]:
    days = {clock.local_day(row.ends_at) for row in rows}
    return org.last_days(days, settings.get("record_working_days"))


def _of_shift(row: Row[Any], words: str, last_on: date) -> Due:
    return Due(
        row.station_id,
        row.title,
        filters.when(row.starts_at, row.ends_at),
        words,
        last_on,
        f"/desk/shifts/{row.public_id}",
    )


def _unanswered(station_ids: list[int], today: date) -> Iterable[Due]:
    """Requests that wait for an answer."""
    query = select(
        Correction.public_id,
        Correction.station_id,
        Correction.starts_at,
        Correction.ends_at,
        Correction.due_on,
    ).where(
        Correction.station_id.in_(station_ids),
        Correction.state == CorrectionState.SUBMITTED,
        Correction.due_on > today - timedelta(days=365),
    )
    for row in db.session.execute(query.order_by(Correction.due_on).limit(MOST)):
        yield Due(
            row.station_id,
            _("补录或更正"),
            filters.when(row.starts_at, row.ends_at),
            _("等待答复"),
            row.due_on,
            f"/desk/corrections/{row.public_id}",
        )
