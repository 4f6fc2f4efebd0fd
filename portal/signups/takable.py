"""What can somebody take? The inverse of signing up: free places, and what stands against them.

One select finds the free places, the person's facts come in a fixed number of queries, and the one
decision of `rules_eligibility` is asked of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason
from portal.org.models import Station, StationTree
from portal.shifts import queries_conditions as conditions
from portal.shifts.models import Offering, OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.shifts.queries import TERMS, Terms
from portal.signups import asking, facts, rules
from portal.signups.asking import Asks, Case
from portal.signups.facts import Facts
from portal.signups.queries import WAITING
from portal.signups.queries_conditions import Words

# Reasons that somebody can do something about, and then take this very place.
CAN_BE_MENDED = frozenset(
    {
        "consent_withdrawn",
        "not_volunteer",
        "wrong_state",
        "no_guardian_consent",
        "no_training",
        "no_skill",
        "not_of_community",
        "too_many_open",
        "clash",
    }
)
# No shift lasts longer than a day; without this bound all shifts there ever were would be read.
_BEGAN_LATELY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked of the list: days from now on, a station with all below it, a role."""

    days: int = 14
    station_id: int | None = None
    role: PlaceRole | None = None


class Offered(NamedTuple):
    """A place of one role on a shift: what is shown of it, and what stands against taking it."""

    shift: Terms
    title: str
    place: str
    station_public_id: str
    community: str
    station: str
    place_id: int
    role: PlaceRole
    capacity: int
    taken: int
    waiting: int
    reasons: tuple[Reason, ...] = ()

    @property
    def key(self) -> tuple[int, str]:
        """The shift and the role."""
        return self.shift.id, self.role

    def is_free(self, now: datetime) -> bool:
        """Whether the next who asks has a place: none is free where somebody waits for it."""
        waits = self.waiting and rules.queue_is_open(self.shift.starts_at, now)
        return self.taken < self.capacity and not waits


class Takable(NamedTuple):
    """What a person can take now, and what only one thing stands against that can be mended."""

    now: Sequence[Offered]
    almost: Sequence[tuple[Reason, Sequence[Offered]]]


_PLACES = (
    TERMS.join(Station, Station.id == Shift.station_id)
    .join(Place, Place.shift_id == Shift.id)
    .add_columns(
        Offering.title,
        Offering.place,
        Station.public_id,
        Station.community,
        Station.name,
        Place.id,
        Place.role,
        Place.capacity,
        Place.taken,
        WAITING,
    )
    .order_by(Shift.starts_at, Shift.id, Place.role, Place.label)
)


def takable(
    person_id: int, wanted: Filter, *, team_id: int | None = None, actor: Actor, now: datetime
) -> Takable:
    """Return what the person can take, the next first; a fixed number of queries."""
    known = facts.facts(person_id, actor=actor, now=now)
    held = {row.shift_id for row in known.live}
    rows = [
        row
        for row in _places(_narrowed(wanted, now))
        if row.is_free(now) and row.shift.id not in held
    ]
    judged = _judged(rows, known, team_id, actor=actor, now=now)
    return Takable([row for row in judged if not row.reasons], _almost(judged))


def against(
    shift_ids: Sequence[int], person_id: int, *, actor: Actor, now: datetime
) -> Mapping[tuple[int, str], Sequence[Reason]]:
    """Return what stands against each role of these shifts; what is open is left out."""
    known = facts.facts(person_id, actor=actor, now=now)
    rows = _places(_PLACES.where(Shift.id.in_(shift_ids))) if shift_ids else []
    judged = _judged(rows, known, None, actor=actor, now=now)
    return {row.key: row.reasons for row in judged if row.reasons}


def lasting_against(
    person_id: int, offering_id: int, *, actor: Actor, now: datetime
) -> list[Reason]:
    """Return what stands against serving there week by week, whatever the shift."""
    known = facts.facts(person_id, actor=actor, now=now)
    query = (
        select(Offering, Station)
        .join(Station, Station.id == Offering.station_id)
        .where(Offering.id == offering_id)
    )
    offering, station = db.session.execute(query).one()
    terms = Terms(
        id=0, public_id="", station_id=station.id, kind_id=offering.kind_id, starts_at=now,
        ends_at=now + _BEGAN_LATELY, state=ShiftState.PLANNED, called_off_at=None,
        offering_type=offering.type, offering_state=OfferingState.PUBLISHED,
        offering_public_id=offering.public_id, minimum_age=offering.minimum_age,
        is_risky=offering.is_risky, team_only=False, offering_id=offering.id,
        maximum_age=offering.maximum_age, community_only=offering.community_only,
    )  # fmt: skip
    row = Offered(
        terms, offering.title, "", station.public_id, station.community, station.name, 0,
        PlaceRole.VOLUNTEER, 1, 0, 0,
    )  # fmt: skip
    # Nobody is at two places, but that is asked of each week by itself.
    alone = replace(known, live=())
    (judged,) = _judged([row], alone, None, actor=actor, now=now)
    return list(judged.reasons)


