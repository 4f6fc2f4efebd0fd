"""What these tests share: a shift that is on now, and people signed up for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal.attendance import actions, codes
from portal.attendance.actions import ScanInput, Verdict
from portal.attendance.models import Direction, Way
from portal.core import clock
from portal.core.db import db, write
from portal.people.models import Person
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift
from portal.signups.models import ParticipantKind, Signup, SignupState
from tests.support.factory import Factory

# 2026-05-08 is a Friday; 14:00 to 16:00 in Shanghai.
START = datetime.fromisoformat("2026-05-08T14:00:00+08:00")


def sign_up(
    shift: Shift,
    person: Person,
    role: str = "volunteer",
    *,
    state: SignupState = SignupState.CONFIRMED,
    participant: ParticipantKind | None = None,
) -> Signup:
    """Put somebody on a shift without the rules of signing up."""
    place = shifts.place_of(shift.id, PlaceRole(role))
    kind = ParticipantKind.VOLUNTEER if role == "volunteer" else ParticipantKind.GUEST
    row = Signup(
        shift_id=shift.id,
        place_id=place.id,
        person_id=person.id,
        role=role,
        participant=participant or kind,
        state=state,
        offered_until=clock.now() if state == SignupState.OFFERED else None,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    db.session.add(row)
    if state in {SignupState.CONFIRMED, SignupState.OFFERED}:
        place.taken += 1
    db.session.commit()
    return row


class Scene:
    """A station with a manager, and a shift from 14:00 to 16:00."""

    start = START

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.station = make.station()
        self.manager = make.manager(self.station)
        self.shift = make.shift(self.station, starts_at=START)

    def at(self, minutes: float) -> datetime:
        """Return the instant some minutes after the start."""
        return START + timedelta(minutes=minutes)

    def volunteer(self, **kwargs) -> Person:
        """Make a registered volunteer with a place."""
        person = self.make.volunteer(self.station, **kwargs)
        sign_up(self.shift, person)
        return person

    def attendee(self) -> Person:
        """Make somebody with a seat."""
        person = self.make.person()
        sign_up(self.shift, person, "attendee")
        return person

    def scan(self, person: Person, way_to: str, minutes: float, **kwargs) -> Verdict:
        """Record a scan that happened, and reached us, some minutes after the start."""
        now = kwargs.pop("now", self.at(minutes))
        shift = kwargs.pop("shift", self.shift)
        scan = ScanInput(
            person.id,
            shift.id,
            Direction(way_to),
            kwargs.pop("way", Way.CODE),
            self.at(minutes),
            **kwargs,
        )
        return write(actions.record_scan, scan, actor=self.make.actor(person), now=now)

    def code(self, way_to: str = "in", *, back: float = 0, shift: Shift | None = None) -> str:
        """Return the code that the board showed `back` seconds ago."""
        shown_at = clock.now() - timedelta(seconds=back)
        return codes.shown((shift or self.shift).check_in_key, Direction(way_to), shown_at).code

    def digits(self, way_to: str = "in") -> str:
        """Return the digits of now."""
        return codes.shown(self.shift.check_in_key, Direction(way_to), clock.now()).digits


@pytest.fixture
def scene(make) -> Scene:
    return Scene(make)
