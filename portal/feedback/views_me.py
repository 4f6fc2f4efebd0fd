"""What somebody said to us signed in: the list, and each with its answer."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.core.access import allowed, current_actor, signed_in
from portal.core.web import page
from portal.feedback import policy, queries, rules, words
from portal.feedback.blueprint import bp
from portal.feedback.models import FEEDBACK_STATE_LABELS, Feedback
from portal.feedback.views_public import reopened, shown_to_filer, withdrawn

_own = allowed(policy.is_own, feedback=queries.feedback_by_id)


@bp.get("/me/feedback")
@allowed(signed_in)
def my_index() -> ResponseReturnValue:
    """List what one has said, the newest first."""
    rows = queries.of_person(current_actor().person_id or 0)
    said = queries.words_of(rows)
    return page(
        "feedback/my_index.html",
        rows=[(row, words.beginning(said.get(row.id, "")), rules.shown_number(row.number))
              for row in rows],
        labels=FEEDBACK_STATE_LABELS,
        tones=words.STATE_TONES,
    )  # fmt: skip


@bp.get("/me/feedback/<feedback>")
@_own
def my_show(feedback: Feedback) -> ResponseReturnValue:
    """Show where it stands."""
    return page("feedback/my_show.html", **shown_to_filer(feedback, _base(feedback)))


@bp.post("/me/feedback/<feedback>/withdrawal")
@_own
def my_withdraw(feedback: Feedback) -> ResponseReturnValue:
    """Take it back."""
    return withdrawn(feedback, _base(feedback))


@bp.post("/me/feedback/<feedback>/reopening")
@_own
def my_reopen(feedback: Feedback) -> ResponseReturnValue:
    """Say why the answer does not do."""
    return reopened(feedback, _base(feedback))


def _base(row: Feedback) -> str:
    return url_for("feedback.my_show", feedback=row.public_id)
