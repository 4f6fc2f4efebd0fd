"""The whole record of a volunteer: the own page, the desk's page of a person, and answers."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.honours import actions_evaluations, policy, record
from portal.honours import queries_evaluations as queries
from portal.honours.actions_evaluations import Judgement
from portal.honours.blueprint import bp
from portal.honours.forms import PeriodForm, RemarkForm
from portal.honours.models_evaluations import Evaluation
from portal.honours.queries_evaluations import Period
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import counter
from portal.people import queries as people
from portal.people.models import Person

_desk = allowed(policy.may_see_record, person=counter.person_to_help)


@bp.get("/me/record")
@allowed(signed_in)
def my_record() -> ResponseReturnValue:
    """Show the whole own record, to read and to print."""
    person = people.person(current_actor().person_id or 0)
    return page("honours/my_record.html", **record.of(person))


@bp.route("/me/record/evaluations/<evaluation>/answer", methods=["GET", "POST"])
@allowed(policy.may_answer, evaluation=queries.evaluation_by_id)
def answer(evaluation: Evaluation) -> ResponseReturnValue:
    """Say what one thinks of an evaluation."""
    form = RemarkForm()
    values: dict[str, Any] = {"form": form, "one": record.evaluations([evaluation])[0]}
    if request.method == "GET":
        return page("honours/answer.html", **values)
    if not form.validate():
        return invalid("honours/answer.html", **values)
    words, actor = str(form.words.data), current_actor()
    write(actions_evaluations.answer, evaluation.id, words, actor=actor, now=clock.now())
    flash(_("回应记好了，站点会看到。"), "success")
    return changed(url_for("honours.my_record") + "#evaluations")


@bp.get("/desk/people/<person>/record")
@_desk
def desk_record(person: Person) -> ResponseReturnValue:
    """Show somebody's whole record; that a minor's was seen is written down."""
    write(counter.note_sight, person.id, actor=current_actor(), now=clock.now())
    return page("honours/desk_record.html", **_values(person, _form(empty=True)))


@bp.post("/desk/people/<person>/evaluations")
@_desk
def evaluate_period(person: Person) -> ResponseReturnValue:
    """Evaluate somebody's service over a time."""
    form = _form()
    if not form.validate():
        return invalid("honours/desk_record.html", **_values(person, form))
    quality = org.term(Vocabulary.QUALITY, form.quality.data) or abort(422)
    said = Judgement(person.id, quality.id, form.remark.data or "")
    period = Period(person.home_station_id or 0, form.first_on.data, form.last_on.data)
    actor, now = current_actor(), clock.now()
    try:
        write(actions_evaluations.enter_period, said, period, actor=actor, now=now)
    except Refused as refused:
        values = _values(person, form)
        return page("honours/desk_record.html", status=409, reasons=refused.reasons, **values)
    flash(_("评价记好了，本人会看到。"), "success")
    return changed(url_for("honours.desk_record", person=person.public_id) + "#evaluations")


def _form(*, empty: bool = False) -> PeriodForm:
    form = PeriodForm(formdata=None) if empty else PeriodForm()
    form.quality.choices = choices((row.code, row.label) for row in org.terms(Vocabulary.QUALITY))
    return form


def _values(person: Person, form: PeriodForm) -> dict[str, Any]:
    return {**record.of(person), "form": form}
