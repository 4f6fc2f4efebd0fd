"""iCalendar text (RFC 5545, 7986), written by hand: the same events give the same bytes for ever.

Lines end in CRLF and hold at most 75 octets; they are never folded inside a UTF-8 character or an
escape, because lenient readers then show broken words. Feeds carry no METHOD, so DTSTAMP is the
time of the last revision (RFC 5545 3.8.7.2) and nothing in a feed depends on when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PRODUCT = "-//Practice portal//Calendar 1.0//ZH"
# Written as Google, Outlook and MIUI want it: one spelling, hours after the T.
REFRESH = "PT6H"
LONGEST_LINE = 75

_LINE_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_NEEDS_CARE = re.compile(r"[\\;,\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
# No zone keeps a second offset for less than a month.
_PROBE_STEP = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Event:
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
    categories: tuple[str, ...] = ()
    cancelled: bool = False


def calendar(name: str, events: Sequence[Event], zone: ZoneInfo) -> bytes:
    """Return the file of a calendar with these events, in their order.

    Times are local with one STANDARD block when the zone keeps one offset over all events (China
    since 1992), else UTC: readers stumble over zone blocks with transitions of their own.
    """
    offset = fixed_offset(zone, events)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        fold(f"NAME:{escape(name)}"),
        fold(f"X-WR-CALNAME:{escape(name)}"),
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    if offset is not None:
        lines += _zone_block(zone, offset, events)
    clock = _Clock(zone, offset)
    for event in events:
        lines += _event_block(event, clock)
    lines.append("END:VCALENDAR\r\n")
    return "\r\n".join(lines).encode()


def escape(text: str) -> str:
    """Return a TEXT value: backslash, semicolon, comma and every kind of line break escaped."""
    if not _NEEDS_CARE.search(text):
        return text
    plain = _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text))
    plain = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\n", "\\n")


def fold(line: str) -> str:
    """Return the line in physical lines of at most 75 octets, whole characters and escapes each."""
    if len(line) * 4 <= LONGEST_LINE:
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


def _zone_block(zone: ZoneInfo, offset: timedelta, events: Sequence[Event]) -> Iterable[str]:
    at = events[0].starts_at if events else datetime(1970, 1, 1, tzinfo=UTC)
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    written = f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    return (
        "BEGIN:VTIMEZONE",
        f"TZID:{zone.key}",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        f"TZOFFSETFROM:{written}",
        f"TZOFFSETTO:{written}",
        f"TZNAME:{at.astimezone(zone).tzname()}",
        "END:STANDARD",
        "END:VTIMEZONE",
    )


class _Clock:
    """Writes instants; by adding the one offset, which is much cheaper than asking the zone."""

    def __init__(self, zone: ZoneInfo, offset: timedelta | None) -> None:
        self._offset = offset or timedelta()
        self._prefix = f";TZID={zone.key}:" if offset is not None else ":"
        self._suffix = "" if offset is not None else "Z"

    def local(self, at: datetime) -> str:
        """Return what follows DTSTART or DTEND."""
        return f"{self._prefix}{_digits(at.astimezone(UTC) + self._offset)}{self._suffix}"


def _digits(at: datetime) -> str:
    # Cut out of 2026-11-28T14:00:00: strftime would be most of what a long feed costs.
    written = at.isoformat()
    return f"{written[:4]}{written[5:7]}{written[8:13]}{written[14:16]}{written[17:19]}"


def _event_block(event: Event, clock: _Clock) -> Iterable[str]:
    revised = _digits(event.revised_at.astimezone(UTC)) + "Z"
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{revised}",
        f"LAST-MODIFIED:{revised}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        f"DTSTART{clock.local(event.starts_at)}",
        f"DTEND{clock.local(event.ends_at)}",
        fold(f"SUMMARY:{escape(event.summary)}"),
    ]
    if event.location:
        lines.append(fold(f"LOCATION:{escape(event.location)}"))
    if event.categories:
        lines.append(fold(f"CATEGORIES:{','.join(escape(one) for one in event.categories)}"))
    if event.url:
        lines.append(fold(f"URL:{event.url}"))
    if event.description:
        lines.append(fold(f"DESCRIPTION:{escape(event.description)}"))
    lines.append("END:VEVENT")
    return lines
