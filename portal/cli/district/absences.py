"""A shift of two weeks ago that some did not come to: late, absent, and two appeals. All invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.people.models import Person
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import actions as signups
from portal.signups import missed
from portal.signups.models import Signup, SignupState

AGO = timedelta(days=13)
EVENING = timedelta(hours=3)


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Let the demo volunteer have cancelled late, a neighbour not come, another appealed in vain."""
    station, manager = places.stations[0], residents.actor("manager")
    starts_at = programme.usual_start(programme.FULL, clock.local_day(now - AGO)) + EVENING
    before = starts_at - timedelta(days=5)
    row = programme.publish(programme.FULL, station, starts_at, actor=manager, now=before)
    shift = shifts.shifts_of(row.id)[0]
    absent, refused = residents.volunteers[station.id][-2:]
    _late(shift, residents.accounts["volunteer"])
    missing = _sign_up(shift, absent)
    signups.mark(missing.id, SignupState.NO_SHOW, actor=SYSTEM, now=shift.ends_at + timedelta(1))
    later = shift.ends_at + timedelta(days=2)
    missed.file(missing.id, "那天来了，忘了签到。", actor=manager, now=later)
    appeal = missed.file(_late(shift, refused).id, "临时有事。", actor=manager, now=later)
    reason = "没有说明是什么事。"
    missed.answer(appeal.id, reason, grants=False, actor=manager, now=later + timedelta(days=1))


def _sign_up(shift: Shift, person: Person) -> Signup:
    asked = shift.starts_at - timedelta(days=3)
    return signups.sign_up(shift.id, person.id, PlaceRole.VOLUNTEER, actor=SYSTEM, now=asked)


def _late(shift: Shift, person: Person) -> Signup:
    row, at = _sign_up(shift, person), shift.starts_at - timedelta(hours=2, minutes=30)
    return signups.withdraw(row.id, "临时有事", actor=Actor(person_id=person.id), now=at)
