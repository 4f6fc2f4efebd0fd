"""iCalendar text (RFC 5545, 7986), written by hand: the same events give the same bytes for ever.

Lines end in CRLF and hold at most 75 octets; they are never folded inside a UTF-8 character or an
escape, because lenient readers then show broken words. Feeds carry no METHOD, so DTSTAMP is the
time of the last revision (RFC 5545 3.8.7.2) and nothing in a feed depends on when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

PRODUCT = "-//Practice portal//Calendar 1.0//ZH"
# Written as Google, Outlook and MIUI want it: one spelling, hours after the T.
REFRESH = "PT6H"
LONGEST_LINE = 75

_LINE_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
# What either of them finds, the usual line break left out: most texts hold none of it.
_RARE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
# No zone keeps a second offset for less than a month.
_PROBE_STEP = timedelta(days=14)


class Event(NamedTuple):
    """One VEVENT; instants are aware. `revised_at` is both DTSTAMP and LAST-MODIFIED."""

    uid: str
    sequence: int
    revised_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    url: str
    category: str = ""
    cancelled: bool = False


def calendar(name: str, events: Sequence[Event], zone: ZoneInfo) -> bytes:
    """Return the file of a calendar with these events, in their order.

    Times are local with one STANDARD block when the zone keeps one offset over all events (China
    since 1992), else UTC: readers stumble over zone blocks with transitions of their own.
    """
    offset = fixed_offset(zone, events)
    clock = _Clock(None if offset is None else zone)
    head = (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        f"PRODID:{PRODUCT}\r\n"
        "CALSCALE:GREGORIAN\r\n"
        f"{_line('NAME', name)}"
        f"{_line('X-WR-CALNAME', name)}"
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}\r\n"
        f"X-PUBLISHED-TTL:{REFRESH}\r\n"
        f"{'' if offset is None else _zone_block(zone, offset, events)}"
    )
    # Joined as bytes: a text with Chinese in it takes two or four for each of its characters.
    blocks = [_event_block(event, clock).encode() for event in events]
    return b"".join((head.encode(), *blocks, b"END:VCALENDAR\r\n"))


def escape(text: str) -> str:
    """Return a TEXT value: backslash, semicolon, comma and every kind of line break escaped."""
    if _RARE.search(text):
        text = _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text))
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def fold(line: str) -> str:
    """Return the line in physical lines of at most 75 octets, whole characters and escapes each."""
    if len(line) <= (LONGEST_LINE if line.isascii() else LONGEST_LINE // 4):
        return line
    octets = line.encode()
    if len(octets) <= LONGEST_LINE:
        return line
    parts = []
    start, room = 0, LONGEST_LINE
    while len(octets) - start > room:
        end = _break_before(octets, start, start + room)
        parts.append(octets[start:end])
        start, room = end, LONGEST_LINE - 1  # the blank that continues a line counts
    parts.append(octets[start:])
    return b"\r\n ".join(parts).decode()


def fixed_offset(zone: ZoneInfo, events: Sequence[Event]) -> timedelta | None:
    """Return the zone's offset when it is the same over all events (an empty list: UTC's epoch)."""
    first = min((event.starts_at for event in events), default=datetime(1970, 1, 1, tzinfo=UTC))
    last = max((event.ends_at for event in events), default=first)
    offsets = set()
    at = first
    while at < last:
        offsets.add(at.astimezone(zone).utcoffset())
        at += _PROBE_STEP
    offsets.add(last.astimezone(zone).utcoffset())
    return offsets.pop() if len(offsets) == 1 else None


def _break_before(octets: bytes, start: int, end: int) -> int:
    while octets[end] & 0xC0 == 0x80:  # the middle of a UTF-8 character
        end -= 1
    run = end
    while run > start and octets[run - 1] == 0x5C:
        run -= 1
    return end - (end - run) % 2  # an odd run of backslashes ends in the half of an escape


@lru_cache(maxsize=1024)
def _line(name: str, text: str) -> str:
    """Return the line of a TEXT property. Kept, as events of all feeds share most of their words."""
    return fold(f"{name}:{escape(text)}") + "\r\n"


def _zone_block(zone: ZoneInfo, offset: timedelta, events: Sequence[Event]) -> str:
    at = events[0].starts_at if events else datetime(1970, 1, 1, tzinfo=UTC)
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    written = f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    return (
        "BEGIN:VTIMEZONE\r\n"
        f"TZID:{zone.key}\r\n"
        "BEGIN:STANDARD\r\n"
        "DTSTART:19700101T000000\r\n"
        f"TZOFFSETFROM:{written}\r\n"
        f"TZOFFSETTO:{written}\r\n"
        f"TZNAME:{at.astimezone(zone).tzname()}\r\n"
        "END:STANDARD\r\n"
        "END:VTIMEZONE\r\n"
    )


class _Clock:
    """Writes instants, in the zone (which has a block then) or in UTC."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        self._zone: tzinfo = zone or UTC
        self._prefix = f";TZID={zone.key}:" if zone else ":"
        self._suffix = "" if zone else "Z"

    def local(self, at: datetime) -> str:
        """Return what follows DTSTART or DTEND."""
        return f"{self._prefix}{_digits(at.astimezone(self._zone))}{self._suffix}"


def _digits(at: datetime) -> str:
    parts = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return "%04d%02d%02dT%02d%02d%02d" % parts  # noqa: UP031  dates are half of it, this is fastest


def _event_block(event: Event, clock: _Clock) -> str:
    revised = _digits(event.revised_at.astimezone(UTC))
    url = f"{fold(f'URL:{event.url}')}\r\n" if event.url else ""
    return (
        "BEGIN:VEVENT\r\n"
        f"UID:{event.uid}\r\n"
        f"DTSTAMP:{revised}Z\r\n"
        f"LAST-MODIFIED:{revised}Z\r\n"
        f"SEQUENCE:{event.sequence}\r\n"
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}\r\n"
        f"DTSTART{clock.local(event.starts_at)}\r\n"
        f"DTEND{clock.local(event.ends_at)}\r\n"
        f"{_line('SUMMARY', event.summary)}"
        f"{event.location and _line('LOCATION', event.location)}"
        f"{event.category and _line('CATEGORIES', event.category)}"
        f"{url}"
        f"{event.description and _line('DESCRIPTION', event.description)}"
        "END:VEVENT\r\n"
    )
