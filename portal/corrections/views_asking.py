"""Asking: what is missing or wrong is chosen, the form filled in; by the person, or for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import queries as attendance
from portal.attendance.rules import earns
from portal.core import clock, ids
from portal.core.access import Actor, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.corrections import actions, asking, moves, policy, queries, queries_asking
from portal.corrections.asking import Subject
from portal.corrections.blueprint import bp
from portal.corrections.forms import DayForm, TimesForm
from portal.corrections.models import Correction, CorrectionState
from portal.hours import queries as ledger
from portal.org import queries as org
from portal.org.models import Station
from portal.people import counter
from portal.people import queries as people
from portal.people.models import Person
from portal.records import settings
from portal.shifts import queries as shifts
from portal.shifts.models import Shift
from portal.signups import queries as signups
from portal.signups.models import Signup


@bp.route("/me/corrections/new", methods=["GET", "POST"])
@allowed(signed_in)
def new() -> ResponseReturnValue:
    """Choose what is missing, or ask for what the address names."""
    person = people.person(current_actor().person_id or 0)
    return _new(person, "/me/corrections", station_ids=None)


@bp.route("/desk/people/<person>/corrections/new", methods=["GET", "POST"])
@allowed(counter.may_help, person=counter.person_to_help)
def new_for(person: Person) -> ResponseReturnValue:
    """The same for somebody who asked at the desk; of the own stations' shifts and records."""
    own = current_actor().stations(*policy.KEEPERS)
    return _new(person, f"/desk/people/{person.public_id}/corrections", station_ids=own)


@bp.route("/desk/shifts/<shift>/signups/<signup>/correction", methods=["GET", "POST"])
@allowed(policy.may_write_for, shift=shifts.shift_by_id, signup=signups.signup_by_id)
def new_on_roster(shift: Shift, signup: Signup) -> ResponseReturnValue:
    """Make up what is missing of somebody on the roster."""
    return _ask(Subject(signup.person, shift), request.path, f"/desk/shifts/{shift.public_id}")


def _new(person: Person, base: str, *, station_ids: frozenset[int] | None) -> ResponseReturnValue:
    args = request.args
    if "entry" in args:
        entry = ledger.live_by_ref(person.id, args["entry"])
        if entry is None or not _is_kept(entry.station_id, station_ids):
            abort(404)
        return _ask(Subject(person, entry=entry), f"{base}/new?entry={entry.ref}", f"{base}/new")
    if "shift" in args:
        shift = shifts.shift_by_id(args["shift"])
        if shift is None or not _is_kept(shift.station_id, station_ids):
            abort(404)
        way = f"{base}/new?shift={shift.public_id}"
        return _ask(Subject(person, shift), way, f"{base}/new")
    if "unplanned" in args:
        return _ask(Subject(person), f"{base}/new?unplanned=1", f"{base}/new")
    return _choose(person, base, station_ids)


def _is_kept(station_id: int, station_ids: frozenset[int] | None) -> bool:
    return station_ids is None or station_id in station_ids


def _choose(person: Person, base: str, station_ids: frozenset[int] | None) -> ResponseReturnValue:
    now = clock.now()
    form = DayForm(request.args)
    asked = "day" in request.args and form.validate()
    found = queries_asking.shifts_on(form.day.data, now, station_ids) if asked else ()
    records = queries_asking.live_entries(person.id, station_ids) if station_ids else ()
    return page(
        "corrections/choose.html",
        person=person,
        is_own=station_ids is None,
        base=base,
        back="/me/corrections" if station_ids is None else f"/desk/people/{person.public_id}",
        missing=[row for row in _missing(person, now) if _is_kept(row.station_id, station_ids)],
        days=settings.get("make_up_days"),
        form=form,
        asked=asked,
        found=found,
        records=queries.entry_titles(records),
    )


def _missing(person: Person, now: datetime) -> list[Shift]:
    """Return the shifts within the window of which a volunteer has no record."""
    since = now - timedelta(days=settings.get("make_up_days"))
    without = [
        row.shift
        for row in attendance.without_visit(person.id, now)
        if earns(row.role, row.participant) and row.shift.ends_at > since
    ]
    rows = [*without, *queries_asking.lapsed(person.id, since)]
    return sorted(rows, key=lambda row: row.starts_at, reverse=True)


