"""What stands out in the demo district's check-ins: three invented cases, two of them harmless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.anomalies import actions, hooks, queries
from portal.anomalies.models import AnomalyKind
from portal.attendance.actions import ScanInput, record_scan
from portal.attendance.models import Direction, Way
from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock, tokens
from portal.core.access import SYSTEM, Actor
from portal.core.db import write
from portal.org.models import Station
from portal.people.models import Person
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups import actions as signups

_CLEANING = programme.WEEKLY[0]


class _Made(NamedTuple):
    """How a scan came about: by whom, if not by the person, and with which browser, if known."""

    way: Way = Way.CODE
    actor: Actor | None = None
    device: str = ""


_BY_CODE = _Made()


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Let it happen, by the same scans as always, early on days when nothing else is on."""
    crew = [
        person
        for station in (places.stations[1], places.points[0])
        for person in residents.volunteers[station.id]
    ]
    manager = residents.actor("other_manager")
    crew = [crew[0], *crew[2:11]]  # one of them forgot to go out the week before
    _ticked_at_once(_shift(places.stations[1], 9, crew, manager, now), crew, manager)
    neighbours = residents.volunteers[places.stations[0].id][4:8]
    first = residents.actor("manager")
    _one_phone(_shift(places.stations[0], 4, neighbours, first, now), neighbours)
    walker = residents.volunteers[places.stations[5].id][7]
    here = _shift(places.stations[5], 3, [walker], SYSTEM, now)
    there = _shift(places.stations[2], 3, [walker], SYSTEM, now, later=125)
    _two_places(here, there, walker)


def _shift(
    station: Station,
    days: int,
    people: Sequence[Person],
    actor: Actor,
    now: datetime,
    *,
    later: int = 0,
) -> Shift:
    day = clock.local_day(now) - timedelta(days=days)
    starts_at = clock.day_start(day) + timedelta(hours=6, minutes=later)
    before = starts_at - timedelta(days=3)
    row = programme.publish(_CLEANING, station, starts_at, actor=actor, now=before)
    shift = shifts.shifts_of(row.id)[0]
    for person in people:
        signups.sign_up(shift.id, person.id, PlaceRole.VOLUNTEER, actor=SYSTEM, now=before)
    return shift


def _ticked_at_once(shift: Shift, people: Sequence[Person], manager: Actor) -> None:
    """A list without network, ticked when everybody was there."""
    by_hand = _Made(Way.MANUAL, manager)
    for number, person in enumerate(people):
        came = shift.starts_at + timedelta(seconds=40 + 2 * number)
        _scan(shift, person, Direction.IN, came, by_hand)
        left = shift.ends_at + timedelta(minutes=number, seconds=7 * number)
        _scan(shift, person, Direction.OUT, left, by_hand)


def _one_phone(shift: Shift, people: Sequence[Person]) -> None:
    """Neighbours of whom one has a phone."""
    lent = _Made(device=tokens.fingerprint(tokens.new_token()))
    for number, person in enumerate(people):
        came = shift.starts_at - timedelta(minutes=6 - number, seconds=11 * number)
        _scan(shift, person, Direction.IN, came, lent)
        left = shift.ends_at + timedelta(minutes=1 + 2 * number, seconds=5 * number)
        _scan(shift, person, Direction.OUT, left, lent)


def _two_places(here: Shift, there: Shift, person: Person) -> None:
    """Out at one place, and in at one on the other side of the district six minutes later."""
    left = here.starts_at + timedelta(minutes=118)
    _scan(here, person, Direction.IN, here.starts_at)
    _scan(here, person, Direction.OUT, left)
    _scan(there, person, Direction.IN, left + timedelta(minutes=6))
    _scan(there, person, Direction.OUT, there.ends_at)


def _scan(
    shift: Shift, person: Person, direction: Direction, at: datetime, way: _Made = _BY_CODE
) -> None:
    hand, actor, device = way
    scan = ScanInput(person.id, shift.id, direction, hand, at, device=device)
    record_scan(scan, actor=actor or Actor(person.id), now=at)


def look(officer: Actor, now: datetime) -> None:
    """Look through the records as every night, and let the office have looked into one case."""
    hooks.due(now)
    stations = officer.stations(*officer.grants)
    for row in queries.listed(queries.Filter(stations), 1).rows:
        if row.kind == AnomalyKind.BURST:
            said = "问过站长：早上没有网，人到齐了再照着名单一起点的，人都在照片里。"
            write(actions.decide, row.id, "fine", said, actor=officer, now=now)
