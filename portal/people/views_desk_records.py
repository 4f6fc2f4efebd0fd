"""The desk writes down what is on record of a person: community, trainings, a guardian's consent."""

from __future__ import annotations

from flask import abort, flash
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, allowed, current_actor
from portal.core.db import write
from portal.core.forms import Form
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import actions, counter, desk_page, guardians, queries, trainings
from portal.people.forms_records import GuardianForm
from portal.people.models import Person
from portal.people.models_consents import GuardianConsent
from portal.people.models_training import TrainingRecord
from portal.people.trainings import Held
from portal.people.views import bp

_one = allowed(counter.may_help, person=counter.person_to_help)


def _may_revoke(actor: Actor, person: Person, record: TrainingRecord) -> bool:
    return record.person_id == person.id and counter.may_help(actor, person)


def _may_withdraw(actor: Actor, person: Person, consent: GuardianConsent) -> bool:
    return consent.person_id == person.id and counter.may_help(actor, person)


@bp.post("/desk/people/<person>/home")
@_one
def desk_home(person: Person) -> ResponseReturnValue:
    """Write down in which community somebody lives."""
    form = desk_page.home_form(person)
    if not form.validate():
        return _again(person, home=form)
    if not desk_page.may_set_home(person.id):
        abort(404)
    station = org.station_by_id(form.station.data) or abort(422)
    write(actions.set_home, person.id, station.id, actor=current_actor(), now=clock.now())
    flash(_("社区登记好了。"), "success")
    # Who lives elsewhere now is kept by another station.
    to = _page(person) if counter.may_help(current_actor(), queries.person(person.id)) else "/desk"
    return changed(to)


@bp.post("/desk/people/<person>/guardian-consents")
@_one
def desk_guardian(person: Person) -> ResponseReturnValue:
    """Write down that a guardian agreed, to what, and how."""
    form = GuardianForm()
    if not form.validate():
        return _again(person, guardian=form)
    write(
        guardians.put_guardian, person.id, form.contact(), form.way(), form.wanted(),
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("监护人同意登记好了。"), "success")
    return changed(f"{_page(person)}#guardian")


@bp.post("/desk/people/<person>/guardian-consents/<consent>/withdrawal")
@allowed(_may_withdraw, person=counter.person_to_help, consent=guardians.consent_by_id)
def desk_guardian_withdraw(person: Person, consent: GuardianConsent) -> ResponseReturnValue:
    """Take a guardian's consent back, as they asked."""
    write(guardians.withdraw, consent.id, actor=current_actor(), now=clock.now())
    flash(_("已经撤回。没有别的同意的，以后不能再报名。"), "success")
    return changed(f"{_page(person)}#guardian")


@bp.post("/desk/people/<person>/trainings")
@_one
def desk_training(person: Person) -> ResponseReturnValue:
    """Write down that somebody was trained."""
    form = desk_page.training_form()
    if not form.validate():
        return _again(person, training=form)
    term = org.term(Vocabulary.TRAINING, form.training.data) or abort(422)
    held = Held(term.id, form.held_on.data, str(form.evidence.data))
    write(trainings.record, person.id, held, actor=current_actor(), now=clock.now())
    flash(_("培训登记好了。"), "success")
    return changed(f"{_page(person)}#trainings")


@bp.post("/desk/people/<person>/trainings/<record>/revocation")
@allowed(_may_revoke, person=counter.person_to_help, record=trainings.record_by_id)
def desk_training_revoke(person: Person, record: TrainingRecord) -> ResponseReturnValue:
    """Take back a record that was wrong; it stays, marked."""
    write(trainings.revoke, record.id, actor=current_actor(), now=clock.now())
    flash(_("已经撤销，记录留着，不再算数。"), "success")
    return changed(f"{_page(person)}#trainings")


# --- parts ---------------------------------------------------------------------------------------


def _again(person: Person, **forms: Form) -> ResponseReturnValue:
    return invalid("people/desk_show.html", **desk_page.values(person, **forms))


def _page(person: Person) -> str:
    return f"/desk/people/{person.public_id}"
