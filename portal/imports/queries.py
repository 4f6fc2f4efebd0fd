"""Selects over uploads, and where somebody may import."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.core import tokens
from portal.core.access import Actor
from portal.core.db import db
from portal.core.sheets import Line, Sheet
from portal.imports.models import ImportUpload, Sort
from portal.imports.policy import IMPORTERS
from portal.org import queries as org
from portal.org.models import Level, Station
from portal.people import queries as people

PURPOSE = "import"


def upload_by_id(public_id: str) -> ImportUpload | None:
    """Return what somebody sent, until it is forgotten."""
    query = select(ImportUpload).options(joinedload(ImportUpload.station))
    return db.session.scalars(query.where(ImportUpload.public_id == public_id)).first()


def waiting_of(actor: Actor) -> Sequence[ImportUpload]:
    """Return what the actor sent and has neither imported nor dropped, the newest first."""
    query = (
        select(ImportUpload)
        .options(joinedload(ImportUpload.station))
        .where(ImportUpload.uploaded_by_id == actor.person_id, ImportUpload.taken_at.is_(None))
    )
    rows = db.session.scalars(query.order_by(ImportUpload.id.desc())).all()
    return [row for row in rows if actor.holds_any(*IMPORTERS, at=row.station_id)]


def forgotten(before: datetime) -> Sequence[int]:
    """Return the ids of uploads that are older."""
    query = select(ImportUpload.id).where(ImportUpload.uploaded_at < before)
    return db.session.scalars(query.order_by(ImportUpload.id)).all()


def sealed(sheet: Sheet) -> bytes:
    """Return the rows of a table, sealed."""
    rows = [(line.number, dict(line.cells)) for line in sheet.lines]
    return tokens.seal(PURPOSE, json.dumps([rows, sheet.unused], ensure_ascii=False))


def sheet_of(upload: ImportUpload) -> Sheet:
    """Return the rows as they were read; none when they were taken."""
    if upload.rows_sealed is None:
        return Sheet([])
    rows, unused = json.loads(tokens.unseal(PURPOSE, upload.rows_sealed))
    return Sheet([Line(number, cells) for number, cells in rows], tuple(unused))


def stations(actor: Actor, sort: Sort) -> list[Station]:
    """Return where the actor may import, the own station first; people live in communities."""
    ids = actor.stations(*IMPORTERS)
    granted = {
        row.id for role in IMPORTERS for row in people.stations_of_role(actor.person_id or 0, role)
    }
    rows = [
        row
        for row in org.all_stations()
        if row.id in ids and (sort != Sort.PERSONS or row.level == Level.STATION)
    ]
    return sorted(rows, key=lambda row: row.id not in granted)
