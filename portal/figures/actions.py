"""Verbs on roll-ups: compute days again, and clear their marks when they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, text, update

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, is_sqlite, write
from portal.core.ref import Ref
from portal.figures import comparison, rollup, rules
from portal.figures.models import DayFigure, PersonDay
from portal.figures.rollup import COLUMNS
from portal.figures.rules import Span
from portal.people.models import ApiToken
from portal.records import audit, stale

_ROWS_AT_ONCE = 2000
_DAYS_AT_ONCE = 120


def rebuild(
    first: date,
    last: date,
    station_ids: Iterable[int] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Compute the roll-ups of the days anew (all stations when None) and clear their marks.

    Today and later days are never rolled up, because a session counts only once it has begun;
    those that have shifts are marked instead. For the command line, a restore, the demo district;
    beside a serving site use `roll_up` and `settle`, each in a transaction of its own.
    """
    stations = None if station_ids is None else sorted(station_ids)
    today = clock.local_day(now)
    past = Span(first, min(last, today - timedelta(days=1)))
    if past.first <= past.last:
        _replace([past], stations, now)
        _clear([past], stations, now)
    if last >= today:
        for day, station_id in sorted(rollup.shift_days(max(first, today), last)):
            if stations is None or station_id in stations:
                stale.mark(day, station_id)
    audit.record(
        "figures.rebuild",
        Ref("figures", 0),
        actor=actor,
        now=now,
        first=first.isoformat(),
        last=last.isoformat(),
    )


def rebuild_everything(now: datetime) -> None:
    """Compute all roll-ups anew, some months at a time, each in its own transaction.

    For commands, which are an edge of their own: the demo district, a restore.
    """
    first, last = rollup.first_day(), rollup.last_shift_day()
    today = clock.local_day(now)
    first, last = first or today, max(last or today, today)
    while first <= last:
        until = min(first + timedelta(days=_DAYS_AT_ONCE - 1), last)
        write(rebuild, first, until, actor=SYSTEM, now=now)
        first = until + timedelta(days=1)


def roll_up(days: Sequence[date], *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Compute the roll-ups of whole days anew; their marks stay until `settle`."""
    _replace(rules.runs(days), None, now)


def settle(days: Sequence[date], *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Clear the marks of the days whose roll-ups equal the records.

    Somebody may have changed a record since the days were rolled up, and found the mark in place.
    So the marks are held here, and the days compared once more before they go. Nothing but marks
    is written under that lock, so nobody who waits for it is waited for.
    """
    _clear(rules.runs(days), None, now)


def mark_today(*, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Mark the day that is running for each station that has a shift on it."""
    today = clock.local_day(now)
    for day, station_id in sorted(rollup.shift_days(today, today)):
        stale.mark(day, station_id)


def see_api_token(token_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Note that an API token was used."""
    used = update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now)
    db.session.execute(used)


def _replace(days: Sequence[Span], stations: Sequence[int] | None, now: datetime) -> None:
    for model in (DayFigure, PersonDay):
        db.session.execute(
            delete(model).where(rollup.on(model.day, days), rollup.at(model.station_id, stations)),
            execution_options={"synchronize_session": False},
        )
    rows = [
        {
            "day": cell.day,
            "station_id": cell.station_id,
            "kind_id": cell.kind_id,
            **{name: getattr(sums, name) for name in COLUMNS},
        }
        for cell, sums in rollup.compute(days, stations, now=now).items()
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        db.session.execute(insert(DayFigure), rows[start : start + _ROWS_AT_ONCE])
    names = ["day", "station_id", "kind_id", "person_id", "minutes"]
    people = rollup.people(days, stations)
    db.session.execute(insert(PersonDay).from_select(names, people))


def _clear(days: Sequence[Span], stations: Sequence[int] | None, now: datetime) -> None:
    if not is_sqlite():  # SQLite has one writer at a time in any case
        db.session.execute(text("LOCK TABLE stale_day IN SHARE ROW EXCLUSIVE MODE"))
    differing = {found.day for found in comparison.differences(days, stations, now=now)}
    query = delete(stale.StaleDay).where(
        rollup.on(stale.StaleDay.day, days), rollup.at(stale.StaleDay.station_id, stations)
    )
    if differing:
        query = query.where(stale.StaleDay.day.not_in(sorted(differing)))
    db.session.execute(query, execution_options={"synchronize_session": False})
