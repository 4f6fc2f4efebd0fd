"""Selects over scans and visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Row, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.attendance.models import Pending, Scan, ScanVerdict, Visit, VisitState
from portal.attendance.rules import MAY_ENTER, OUT_OF_TURN
from portal.attendance.rules_stays import Mark, told_by
from portal.core import clock
from portal.core.db import UtcDateTime, db, execute
from portal.people import queries as people
from portal.people.models import Person
from portal.shifts.models import Offering, Shift, ShiftState
from portal.signups.models import Signup, SignupState

BATCH = 200


def visit_by_id(public_id: str) -> Visit | None:
    """Return the visit of a public id, with shift, offering and person."""
    query = select(Visit).options(
        joinedload(Visit.shift).joinedload(Shift.offering),
        joinedload(Visit.signup),
        joinedload(Visit.person),
    )
    return db.session.scalars(query.where(Visit.public_id == public_id)).first()


def visits_of(person_id: int) -> Sequence[Visit]:
    """Return the visits of a person with shift, offering, station and sign-up, the latest first."""
    query = (
        select(Visit)
        .join(Visit.shift)
        .options(
            contains_eager(Visit.shift).joinedload(Shift.offering).joinedload(Offering.station),
            joinedload(Visit.signup),
        )
        .where(Visit.person_id.in_(people.selves(person_id)))
    )
    return db.session.scalars(query.order_by(Visit.in_at.desc())).all()


def on_shift(shift_id: int) -> Sequence[Visit]:
    """Return the visits of a shift, by person and pair, without annulled ones."""
    query = select(Visit).where(Visit.shift_id == shift_id, Visit.state != VisitState.ANNULLED)
    return db.session.scalars(query.order_by(Visit.person_id, Visit.pair)).all()


def visits_at(shift_id: int, person_id: int) -> Sequence[Visit]:
    """Return the visits of a person at a shift, in order, without annulled ones."""
    return [row for row in rows_at(shift_id, person_id) if row.state != VisitState.ANNULLED]


def rows_at(shift_id: int, person_id: int) -> Sequence[Visit]:
    """Return all rows of a person at a shift, those annulled included: each pair stands once."""
    query = select(Visit).where(Visit.shift_id == shift_id, Visit.person_id == person_id)
    return db.session.scalars(query.order_by(Visit.pair)).all()


def says_something() -> ColumnElement[bool]:
    """Return the clause: a scan that counts for the stays, accepted or only out of turn."""
    return or_(Scan.verdict == ScanVerdict.STORED, Scan.reason.in_(OUT_OF_TURN))


def marks(shift_id: int, person_id: int) -> list[Mark]:
    """Return what scans say of a person at a shift, in the order stored."""
    query = select(Scan.direction, Scan.way, Scan.occurred_at, Scan.scan_id).where(
        Scan.shift_id == shift_id, Scan.person_id == person_id, says_something()
    )
    rows = db.session.execute(query.order_by(Scan.id))
    return [Mark(row[0], row[1], row[2], told_by(row.scan_id)) for row in rows]


_ELSEWHERE = (
    select(
        Visit.state,
        Visit.pending,
        Visit.in_at,
        Visit.out_at,
        Shift.ends_at,
        Shift.state.label("shift_state"),
    )
    .join(Shift, Shift.id == Visit.shift_id)
    .where(
        Visit.person_id.in_(people.selves(bindparam("person_id", type_=Integer))),
        Visit.shift_id != bindparam("shift_id"),
        Visit.state != VisitState.ANNULLED,
        Visit.in_at >= bindparam("after", type_=UtcDateTime()),
        Visit.in_at < bindparam("before", type_=UtcDateTime()),
    )
)
# Nobody stays longer at one shift; who came earlier is gone.
_LONGEST = timedelta(days=2)


class Elsewhere(NamedTuple):
    """What a person does at other shifts: whether they are there then, and their pairs of the day."""

    is_there: bool
    pairs: int


def elsewhere(person_id: int, shift_id: int, at: datetime) -> Elsewhere:
    """Return what matters of a person's visits at other shifts for coming in at an instant.

    Who forgot to go out is elsewhere as long as that shift lasts; what was closed by rule keeps
    nobody from coming, as its end is not known.
    """
    first, last = clock.day_span(clock.local_day(at))
    values = {"person_id": person_id, "shift_id": shift_id, "after": first - _LONGEST}
    rows = execute(_ELSEWHERE, {**values, "before": last}).all()
    return Elsewhere(
        any(_is_there(row, at) for row in rows), sum(row.in_at >= first for row in rows)
    )


def _is_there(row: Row[Any], at: datetime) -> bool:
    if row.state == VisitState.OPEN:
        return bool(row.ends_at > at and row.shift_state == ShiftState.PLANNED)
    is_known = row.state != VisitState.LAPSED and row.pending != Pending.NO_CHECK_OUT
    return bool(is_known and row.in_at <= at < row.out_at)


_SINCE = Scan.at > bindparam("since", type_=UtcDateTime())
_SCANS = (
    select(
        Scan.shift_id,
        Scan.direction,
        Scan.way,
        Scan.occurred_at,
        Scan.at,
        Scan.verdict,
        Scan.reason,
        Scan.actor_id,
        Scan.scan_id,
    )
    .where(
        Scan.person_id == bindparam("person_id"),
        or_(Scan.shift_id == bindparam("shift_id"), _SINCE),
    )
    .order_by(Scan.id)
)


def scans_of(person_id: int, shift_id: int, since: datetime) -> Sequence[Row[Any]]:
    """Return the columns of a person's scans at a shift, and of all since an instant, as stored."""
    values = {"person_id": person_id, "shift_id": shift_id, "since": since}
    return execute(_SCANS, values).all()


