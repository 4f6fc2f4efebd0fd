"""Verbs by which somebody's word settles what scans leave open: an arrival, a doubtful clock."""

from __future__ import annotations

from datetime import datetime

from portal.attendance import actions, queries, settling, visits
from portal.attendance.models import Direction, Scan, Visit, Way
from portal.attendance.rules_stays import MOST_PAIRS
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people.models import Person
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.queries import Terms
from portal.signups import queries as signups


def arrive(signup_id: int, *, actor: Actor, now: datetime, at: datetime | None = None) -> Visit:
    """Say when somebody came who went out without having come in; the stay follows from both.

    `at` is when, where it is not as proposed. Raises Refused(`wrong_state`, `own_record`,
    `too_many_pairs`, `overlap`), and Invalid for a time out of bounds.
    """
    signup = signups.columns(signup_id)
    actions.hold(signup.person_id)
    shift = shifts.terms(signups.shift_of(signup_id))
    person = db.session.get_one(Person, signup.person_id)
    settling.must_not_settle_own(person, shift, actor)
    outs = settling.unmatched_outs(shift.id, person.id)
    if not outs or clock.local_day(now) > visits.settle_by(shift.ends_at):
        raise Refused(Reason("wrong_state", _("这次服务现在不用确认，或者已经过了确认期限。")))
    own = settling.is_own(person, actor)
    came_at = settling.coming(shift, outs[0].occurred_at, at, own=own)
    _must_be_free(person.id, shift, came_at)
    scan = actions.ScanInput(person.id, shift.id, Direction.IN, Way.CONFIRMED, came_at)
    visit = actions.say(scan, shift, signup, actor=actor, now=now)
    audit.record(
        "visit.arrive", Ref("visit", visit.id), actor=actor, now=now, station_id=shift.station_id
    )
    return visit


def _must_be_free(person_id: int, shift: Terms, at: datetime) -> None:
    is_there, pairs = queries.elsewhere(person_id, shift.id, at)
    if pairs >= MOST_PAIRS:
        message = _("一个人一天最多签到 %(n)d 次，这一天已经满了。", n=MOST_PAIRS)
        raise Refused(Reason("too_many_pairs", message))
    if is_there:
        raise Refused(Reason("overlap", _("这个时间在另一场有签到记录。请换一个时间。")))


def accept_clocks(signup_id: int, *, actor: Actor, now: datetime) -> int:
    """Say that the times are right which a phone with a doubtful clock sent; return how many."""
    signup = signups.columns(signup_id)
    actions.hold(signup.person_id)
    shift = shifts.terms(signups.shift_of(signup_id))
    person = db.session.get_one(Person, signup.person_id)
    settling.must_not_settle_own(person, shift, actor)
    doubtful = settling.unsettled_clocks(shift.id, person.id)
    for row in doubtful:
        _accept(row, shift, actor, now)
        audit.record(
            "scan.accept", Ref("scan", row.id), actor=actor, now=now, station_id=shift.station_id
        )
    return len(doubtful)


def _accept(row: Scan, shift: Terms, actor: Actor, now: datetime) -> None:
    """Write the same time down again, by somebody's word: it changes no stay."""
    said = actions.ScanInput(row.person_id, shift.id, row.direction, Way.CONFIRMED, row.occurred_at)
    actions.put_down(said, row.occurred_at, actor=actor, now=now)
