"""Selects of the campaign office: how long wishes wait, and what came of them. Nothing private."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.org.models import StationTree
from portal.wishes.models import Wish, WishState
from portal.wishes.models_pledges import HOLDING, Pledge, PledgeState

OPEN = (WishState.PUBLISHED, WishState.PLEDGED)
FULFILLED = (WishState.FULFILLED, WishState.CONFIRMED, WishState.CLOSED)
UNCLAIMED, BROKEN, RAISED = "unclaimed", "overdue", "raised"
_SECONDS_A_DAY = 86400


@dataclass(slots=True)
class Standing:
    """How the wishes published in a span stand at a station and all below it."""

    published: int = 0
    fulfilled: int = 0
    # Unclaimed now: up to a week, up to a month, longer.
    young: int = 0
    waiting: int = 0
    old: int = 0
    overdue: int = 0
    days: list[float] = field(default_factory=list)

    @property
    def unclaimed(self) -> int:
        """How many wait for somebody now."""
        return self.young + self.waiting + self.old

    @property
    def rate(self) -> int | None:
        """Fulfilled in a hundred of those published; None of none."""
        return round(100 * self.fulfilled / self.published) if self.published else None

    @property
    def median_days(self) -> float | None:
        """Days from publishing to delivery, the middle one; None of none."""
        return round(median(self.days), 1) if self.days else None


def standings(
    station_ids: Sequence[int], since: datetime, now: datetime, today: date
) -> dict[int, Standing]:
    """Return how wishes stand at each of these stations with all below it, in two statements.

    Published counts from `since` on; what is unclaimed or overdue counts however old it is.
    """
    found = {station_id: Standing() for station_id in station_ids}
    delivered = (
        select(func.max(Pledge.ended_at))
        .where(Pledge.wish_id == Wish.id, Pledge.state == PledgeState.FULFILLED)
        .correlate(Wish)
        .scalar_subquery()
    )
    query = (
        select(StationTree.ancestor_id, Wish.state, Wish.published_at, delivered, _is_broken(today))
        .join(StationTree, StationTree.descendant_id == Wish.station_id)
        .where(
            StationTree.ancestor_id.in_(station_ids),
            Wish.published_at.is_not(None),
            or_(Wish.published_at >= since, Wish.state.in_(OPEN)),
        )
    )
    for station_id, state, published_at, ended_at, is_broken in db.session.execute(query):
        _count(found[station_id], state, published_at, ended_at, since, now)
        found[station_id].overdue += bool(is_broken)
    return found


def _count(
    one: Standing,
    state: str,
    published_at: datetime,
    ended_at: datetime | None,
    since: datetime,
    now: datetime,
) -> None:
    if state == WishState.PUBLISHED:
        age = (now - published_at).days
        one.young += age < 7
        one.waiting += 7 <= age < 30
        one.old += age >= 30
    if published_at < since:
        return
    one.published += 1
    if state in FULFILLED:
        one.fulfilled += 1
        if ended_at is not None:
            one.days.append((ended_at - published_at).total_seconds() / _SECONDS_A_DAY)


def _is_broken(today: date) -> ColumnElement[bool]:
    return exists().where(
        Pledge.wish_id == Wish.id,
        Pledge.state == PledgeState.ACTIVE,
        Pledge.promised_on < today,
    )


def behind(shown: str, station_ids: Iterable[int], today: date, number: int) -> Page[Wish]:
    """Return the wishes behind a figure, those that wait longest first."""
    found: list[ColumnElement[bool]] = [Wish.station_id.in_(list(station_ids))]
    if shown == BROKEN:
        found += [Wish.state.in_(OPEN), _is_broken(today)]
    else:
        found.append(Wish.state == WishState.PUBLISHED)
    if shown == RAISED:
        found.append(Wish.raised_at.is_not(None))
    total = db.session.scalar(select(func.count()).select_from(Wish).where(*found)) or 0
    query = (
        select(Wish)
        .options(joinedload(Wish.kind), joinedload(Wish.station))
        .where(*found)
        .order_by(Wish.published_at, Wish.id)
    )
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def promised(wish_ids: Sequence[int]) -> dict[int, date]:
    """Return the first day promised for each wish that somebody holds."""
    query = (
        select(Pledge.wish_id, func.min(Pledge.promised_on))
        .where(Pledge.wish_id.in_(wish_ids), Pledge.state.in_(HOLDING))
        .group_by(Pledge.wish_id)
    )
    return dict(db.session.execute(query).tuples().all())
