"""Selects over what the close-outs of shifts say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from portal.closeouts.models import Closeout, CloseoutCount, CloseoutPhoto
from portal.core.db import db
from portal.people import queries as people


def latest(shift_id: int) -> Closeout | None:
    """Return the version that counts."""
    return next(iter(versions(shift_id)), None)


def first(shift_id: int) -> Closeout | None:
    """Return what was told first."""
    return next(reversed(versions(shift_id)), None)


def is_newest() -> ColumnElement[bool]:
    """No later version of the same shift's close-out is there."""
    later = aliased(Closeout)
    same = later.shift_id == Closeout.shift_id, later.version > Closeout.version
    return ~select(later.id).where(*same).correlate(Closeout).exists()


def versions(shift_id: int) -> Sequence[Closeout]:
    """Return all versions of a shift's close-out, the newest first."""
    query = select(Closeout).where(Closeout.shift_id == shift_id)
    return db.session.scalars(query.order_by(Closeout.version.desc())).all()


def amounts(closeout_id: int) -> Mapping[int, int]:
    """Return the amounts of a version in hundredths, by counter."""
    query = select(CloseoutCount.term_id, CloseoutCount.hundredths)
    rows = db.session.execute(query.where(CloseoutCount.closeout_id == closeout_id))
    return dict(rows.tuples().all())


def photos_of(shift_id: int) -> Sequence[CloseoutPhoto]:
    """Return the photos of a shift, the oldest first."""
    query = select(CloseoutPhoto).where(CloseoutPhoto.shift_id == shift_id)
    return db.session.scalars(query.order_by(CloseoutPhoto.id)).all()


def photo_by_id(public_id: str) -> CloseoutPhoto | None:
    """Return the photo of a public id."""
    query = select(CloseoutPhoto).where(CloseoutPhoto.public_id == public_id)
    return db.session.scalars(query).first()


def told_by(person_id: int) -> Sequence[Closeout]:
    """Return the versions a person wrote, the newest first."""
    query = select(Closeout).where(Closeout.actor_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(Closeout.id.desc())).all()


def photos_by(person_id: int) -> Sequence[CloseoutPhoto]:
    """Return the photos a person sent."""
    query = select(CloseoutPhoto).where(CloseoutPhoto.added_by_id.in_(people.selves(person_id)))
    return db.session.scalars(query.order_by(CloseoutPhoto.id)).all()
