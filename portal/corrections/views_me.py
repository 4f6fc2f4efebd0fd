"""One's own make-ups and corrections: the list, each with its history, more evidence, taking back."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.corrections import actions, actions_desk, asking, moves, policy, queries, words
from portal.corrections.blueprint import bp
from portal.corrections.forms import EvidenceForm
from portal.corrections.models import (
    CORRECTION_KIND_LABELS,
    CORRECTION_STATE_LABELS,
    OPEN,
    Correction,
    CorrectionEvidence,
    CorrectionKind,
    CorrectionState,
)
from portal.records import files, notes

_own = allowed(policy.is_own, correction=queries.correction_by_id)


@bp.get("/me/corrections")
@allowed(signed_in)
def my_index() -> ResponseReturnValue:
    """List what was asked for oneself, the newest first."""
    rows = queries.of_person(current_actor().person_id or 0)
    titles = queries.titles(rows)
    return page(
        "corrections/my_index.html",
        rows=[(row, words.shown(row, titles[row.id])) for row in rows],
        kinds=CORRECTION_KIND_LABELS,
        labels=CORRECTION_STATE_LABELS,
        tones=words.STATE_TONES,
    )


@bp.get("/me/corrections/<correction>")
@_own
def my_show(correction: Correction) -> ResponseReturnValue:
    """Show where it stands, and its history."""
    return page("corrections/my_show.html", **detail(correction, _base(correction)))


def _base(row: Correction) -> str:
    return url_for("corrections.my_show", correction=row.public_id)


@bp.post("/me/corrections/<correction>/evidence")
@_own
def add_evidence(correction: Correction) -> ResponseReturnValue:
    """Add files."""
    return added(correction, _base(correction))


@bp.post("/me/corrections/<correction>/withdrawal")
@_own
def withdraw(correction: Correction) -> ResponseReturnValue:
    """Take it back."""
    return withdrawn(correction, _base(correction))


@bp.get("/me/corrections/evidence/<evidence>")
@allowed(policy.may_see_evidence, evidence=queries.evidence_by_id)
def evidence(evidence: CorrectionEvidence) -> ResponseReturnValue:
    """Give a file to the person, or to who decides; that staff saw it is written down."""
    actor = current_actor()
    if not policy.is_own(actor, evidence.correction):
        write(actions_desk.note_sight, evidence.id, actor=actor, now=clock.now())
    return files.served(evidence.file_id, small=False)


# --- what the own page and the desk's share ------------------------------------------------------


def detail(row: Correction, base: str, form: EvidenceForm | None = None) -> dict[str, Any]:
    """Return what the page of one shows."""
    state = CorrectionState(row.state)
    said = {note.kind: note.text for note in reversed(notes.of(queries.ref(row)))}
    return {
        "row": row,
        "base": base,
        "shown": words.shown(row, queries.titles([row])[row.id]),
        "kind": CORRECTION_KIND_LABELS[CorrectionKind(row.kind)],
        "state_words": CORRECTION_STATE_LABELS[state],
        "tone": words.STATE_TONES.get(state, "neutral"),
        "whats_next": words.whats_next(row),
        "story": said.get("story", ""),
        "place": said.get("place", ""),
        "files": words.files(queries.evidence_of([row.id])),
        "timeline": words.timeline(row),
        "is_open": state in OPEN,
        "is_returned": state == CorrectionState.RETURNED,
        "is_on_behalf": row.author_id != row.person_id,
        "more": form or EvidenceForm(formdata=None),
        "hint": asking.hint(),
        **({"form": form} if form else {}),
    }


def added(row: Correction, base: str) -> ResponseReturnValue:
    """Keep more files, and go back to the page that shows them."""
    form, actor, now = EvidenceForm(), current_actor(), clock.now()
    wait = moves.seconds_to_wait(actor, now)
    if wait:
        return too_many(wait, _("交的材料太多了，请过一会儿再试。"))
    try:
        given = asking.files_of(form, needs_one=True)
        write(actions.add_evidence, row.id, given, actor=actor, now=now)
    except Invalid as wrong:
        form.validate()
        form.add_error("evidence", wrong.message)
        return invalid("corrections/evidence.html", **detail(row, base, form))
    flash(_("材料加上了。"), "success")
    return changed(base)


def withdrawn(row: Correction, base: str) -> ResponseReturnValue:
    """Take it back and show it so."""
    write(actions.withdraw, row.id, actor=current_actor(), now=clock.now())
    flash(_("已经撤回。"), "success")
    return changed(base)
