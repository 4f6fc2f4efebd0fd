"""Verbs that come round by themselves: raise an unclaimed wish, expire it; and erase a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.notices.actions import tell
from portal.org import queries as org
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit
from portal.people import queries as people
from portal.people.units import liaisons_of
from portal.records import notes, settings
from portal.wishes import actions, actions_pledges, actions_stories, moves, queries, rules
from portal.wishes import queries_pledges as pledges
from portal.wishes import queries_reach as reach
from portal.wishes.models import Wish, WishPrivate, WishState
from portal.wishes.models_pledges import Pledge, PledgeState
from portal.wishes.models_reach import WishDigest, WishDigestItem, WishUnit


def raise_up(wish_id: int, *, actor: Actor, now: datetime) -> None:
    """Show an unclaimed wish to the next above, and tell them: street, paired units, centre."""
    row = moves.lock(wish_id)
    since = max(filter(None, (row.wall_since, row.raised_at)), default=now)
    above = queries.station_above(row)
    waits = rules.waits_too_long(since, now, settings.get("wish_raise_days"))
    if row.state != WishState.PUBLISHED or above is None or not waits:
        return
    units = _units_before(row, above)
    if units:
        _show_to_units(row, units, actor=actor, now=now)
    else:
        _show_to_station(row, above, actor=actor, now=now)
    row.raised_at = now


def _units_before(row: Wish, above: Station) -> Sequence[CivilizedUnit]:
    """Return the paired units that are to see the wish before the centre does."""
    if above.parent_id is not None or reach.units_seeing(row.id):
        return ()
    return org.units_paired_with(row.station_id)


def _show_to_units(
    row: Wish, units: Sequence[CivilizedUnit], *, actor: Actor, now: datetime
) -> None:
    moves.move(row, "raise", actor=actor, now=now, reason=rules.UNITS, units=len(units))
    db.session.add_all(WishUnit(wish_id=row.id, unit_id=one.id, raised_at=now) for one in units)
    db.session.flush()
    for person_id in {one.person_id for one in liaisons_of(unit.id for unit in units)}:
        tell(person_id, "wish_raised", moves.ref(row), now=now)


def _show_to_station(row: Wish, above: Station, *, actor: Actor, now: datetime) -> None:
    moves.move(row, "raise", actor=actor, now=now, reason=above.level, to=above.id)
    row.raised_to_id = above.id
    for person_id in _keepers(above.id):
        tell(person_id, "wish_raised", moves.ref(row), now=now)


def _keepers(station_id: int) -> set[int]:
    grants = people.live_grants(frozenset({station_id}))
    roles = {Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER}
    return {one.person_id for one in grants if one.role in roles}


def tell_overdue(wish_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell the station that somebody waits for its call; once."""
    row = moves.lock(wish_id)
    waits = row.state == WishState.FILED and row.returned_at is None
    late = row.verify_by is not None and row.verify_by < clock.local_day(now)
    if not (waits and late) or row.overdue_told_at is not None:
        return
    row.overdue_told_at = now
    for person_id in _keepers(row.station_id):
        tell(person_id, "wish_overdue", moves.ref(row), now=now)


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
        actions_stories.forget_photos([pledge.id])
    for model in (WishDigestItem, WishDigest):
        db.session.execute(delete(model).where(model.person_id == person_id))


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
    held = db.session.scalars(select(Pledge).where(Pledge.wish_id == row.id)).all()
    for pledge in held:
        notes.erase(moves.pledge_ref(pledge))
    actions_stories.forget_story(row.id)
    actions_stories.forget_photos([pledge.id for pledge in held])
