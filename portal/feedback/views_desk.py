"""The desk that answers: what waits in a list, one with all that was said, the four ways on."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, ids
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.feedback import actions, contact, policy, queries, rules, words
from portal.feedback.blueprint import bp
from portal.feedback.forms import AnswerForm, DeclineForm, DeskFeedbackForm, HandOverForm
from portal.feedback.models import FEEDBACK_STATE_LABELS, OPEN, Feedback, FeedbackState
from portal.feedback.views_public import offered, told
from portal.people.models_consents import CHANNEL_LABELS, Channel

_one = allowed(policy.may_see, feedback=queries.feedback_by_id)


@bp.get("/desk/feedback")
@allowed(policy.keeps_feedback)
def desk_index() -> ResponseReturnValue:
    """List what lies at the own stations, overdue first."""
    asked = request.args.get("state", "")
    state = FeedbackState(asked) if asked in set(FeedbackState) else None
    actor, today = current_actor(), clock.today()
    found = queries.listed(
        queries.Filter(queries.stations_kept(actor), state), page_number(), today
    )
    said = queries.words_of(found.rows)
    chips = [{"text": _("全部"), "href": url_for("feedback.desk_index"), "current": state is None}]
    chips += [
        {"text": label, "href": url_for("feedback.desk_index", state=one), "current": one == state}
        for one, label in FEEDBACK_STATE_LABELS.items()
    ]
    return page(
        "feedback/desk_index.html",
        found=found,
        beginnings={row.id: words.beginning(said.get(row.id, "")) for row in found.rows},
        numbers={row.id: rules.shown_number(row.number) for row in found.rows},
        places={row.id: words.place_of(row) for row in found.rows},
        late={row.id for row in found.rows if _is_late(row)},
        waiting=queries.waiting_for(actor, today),
        labels=FEEDBACK_STATE_LABELS,
        tones=words.STATE_TONES,
        chips=chips,
        is_filtered=state is not None,
    )


def _is_late(row: Feedback) -> bool:
    return rules.is_overdue(FeedbackState(row.state), row.due_on, clock.today())


@bp.route("/desk/feedback/new", methods=["GET", "POST"])
@allowed(policy.keeps_feedback)
def desk_new() -> ResponseReturnValue:
    """Write down what somebody said at the desk, by telephone or on paper."""
    form = offered(DeskFeedbackForm(key=ids.code(20)), signed_in=False)
    if request.method == "GET":
        return page("feedback/desk_new.html", form=form)
    if not form.validate():
        return invalid("feedback/desk_new.html", form=form)
    given = told(form, channel=Channel(form.channel.data))
    actor = current_actor()
    row = write(actions.file, given, actor=actor, now=clock.now())
    phrase = _("已经登记，编号 %(number)s。", number=rules.shown_number(row.number))
    if not given.contact.phone:
        code = contact.code_of(row.number)
        phrase += _("没有留手机号，请把查询码 %(code)s 一起告诉本人。", code=code)
    flash(phrase, "success")
    return _to(row)


def _to(row: Feedback) -> ResponseReturnValue:
    """Go to its page, or to the list when it lies elsewhere now."""
    if policy.may_see(current_actor(), row):
        return changed(url_for("feedback.desk_show", feedback=row.public_id))
    return changed(url_for("feedback.desk_index"))


@bp.get("/desk/feedback/<feedback>")
@_one
def desk_show(feedback: Feedback) -> ResponseReturnValue:
    """Show what was said, and what can be done."""
    return page("feedback/desk_show.html", **_detail(feedback))


def _detail(row: Feedback, **values: Any) -> dict[str, Any]:
    """Return what the page of one shows."""
    actor, state = current_actor(), FeedbackState(row.state)
    own = policy.is_own(actor, row)
    may_answer = policy.may_answer(actor, row)
    reached = contact.of(row)
    return {
        "row": row,
        "number": rules.shown_number(row.number),
        "state_words": FEEDBACK_STATE_LABELS[state],
        "tone": words.STATE_TONES.get(state, "neutral"),
        "is_overdue": _is_late(row),
        "is_open": state in OPEN,
        "is_own": own,
        "may_answer": may_answer and not own,
        "place": words.place_of(row),
        "channel": CHANNEL_LABELS[Channel(row.channel)],
        "said": queries.words_of([row]).get(row.id, ""),
        "reached": reached,
        "has_contact": bool(reached.name or reached.phone),
        "revealed": False,
        "timeline": words.timeline(row, for_staff=True),
        "answering": AnswerForm(formdata=None),
        "declining": DeclineForm(formdata=None),
        "handing": _hand_over_form(row),
        **values,
    }


def _hand_over_form(row: Feedback, *, sent: bool = False) -> HandOverForm:
    form = HandOverForm() if sent else HandOverForm(formdata=None)
    office = {} if row.with_office else {rules.OFFICE: words.OFFICE_WORDS}
    form.offer(queries.targets(row), office)
    return form


def _again(row: Feedback, name: str, form: Any) -> Response:
    """Show the page once more with a form that cannot be used."""
    return invalid("feedback/desk_show.html", **_detail(row, **{name: form}), form=form)


@bp.post("/desk/feedback/<feedback>/answer")
@_one
def answer(feedback: Feedback) -> ResponseReturnValue:
    """Answer it."""
    form = AnswerForm()
    if not form.validate():
        return _again(feedback, "answering", form)
    row = write(
        actions.answer, feedback.id, form.words.data, actor=current_actor(), now=clock.now()
    )
    flash(_("已经答复，本人会看到。"), "success")
    return _to(row)


@bp.post("/desk/feedback/<feedback>/decline")
@_one
def decline(feedback: Feedback) -> ResponseReturnValue:
    """Say why it cannot be done."""
    form = DeclineForm()
    if not form.validate():
        return _again(feedback, "declining", form)
    row = write(
        actions.decline, feedback.id, form.words.data, actor=current_actor(), now=clock.now()
    )
    flash(_("已经记下办不了，本人会看到原因。"), "success")
    return _to(row)


@bp.post("/desk/feedback/<feedback>/handover")
@_one
def hand_over(feedback: Feedback) -> ResponseReturnValue:
    """Give it to who can do it."""
    form = _hand_over_form(feedback, sent=True)
    if not form.validate():
        return _again(feedback, "handing", form)
    actor, target = current_actor(), str(form.target.data)
    try:
        row = write(
            actions.hand_over, feedback.id, target, form.words.data, actor=actor, now=clock.now()
        )
    except Invalid as error:
        form.add_error(error.field, error.message)
        return _again(feedback, "handing", form)
    flash(_("已经转办，答复日期不变。"), "success")
    return _to(row)


@bp.post("/desk/feedback/<feedback>/reveal")
@_one
def reveal(feedback: Feedback) -> ResponseReturnValue:
    """Show name and phone in full; that it was done is written down."""
    write(actions.note_sight, feedback.id, actor=current_actor(), now=clock.now())
    return page("feedback/desk_show.html", **_detail(feedback, revealed=True))
