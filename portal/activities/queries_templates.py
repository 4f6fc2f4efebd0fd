"""Selects over templates of activities."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import joinedload

from portal.activities.models_templates import ActivityTemplate
from portal.core.db import db
from portal.org.models import StationTree


def template_by_id(public_id: str) -> ActivityTemplate | None:
    """Return the template of a public id, whether in use or retired."""
    return db.session.scalars(_whole().where(ActivityTemplate.public_id == public_id)).first()


def offered_to(station_ids: Collection[int]) -> Sequence[ActivityTemplate]:
    """Return the templates in use that these stations may use, their own before the district's."""
    above = select(StationTree.ancestor_id).where(StationTree.descendant_id.in_(station_ids))
    query = _whole().where(
        ActivityTemplate.retired_at.is_(None),
        or_(ActivityTemplate.station_id.is_(None), ActivityTemplate.station_id.in_(above)),
    )
    return db.session.scalars(_ordered(query)).all()


def retired_at(station_ids: Collection[int], *, of_district: bool) -> Sequence[ActivityTemplate]:
    """Return what these stations retired, and on request what the district did; the last first."""
    own = ActivityTemplate.station_id.in_(station_ids)
    of_all = ActivityTemplate.station_id.is_(None) if of_district else false()
    query = _whole().where(ActivityTemplate.retired_at.is_not(None), or_(own, of_all))
    return db.session.scalars(query.order_by(ActivityTemplate.retired_at.desc()).limit(100)).all()


def named(station_id: int | None, name: str) -> ActivityTemplate | None:
    """Return the template of this name that a station (or the district) has in use."""
    query = select(ActivityTemplate).where(
        ActivityTemplate.station_id.is_not_distinct_from(station_id),
        ActivityTemplate.name == name,
        ActivityTemplate.retired_at.is_(None),
    )
    return db.session.scalars(query).first()


def codes() -> frozenset[str]:
    """Return the codes of those that the district began with, in use or retired."""
    query = select(ActivityTemplate.code).where(ActivityTemplate.code.is_not(None))
    return frozenset(code for code in db.session.scalars(query) if code)


def _whole() -> Select[tuple[ActivityTemplate]]:
    return select(ActivityTemplate).options(
        joinedload(ActivityTemplate.station),
        joinedload(ActivityTemplate.kind),
        joinedload(ActivityTemplate.field),
        joinedload(ActivityTemplate.target_group),
    )


def _ordered(query: Select[tuple[ActivityTemplate]]) -> Select[tuple[ActivityTemplate]]:
    is_of_district = ActivityTemplate.station_id.is_(None)
    return query.order_by(is_of_district, ActivityTemplate.name, ActivityTemplate.id)
