"""Many more people and records, written in bulk, that `check-data` finds nothing wrong with.

A day has a hundred shifts (fewer for few people, so that nobody is in two places at once). Each
shift has about eight volunteers, of whom two in three came and
were credited; shifts of the last days are still to come for those who signed up only.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count, cycle
from typing import Any

from sqlalchemy import func, insert, select, text

from portal.activities.models import Activity
from portal.attendance.models import Direction, Scan, ScanVerdict, Visit, VisitState, Way
from portal.cli.district import programme
from portal.core import clock, ids
from portal.core.access import SYSTEM
from portal.core.db import Base, db, is_sqlite, write
from portal.hours import rules as hour_rules
from portal.hours.models import LedgerEntry, Source
from portal.hours.rules import EntryFields
from portal.org import queries as org
from portal.org.models import Station
from portal.people import rules as people_rules
from portal.people.models import IdentityCheck, Person, Volunteer, VolunteerCounter, VolunteerState
from portal.records import settings
from portal.shifts.models import OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.signups.models import ParticipantKind, Signup, SignupState

SHIFTS_A_DAY = 100
SIGNED_UP = (6, 7, 8, 9, 11)
CAPACITY = 12
MINUTES = 90
ROWS_AT_ONCE = 5000
HOURS = (9, 11, 14, 16, 19)


@dataclass(slots=True)
class _Chain:
    """Where a person's ledger stands."""

    seq: int = 0
    digest: str = hour_rules.CHAIN_START


@dataclass(slots=True)
class _Writer:
    """Collects rows by table and hands them on in large statements."""

    rows: dict[type[Base], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, model: type[Base], **values: Any) -> None:
        """Keep a row; tables are flushed in the order they were first used."""
        self.rows.setdefault(model, []).append(values)

    def flush(self) -> None:
        """Write what was kept."""
        for model, rows in self.rows.items():
            for start in range(0, len(rows), ROWS_AT_ONCE):
                db.session.execute(insert(model), rows[start : start + ROWS_AT_ONCE])
            rows.clear()


@dataclass(slots=True)
class _Run:
    """The state of one long run: who is next, under which ids."""

    ids: dict[type[Any], Iterator[int]]
    keys: Iterator[str]
    chains: dict[int, _Chain]
    turns: Iterator[int]
    chance: random.Random
    writer: _Writer = field(default_factory=_Writer)


def load(people: int, days: int, *, now: datetime) -> None:
    """Write persons, shifts, sign-ups and service records for the `days` before today."""
    write(_load, people, days, now)


def reset_sequences() -> None:
    """Let PostgreSQL's sequences go on after the ids that were written."""
    if not is_sqlite():
        write(_reset_sequences)


def _reset_sequences() -> None:
    for model in (Person, Volunteer, Shift, Place, Signup, Scan, Visit, LedgerEntry):
        name = model.__tablename__
        statement = (
            f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "  # noqa: S608  own names
            f"(SELECT max(id) FROM {name}))"
        )
        db.session.execute(text(statement))


