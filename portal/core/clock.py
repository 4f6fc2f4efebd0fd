"""The one clock and the one time zone of the district.

Columns and arguments hold aware UTC instants; a *local day* is a day of the district's zone
(`PORTAL_TIMEZONE`, default Asia/Shanghai).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Asia/Shanghai")


def set_zone(name: str) -> None:
    """Set the district's zone, once, when the application is made."""
    global _zone  # noqa: PLW0603  one zone per process is the rule, not a cache
    _zone = ZoneInfo(name)


def zone() -> ZoneInfo:
    """Return the district's zone."""
    return _zone


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def local(at: datetime) -> datetime:
    """Return the instant as the district's wall clock shows it."""
    return at.astimezone(_zone)


def local_day(at: datetime) -> date:
    """Return the local day that holds the instant."""
    return at.astimezone(_zone).date()


def today() -> date:
    """Return the present local day."""
    return local_day(now())


def at_local(day: date, clock_time: time) -> datetime:
    """Return the UTC instant of a local wall-clock time."""
    return datetime.combine(day, clock_time, tzinfo=_zone).astimezone(UTC)


def day_start(day: date) -> datetime:
    """Return the UTC instant at which the local day begins."""
    return at_local(day, time(0))


def day_span(first: date, last: date | None = None) -> tuple[datetime, datetime]:
    """Return the half-open UTC span of the local days `first` to `last`, both included."""
    return day_start(first), day_start((last or first) + timedelta(days=1))
