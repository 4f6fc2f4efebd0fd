"""One's own certificates: the list, a new one with what it will say, each with its paper."""

from __future__ import annotations

from datetime import datetime

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.certificates import actions, asking, policy, printing, queries, words
from portal.certificates import queries_ledger as ledger
from portal.certificates import sheet as sheets
from portal.certificates.blueprint import bp
from portal.certificates.models import Certificate
from portal.certificates.rules import Scope, in_fours
from portal.core import clock
from portal.core.access import Actor, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import queries as people
from portal.records import limits, notes

_own = allowed(policy.is_own, certificate=queries.certificate_by_id)


@bp.get("/me/certificates")
@allowed(signed_in)
def my_index() -> ResponseReturnValue:
    """List one's certificates, the newest first."""
    rows = queries.of_person(current_actor().person_id or 0)
    return page("certificates/my_index.html", rows=words.seen(rows, clock.today()))


@bp.get("/me/certificates/new")
@allowed(signed_in)
def my_new() -> ResponseReturnValue:
    """Ask for days and unit, and show what the certificate will say."""
    person = people.person(current_actor().person_id or 0)
    shown = asking.previewed(person, "certificates.my_new")
    status = 422 if shown["scope_form"] and shown["draft"] is None else 200
    return page("certificates/my_new.html", status=status, **shown)


@bp.post("/me/certificates")
@allowed(signed_in)
def issue() -> ResponseReturnValue:
    """Issue it."""
    actor, now = current_actor(), clock.now()
    person = people.person(actor.person_id or 0)
    form = asking.form_for(person, request.form)
    if form is None or not form.validate():
        shown = {"scope_form": form, "draft": None, "person": person}
        return invalid("certificates/my_new.html", **shown)
    wait = limits.seconds_to_wait(limits.CERTIFICATE_PERSON, str(person.id), now=now)
    if wait:
        return too_many(wait, _("一小时里开的证明太多了，请过一会儿再开。"))
    row = write(_issue_counted, person.id, asking.scope_of(form), actor=actor, now=now)
    flash(_("证明开好了。"), "success")
    return changed(url_for("certificates.my_show", certificate=row.public_id))


def _issue_counted(person_id: int, scope: Scope, *, actor: Actor, now: datetime) -> Certificate:
    limits.count(limits.CERTIFICATE_PERSON, str(person_id), now=now)
    return actions.issue(person_id, scope, actor=actor, now=now)


@bp.get("/me/certificates/<certificate>")
@_own
def my_show(certificate: Certificate) -> ResponseReturnValue:
    """Show what it says and whether it holds."""
    sheet, ways = sheets.sheet_of(certificate), sheets.ways_of(certificate)
    one = words.compared(certificate, clock.today())
    return page(
        "certificates/my_show.html",
        one=one,
        sheet=sheet,
        ways=ways,
        typed=in_fours(ways.typed),
        said=notes.latest(actions.ref(certificate), "revoke"),
        more=ledger.minutes_since(certificate) if one.holds else 0,
    )


@bp.get("/me/certificates/<certificate>.pdf")
@_own
def my_paper(certificate: Certificate) -> ResponseReturnValue:
    """Give the paper as a file."""
    return printing.file_of(certificate, words.compared(certificate, clock.today()).state)


@bp.post("/me/certificates/<certificate>/renewal")
@_own
def my_renew(certificate: Certificate) -> ResponseReturnValue:
    """Issue it anew, as name and records are now; the old one does not hold any more."""
    actor, now = current_actor(), clock.now()
    row = write(actions.reissue, certificate.id, actor=actor, now=now)
    flash(_("换好了，旧的证明不能再用。"), "success")
    return changed(url_for("certificates.my_show", certificate=row.public_id))
