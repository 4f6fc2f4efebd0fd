"""What scans leave open and somebody's word settles: the inbox of a desk, a roster, a person.

Each is proposed ready to be accepted by one tap. As many queries whatever there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import aliased

from portal.attendance.models import Direction, Pending, Scan, ScanVerdict, Visit, Way
from portal.attendance.rules import MAY_ENTER, ScanReason
from portal.attendance.settling import WAITING
from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.org.queries import last_days
from portal.people import queries as people
from portal.people.models import Person
from portal.records import settings
from portal.shifts.models import Offering, Shift
from portal.signups.models import Signup
from portal.signups.policy import keeps_roster_at

_MOST = 200
# Longer than ten (at most thirty) working days ever take.
_LONG_AGO = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing to settle: what happened, what is proposed, and the address that takes the word.

    `no_button` says why this actor may not; `edit` is where another time is given, if anywhere.
    """

    kind: str
    key: str
    name: str
    title: str
    when: str
    text: str
    until: str
    button: str
    action: str
    edit: str = ""
    station_id: int = 0
    no_button: str = ""


def at_stations(station_ids: Iterable[int], actor: Actor, now: datetime) -> list[Decision]:
    """Return what waits at these stations, the first to lapse on top."""
    return _decisions(Shift.station_id.in_(station_ids), actor, now)


def on_shift(shift_id: int, actor: Actor, now: datetime) -> list[Decision]:
    """Return what waits on one shift."""
    return _decisions(Shift.id == shift_id, actor, now)


def of_person(person_id: int, actor: Actor, now: datetime) -> list[Decision]:
    """Return what waits for the person's own word: what only a leader may say is left out."""
    own = _decisions(Person.id.in_(people.selves(person_id)), actor, now, is_own=True)
    return [one for one in own if one.kind in {"leave", "arrive"}]


def _decisions(
    where: ColumnElement[bool], actor: Actor, now: datetime, *, is_own: bool = False
) -> list[Decision]:
    today, made = clock.local_day(now), _Words(actor, is_own=is_own)
    found = [(row.settle_by_on or date.max, made.of_visit(row)) for row in _waiting(where)]
    others = [*_outs(where, now), *([] if is_own else _clocks(where, now))]
    ends = {clock.local_day(row.ends_at) for row in others}
    until = last_days(ends, settings.get("record_working_days"))
    for row in others:
        last = until[clock.local_day(row.ends_at)]
        if last >= today:
            found.append((last, made.of_scan(row, last)))
    return [one for _until, one in sorted(found, key=lambda pair: pair[0])]


# --- what there is -------------------------------------------------------------------------------

_SHIFT = (
    Shift.public_id.label("shift_id"),
    Shift.station_id,
    Shift.starts_at,
    Shift.ends_at,
    Offering.title,
    Person.id.label("person_id"),
    Person.merged_into_id,
    Person.name,
)


