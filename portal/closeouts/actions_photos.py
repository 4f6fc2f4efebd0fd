"""Verbs on photos of a shift. None is ever asked for; one is kept only with a word on who is seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from portal.closeouts import actions, queries, rules
from portal.closeouts.models import Closeout, CloseoutPhoto, Shown
from portal.closeouts.rules import Told
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.records import audit, files
from portal.records.files import Picture
from portal.shifts import queries as shifts


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo as it comes, and who is to be seen on it."""

    picture: Picture
    shown: Shown


def report(
    shift_id: int, told: Told, seen: int, shot: Shot | None, *, actor: Actor, now: datetime
) -> Closeout:
    """Close out as `actions.report` does, and keep the photo. Raises Invalid(`photo`)."""
    row = actions.report(shift_id, told, seen, actor=actor, now=now)
    if shot is not None:
        add(shift_id, shot, actor=actor, now=now)
    return row


def add(shift_id: int, shot: Shot, *, actor: Actor, now: datetime) -> CloseoutPhoto:
    """Keep a photo of a shift."""
    if len(queries.photos_of(shift_id)) >= rules.MOST_PHOTOS:
        raise Invalid("photo", _("最多放 %(n)d 张照片。", n=rules.MOST_PHOTOS))
    kept = files.put(shot.picture, now=now)
    row = CloseoutPhoto(
        shift_id=shift_id,
        file_id=kept.id,
        shown=shot.shown,
        added_at=now,
        added_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    _record("closeout.add_photo", shift_id, actor=actor, now=now)
    return row


def remove(photo_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete a photo with its bytes. Twice is harmless."""
    row = db.session.get(CloseoutPhoto, photo_id)
    if row is None:
        return
    db.session.execute(delete(CloseoutPhoto).where(CloseoutPhoto.id == row.id))
    files.remove([row.file_id])
    _record("closeout.remove_photo", row.shift_id, actor=actor, now=now)


def _record(verb: str, shift_id: int, *, actor: Actor, now: datetime) -> None:
    station_id = shifts.shift(shift_id).station_id
    audit.record(verb, Ref("shift", shift_id), actor=actor, now=now, station_id=station_id)
