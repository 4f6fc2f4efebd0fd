"""Selects over headcounts: the one that counts for each shift, and all there have been."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, func, literal, select, union_all

from portal.attendance.models_headcounts import Headcount, Method, TallyMark
from portal.core.db import db
from portal.people import queries as people


@dataclass(frozen=True, slots=True)
class Counted:
    """How many came to a shift besides those who checked in; `stated_id` None: by tally alone."""

    number: int
    method: Method
    stated_id: int | None = None


def current(shift_ids: Collection[int] | Select[tuple[int]]) -> Subquery:
    """Return (shift_id, number, method, stated_id) of those of the shifts that have a headcount.

    A subquery; the shifts are named within it, as no planner looks into groups from outside. The
    newest statement counts, else the sum of the tally. A tally that comes to nothing is no
    statement: that nobody came, somebody must say.
    """
    newest = (
        select(func.max(Headcount.id))
        .where(Headcount.shift_id.in_(shift_ids))
        .group_by(Headcount.shift_id)
    )
    stated: Select[Any] = select(
        Headcount.shift_id, Headcount.number, Headcount.method, Headcount.id.label("stated_id")
    ).where(Headcount.id.in_(newest))
    total = func.sum(TallyMark.amount)
    said = select(Headcount.id).where(Headcount.shift_id == TallyMark.shift_id).correlate(TallyMark)
    tallied: Select[Any] = (
        select(
            TallyMark.shift_id,
            total.label("number"),
            literal(Method.COUNTED.value).label("method"),
            literal(None, Headcount.id.type).label("stated_id"),
        )
        .where(TallyMark.shift_id.in_(shift_ids), ~said.exists())
        .group_by(TallyMark.shift_id)
        .having(total > 0)
    )
    return union_all(stated, tallied).subquery("current_headcount")


def of(shift_ids: Collection[int]) -> Mapping[int, Counted]:
    """Return the headcounts of these shifts; one that nobody counted is left out."""
    rows = current(shift_ids)
    query = select(rows.c.shift_id, rows.c.number, rows.c.method, rows.c.stated_id)
    found = db.session.execute(query)
    return {
        shift_id: Counted(int(number), Method(method), stated_id)
        for shift_id, number, method, stated_id in found
    }


def statements(shift_id: int) -> Sequence[Headcount]:
    """Return all that was stated of a shift, the newest first."""
    query = select(Headcount).where(Headcount.shift_id == shift_id)
    return db.session.scalars(query.order_by(Headcount.id.desc())).all()


def tallied(shift_id: int) -> int:
    """Return what the tally of a shift adds up to."""
    query = select(func.coalesce(func.sum(TallyMark.amount), 0))
    return max(0, db.session.scalar(query.where(TallyMark.shift_id == shift_id)) or 0)


def known_marks(shift_id: int, mark_ids: Collection[str]) -> frozenset[str]:
    """Return which of these marks of a phone are here already."""
    query = select(TallyMark.mark_id).where(
        TallyMark.shift_id == shift_id, TallyMark.mark_id.in_(mark_ids)
    )
    return frozenset(db.session.scalars(query))


def stated_by(person_id: int) -> Sequence[Headcount]:
    """Return what a person stated, the newest first."""
    query = select(Headcount).where(Headcount.actor_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(Headcount.id.desc())).all()
