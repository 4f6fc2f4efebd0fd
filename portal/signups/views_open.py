"""What can I take? for oneself and the family, and at the desk for somebody one acts for."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, public, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import page
from portal.people import counter
from portal.people import queries as people
from portal.people import queries_family as families
from portal.people.models import Person
from portal.people.rules import is_minor
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState
from portal.signups import open_list, policy
from portal.signups.open_list import About, Seat
from portal.signups.takable import Offered
from portal.signups.views import bp


@bp.get("/me/open")
@allowed(signed_in)
def mine_open() -> ResponseReturnValue:
    """List what one can take now, or somebody of the family; below, what one thing stands against."""
    actor, now = current_actor(), clock.now()
    members = families.members_of(actor.person_id or 0)
    circle = {one.person.public_id: one.person for one in members}
    asked = request.args.get("person", "")
    if asked and asked not in circle:
        abort(404)
    person = circle[asked] if asked else people.person(actor.person_id or 0)
    everybody = [("", _("我自己")), *((one, row.name) for one, row in circle.items())]
    whom = [
        {
            "text": name,
            "href": url_for("signups.mine_open", person=one or None),
            "current": one == asked,
        }
        for one, name in everybody
    ]
    about = About(person, lambda row: _own_seat(row, asked))
    shown = open_list.ready(about, actor=actor, now=now)
    return page("signups/open.html", **shown, whom=whom if members else [], own=not asked)


@bp.get("/desk/people/<person>/open")
@allowed(counter.may_help, person=counter.person_to_help)
def desk_open(person: Person) -> ResponseReturnValue:
    """List what somebody can take, with a button where the reader keeps the roster."""
    actor, now = current_actor(), clock.now()
    write(counter.note_sight, person.id, actor=actor, now=now)
    shown = open_list.ready(
        About(person, lambda row: _desk_seat(row, person)), actor=actor, now=now
    )
    back = f"/desk/people/{person.public_id}"
    return page("signups/open.html", **shown, whom=[], own=False, back_href=back)


@bp.get("/me/guardian-form")
@allowed(signed_in)
def guardian_form() -> ResponseReturnValue:
    """The guardian's consent on paper, filled in with one's own name and, if asked, one offering."""
    person = people.person(current_actor().person_id or 0)
    return page("signups/guardian_form.html", **_sheet(person), back_href="/me")


@bp.get("/guardian-form")
@public
def blank_guardian_form() -> ResponseReturnValue:
    """The same sheet with nothing filled in, for whoever prints it at a station."""
    return page("signups/guardian_form.html", **_sheet(None), back_href="/")


# --- parts ---------------------------------------------------------------------------------------


def _sheet(person: Person | None) -> dict[str, Any]:
    offering = shifts.offering_by_id(request.args.get("for", ""))
    is_shown = offering is not None and offering.state == OfferingState.PUBLISHED
    is_child = person is not None and is_minor(person.birth_on, clock.today())
    return {
        "person": person if is_child else None,
        "offering": offering if is_shown else None,
    }


def _own_seat(row: Offered, person: str) -> Seat:
    fields = {"role": row.role, "next": "/me/signups"}
    if person:
        fields |= {"person": person, "party": "1"}
    return Seat(url_for("signups.sign_up", shift=row.shift.public_id), fields)


def _desk_seat(row: Offered, person: Person) -> Seat | None:
    if not policy.keeps_roster_at(current_actor(), row.shift.station_id):
        return None
    to = url_for("attendance.desk_shift", shift=row.shift.public_id)
    fields = {"role": row.role, "person": person.public_id, "next": to}
    return Seat(url_for("signups.sign_up", shift=row.shift.public_id), fields)
