"""The desk's pages of honours: list, find whom, give, withdraw."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.honours import actions, finding, policy, queries, record, subjects
from portal.honours.actions import NewHonour
from portal.honours.blueprint import bp
from portal.honours.forms import FindForm, HonourForm, WithdrawForm
from portal.honours.models import HONOURED_LABELS, Honour, Honoured
from portal.honours.queries import Filter
from portal.honours.subjects import Subject
from portal.org import queries as org
from portal.org.models import Vocabulary

_one = allowed(policy.may_keep, honour=queries.honour_by_id)


@bp.get("/desk/honours")
@allowed(policy.keeps_honours)
def desk_index() -> ResponseReturnValue:
    """List the honours of the own stations; withdrawn ones apart."""
    gone = request.args.get("gone") == "1"
    asked = request.args.get("kind", "")
    kind = Honoured(asked) if asked in set(Honoured) else None
    stations = current_actor().stations(*policy.KEEPERS)
    found = queries.listed(Filter(stations, kind, withdrawn=gone), page_number())
    more: dict[str, Any] = {"gone": 1} if gone else {}
    kinds = [(None, _("全部")), *HONOURED_LABELS.items()]
    return page(
        "honours/desk_index.html",
        found=found,
        rows=record.honours(found.rows, subjects.names(found.rows)),
        gone=gone,
        chips=[
            {
                "text": label,
                "href": url_for("honours.desk_index", kind=one and one.value, **more),
                "current": one == kind,
            }
            for one, label in kinds
        ],
    )


@bp.get("/desk/honours/new")
@allowed(policy.keeps_honours)
def desk_find() -> ResponseReturnValue:
    """Find whom the honour is for."""
    form = FindForm(request.args, kind=Honoured.PERSON.value)
    asked = "q" in request.args
    if asked and not form.validate():
        return invalid("honours/desk_find.html", form=form, asked=False, rows=())
    rows = (
        finding.found(Honoured(form.kind.data), str(form.q.data), current_actor()) if asked else ()
    )
    return page("honours/desk_find.html", form=form, asked=asked, rows=rows)


@bp.route("/desk/honours/new/<kind>/<subject>", methods=["GET", "POST"])
@allowed(policy.keeps_honours)
def desk_new(kind: str, subject: str) -> ResponseReturnValue:
    """Write an honour down."""
    found = _subject(kind, subject)
    form = HonourForm()
    form.level.choices = choices(
        (row.code, row.label) for row in org.terms(Vocabulary.HONOUR_LEVEL)
    )
    values: dict[str, Any] = {
        "form": form,
        "subject": found,
        "kind_words": HONOURED_LABELS[found.kind],
    }
    if request.method == "GET":
        return page("honours/desk_new.html", **values)
    if not form.validate():
        return invalid("honours/desk_new.html", **values)
    level = org.term(Vocabulary.HONOUR_LEVEL, form.level.data) or abort(422)
    said = NewHonour(
        str(form.title.data), level.id, form.given_on.data, str(form.issuer.data),
        form.document_no.data or "", form.note.data or "",
    )  # fmt: skip
    try:
        write(actions.give, found, said, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return page("honours/desk_new.html", status=409, reasons=refused.reasons, **values)
    flash(_("荣誉登记好了。"), "success")
    return changed(url_for("honours.desk_index"))


def _subject(kind: str, public_id: str) -> Subject:
    """Return what is honoured; 404 for another station's."""
    found = subjects.found(Honoured(kind), public_id) if kind in set(Honoured) else None
    if found is None or not current_actor().holds_any(*policy.KEEPERS, at=found.station_id or 0):
        abort(404)
    return found


@bp.route("/desk/honours/<honour>/withdrawal", methods=["GET", "POST"])
@_one
def desk_withdraw(honour: Honour) -> ResponseReturnValue:
    """Ask why, then withdraw it."""
    form = WithdrawForm()
    values: dict[str, Any] = {"form": form, "honour": honour}
    if request.method == "GET":
        return page("honours/desk_withdraw.html", **values)
    if not form.validate():
        return invalid("honours/desk_withdraw.html", **values)
    write(actions.withdraw, honour.id, form.reason.data, actor=current_actor(), now=clock.now())
    flash(_("已经撤销，记录留着，不再公开。"), "success")
    return changed(url_for("honours.desk_index"))
