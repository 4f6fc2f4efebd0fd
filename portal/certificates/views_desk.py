"""The desk of who issued: the certificates of the own stations, and taking one back."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.certificates import actions, policy, queries, rules, words
from portal.certificates.blueprint import bp
from portal.certificates.forms import RevocationForm
from portal.certificates.models import Certificate, Revocation
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page

_one = allowed(policy.may_see, certificate=queries.certificate_by_id)


@bp.get("/desk/certificates")
@allowed(policy.keeps_certificates)
def desk_index() -> ResponseReturnValue:
    """List the certificates of the own stations; by number, in notice, or revoked."""
    actor, today = current_actor(), clock.today()
    show = request.args.get("show", "")
    number = rules.normal(request.args.get("q"))[:20]
    wanted = queries.Filter(actor.stations(*policy.ROLES), show, number)
    found = queries.listed(wanted, page_number(), today)
    chips = [
        {"text": text, "href": url_for("certificates.desk_index", show=one), "current": one == show}
        for one, text in (("", _("全部")), ("notice", _("公示中")), ("revoked", _("已撤销")))
    ]
    return page(
        "certificates/desk_index.html",
        found=found,
        rows=words.seen(found.rows, today),
        chips=chips,
        number=number,
        is_filtered=bool(show or number),
    )


@bp.get("/desk/certificates/<certificate>")
@_one
def desk_show(certificate: Certificate) -> ResponseReturnValue:
    """Show what everybody sees who checks it, and the way to take it back."""
    one = words.compared(certificate, clock.today())
    is_own = policy.is_own(current_actor(), certificate)
    return page("certificates/desk_show.html", one=one, is_own=is_own)


@bp.route("/desk/certificates/<certificate>/revocation", methods=["GET", "POST"])
@_one
def revoke(certificate: Certificate) -> ResponseReturnValue:
    """Ask why, then take it back for good."""
    form, one = RevocationForm(), words.compared(certificate, clock.today())
    if request.method == "GET":
        return page("certificates/desk_revoke.html", form=form, one=one)
    if not form.validate():
        return invalid("certificates/desk_revoke.html", form=form, one=one)
    reason, said = Revocation(form.reason.data), str(form.words.data)
    write(actions.revoke, certificate.id, reason, said, actor=current_actor(), now=clock.now())
    flash(_("已经撤销，查验的人马上能看到。"), "success")
    return changed(url_for("certificates.desk_show", certificate=certificate.public_id))
