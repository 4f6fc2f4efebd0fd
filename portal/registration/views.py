"""Pages of the volunteer: the application, where it stands, pausing, leaving, the card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page, safe_next
from portal.honours import queries_stars, record
from portal.org import queries as org
from portal.people import consents
from portal.people import queries as people
from portal.people.models import VOLUNTEER_STATE_LABELS, Person, Volunteer, VolunteerState
from portal.people.models_teams import PRESENT
from portal.records import settings
from portal.registration import actions, queries, rules, words
from portal.registration.forms import ApplicationForm
from portal.signups import queries as signups

bp = Blueprint("registration", __name__)


@bp.route("/volunteer/apply", methods=["GET", "POST"])
@allowed(signed_in)
def apply() -> ResponseReturnValue:
    """Ask to become a registered volunteer; go back to the sign-up that led here."""
    actor = current_actor()
    person = people.person(actor.person_id or 0)
    row = people.volunteer_of(person.id)
    target = safe_next(request.values.get("next"), url_for("registration.mine"))
    if row and rules.apply_verb(VolunteerState(row.state)) is None:
        return redirect(target if request.method == "POST" else url_for("registration.mine"), 303)
    options = queries.options()
    form = ApplicationForm(data=_known(person, row, target) if request.method == "GET" else None)
    form.offer(options, settings.get("id_number"))
    form.has_id_number = bool(row and row.id_number_last4)
    form.has_guardian = people.has_guardian_consent(person.id)
    shown: dict[str, Any] = {"form": form, "row": row}
    if request.method == "GET":
        withdrew = consents.standing(person.id).withdrew_notice
        return page("registration/apply.html", **shown, withdrew_notice=withdrew)
    if not form.validate():
        return invalid("registration/apply.html", **shown)
    given = form.application(options)
    try:
        write(actions.apply, person.id, given, actor=actor, now=clock.now())
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("registration/apply.html", **shown)
    flash(_("申请交上去了，通过后会告诉您。"), "success")
    return changed(target)


def _known(person: Person, row: Volunteer | None, target: str) -> dict[str, Any]:
    """Return what we know already, so that nobody is asked twice."""
    home = person.home_station.public_id if person.home_station else ""
    known: dict[str, Any] = {
        "name": person.name, "birth_date": person.birth_on, "station": home,
        "sex": person.sex or "", "next": target,
    }  # fmt: skip
    if row is None:
        return known
    unit = queries.unit(row.unit_id)
    teams = queries.teams_of(person.id)
    return (
        known
        | known_details(row)
        | {
            "unit": unit.public_id if unit else "",
            "teams": [team.public_id for team, member in teams if member.state in PRESENT],
        }
    )


def known_details(row: Volunteer) -> dict[str, Any]:
    """Return what the volunteer said about their volunteering, as the forms take it."""
    codes = [term.code for term in queries.terms_of(row.id)]
    emergency = queries.emergency_of(row)
    return {
        "skills": codes,
        "service_kinds": codes,
        "free_times": [str(slot) for slot in rules.free_slots(row.free_times)],
        "emergency_name": emergency.name if emergency else "",
        "emergency_phone": emergency.phone if emergency else "",
    }


@bp.get("/me/volunteer")
@allowed(signed_in)
def mine() -> ResponseReturnValue:
    """Show where the own registration stands, why, and what comes next."""
    row = people.volunteer_of(current_actor().person_id or 0)
    if row is None:
        return page("registration/mine.html", row=None)
    state = VolunteerState(row.state)
    path = org.path_of(row.station_id)
    return page(
        "registration/mine.html",
        row=row,
        station=path[-1],
        appeal_to=path[-2] if len(path) > 1 else path[-1],
        state_words=VOLUNTEER_STATE_LABELS[state],
        tone=words.STATE_TONES.get(state, "neutral"),
        whats_next=words.whats_next(state),
        timeline=words.timeline(row),
        details=words.details(row),
        stars=record.star_words(queries_stars.standing(row.person_id)),
        may_change=state in rules.MAY_CHANGE,
        may_apply=rules.apply_verb(state) is not None,
        can={verb for (one, verb) in rules.STEPS if one == state},
    )


@bp.get("/me/volunteer/card")
@allowed(signed_in)
def card() -> ResponseReturnValue:
    """Show the card to print: name, number, home station; nothing else about the person."""
    row = own()
    if row.state != VolunteerState.REGISTERED:
        abort(404)
    stars = record.star_words(queries_stars.standing(row.person_id))
    return page(
        "registration/card.html", row=row, stars=stars, back_href=url_for("registration.mine")
    )


@bp.post("/me/volunteer/withdrawal")
@allowed(signed_in)
def withdraw() -> ResponseReturnValue:
    """Take the application back."""
    return _move(actions.withdraw, _("申请已经撤回。"))


@bp.post("/me/volunteer/pause")
@allowed(signed_in)
def pause() -> ResponseReturnValue:
    """Stop for a while."""
    return _move(actions.pause, _("已经暂停，想继续时点恢复。"))


@bp.post("/me/volunteer/resumption")
@allowed(signed_in)
def resume() -> ResponseReturnValue:
    """Go on after a pause."""
    return _move(actions.resume, _("已经恢复，可以报名志愿服务了。"))


@bp.route("/me/volunteer/leaving", methods=["GET", "POST"])
@allowed(signed_in)
def leave() -> ResponseReturnValue:
    """Ask first, then leave; the records stay."""
    if request.method == "POST":
        return _move(actions.leave, _("已经退出志愿者。以前的记录都保留。"))
    row = own()
    if (row.state, "leave") not in rules.STEPS:
        return redirect(url_for("registration.mine"), 303)
    now = clock.now()
    coming = [
        signup for signup in signups.coming(row.person_id, now)
        if signup.role == "volunteer" and signup.shift.starts_at > now
    ]  # fmt: skip
    return page("registration/leave.html", coming=len(coming))


def own() -> Volunteer:
    """Return the volunteer's own row; who has none gets a 404."""
    row = people.volunteer_of(current_actor().person_id or 0)
    if row is None:
        abort(404)
    return row


def _move(action: Callable[..., Volunteer], done: str) -> ResponseReturnValue:
    write(action, own().id, actor=current_actor(), now=clock.now())
    flash(done, "success")
    return changed(url_for("registration.mine"))
