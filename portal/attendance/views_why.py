"""Why this number: what is behind somebody's hours, for themselves and, of its stations, for a desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from portal.attendance import records, why
from portal.attendance.records import Record
from portal.attendance.views import bp
from portal.attendance.why import Why
from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.web import page
from portal.people import counter
from portal.people.models import Person
from portal.records import audit


@bp.get("/me/hours/why")
@allowed(signed_in)
def my_hours_why() -> ResponseReturnValue:
    """Explain the own total: every entry, the sum, and what is not counted and why."""
    actor, now = current_actor(), clock.now()
    person_id = actor.person_id or 0
    found = why.explain(person_id, year=_year())
    own = records.records_of(person_id, actor, now)
    rest = [row for row in own.rows if not row.counts and found.year in {None, row.day.year}]
    values: dict[str, Any] = {"rest": rest, "back": "/me/hours", "nav": "me"}
    return page("attendance/why.html", why=found, years=_chips(found), **values)


@bp.get("/me/hours/<record>")
@allowed(signed_in)
def my_hours_record(record: str) -> ResponseReturnValue:
    """Explain one own record: by the end of its entry's digest, or by its visit."""
    actor = current_actor()
    entries = why.explain(actor.person_id or 0).entries
    found = [one for one in entries if record in {one.key, one.visit_id}]
    waits = _without_entry(record, actor, clock.now()) if not found else None
    if not found and waits is None:
        abort(404)
    return page("attendance/why_record.html", entries=found, waits=waits)


@bp.get("/desk/people/<person>/hours")
@allowed(counter.may_help, person=counter.person_to_help)
def desk_hours_why(person: Person) -> ResponseReturnValue:
    """Explain a person's hours to the desk, as far as they are of its stations; seen is logged."""
    actor = current_actor()
    write(_note_sight, person.id, actor=actor, now=clock.now())
    stations = actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)
    found = why.explain(person.id, sorted(stations), _year())
    back = f"/desk/people/{person.public_id}"
    values: dict[str, Any] = {"rest": (), "back": back, "nav": "desk", "person": person}
    return page("attendance/why.html", why=found, years=_chips(found), **values)


def _year() -> int | None:
    asked = request.args.get("year", "")
    return int(asked) if len(asked) == 4 and asked.isdecimal() else None


def _chips(found: Why) -> list[dict[str, Any]]:
    """Return the years to choose from, when there are some."""
    if len(found.years) < 2:
        return []
    every = [{"text": _("全部"), "href": request.path, "current": found.year is None}]
    return every + [
        {"text": str(year), "href": f"{request.path}?year={year}", "current": year == found.year}
        for year in found.years
    ]


def _without_entry(record: str, actor: Actor, now: datetime) -> Record | None:
    own = records.records_of(actor.person_id or 0, actor, now)
    return next((row for row in own.rows if row.key == record), None)


def _note_sight(person_id: int, *, actor: Actor, now: datetime) -> None:
    audit.record("person.reveal", Ref("person", person_id), actor=actor, now=now, what="hours")