def _load(people: int, days: int, now: datetime) -> None:
    chance = random.Random(7)  # noqa: S311  the same records every time
    stations = list(org.communities())
    long_ago = now - timedelta(days=days + 30)
    person_ids = _people(people, stations, chance, long_ago)
    if not person_ids or not days:
        return
    offerings = _offerings(stations, long_ago)
    models = (Shift, Place, Signup, Visit, LedgerEntry)
    run = _Run(
        ids={model: _next_ids(model) for model in models},
        keys=_new_keys(),
        chains={person_id: _Chain() for person_id in person_ids},
        turns=_turns(person_ids, chance),
        chance=chance,
    )
    shifts_a_day = min(SHIFTS_A_DAY, len(person_ids) // max(SIGNED_UP))
    for distance in range(days, 0, -1):
        day = clock.local_day(now) - timedelta(days=distance)
        _day(day, offerings[:shifts_a_day], run)


def _next_ids(model: type[Any]) -> Iterator[int]:
    highest = db.session.execute(select(func.max(model.id))).scalar_one()
    return count((highest or 0) + 1)


def _new_keys() -> Iterator[str]:
    """Yield keys that no other shift has: among tens of thousands, random ones collide."""
    used = set(db.session.scalars(select(Shift.check_in_key)))
    while True:
        key = ids.check_in_key()
        if key not in used:
            used.add(key)
            yield key


def _turns(person_ids: Sequence[int], chance: random.Random) -> Iterator[int]:
    """Go round all persons in one order, so that nobody is in two places at once."""
    order = list(person_ids)
    chance.shuffle(order)
    return cycle(order)


def _people(
    people: int, stations: Sequence[Station], chance: random.Random, long_ago: datetime
) -> list[int]:
    surnames, given = (
        "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许",
        "明华丽军芳伟强静敏磊洋勇艳杰娟涛超霞平刚",
    )
    person_ids = _next_ids(Person)
    running = db.session.get_one(VolunteerCounter, 1)
    code = settings.get("district_code")
    writer, made = _Writer(), []
    for number in range(people):
        person_id = next(person_ids)
        station = stations[number % len(stations)]
        writer.add(
            Person,
            id=person_id,
            public_id=ids.public_id(),
            name=chance.choice(surnames) + chance.choice(given) + chance.choice(given),
            phone=f"150{number:08d}",
            birth_on=date(1950 + number % 50, 1 + number % 12, 15),
            home_station_id=station.id,
            created_at=long_ago,
        )
        running.last += 1
        writer.add(
            Volunteer,
            public_id=ids.public_id(),
            person_id=person_id,
            station_id=station.id,
            state=VolunteerState.REGISTERED,
            volunteer_no=people_rules.volunteer_no(code, running.last),
            applied_at=long_ago,
            due_on=clock.local_day(long_ago),
            registered_at=long_ago,
            identity_check=IdentityCheck.SEEN,
        )
        made.append(person_id)
    writer.flush()
    return made


def _offerings(stations: Sequence[Station], long_ago: datetime) -> list[tuple[int, Station, int]]:
    """Create ten activities a station; return (offering id, station, kind id)."""
    made = []
    for station in stations:
        for idea in programme.WEEKLY:
            details = programme.details_of(idea, station)
            row = Activity(
                station_id=station.id,
                state=OfferingState.PUBLISHED,
                created_at=long_ago,
                updated_at=long_ago,
                published_at=long_ago,
                **details.columns,
            )
            db.session.add(row)
            db.session.flush()
            made.append((row.id, station, details.kind_id))
    return made


def _day(day: date, offerings: Sequence[tuple[int, Station, int]], run: _Run) -> None:
    writer = run.writer
    for number, (offering_id, station, kind_id) in enumerate(offerings):
        starts_at = clock.at_local(day, time(HOURS[number % len(HOURS)]))
        shift_id, place_id = next(run.ids[Shift]), next(run.ids[Place])
        signed_up = run.chance.choice(SIGNED_UP)
        writer.add(
            Shift,
            id=shift_id,
            public_id=ids.public_id(),
            offering_id=offering_id,
            station_id=station.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=MINUTES),
            state=ShiftState.PLANNED,
            revision=0,
            updated_at=starts_at - timedelta(days=7),
            check_in_key=next(run.keys),
        )
        writer.add(
            Place,
            id=place_id,
            shift_id=shift_id,
            role=PlaceRole.VOLUNTEER,
            label="",
            capacity=CAPACITY,
            taken=signed_up,
        )
        stay = _Stay(shift_id, place_id, station.id, kind_id, day, starts_at)
        for order in range(signed_up):
            _person_on_shift(run, stay, came=order % 3 != 2)
    writer.flush()


@dataclass(frozen=True, slots=True)
class _Stay:
    """One shift, as far as a person's rows need it."""

    shift_id: int
    place_id: int
    station_id: int
    kind_id: int
    day: date
    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        """Planned end."""
        return self.starts_at + timedelta(minutes=MINUTES)


def _person_on_shift(run: _Run, stay: _Stay, *, came: bool) -> None:
    writer, person_id = run.writer, next(run.turns)
    signup_id = next(run.ids[Signup])
    joined = stay.starts_at - timedelta(days=3)
    writer.add(
        Signup,
        id=signup_id,
        public_id=ids.public_id(),
        shift_id=stay.shift_id,
        place_id=stay.place_id,
        person_id=person_id,
        role=PlaceRole.VOLUNTEER,
        participant=ParticipantKind.VOLUNTEER,
        state=SignupState.ATTENDED if came else SignupState.NO_SHOW,
        created_at=joined,
        updated_at=joined,
        actor_id=person_id,
    )
    if not came:
        return
    for direction, at in ((Direction.IN, stay.starts_at), (Direction.OUT, stay.ends_at)):
        writer.add(
            Scan,
            shift_id=stay.shift_id,
            person_id=person_id,
            direction=direction,
            way=Way.CODE,
            occurred_at=at,
            at=at,
            verdict=ScanVerdict.STORED,
            reason="ok",
            actor_id=person_id,
        )
    visit_id = next(run.ids[Visit])
    writer.add(
        Visit,
        id=visit_id,
        public_id=ids.public_id(),
        shift_id=stay.shift_id,
        person_id=person_id,
        signup_id=signup_id,
        pair=1,
        role=PlaceRole.VOLUNTEER,
        in_at=stay.starts_at,
        out_at=stay.ends_at,
        state=VisitState.CLOSED,
        minutes=MINUTES,
    )
    _credit(run, stay, person_id, visit_id)


def _credit(run: _Run, stay: _Stay, person_id: int, visit_id: int) -> None:
    chain = run.chains[person_id]
    chain.seq += 1
    values: dict[str, Any] = {
        "person_id": person_id,
        "seq": chain.seq,
        "shift_id": stay.shift_id,
        "station_id": stay.station_id,
        "kind_id": stay.kind_id,
        "day": stay.day,
        "starts_at": stay.starts_at,
        "ends_at": stay.ends_at,
        "minutes": MINUTES,
        "source": Source.CHECK_IN,
        "source_kind": "visit",
        "source_id": visit_id,
        "source_round": 0,
        "reverses_id": None,
        "rule": {"bulk": 1},
        "actor_id": SYSTEM.person_id,
        "at": stay.ends_at,
    }
    chain.digest = hour_rules.digest(chain.digest, EntryFields(**values))
    run.writer.add(LedgerEntry, id=next(run.ids[LedgerEntry]), digest=chain.digest, **values)