def counts(shift_id: int) -> tuple[int, int, int]:
    """Return how many came, how many of them are gone, and how many hold a place."""
    gone = Visit.state != VisitState.OPEN
    somebody = func.coalesce(Person.merged_into_id, Person.id).distinct()
    query = (
        select(func.count(somebody), func.count(somebody).filter(gone))
        .join_from(Visit, Person, Person.id == Visit.person_id)
        .where(Visit.shift_id == shift_id, Visit.state != VisitState.ANNULLED)
    )
    came, gone_count = db.session.execute(query).one()
    holding = select(func.count()).where(Signup.shift_id == shift_id, Signup.state.in_(MAY_ENTER))
    return came, gone_count, int(db.session.scalar(holding) or 0)


def shifts_on(now: datetime, early: int, late: int) -> Sequence[Shift]:
    """Return the shifts that can be checked into or out of now."""
    query = _on(now, early, late)
    return db.session.scalars(query.order_by(Shift.starts_at, Shift.id).limit(BATCH)).all()


def own_shifts_on(person_id: int, now: datetime, early: int, late: int) -> Sequence[Shift]:
    """Return those of them where the person holds a place."""
    query = _on(now, early, late).join(Signup, Signup.shift_id == Shift.id)
    own = query.where(Signup.person_id == person_id, Signup.state.in_(MAY_ENTER))
    return db.session.scalars(own.order_by(Shift.starts_at, Shift.id)).all()


def _on(now: datetime, early: int, late: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return (
        select(Shift)
        .join(Shift.offering)
        .options(contains_eager(Shift.offering))
        .where(
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at <= now + timedelta(minutes=early),
            Shift.ends_at >= now - timedelta(minutes=late),
        )
    )


# --- what tick has to do -------------------------------------------------------------------------


def left_open(ended_before: datetime) -> Sequence[int]:
    """Return open visits of shifts that ended before an instant."""
    query = (
        select(Visit.id)
        .join(Shift, Shift.id == Visit.shift_id)
        .where(Visit.state == VisitState.OPEN, Shift.ends_at <= ended_before)
    )
    return db.session.scalars(query.order_by(Visit.id).limit(BATCH)).all()


def unsettled(today: date) -> Sequence[int]:
    """Return visits that nobody confirmed in time."""
    query = select(Visit.id).where(
        Visit.state == VisitState.PROVISIONAL, Visit.settle_by_on < today
    )
    return db.session.scalars(query.order_by(Visit.id).limit(BATCH)).all()


def absent(ended_before: datetime) -> Sequence[int]:
    """Return confirmed sign-ups of shifts long over to which nobody came."""
    came = select(Visit.id).where(
        Visit.shift_id == Signup.shift_id, Visit.person_id == Signup.person_id
    )
    query = (
        select(Signup.id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.state == SignupState.CONFIRMED,
            Shift.ends_at <= ended_before,
            Shift.state == ShiftState.PLANNED,
            ~came.exists(),
        )
    )
    return db.session.scalars(query.order_by(Signup.id).limit(BATCH)).all()


def waiting_for_registration(person_id: int) -> Sequence[int]:
    """Return the visits of a person that wait for the approval of their application."""
    query = select(Visit.id).where(
        Visit.person_id.in_(people.selves(person_id)), Visit.pending == Pending.NOT_REGISTERED
    )
    return db.session.scalars(query.order_by(Visit.id)).all()


def without_visit(person_id: int, now: datetime) -> Sequence[Signup]:
    """Return the person's sign-ups on past shifts to which no visit belongs."""
    selves = people.selves(person_id)
    came = select(Visit.id).where(Visit.shift_id == Signup.shift_id, Visit.person_id.in_(selves))
    query = (
        select(Signup)
        .join(Signup.shift)
        .options(
            contains_eager(Signup.shift).joinedload(Shift.offering).joinedload(Offering.station)
        )
        .where(
            Signup.person_id.in_(selves),
            Signup.state.in_((SignupState.CONFIRMED, SignupState.NO_SHOW)),
            Shift.ends_at <= now,
            ~came.exists(),
        )
    )
    return db.session.scalars(query.order_by(Shift.starts_at.desc())).all()


def to_settle_by(since: date) -> Sequence[Visit]:
    """Return the visits that somebody may confirm until a day from `since` on, with their shifts."""
    query = select(Visit).options(joinedload(Visit.shift))
    return db.session.scalars(query.where(Visit.settle_by_on >= since)).all()
