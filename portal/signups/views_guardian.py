"""A guardian agrees to one offering before anybody signs up: in the family, or on paper at the desk."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import clean
from portal.core.grams import LONGEST_QUERY
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import counter, guardians, queries_family
from portal.people.models import Person
from portal.people.models_family import FamilyMember
from portal.people.rules import is_minor
from portal.people.views_family import holds
from portal.signups import queries_guardian as queries
from portal.signups.forms_guardian import DeskOfferingForm, OfferingForm, OwnOfferingForm
from portal.signups.views import bp


@bp.route("/me/family/<member>/consents/offerings", methods=["GET", "POST"])
@allowed(holds, member=queries_family.member_by_id)
def agree_to(member: FamilyMember) -> ResponseReturnValue:
    """Choose what a minor of the family may take part in; see and take back what was chosen."""
    form = OwnOfferingForm()
    back = url_for("people.member_consent", member=member.public_id)
    withdrawals = f"/me/family/{member.public_id}/consents" if member.is_guardian else ""
    values = _values(form, member.person, back, withdrawals)
    if request.method == "GET":
        return page("signups/guardian_offering.html", **values)
    if not form.validate():
        return invalid("signups/guardian_offering.html", **values)
    try:
        write(guardians.agree_for, member.id, form.wanted(), actor=current_actor(), now=clock.now())
    except Refused as refused:
        reasons = refused.reasons
        return page("signups/guardian_offering.html", status=409, reasons=reasons, **values)
    flash(_("同意记好了，随时可以撤回。"), "success")
    return changed(url_for("signups.agree_to", member=member.public_id))


@bp.route("/desk/people/<person>/guardian-consents/offerings", methods=["GET", "POST"])
@allowed(counter.may_help, person=counter.person_to_help)
def desk_agree_to(person: Person) -> ResponseReturnValue:
    """Write down that a guardian agreed to one offering, and how."""
    form = DeskOfferingForm()
    home = f"/desk/people/{person.public_id}"
    values = _values(form, person, f"{home}#guardian", f"{home}/guardian-consents")
    if request.method == "GET":
        return page("signups/guardian_offering.html", **values)
    if not form.validate():
        return invalid("signups/guardian_offering.html", **values)
    write(
        guardians.put_guardian, person.id, form.contact(), form.way(), form.wanted(),
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("监护人同意登记好了。"), "success")
    return changed(url_for("signups.desk_agree_to", person=person.public_id))


def _values(form: OfferingForm, person: Person, back: str, withdrawals: str) -> dict[str, Any]:
    """Return what the page shows; `withdrawals` is where a consent is taken back, if one may."""
    if not is_minor(person.birth_on, clock.today()):
        abort(404)
    query = (clean(request.values.get("q")) or "")[:LONGEST_QUERY]
    found = queries.to_agree_to(query, clock.now())
    form.offer(found)
    return {
        "form": form,
        "person": person,
        "back": back,
        "query": query,
        "is_cut": len(found) == queries.MOST,
        "agreed": queries.agreed_to(person.id),
        "withdrawals": withdrawals,
    }
