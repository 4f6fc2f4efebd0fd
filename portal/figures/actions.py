"""Verbs on the roll-up: compute days again, and clear their marks when they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, text, update

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, is_sqlite
from portal.core.ref import Ref
from portal.figures import cells, clauses, comparison, rollup, rules
from portal.figures.models import Grain
from portal.figures.rules import Span
from portal.figures.sums import of_month, with_totals
from portal.people.models import ApiToken
from portal.records import audit, stale


def rebuild(first: date, last: date, *, actor: Actor, now: datetime) -> None:
    """Compute the roll-up of the days anew and clear their marks.

    Today and later days are never rolled up, because a session counts only once it has begun;
    those that have shifts are marked instead. For the command line, a restore, the demo district;
    beside a serving site use `roll_up` and `settle`, each in a transaction of its own.
    """
    today = clock.local_day(now)
    past = Span(first, min(last, today - timedelta(days=1)))
    if past.first <= past.last:
        _replace([past], now)
        _clear([past], now)
    if last >= today:
        _mark(max(first, today), last)
    audit.record(
        "figures.rebuild",
        Ref("figures", 0),
        actor=actor,
        now=now,
        first=first.isoformat(),
        last=last.isoformat(),
    )


def roll_up(days: Sequence[date], *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Compute the roll-up of whole days anew; their marks stay until `settle`."""
    _replace(rules.runs(days), now)


def settle(days: Sequence[date], *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Clear the marks of the days whose roll-up equals the records.

    Somebody may have changed a record since the days were rolled up, and found the mark in place.
    So the marks are held here, and the days compared once more before they go. Nothing but marks
    is written under that lock, so nobody who waits for it is waited for.
    """
    _clear(rules.runs(days), now)


def mark_today(*, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Mark the day that is running for each station that has a shift on it."""
    today = clock.local_day(now)
    _mark(today, today)


def see_api_token(token_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Note that an API token was used."""
    used = update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now)
    db.session.execute(used)


def _mark(first: date, last: date) -> None:
    for day, station_id in sorted(rollup.shift_days(first, last)):
        stale.mark(day, station_id)


def _replace(days: Sequence[Span], now: datetime) -> None:
    # A month is made of all its days: two who replace different ones must not do it side by side.
    _lock("figure_cell")
    for month, parts in rules.by_month(days).items():
        cells.remove(cells.of_days(parts))
        cells.put(Grain.DAY, with_totals(rollup.compute(parts, None, now=now)))
        cells.remove(cells.of_month(month.first))
        every_day = dict(cells.read(cells.of_days([month])))
        cells.put(Grain.MONTH, of_month(month.first, every_day))


def _clear(days: Sequence[Span], now: datetime) -> None:
    _lock("stale_day")
    differing = {found.cell.first_on for found in comparison.differences(days, now=now)}
    query = delete(stale.StaleDay).where(clauses.on(stale.StaleDay.day, days))
    if differing:
        query = query.where(stale.StaleDay.day.not_in(sorted(differing)))
    db.session.execute(query, execution_options={"synchronize_session": False})


def _lock(table: str) -> None:
    if not is_sqlite():  # SQLite has one writer at a time in any case
        db.session.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
