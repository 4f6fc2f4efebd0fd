"""The posts of a station, as rows of a table are compared with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.core.db import db
from portal.posts.actions import Details
from portal.posts.models import DutySlot, ServicePost
from portal.posts.rules import Cell
from portal.shifts.models import OfferingState


class Existing(NamedTuple):
    """A post that is there: its columns and the cells of its grid."""

    columns: Mapping[str, Any]
    cells: tuple[Cell, ...]


def existing(station_id: int) -> dict[tuple[str, str], Existing]:
    """Return the posts of a station that are not called off, by title and venue."""
    is_live = (
        ServicePost.station_id == station_id,
        ServicePost.state != OfferingState.CALLED_OFF,
    )
    slots = (
        select(DutySlot)
        .join(ServicePost, ServicePost.id == DutySlot.post_id)
        .where(*is_live, DutySlot.retired_at.is_(None))
    )
    cells: dict[int, list[Cell]] = {}
    for slot in db.session.scalars(slots):
        cell = Cell(slot.weekday, slot.starts_minute, slot.ends_minute, slot.volunteers)
        cells.setdefault(slot.post_id, []).append(cell)
    names = [field.name for field in fields(Details)]
    return {
        (row.title, row.site_name): Existing(
            {name: getattr(row, name) for name in names}, tuple(sorted(cells.get(row.id, [])))
        )
        for row in db.session.scalars(select(ServicePost).where(*is_live))
    }