# --- parts ---------------------------------------------------------------------------------------


def _narrowed(wanted: Filter, now: datetime) -> Select[Any]:
    last = clock.local_day(now) + timedelta(days=wanted.days)
    query = _PLACES.where(
        Shift.state == ShiftState.PLANNED,
        Offering.state == OfferingState.PUBLISHED,
        Shift.ends_at > now,
        Shift.starts_at > now - _BEGAN_LATELY,
        Shift.starts_at < clock.day_start(last),
        Place.taken < Place.capacity,
    )
    if wanted.station_id is not None:
        below = select(StationTree.descendant_id).where(
            StationTree.ancestor_id == wanted.station_id
        )
        query = query.where(Shift.station_id.in_(below))
    if wanted.role is not None:
        query = query.where(Place.role == wanted.role)
    return query


def _places(query: Select[Any]) -> list[Offered]:
    """Return the (first) place of each role of each shift, as a sign-up takes it."""
    terms = len(Terms._fields)
    rows = [Offered(Terms(*row[:terms]), *row[terms:]) for row in db.session.execute(query)]
    return [next(group) for _key, group in groupby(rows, lambda row: row.key)]


def _judged(
    rows: Sequence[Offered], known: Facts, team_id: int | None, *, actor: Actor, now: datetime
) -> list[Offered]:
    asked = conditions.asked_by({row.shift.offering_id for row in rows}) if rows else {}
    missing = {
        row.key: known.lacks(
            asked.get(row.shift.offering_id, conditions.NOTHING),
            clock.local_day(row.shift.starts_at),
        )
        for row in rows
    }
    words = Words(frozenset(one for pair in missing.values() for ids in pair for one in ids), now)
    found = []
    for row in rows:
        asks = Asks(row.shift.id, known.person_id, PlaceRole(row.role), team_id=team_id)
        lacks = words.lacks(*missing[row.key])
        reasons = asking.judged(asks, _case(row, known, now), lacks, actor=actor, now=now)
        found.append(row._replace(reasons=tuple(reasons)))
    return found


def _case(row: Offered, known: Facts, now: datetime) -> Case:
    shift = row.shift
    own = known.signup_on(shift.id)
    return Case(
        shift=shift,
        station_public_id=row.station_public_id,
        community=row.community,
        station_name=row.station,
        person_public_id=known.public_id,
        home_id=known.home_id,
        birth_on=known.birth_on,
        volunteer_state=known.volunteer_state,
        gives_notice=known.gives_notice,
        signup_id=own.id if own else None,
        signup_state=own.state if own else None,
        place_id=row.place_id,
        somebody_waits=row.waiting > 0,
        clashing_id=known.clashing(shift.id, shift.starts_at, shift.ends_at),
        lives_here=shift.community_only and shift.station_id in known.lives_at,
        consented=known.agreed_to_all or shift.offering_id in known.agreed_to,
        consented_until=known.agreed_until,
        by_guardian=known.by_guardian,
        open_signups=known.open_signups(shift.id, now),
        asks_more=False,
    )


def _almost(rows: Sequence[Offered]) -> list[tuple[Reason, Sequence[Offered]]]:
    """Group what one thing stands against by that thing; what opens most comes first."""
    found: dict[tuple[str, str, str], tuple[Reason, list[Offered]]] = {}
    for reason, row in _one_thing(rows):
        said = "" if reason.code == "clash" else reason.message
        found.setdefault((reason.code, said, reason.way_text), (reason, []))[1].append(row)
    return sorted(found.values(), key=lambda group: -len(group[1]))


def _one_thing(rows: Sequence[Offered]) -> Iterator[tuple[Reason, Offered]]:
    for row in rows:
        if len(row.reasons) == 1 and row.reasons[0].code in CAN_BE_MENDED:
            yield row.reasons[0], row
