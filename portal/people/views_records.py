"""What is on record of oneself: trainings, the community; and the guardian's word for a child."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page, safe_next
from portal.org import queries as org
from portal.people import actions, guardians, queries, queries_family, records_shown
from portal.people.desk_page import home_form, may_set_home
from portal.people.forms_records import OwnConsentForm
from portal.people.models_consents import GuardianConsent
from portal.people.models_family import FamilyMember
from portal.people.rules import is_minor
from portal.people.views import bp
from portal.people.views_family import holds


def _is_guardian(actor: Actor, member: FamilyMember, consent: GuardianConsent) -> bool:
    return holds(actor, member) and member.is_guardian and consent.person_id == member.person_id


@bp.get("/me/trainings")
@allowed(signed_in)
def my_trainings() -> ResponseReturnValue:
    """Show the own trainings, and until when they hold."""
    person_id = current_actor().person_id or 0
    rows = records_shown.trainings_of(person_id, clock.today())
    return page("people/trainings.html", rows=rows)


@bp.route("/me/home", methods=["GET", "POST"])
@allowed(signed_in)
def my_home() -> ResponseReturnValue:
    """Say in which community one lives; a registered volunteer says it with the volunteer's data."""
    actor = current_actor()
    person = queries.person(actor.person_id or 0)
    if not may_set_home(person.id):
        return redirect("/me/volunteer", 303)
    form, target = home_form(person), safe_next(request.values.get("next"), "/me")
    if request.method == "GET":
        return page("people/home.html", form=form, target=target)
    if not form.validate():
        return invalid("people/home.html", form=form, target=target)
    station = org.station_by_id(form.station.data) or abort(422)
    write(actions.set_home, person.id, station.id, actor=actor, now=clock.now())
    flash(_("社区登记好了。"), "success")
    return changed(target)


@bp.route("/me/family/<member>/consent", methods=["GET", "POST"])
@allowed(holds, member=queries_family.member_by_id)
def member_consent(member: FamilyMember) -> ResponseReturnValue:
    """Agree as the guardian of a minor, and see and take back what was agreed to."""
    if not is_minor(member.person.birth_on, clock.today()):
        abort(404)
    form = OwnConsentForm()
    values: dict[str, Any] = {
        "form": form,
        "member": member,
        "consents": records_shown.consents_of(member.person_id),
    }
    if request.method == "GET":
        return page("people/family_consent.html", **values)
    if not form.validate():
        return invalid("people/family_consent.html", **values)
    try:
        write(guardians.agree_for, member.id, form.wanted(), actor=current_actor(), now=clock.now())
    except Refused as refused:
        return page("people/family_consent.html", status=409, reasons=refused.reasons, **values)
    flash(_("同意记好了，随时可以撤回。"), "success")
    return changed(url_for("people.member_consent", member=member.public_id))


@bp.post("/me/family/<member>/consents/<consent>/withdrawal")
@allowed(_is_guardian, member=queries_family.member_by_id, consent=guardians.consent_by_id)
def withdraw_consent(member: FamilyMember, consent: GuardianConsent) -> ResponseReturnValue:
    """Take one consent back."""
    write(guardians.withdraw, consent.id, actor=current_actor(), now=clock.now())
    flash(_("已经撤回。没有别的同意的，以后不能再报名。"), "success")
    return changed(url_for("people.member_consent", member=member.public_id))