def _waiting(where: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Stays that wait to be confirmed."""
    query = (
        select(
            *_SHIFT,
            Visit.public_id,
            Visit.in_at,
            Visit.out_at,
            Visit.minutes,
            Visit.pending,
            Visit.settle_by_on,
        )
        .join_from(Visit, Shift, Shift.id == Visit.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Person, Person.id == Visit.person_id)
        .where(Visit.pending.in_(WAITING), where)
    )
    return db.session.execute(query.order_by(Visit.settle_by_on, Visit.id).limit(_MOST)).all()


def _outs(where: ColumnElement[bool], now: datetime) -> Sequence[Row[Any]]:
    """People who went out and never came in; from the own phone not before the shift is over."""
    came = select(Visit.id).where(
        Visit.shift_id == Scan.shift_id, Visit.person_id == Scan.person_id
    )
    query = (
        _of_scans(func.min(Scan.occurred_at).label("out_at"))
        .where(
            Scan.direction == Direction.OUT,
            Scan.reason == ScanReason.ALREADY_OUT,
            ~came.exists(),
            or_(Scan.verdict == ScanVerdict.CONFLICT, Shift.ends_at <= now),
            Scan.at > now - _LONG_AGO,
            where,
        )
        .group_by(*_columns(_SHIFT), Signup.public_id)
    )
    return db.session.execute(query.order_by(func.min(Scan.id)).limit(_MOST)).all()


def _clocks(where: ColumnElement[bool], now: datetime) -> Sequence[Row[Any]]:
    """Times that a phone with a doubtful clock sent, and nobody has looked at."""
    seen = aliased(Scan)
    looked_at = select(seen.id).where(
        seen.shift_id == Scan.shift_id,
        seen.person_id == Scan.person_id,
        seen.direction == Scan.direction,
        seen.occurred_at == Scan.occurred_at,
        seen.way == Way.CONFIRMED,
    )
    query = _of_scans(
        func.min(Scan.occurred_at).label("first_at"),
        func.max(Scan.occurred_at).label("last_at"),
        func.count().label("scans"),
    ).where(
        Scan.reason == ScanReason.CLOCK_SKEW,
        Scan.verdict == ScanVerdict.STORED,
        ~looked_at.exists(),
        Scan.at > now - _LONG_AGO,
        where,
    )
    query = query.group_by(*_columns(_SHIFT), Signup.public_id)
    return db.session.execute(query.order_by(func.min(Scan.id)).limit(_MOST)).all()


def _of_scans(*columns: Any) -> Any:
    of_them = (Signup.shift_id == Scan.shift_id) & (Signup.person_id == Scan.person_id)
    return (
        select(*_SHIFT, Signup.public_id, *columns)
        .join_from(Scan, Shift, Shift.id == Scan.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Person, Person.id == Scan.person_id)
        .join(Signup, of_them & Signup.state.in_(MAY_ENTER))
    )


def _columns(labelled: Iterable[Any]) -> Iterator[Any]:
    return (getattr(one, "element", one) for one in labelled)


# --- in words ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Words:
    """Makes decisions of rows, for one who reads them."""

    actor: Actor
    is_own: bool

    def of_visit(self, row: Row[Any]) -> Decision:
        address = (
            f"/me/hours/{row.public_id}/confirmation"
            if self.is_own
            else f"/desk/shifts/{row.shift_id}/visits/{row.public_id}/confirmation"
        )
        until = filters.day(row.settle_by_on) if row.settle_by_on else ""
        day = filters.day(clock.local_day(row.in_at))
        is_short = row.pending == Pending.SHORT_STAY
        if is_short:
            text = _(
                "%(day)s %(span)s 在场，时间比班次短得多。",
                day=day,
                span=filters.span(row.in_at, row.out_at),
            )
        else:
            text = _(
                "%(day)s %(time)s 签到，没有签退。按计划结束时间 %(end)s 暂计。",
                day=day,
                time=filters.hour(row.in_at),
                end=filters.hour(row.out_at),
            )
        return self._decision(
            row,
            kind="short" if is_short else "leave",
            text=text,
            until=until,
            button=_("确认 %(minutes)s", minutes=filters.minutes(row.minutes)),
            action=address,
            edit="" if is_short else address,
        )

    def of_scan(self, row: Row[Any], last: date) -> Decision:
        if hasattr(row, "scans"):
            return self._of_clock(row, last)
        address = (
            f"/me/hours/arrivals/{row.public_id}"
            if self.is_own
            else f"/desk/shifts/{row.shift_id}/signups/{row.public_id}/arrival"
        )
        came_at = min(row.starts_at, row.out_at)
        text = _(
            "%(day)s %(time)s 扫了签退，但没有签到记录。按计划开始时间 %(start)s 算到场。",
            day=filters.day(clock.local_day(row.out_at)),
            time=filters.hour(row.out_at),
            start=filters.hour(came_at),
        )
        button = _("%(time)s 到的，确认", time=filters.hour(came_at))
        return self._decision(
            row, kind="arrive", text=text, until=filters.day(last), button=button,
            action=address, edit=address,
        )  # fmt: skip

    def _of_clock(self, row: Row[Any], last: date) -> Decision:
        times = [row.first_at] if row.scans == 1 else [row.first_at, row.last_at]
        text = _(
            "扫码的手机时间不准，校正后记的是 %(day)s %(times)s。请核对。",
            day=filters.day(clock.local_day(row.first_at)),
            times=_("、").join(filters.hour(one) for one in times),
        )
        address = f"/desk/shifts/{row.shift_id}/signups/{row.public_id}/clock"
        return self._decision(
            row, kind="clock", text=text, until=filters.day(last), button=_("时间没错"),
            action=address,
        )  # fmt: skip

    def _decision(self, row: Row[Any], **parts: Any) -> Decision:
        mine = self.actor.person_id in {row.person_id, row.merged_into_id} - {None}
        keeps = keeps_roster_at(self.actor, row.station_id)
        why = _("您自己的，要请别的负责人确认。") if mine and keeps else ""
        return Decision(
            key=row.public_id,
            name=row.name,
            title=row.title,
            when=filters.when(row.starts_at, row.ends_at),
            station_id=row.station_id,
            no_button=why,
            **parts,
        )
