"""Selects over projects: which ones an activity of a station may name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select

from portal.core.db import db
from portal.org.models import StationTree
from portal.shifts.models_projects import Project, ProjectStation


def open_to(station_ids: Collection[int]) -> Sequence[Project]:
    """Return the open projects of these stations or of one above, and those they take part in."""
    above = select(StationTree.ancestor_id).where(StationTree.descendant_id.in_(station_ids))
    joined = select(ProjectStation.project_id).where(ProjectStation.station_id.in_(station_ids))
    query = select(Project).where(
        Project.closed_at.is_(None), or_(Project.station_id.in_(above), Project.id.in_(joined))
    )
    return db.session.scalars(query.order_by(Project.name, Project.id)).all()


def is_open_to(project_id: int, station_id: int) -> bool:
    """Return whether an activity of the station may name the project."""
    return any(row.id == project_id for row in open_to([station_id]))


def project_by_id(public_id: str) -> Project | None:
    """Return the project of a public id, closed ones too."""
    return db.session.scalars(select(Project).where(Project.public_id == public_id)).first()
