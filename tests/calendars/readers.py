"""A panel of readers that have nothing in common but the standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar
import ics
import recurring_ical_events
import vobject


@dataclass(frozen=True)
class Read:
    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    status: str
    summary: str
    location: str


def read_all(body: bytes) -> list[Read]:
    """Return the events of a feed. AssertionError unless all readers read the same."""
    events = by_icalendar(body)
    plain = [(e.uid, e.starts_at, e.ends_at, e.status, e.summary, e.location) for e in events]
    assert sorted(by_vobject(body)) == sorted(plain)
    assert sorted(by_ics(body)) == sorted(plain)
    assert sorted(by_recurring(body)) == sorted((e[0], e[1], e[2], e[3], e[4]) for e in plain)
    return events


def by_icalendar(body: bytes) -> list[Read]:
    return [
        Read(
            str(one["UID"]),
            int(one["SEQUENCE"]),
            one["DTSTAMP"].dt,
            one["DTSTART"].dt.astimezone(UTC),
            one["DTEND"].dt.astimezone(UTC),
            str(one["STATUS"]),
            str(one["SUMMARY"]),
            str(one["LOCATION"]),
        )
        for one in icalendar.Calendar.from_ical(body).walk("VEVENT")
    ]


def by_vobject(body: bytes) -> list[tuple]:
    calendar = vobject.readOne(body.decode())
    calendar.validate(raiseException=True)
    return [
        (
            one.uid.value,
            one.dtstart.value.astimezone(UTC),
            one.dtend.value.astimezone(UTC),
            one.status.value,
            one.summary.value,
            one.location.value,
        )
        for one in calendar.contents.get("vevent", [])
    ]


def by_ics(body: bytes) -> list[tuple]:
    return [
        (
            one.uid,
            one.begin.datetime.astimezone(UTC),
            one.end.datetime.astimezone(UTC),
            one.status,
            one.name,
            one.location,
        )
        for one in ics.Calendar(body.decode()).events
    ]


def by_recurring(body: bytes) -> list[tuple]:
    calendar = icalendar.Calendar.from_ical(body)
    first = datetime(2000, 1, 1, tzinfo=UTC)
    found = recurring_ical_events.of(calendar).between(first, first + timedelta(days=36500))
    return [
        (
            str(one["UID"]),
            one.start.astimezone(UTC),
            one.end.astimezone(UTC),
            str(one["STATUS"]),
            str(one["SUMMARY"]),
        )
        for one in found
    ]
