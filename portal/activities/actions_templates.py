"""Verbs on templates of activities."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from portal.activities import queries
from portal.activities import queries_templates as templates
from portal.activities.models import Activity
from portal.activities.models_templates import ActivityTemplate
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org.models import Station
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole

_KEPT = (
    "title", "kind_id", "field_id", "target_group_id", "place", "summary", "leader_name",
    "contact_phone", "bring", "minimum_age", "is_risky", "team_only", "risk_note", "insurance_note",
)  # fmt: skip
# What an activity without a shift is given.
_USUAL_START = 9 * 60
_USUAL_LENGTH = timedelta(hours=2)
_USUAL_VOLUNTEERS = 10


def keep(
    activity_id: int, station_id: int, name: str, *, actor: Actor, now: datetime
) -> ActivityTemplate:
    """Keep what an activity is made of, and the span and places of its last shift, under a name.

    The same twice is one template. Raises Invalid(`name`) when the station has another of this name.
    """
    locked(Station, station_id)
    values = _values(queries.activity(activity_id))
    known = templates.named(station_id, name)
    if known is not None:
        if all(getattr(known, key) == value for key, value in values.items()):
            return known
        raise _taken()
    row = ActivityTemplate(
        station_id=station_id, name=name, created_at=now, created_by_id=actor.person_id, **values
    )
    db.session.add(row)
    db.session.flush()
    _audit("template.keep", row, actor=actor, now=now)
    return row


def rename(template_id: int, name: str, *, actor: Actor, now: datetime) -> ActivityTemplate:
    """Give a template another name. Raises Invalid(`name`) when the name is in use there."""
    row = _locked(template_id)
    if row.name == name:
        return row
    _must_be_free(row, name)
    row.name = name
    _audit("template.rename", row, actor=actor, now=now)
    return row


def retire(template_id: int, *, actor: Actor, now: datetime) -> ActivityTemplate:
    """Offer a template to nobody any more; what was made from it stays. Twice is harmless."""
    row = _locked(template_id)
    if row.retired_at is None:
        row.retired_at = now
        _audit("template.retire", row, actor=actor, now=now)
    return row


def reinstate(template_id: int, *, actor: Actor, now: datetime) -> ActivityTemplate:
    """Offer a retired template again. Raises Invalid(`name`) when another has its name by now."""
    row = _locked(template_id)
    if row.retired_at is not None:
        _must_be_free(row, row.name)
        row.retired_at = None
        _audit("template.reinstate", row, actor=actor, now=now)
    return row


def _locked(template_id: int) -> ActivityTemplate:
    row = cast(ActivityTemplate, locked(ActivityTemplate, template_id))
    if row.station_id is not None:
        locked(Station, row.station_id)
    return row


def _must_be_free(row: ActivityTemplate, name: str) -> None:
    known = templates.named(row.station_id, name)
    if known is not None and known.id != row.id:
        raise _taken()


def _taken() -> Invalid:
    return Invalid("name", _("这个站点已经有同名的模板。换个名字，或者先停用那一个。"))


def _values(row: Activity) -> dict[str, Any]:
    values: dict[str, Any] = {key: getattr(row, key) for key in _KEPT}
    rows = shifts.shifts_of(row.id)
    if not rows:
        return {
            **values,
            "starts_minute": _USUAL_START,
            "length_minutes": int(_USUAL_LENGTH.total_seconds()) // 60,
            "volunteers": _USUAL_VOLUNTEERS,
            "attendees": 0,
        }
    last = rows[-1]
    start = clock.local(last.starts_at)
    capacity = {place.role: place.capacity for place in shifts.places(last.id)}
    return {
        **values,
        "starts_minute": start.hour * 60 + start.minute,
        "length_minutes": int((last.ends_at - last.starts_at).total_seconds()) // 60,
        "volunteers": capacity.get(PlaceRole.VOLUNTEER, 0),
        "attendees": capacity.get(PlaceRole.ATTENDEE, 0),
    }


def _audit(verb: str, row: ActivityTemplate, *, actor: Actor, now: datetime) -> None:
    subject = Ref("template", row.id)
    audit.record(verb, subject, actor=actor, now=now, station_id=row.station_id)