# --- the form ------------------------------------------------------------------------------------


def _ask(subject: Subject, way: str, back: str) -> ResponseReturnValue:
    """Show the form, or file what was sent; what was asked already is shown instead."""
    known = _asked_already(subject)
    if known is not None:
        return changed(_to(known))
    actor, now = current_actor(), clock.now()
    stations = _stations(subject, actor)
    form = asking.form_of(subject, stations)
    values = _values(subject, form, way, back)
    if request.method == "GET":
        reasons = asking.hindrances(subject, now)
        return page("corrections/new.html", reasons=reasons, is_closed=bool(reasons), **values)
    if not form.validate():
        return invalid("corrections/new.html", **values)
    return _sent(form, subject, stations, values)


def _asked_already(subject: Subject) -> Correction | None:
    if subject.row is not None or subject.is_unplanned:
        return None
    return queries.open_of(
        subject.person.id,
        shift_id=subject.shift.id if subject.shift else None,
        entry_id=subject.entry.id if subject.entry else None,
    )


def _stations(subject: Subject, actor: Actor) -> list[Station]:
    """Return where unplanned service may have been: anywhere; for others at the own stations."""
    if not subject.is_unplanned:
        return []
    rows = org.all_stations()
    if policy.is_same(actor, subject.person):
        return list(rows)
    own = actor.stations(*policy.KEEPERS)
    return [row for row in rows if row.id in own]


def _values(subject: Subject, form: TimesForm, way: str, back: str) -> dict[str, Any]:
    about = subject.entry or subject.shift
    shift = subject.entry.shift if subject.entry else subject.shift
    return {
        "form": form,
        "subject": subject,
        "shift": shift,
        "about": about,
        "is_own": policy.is_same(current_actor(), subject.person),
        "way": way,
        "back": back,
        "hint": asking.hint(),
        "kept": len(queries.evidence_of([subject.row.id])) if subject.row else 0,
        "days": settings.get("make_up_days"),
    }


def _sent(
    form: TimesForm, subject: Subject, stations: list[Station], values: dict[str, Any]
) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    wait = moves.seconds_to_wait(actor, now)
    if wait:
        return too_many(wait, _("交的材料太多了，请过一会儿再试。"))
    try:
        given = asking.files_of(form)
        claim, said = asking.claim_of(form, subject, stations), asking.said_of(form)
        if subject.row is not None:
            row = write(actions.submit, subject.row.id, claim, said, given, actor=actor, now=now)
        else:
            key = ids.form_key(form.key.data)
            row = write(actions.ask, claim, said, given, key, actor=actor, now=now)
    except Invalid as wrong:
        form.add_error("evidence", wrong.message)
        return invalid("corrections/new.html", **values)
    except Refused as refused:
        return page("corrections/new.html", status=409, reasons=refused.reasons, **values)
    flash(_("已经交上去，等另一位负责人答复。"), "success")
    return changed(_to(row))


def _to(row: Correction) -> str:
    """Return where its page is for who acts: the own one, or the desk's."""
    if policy.is_own(current_actor(), row):
        return url_for("corrections.my_show", correction=row.public_id)
    if policy.may_see(current_actor(), row):
        return url_for("corrections.desk_show", correction=row.public_id)
    return url_for("corrections.desk_index")


# --- what came back ------------------------------------------------------------------------------


@bp.route("/me/corrections/<correction>/change", methods=["GET", "POST"])
@allowed(policy.is_own, correction=queries.correction_by_id)
def change(correction: Correction) -> ResponseReturnValue:
    """Add what was missing, and send it once more."""
    return _again(correction, f"/me/corrections/{correction.public_id}")


@bp.route("/desk/corrections/<correction>/change", methods=["GET", "POST"])
@allowed(policy.may_write, correction=queries.correction_by_id)
def desk_change(correction: Correction) -> ResponseReturnValue:
    """The same on behalf of the person; who does has a hand in it and cannot decide."""
    return _again(correction, f"/desk/corrections/{correction.public_id}")


def _again(row: Correction, base: str) -> ResponseReturnValue:
    if row.state != CorrectionState.RETURNED:
        return changed(base)
    return _ask(asking.subject_of(row), f"{base}/change", base)
