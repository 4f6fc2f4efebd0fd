"""The lists whose entries are data: names, what is offered and what no longer, trainings included."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.org import actions_terms as actions
from portal.org import queries as org
from portal.org.forms_terms import TermForm, TrainingForm
from portal.org.models import VOCABULARY_LABELS, Term, Vocabulary
from portal.org.queries_units import centre_id

bp = Blueprint("admin_terms", __name__)


def keeps_list(actor: Actor, vocabulary: Vocabulary) -> bool:
    """Administrators of the whole district; of the trainings its campaign officers too."""
    roles = [Role.ADMINISTRATOR]
    if vocabulary == Vocabulary.TRAINING:
        roles.append(Role.CAMPAIGN_OFFICER)
    centre = centre_id()
    return centre is not None and actor.holds_any(*roles, at=centre)


def _vocabulary(name: str) -> Vocabulary | None:
    return Vocabulary(name) if name in set(Vocabulary) else None


_one = allowed(keeps_list, vocabulary=_vocabulary)


@bp.get("/admin/terms/<vocabulary>")
@_one
def index(vocabulary: Vocabulary) -> ResponseReturnValue:
    """Show a list with all its entries, and the way to the other lists."""
    actor = current_actor()
    return page(
        "site/admin_terms.html",
        vocabulary=vocabulary,
        label=VOCABULARY_LABELS[vocabulary],
        labels={one: label for one, label in VOCABULARY_LABELS.items() if keeps_list(actor, one)},
        rows=org.all_terms(vocabulary),
    )


@bp.route("/admin/terms/<vocabulary>/new", methods=["GET"])
@_one
def new(vocabulary: Vocabulary) -> ResponseReturnValue:
    """Show the form of a new entry."""
    return page("site/admin_term.html", **_values(vocabulary, _form(vocabulary)))


@bp.post("/admin/terms/<vocabulary>/new")
@_one
def add(vocabulary: Vocabulary) -> ResponseReturnValue:
    """Add an entry."""
    form = _form(vocabulary)
    if not form.validate():
        return invalid("site/admin_term.html", **_values(vocabulary, form))
    try:
        row = write(actions.add, vocabulary, form.details(), actor=current_actor(), now=clock.now())
    except Invalid as error:
        return _again(error, vocabulary, form)
    flash(_("加好了：%(name)s。", name=row.label), "success")
    return changed(_list(vocabulary))


@bp.get("/admin/terms/<vocabulary>/<term>")
@_one
def show(vocabulary: Vocabulary, term: str) -> ResponseReturnValue:
    """Show the form of an entry."""
    row, form = _row(vocabulary, term), _form(vocabulary)
    form.name_zh.data, form.name_en.data = row.name_zh, row.name_en
    if isinstance(form, TrainingForm):
        form.months.data = org.months_of(row.id)
    return page("site/admin_term.html", **_values(vocabulary, form, row))


@bp.post("/admin/terms/<vocabulary>/<term>")
@_one
def change(vocabulary: Vocabulary, term: str) -> ResponseReturnValue:
    """Change its names."""
    row, form = _row(vocabulary, term), _form(vocabulary)
    if not form.validate():
        return invalid("site/admin_term.html", **_values(vocabulary, form, row))
    try:
        write(actions.change, row.id, form.details(), actor=current_actor(), now=clock.now())
    except Invalid as error:
        return _again(error, vocabulary, form, row)
    flash(_("已保存。"), "success")
    return changed(_list(vocabulary))


@bp.post("/admin/terms/<vocabulary>/<term>/retirement")
@_one
def retire(vocabulary: Vocabulary, term: str) -> ResponseReturnValue:
    """Offer it no longer; it can be restored, so nothing is asked."""
    row = _row(vocabulary, term)
    try:
        write(actions.retire, row.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _refused(refused, vocabulary, row)
    flash(_("停用了：表格里不再出现，已经用了的照样显示。"), "success")
    return changed(_list(vocabulary))


@bp.post("/admin/terms/<vocabulary>/<term>/restoration")
@_one
def restore(vocabulary: Vocabulary, term: str) -> ResponseReturnValue:
    """Offer it again."""
    row = _row(vocabulary, term)
    try:
        write(actions.restore, row.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _refused(refused, vocabulary, row)
    flash(_("恢复了，表格里又可以选。"), "success")
    return changed(_list(vocabulary))


# --- parts ---------------------------------------------------------------------------------------


def _row(vocabulary: Vocabulary, code: str) -> Term:
    return org.term(vocabulary, code) or abort(404)


def _form(vocabulary: Vocabulary, **kwargs: Any) -> TermForm:
    return TrainingForm(**kwargs) if vocabulary == Vocabulary.TRAINING else TermForm(**kwargs)


def _values(vocabulary: Vocabulary, form: TermForm, row: Term | None = None) -> dict[str, Any]:
    label = VOCABULARY_LABELS[vocabulary]
    return {"vocabulary": vocabulary, "label": label, "form": form, "term": row}


def _again(
    error: Invalid, vocabulary: Vocabulary, form: TermForm, row: Term | None = None
) -> ResponseReturnValue:
    form.add_error(error.field, error.message)
    return invalid("site/admin_term.html", **_values(vocabulary, form, row))


def _refused(refused: Refused, vocabulary: Vocabulary, row: Term) -> ResponseReturnValue:
    form = _form(vocabulary, formdata=None, obj=row)
    values = _values(vocabulary, form, row)
    return page("site/admin_term.html", status=409, reasons=refused.reasons, **values)


def _list(vocabulary: Vocabulary) -> str:
    return url_for("admin_terms.index", vocabulary=vocabulary.value)
