"""A street with two stations and one beside it, with a few records of November 2026."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from portal.attendance.models import VisitState
from portal.org.models import Level, Station
from portal.people.models import Person
from tests.figures.written import (
    NOW,
    Ledger,
    local,
    write_shift,
    write_visit,
    write_volunteer,
)


@dataclass
class Street:
    make: object
    institute: Station
    inside: Station
    outside: Station
    people: list[Person]
    ledger: Ledger

    def day(self, station, day: date, *, kind="environment", persons=3, minutes=60):
        """One session: everybody comes, all but the last serve."""
        shift = write_shift(self.make.activity(station, kind=kind), local(day))
        for person in self.people[:persons]:
            write_visit(shift, person, minutes=minutes)
        for person in self.people[: persons - 1]:
            self.ledger.credit(shift, person, minutes)
        return shift


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def street(make, noon):
    institute = make.station("东街道实践所", level=Level.INSTITUTE, population=0)
    street = Street(
        make,
        institute,
        make.station("东一社区实践站", parent=institute),
        make.station("西一社区实践站"),
        [make.person(account=False) for _number in range(4)],
        Ledger(),
    )
    for number, person in enumerate(street.people):
        moment = local(date(2026, 11, 2) + timedelta(days=number))
        registered = moment if number else None
        station = street.inside if number < 3 else street.outside
        write_volunteer(person, station, moment, registered_at=registered)
    street.day(street.inside, date(2026, 11, 3))
    street.day(street.inside, date(2026, 11, 10), kind="culture", persons=2, minutes=95)
    street.day(street.institute, date(2026, 11, 11), persons=4, minutes=33)
    last = street.day(street.outside, date(2026, 11, 19))
    write_visit(last, street.people[3], state=VisitState.PROVISIONAL, minutes=45)
    return street


@pytest.fixture
def officer(make, street):
    """The campaign officer of the street: institute and inside, not outside."""
    return make.holder("campaign_officer", street.institute)
