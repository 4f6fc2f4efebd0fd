"""What others call by name: the tick's work, and erasure."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from portal.core.access import SYSTEM, Actor
from portal.core.db import db, write
from portal.imports import actions, queries
from portal.imports.models import ImportUpload

# So long an upload waits to be looked over; what it holds of people is not kept longer.
KEPT = timedelta(days=1)


def due(now: datetime) -> None:
    """Forget uploads of yesterday, imported or not."""
    for upload_id in queries.forgotten(now - KEPT):
        write(actions.drop, upload_id, actor=SYSTEM, now=now)


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete what the person sent."""
    own = ImportUpload.uploaded_by_id == person_id
    db.session.execute(delete(ImportUpload).where(own))
