"""What is on in the demo district: now, and in the weeks to come. Kept so by `tick`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.activities import actions as activities
from portal.activities.models import Activity
from portal.cli.district import programme
from portal.cli.district.programme import Idea
from portal.cli.district.residents import ACCOUNTS
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people
from portal.people.models import Person, Volunteer, VolunteerState
from portal.shifts import queries as shifts
from portal.shifts.models import Offering, OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.signups import actions as signups
from portal.signups.models import LIVE, Signup, SignupState

HOUR = timedelta(hours=1)
SIGNED_UP = 3
# Full shifts and last places are kept this far ahead, where queues are open.
AHEAD = timedelta(days=4)
OPEN_QUEUE = timedelta(hours=26)


def keep(now: datetime) -> None:
    """Let each station have a shift that is on now, and the first one its three usual cases."""
    busy = _stations_with_a_shift_now(now)
    for station in org.all_stations():
        if station.id not in busy:
            write(_begin_now, station.id, now)
    first = org.communities()[0]
    if not _waits_somewhere(now):
        write(_full, first.id, now)
    if not _has_last_place(first.id, now):
        write(_last_place, first.id, now)


def _stations_with_a_shift_now(now: datetime) -> set[int]:
    query = (
        select(Shift.station_id)
        .join(Signup, Signup.shift_id == Shift.id)
        .join(Offering, Offering.id == Shift.offering_id)
        .where(
            Shift.state == ShiftState.PLANNED,
            Offering.state == OfferingState.PUBLISHED,
            Shift.starts_at > now - HOUR,
            Shift.starts_at <= now,
            Shift.ends_at >= now + HOUR,
            Signup.state.in_(LIVE),
        )
        .group_by(Shift.id, Shift.station_id)
        .having(func.count() >= SIGNED_UP)
    )
    return set(db.session.scalars(query))


def _begin_now(station_id: int, now: datetime) -> None:
    starts_at = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    idea = programme.ON_NOW[station_id % len(programme.ON_NOW)]
    shift = _shift(idea, org.station(station_id), starts_at, now)
    sign_up(shift, volunteers_of(station_id), SIGNED_UP, now)


def _full(station_id: int, now: datetime) -> None:
    idea = programme.FULL
    starts_at = programme.usual_start(idea, clock.local_day(now + AHEAD))
    shift = _shift(idea, org.station(station_id), starts_at, now)
    sign_up(shift, volunteers_of(station_id), idea.volunteers + 1, now)
    sign_up(shift, [_account("volunteer")], 1, now)


def _last_place(station_id: int, now: datetime) -> None:
    idea = programme.LAST_PLACE
    starts_at = programme.usual_start(idea, clock.local_day(now + AHEAD) + timedelta(days=1))
    shift = _shift(idea, org.station(station_id), starts_at, now)
    sign_up(shift, volunteers_of(station_id), idea.volunteers - 1, now)


def _shift(idea: Idea, station: Station, starts_at: datetime, now: datetime) -> Shift:
    """Add a shift to the station's activity of the idea, publishing it when there is none yet."""
    query = select(Activity.id).where(
        Activity.station_id == station.id,
        Activity.title == idea.title,
        Activity.state == OfferingState.PUBLISHED,
    )
    known = db.session.scalars(query).first()
    if known:
        details = programme.shift_of(idea, starts_at)
        return activities.add_shift(known, details, actor=SYSTEM, now=now)
    row = programme.publish(idea, station, starts_at, actor=SYSTEM, now=now)
    return shifts.shifts_of(row.id)[0]


def volunteers_of(station_id: int) -> Sequence[Person]:
    """Return the station's invented volunteers, who have no account."""
    query = (
        select(Person)
        .join(Volunteer, Volunteer.person_id == Person.id)
        .where(
            Volunteer.station_id == station_id,
            Volunteer.state == VolunteerState.REGISTERED,
            Person.phone.like("1380001%"),
        )
    )
    return db.session.scalars(query.order_by(Person.id).limit(16)).all()


def _account(role: str) -> Person:
    account = people.account_by_phone(ACCOUNTS[role][0])
    if account is None:
        raise LookupError(role)
    return account.person


def sign_up(
    shift: Shift,
    persons: Sequence[Person],
    count: int,
    now: datetime,
    role: PlaceRole = PlaceRole.VOLUNTEER,
) -> None:
    """Sign up to `count` of these people; who is busy elsewhere is passed over."""
    for person in persons:
        if count == 0:
            return
        try:
            signups.sign_up(shift.id, person.id, role, actor=SYSTEM, now=now)
        except Refused:
            continue
        count -= 1


def _waits_somewhere(now: datetime) -> bool:
    """Whether the demo volunteer waits on a list whose queue stays open for a day."""
    query = (
        select(Signup.id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.person_id == _account("volunteer").id,
            Signup.state == SignupState.WAITLISTED,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now + OPEN_QUEUE,
        )
    )
    return db.session.scalars(query.limit(1)).first() is not None


def _has_last_place(station_id: int, now: datetime) -> bool:
    query = (
        select(Place.id)
        .join(Shift, Shift.id == Place.shift_id)
        .where(
            Shift.station_id == station_id,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at > now + OPEN_QUEUE,
            Place.capacity - Place.taken == 1,
        )
    )
    return db.session.scalars(query.limit(1)).first() is not None


def plan(now: datetime) -> None:
    """Publish what the next two weeks bring; the action of a `write`."""
    today = clock.local_day(now)
    for number, station in enumerate(org.communities()):
        for week in range(2):
            idea = programme.WEEKLY[(number * 3 + week) % len(programme.WEEKLY)]
            day = today + timedelta(days=1 + (number * 2 + week * 6) % 13)
            shift = _shift(idea, station, programme.usual_start(idea, day), now)
            sign_up(shift, volunteers_of(station.id)[4:], number % 3, now)
    specials = {
        "书院文明书房": programme.READING,
        "榕树文化广场": programme.GALA,
        "桥头暖蜂能量驿站": programme.RIDERS,
    }
    for station in org.all_stations():
        special = programme.FAIR if station.parent_id is None else specials.get(station.name)
        if special is not None:
            saturday = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
            _shift(special, station, programme.usual_start(special, saturday), now)
