"""Verbs that come round by themselves: raise an unclaimed wish, expire it; and erase a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update

from portal.core.access import Actor, Role
from portal.core.db import db
from portal.notices.actions import tell
from portal.people import queries as people
from portal.records import notes, settings
from portal.wishes import actions, actions_pledges, moves, queries, rules
from portal.wishes import queries_pledges as pledges
from portal.wishes.models import Wish, WishPrivate, WishState
from portal.wishes.models_pledges import Pledge, PledgeState


def raise_up(wish_id: int, *, actor: Actor, now: datetime) -> None:
    """Show an unclaimed wish to the next station above, and tell those who keep it."""
    row = moves.lock(wish_id)
    since = max(filter(None, (row.wall_since, row.raised_at)), default=now)
    above = queries.station_above(row)
    waits = rules.waits_too_long(since, now, settings.get("wish_raise_days"))
    if row.state != WishState.PUBLISHED or above is None or not waits:
        return
    moves.move(row, "raise", actor=actor, now=now, reason=above.level, to=above.id)
    row.raised_to_id, row.raised_at = above.id, now
    keepers = people.live_grants(frozenset({above.id}))
    roles = {Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER}
    for person_id in {one.person_id for one in keepers if one.role in roles}:
        tell(person_id, "wish_raised", moves.ref(row), now=now)


def expire(wish_id: int, *, actor: Actor, now: datetime) -> None:
    """End a wish that nobody pledged, or that its wisher did not change as asked."""
    row = moves.lock(wish_id)
    since = row.wall_since if row.state == WishState.PUBLISHED else row.returned_at
    days = settings.get("wish_expire_days")
    if row.taken or since is None or not rules.waits_too_long(since, now, days):
        return
    if (row.state, "expire") in rules.STEPS:
        moves.move(row, "expire", actor=actor, now=now, reason="unclaimed")
        moves.tell_wisher(row, "wish_expired", now=now)


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete what tells who wished or helped; open wishes are withdrawn, live pledges given back.

    The rows stay and name an id. What was fulfilled stays for the station to close.
    """
    for wish_id in _wishes_of(person_id):
        row = moves.lock(wish_id)
        if (WishState(row.state), "withdraw") in rules.STEPS:
            actions.withdraw(wish_id, "", actor=actor, now=now)
        _forget(row)
    own = update(WishPrivate).where(
        WishPrivate.wish_id.in_(select(Wish.id).where(Wish.filed_by_id == person_id))
    )
    db.session.execute(own.values(filer_name="", filer_phone=""))
    for pledge in pledges.of_record(person_id):
        if pledge.state == PledgeState.ACTIVE:
            actions_pledges.give_back(pledge.id, "", actor=actor, now=now)
        notes.erase(moves.pledge_ref(pledge))


def forget(wish_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Delete what is private about a wish that ended long ago. Twice is harmless."""
    _forget(moves.lock(wish_id))


def _wishes_of(person_id: int) -> list[int]:
    query = select(Wish.id).where(Wish.wisher_id == person_id)
    return list(db.session.scalars(query.order_by(Wish.id)))


def _forget(row: Wish) -> None:
    """Delete the private words, and what pledgers and staff wrote about the wisher."""
    db.session.execute(delete(WishPrivate).where(WishPrivate.wish_id == row.id))
    notes.erase(moves.ref(row))
    for pledge in db.session.scalars(select(Pledge).where(Pledge.wish_id == row.id)):
        notes.erase(moves.pledge_ref(pledge))
