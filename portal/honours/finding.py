"""Finding what is to be honoured, by name or phone, among what one keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.db import db
from portal.core.forms import PHONE, normal_phone
from portal.honours import policy
from portal.honours.models import PERSONAL, Honoured
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit
from portal.org.queries_units import centre_id
from portal.people.models import Person
from portal.people.models_teams import Team
from portal.shifts.models_projects import Project

MOST = 20
_TABLES: dict[Honoured, Any] = {
    Honoured.TEAM: Team,
    Honoured.PROJECT: Project,
    Honoured.UNIT: CivilizedUnit,
}


def found(kind: Honoured, words: str, actor: Actor) -> Sequence[Any]:
    """Return what has the name (a person: exactly it, or the phone) at the actor's stations."""
    session: Session = db.session()
    own = actor.stations(*policy.KEEPERS)
    if kind in PERSONAL:
        phone = normal_phone(words)
        called = Person.phone == phone if PHONE.fullmatch(phone) else Person.name == words
        query = select(Person).where(
            called,
            Person.home_station_id.in_(own),
            Person.merged_into_id.is_(None),
            Person.erased_at.is_(None),
        )
        return session.scalars(query.order_by(Person.id).limit(MOST)).all()
    if kind == Honoured.COMMUNITY:
        stations = select(Station).where(
            Station.id.in_(own), Station.closed_at.is_(None), Station.name.contains(words)
        )
        return session.scalars(stations.order_by(Station.position).limit(MOST)).all()
    table = _TABLES[kind]
    kept = table.station_id.in_(own)
    if kind == Honoured.UNIT and centre_id() in own:
        kept = or_(kept, table.station_id.is_(None))
    named = select(table).where(kept, table.closed_at.is_(None), table.name.contains(words))
    return session.scalars(named.order_by(table.name).limit(MOST)).all()
