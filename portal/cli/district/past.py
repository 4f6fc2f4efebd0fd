"""Three months of past records of the demo district, made by the same scans as real ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.activities import actions as activities
from portal.attendance.actions import ScanInput, record_scan
from portal.attendance.models import Direction, Way
from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.org.models import Station
from portal.people.models import Person
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import actions as signups

WEEKS = 13
EACH = 4


def make(places: Places, residents: Residents, actor: Actor, now: datetime) -> None:
    """Let every station have had one shift a week, with people who came and went."""
    for number, station in enumerate(places.stations):
        people = list(residents.volunteers[station.id])
        if number == 0:
            people = [residents.accounts["volunteer"], residents.accounts["member"], *people]
        _weeks(station, number, people, actor, now)


def _weeks(
    station: Station, number: int, people: list[Person], actor: Actor, now: datetime
) -> None:
    held: dict[str, int] = {}
    for week in range(WEEKS, 0, -1):
        idea = programme.WEEKLY[(number + week) % len(programme.WEEKLY)]
        day = clock.local_day(now) - timedelta(days=7 * week - (number % 5))
        starts_at = programme.usual_start(idea, day)
        if starts_at + timedelta(minutes=idea.minutes) > now - timedelta(hours=3):
            continue
        before = starts_at - timedelta(days=5)
        if idea.title in held:
            details = programme.shift_of(idea, starts_at)
            shift = activities.add_shift(held[idea.title], details, actor=actor, now=before)
        else:
            row = programme.publish(idea, station, starts_at, actor=actor, now=before)
            held[idea.title] = row.id
            shift = shifts.shifts_of(row.id)[0]
        _attend(shift, people, week)


def _attend(shift: Shift, people: list[Person], week: int) -> None:
    """Sign four people up, the account holders first, and let them come and go."""
    places = {place.role for place in shifts.places(shift.id)}
    chosen = people[:2] + [people[2 + (week + n) % (len(people) - 2)] for n in range(EACH - 2)]
    for order, person in enumerate(chosen):
        asked = shift.starts_at - timedelta(days=3, minutes=order)
        role = PlaceRole.VOLUNTEER
        if order == EACH - 1 and PlaceRole.ATTENDEE in places:
            role = PlaceRole.ATTENDEE
        signups.sign_up(shift.id, person.id, role, actor=SYSTEM, now=asked)
        came = shift.starts_at - timedelta(minutes=6 - order)
        _scan(person, shift, Direction.IN, came)
        forgot = week == 1 and order == 1
        if not forgot:
            _scan(person, shift, Direction.OUT, shift.ends_at + timedelta(minutes=order))


def _scan(person: Person, shift: Shift, direction: Direction, at: datetime) -> None:
    at += timedelta(seconds=(person.id * 17 + shift.id * 7) % 60)  # nobody comes on the minute
    scan = ScanInput(person.id, shift.id, direction, Way.CODE, at)
    record_scan(scan, actor=SYSTEM, now=at)
