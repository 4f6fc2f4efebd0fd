"""What somebody's word can settle: who may say it, and within which times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select

from portal.attendance import rules
from portal.attendance.models import Direction, Pending, Scan, ScanVerdict, Visit, Way
from portal.attendance.rules import ScanReason
from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.people.models import Person
from portal.records import settings
from portal.shifts.queries import Terms
from portal.signups.policy import keeps_roster_at

WAITING = frozenset({Pending.NO_CHECK_OUT, Pending.SHORT_STAY})


def must_wait(visit: Visit, shift: Terms, actor: Actor) -> None:
    """Raise Refused unless the visit waits for this actor's word.

    The person's own word is enough for a forgotten check-out (product rule 4), not for a stay that
    waits because it was short; who keeps the roster does not settle what is their own.
    """
    must_not_settle_own(visit.person, shift, actor)
    if visit.pending == Pending.SHORT_STAY and is_own(visit.person, actor):
        raise Refused(Reason("leader_only", _("在场时间短的，要由负责人确认。")))
    if visit.pending not in WAITING:
        raise Refused(Reason("wrong_state", _("这次服务现在不用确认，或者已经过了确认期限。")))


def must_not_settle_own(person: Person, shift: Terms, actor: Actor) -> None:
    """Raise Refused(`own_record`) when somebody who keeps the roster would vouch for themselves."""
    if is_own(person, actor) and keeps_roster_at(actor, shift.station_id):
        message = _("这一场的名单由您管，您自己的时长要请别的负责人确认。")
        raise Refused(Reason("own_record", message))


def is_own(person: Person, actor: Actor) -> bool:
    """Whether it is the actor themselves, also under a record that was merged into theirs."""
    return actor.person_id in {person.id, person.merged_into_id} - {None}


def leaving(visit: Visit, shift: Terms, actor: Actor, at: datetime | None) -> datetime:
    """Return when the person left: as said, else as proposed. Raises Invalid beside `time`.

    Nobody says of themselves that they stayed longer than planned.
    """
    if visit.pending == Pending.SHORT_STAY and visit.out_at is not None:
        return visit.out_at
    proposed = proposed_end(visit, shift)
    if at is None:
        return proposed
    last = proposed if is_own(visit.person, actor) else max(proposed, latest_out(shift))
    return _within(at, visit.in_at, last)


def proposed_end(visit: Visit, shift: Terms) -> datetime:
    """Return the time that is proposed for a forgotten going out."""
    end = rules.planned_end(shift.ends_at, shift.called_off_at, visit.in_at)
    return visit.out_at or end


def latest_out(shift: Terms) -> datetime:
    """Return until when somebody could have gone out."""
    return shift.ends_at + timedelta(minutes=settings.get("check_out_late_minutes"))


def first_in(shift: Terms) -> datetime:
    """Return from when somebody could have come in."""
    return shift.starts_at - timedelta(minutes=settings.get("check_in_early_minutes"))


def coming(shift: Terms, out_at: datetime, at: datetime | None, *, own: bool) -> datetime:
    """Return when a person came who only went out: as said, else as proposed. See `leaving`."""
    proposed = min(shift.starts_at, out_at)
    if at is None:
        return proposed
    return _within(at, proposed if own else min(proposed, first_in(shift)), out_at)


def _within(at: datetime, first: datetime, last: datetime) -> datetime:
    """Return the time within its bounds; who types minutes means the second they began with."""
    if first.replace(second=0, microsecond=0) <= at <= last:
        return max(first, at)
    span = filters.span(first, last)
    raise Invalid("time", _("请填 %(span)s 之间的时间。", span=span))


def instant(typed: time, first: datetime) -> datetime:
    """Return the first instant with this time on the clock from (the minute of) another on."""
    start = clock.local(first).replace(second=0, microsecond=0)
    at = clock.at_local(start.date(), typed)
    return at if at >= start else clock.at_local(start.date() + timedelta(days=1), typed)


# --- going out of nobody -------------------------------------------------------------------------


def unmatched_outs(shift_id: int, person_id: int) -> Sequence[Scan]:
    """Return the scans by which somebody went out who never came in, the earliest first."""
    came = select(Visit.id).where(Visit.shift_id == shift_id, Visit.person_id == person_id)
    query = select(Scan).where(
        Scan.shift_id == shift_id,
        Scan.person_id == person_id,
        Scan.direction == Direction.OUT,
        Scan.reason == ScanReason.ALREADY_OUT,
        ~came.exists(),
    )
    return db.session.scalars(query.order_by(Scan.occurred_at)).all()


# --- clocks --------------------------------------------------------------------------------------


def unsettled_clocks(shift_id: int, person_id: int) -> Sequence[Scan]:
    """Return the scans with a doubtful time that nobody has looked at."""
    query = select(Scan).where(
        Scan.shift_id == shift_id,
        Scan.person_id == person_id,
        Scan.verdict == ScanVerdict.STORED,
        Scan.way.in_((*rules.DESK_WAYS, Way.CONFIRMED)),
    )
    rows = db.session.scalars(query.order_by(Scan.id)).all()
    seen = {(row.direction, row.occurred_at) for row in rows if row.way == Way.CONFIRMED}
    doubtful = [row for row in rows if row.reason == ScanReason.CLOCK_SKEW]
    return [row for row in doubtful if (row.direction, row.occurred_at) not in seen]
