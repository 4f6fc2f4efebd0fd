"""Certificates for somebody who asks at the desk: issued and printed for them (代办)."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.certificates import actions, asking, policy, printing, queries, words
from portal.certificates.blueprint import bp
from portal.certificates.forms import BehalfForm
from portal.certificates.models import Certificate
from portal.certificates.rules import in_fours
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import counter
from portal.people import queries as people
from portal.people.models import Person

_person = allowed(counter.may_help, person=counter.person_to_help)
_theirs = allowed(
    policy.may_help_with,
    person=counter.person_to_help,
    certificate=queries.certificate_by_id,
)


@bp.get("/desk/people/<person>/certificates")
@_person
def behalf_index(person: Person) -> ResponseReturnValue:
    """List the person's certificates; that a minor's were seen is logged."""
    write(counter.note_sight, person.id, actor=current_actor(), now=clock.now())
    rows = words.seen(queries.of_person(person.id), clock.today())
    return page("certificates/behalf_index.html", person=people.person(person.id), rows=rows)


@bp.get("/desk/people/<person>/certificates/new")
@_person
def behalf_new(person: Person) -> ResponseReturnValue:
    """Ask for days and unit, and show what the certificate will say."""
    write(counter.note_sight, person.id, actor=current_actor(), now=clock.now())
    values = {"person": person.public_id}
    shown = asking.previewed(people.person(person.id), "certificates.behalf_new", **values)
    status = 422 if shown["scope_form"] and shown["draft"] is None else 200
    form = BehalfForm(formdata=None)
    return page("certificates/behalf_new.html", status=status, form=form, **shown)


@bp.post("/desk/people/<person>/certificates")
@_person
def behalf_issue(person: Person) -> ResponseReturnValue:
    """Issue it for the person."""
    form, scope_form = BehalfForm(), asking.form_for(person, request.form)
    is_whole = form.validate()
    if scope_form is None or not scope_form.validate():
        shown: dict[str, Any] = {"scope_form": scope_form, "draft": None}
        return invalid("certificates/behalf_new.html", form=form, person=person, **shown)
    if not is_whole:
        shown = {"scope_form": scope_form, **asking.preview(person, scope_form)}
        return invalid("certificates/behalf_new.html", form=form, person=person, **shown)
    row = write(
        actions.issue, person.id, asking.scope_of(scope_form),
        actor=current_actor(), now=clock.now(), **form.known(),
    )  # fmt: skip
    flash(_("证明开好了，编号 %(number)s。", number=in_fours(row.number)), "success")
    return _to(person, row)


def _to(person: Person, row: Certificate) -> ResponseReturnValue:
    return changed(
        url_for("certificates.behalf_show", person=person.public_id, certificate=row.public_id)
    )


@bp.get("/desk/people/<person>/certificates/<certificate>")
@_theirs
def behalf_show(person: Person, certificate: Certificate) -> ResponseReturnValue:
    """Show one, and what can be done for the person."""
    return page("certificates/behalf_show.html", **_shown(person, certificate))


def _shown(person: Person, row: Certificate, form: BehalfForm | None = None) -> dict[str, Any]:
    one = words.compared(row, clock.today())
    return {"person": person, "one": one, "form": form or BehalfForm(formdata=None)}


@bp.post("/desk/people/<person>/certificates/<certificate>/paper")
@_theirs
def behalf_paper(person: Person, certificate: Certificate) -> ResponseReturnValue:
    """Print it for the person; who did so and how they knew the person is logged."""
    form = BehalfForm()
    if not form.validate():
        return invalid("certificates/behalf_show.html", **_shown(person, certificate, form))
    answer = printing.file_of(certificate, words.compared(certificate, clock.today()).state)
    known, now = form.known(), clock.now()
    write(actions.note_print, certificate.id, actor=current_actor(), now=now, **known)
    return answer


@bp.post("/desk/people/<person>/certificates/<certificate>/renewal")
@_theirs
def behalf_renew(person: Person, certificate: Certificate) -> ResponseReturnValue:
    """Issue it anew for the person."""
    form = BehalfForm()
    if not form.validate():
        return invalid("certificates/behalf_show.html", **_shown(person, certificate, form))
    known, now = form.known(), clock.now()
    row = write(actions.reissue, certificate.id, actor=current_actor(), now=now, **known)
    flash(_("换好了，旧的证明不能再用。"), "success")
    return _to(person, row)
