"""What people of the demo district were told: mostly read by now, and a few who must be called."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.programme import Idea
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db
from portal.notices import hooks
from portal.notices.models import Notice
from portal.records.outbox import OutboxRow
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups

FILM = Idea(
    "社区露天电影", "culture", "relations", "everyone",
    "老片子，自带小板凳，站里有热水。", 19, 120, 2, 40, place="小区中心花园",
)  # fmt: skip
WITHOUT_ACCOUNT = 2
# What is older than this was read.
READ_AFTER = timedelta(days=2)


def make(places: Places, people: Residents, now: datetime) -> None:
    """Move a film night of the first station: two of its guests have no account."""
    first = places.stations[0]
    guests = [people.accounts["volunteer"], people.accounts["resident"]]
    guests += people.volunteers[first.id][:WITHOUT_ACCOUNT]
    manager = people.actor("manager")
    at = now - timedelta(hours=1)  # the notices of the change have waited their ten minutes
    starts_at = programme.usual_start(FILM, clock.local_day(now) + timedelta(days=5))
    activity = programme.publish(FILM, first, starts_at, actor=manager, now=at)
    (shift,) = shifts.shifts_of(activity.id)
    for guest in guests:
        signups.sign_up(shift.id, guest.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=at)
    earlier = starts_at - timedelta(minutes=30)
    signups.move(shift.id, earlier, earlier + timedelta(hours=2), actor=manager, now=at)


def deliver(now: datetime) -> None:
    """Let everything that waits arrive at the time it was meant for, and the older be read."""
    waiting = select(OutboxRow).where(
        OutboxRow.kind == "notice", OutboxRow.done_at.is_(None), OutboxRow.not_before <= now
    )
    for row in db.session.scalars(waiting.order_by(OutboxRow.not_before, OutboxRow.id)).all():
        hooks.deliver_notice(row, row.not_before)
        row.done_at = row.not_before
    db.session.flush()
    old = update(Notice).where(Notice.read_at.is_(None), Notice.created_at < now - READ_AFTER)
    db.session.execute(old.values(read_at=Notice.created_at))
