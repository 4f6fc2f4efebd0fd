"""The office hands records on to the national system: preview, batches, downloads, their fate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.tables import csv_bytes, page_number
from portal.core.web import changed, invalid, page
from portal.core.workbooks import as_file
from portal.core.workbooks import table as workbook
from portal.honours import actions_upstream as actions
from portal.honours import policy, rules, sheet
from portal.honours import queries_upstream as queries
from portal.honours.blueprint import bp
from portal.honours.forms import AskedForm, DayForm, FailForm
from portal.honours.models_upstream import BATCH_STATE_LABELS, BatchState, UpstreamBatch
from portal.honours.queries_upstream import Asked
from portal.org import queries as org
from portal.people import queries as people
from portal.records import notes, steps

_one = allowed(policy.may_export, batch=queries.batch_by_id)
TONES = {
    BatchState.MADE: "warning",
    BatchState.HANDED_IN: "info",
    BatchState.CONFIRMED: "success",
}
STEP_WORDS = {
    "make": _l("导出"),
    "hand_in": _l("上报"),
    "confirm": _l("确认录入"),
    "fail": _l("作废"),
}


@bp.get("/office/export-upstream")
@allowed(policy.exports)
def upstream() -> ResponseReturnValue:
    """Pick days and stations, look over what would go, and what is missing."""
    form = _form()
    if request.args.get("station") and not form.validate():
        return invalid("honours/upstream.html", **_values(form, None))
    return page("honours/upstream.html", **_values(form, _asked(form)))


@bp.post("/office/export-upstream")
@allowed(policy.exports)
def make_batch() -> ResponseReturnValue:
    """Take what is new into a batch; its file is downloaded from its page."""
    form = _form()
    if not form.validate():
        return invalid("honours/upstream.html", **_values(form, None))
    asked = _asked(form)
    try:
        batch = write(actions.make, asked, actor=current_actor(), now=clock.now())
    except Refused as refused:
        values = _values(form, asked)
        return page("honours/upstream.html", status=409, reasons=refused.reasons, **values)
    flash(_("批次做好了，请下载文件去上报。"), "success")
    return changed(url_for("honours.batch", batch=batch.public_id))


@bp.get("/office/export-upstream/<batch>")
@_one
def batch(batch: UpstreamBatch) -> ResponseReturnValue:
    """Show a batch, its file and its fate."""
    return page("honours/batch.html", **_of_batch(batch))


@bp.post("/office/export-upstream/<batch>/file")
@_one
def download(batch: UpstreamBatch) -> ResponseReturnValue:
    """Give the file, names and numbers in full; who took it and how many rows is written down."""
    kind = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    lines = write(actions.note_download, batch.id, kind, actor=current_actor(), now=clock.now())
    rows = sheet.rows(lines)
    name = f"upstream-{batch.first_on}-{batch.last_on}-{batch.public_id}.{kind}"
    if kind == "xlsx":
        return as_file(workbook("服务记录", sheet.HEADER, rows), name)
    return as_file(csv_bytes(sheet.HEADER, rows), name, "text/csv; charset=utf-8")


@bp.post("/office/export-upstream/<batch>/handing-in")
@_one
def hand_in(batch: UpstreamBatch) -> ResponseReturnValue:
    """Say that it was handed in."""
    return _dated(batch, actions.hand_in)


@bp.post("/office/export-upstream/<batch>/confirmation")
@_one
def confirm_batch(batch: UpstreamBatch) -> ResponseReturnValue:
    """Say that the national system has it."""
    return _dated(batch, actions.confirm)


def _dated(batch: UpstreamBatch, verb: Callable[..., UpstreamBatch]) -> ResponseReturnValue:
    form = DayForm()
    if not form.validate():
        return invalid("honours/batch.html", **_of_batch(batch, day_form=form))
    try:
        write(verb, batch.id, form.day.data, actor=current_actor(), now=clock.now())
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("honours/batch.html", **_of_batch(batch, day_form=form))
    flash(_("记好了。"), "success")
    return changed(url_for("honours.batch", batch=batch.public_id))


@bp.route("/office/export-upstream/<batch>/failure", methods=["GET", "POST"])
@_one
def fail_batch(batch: UpstreamBatch) -> ResponseReturnValue:
    """Ask why, then undo it: its records are offered again."""
    form = FailForm()
    values: dict[str, Any] = {"form": form, "batch": batch}
    if request.method == "GET":
        return page("honours/batch_fail.html", **values)
    if not form.validate():
        return invalid("honours/batch_fail.html", **values)
    try:
        write(actions.fail, batch.id, form.reason.data, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return page("honours/batch_fail.html", status=409, reasons=refused.reasons, **values)
    flash(_("已经作废，里面的记录可以重新导出。"), "success")
    return changed(url_for("honours.batch", batch=batch.public_id))


# --- parts ---------------------------------------------------------------------------------------


def _form() -> AskedForm:
    """Return the form over the own stations; unasked: last month, at the highest of them."""
    own = current_actor().stations(*policy.OFFICE)
    stations = [row for row in org.all_stations() if row.id in own]
    last = clock.today().replace(day=1) - timedelta(days=1)
    data = request.form if request.method == "POST" else request.args
    first = stations[0].public_id if stations else ""
    form = AskedForm(
        data if data.get("station") else None,
        station=first, first_on=last.replace(day=1), last_on=last,
    )  # fmt: skip
    form.station.choices = choices((row.public_id, row.name) for row in stations)
    return form


def _asked(form: AskedForm) -> Asked:
    station = org.station_by_id(form.station.data) or abort(404)
    return Asked(station.id, form.first_on.data, form.last_on.data)


def _values(form: AskedForm, asked: Asked | None) -> dict[str, Any]:
    actor = current_actor()
    missing = request.args.get("missing") == "1"
    state = request.args.get("state", "")
    return {
        "form": form,
        "missing": missing,
        "sums": queries.sums(asked) if asked else None,
        "found": queries.preview(asked, page_number(), missing=missing) if asked else None,
        "hours": sheet.hours,
        "most": rules.MOST_ROWS,
        "batches": queries.batches(
            actor.stations(*policy.OFFICE), 1, state if state in set(BatchState) else ""
        ),
        "labels": BATCH_STATE_LABELS,
        "tones": TONES,
        "chips": [
            {
                "text": label,
                "href": url_for("honours.upstream", state=one and one.value) + "#batches",
                "current": (one or "") == state,
            }
            for one, label in ((None, _("全部")), *BATCH_STATE_LABELS.items())
        ],
    }


def _of_batch(batch: UpstreamBatch, day_form: DayForm | None = None) -> dict[str, Any]:
    subject = actions.ref(batch)
    taken = steps.of(subject)
    names = people.names_of([step.actor_id or 0 for step in taken])
    return {
        "batch": batch,
        "state_words": BATCH_STATE_LABELS[BatchState(batch.state)],
        "tone": TONES.get(BatchState(batch.state), "neutral"),
        "can": {verb for state, verb in rules.STEPS if state == batch.state},
        "form": day_form or DayForm(formdata=None, day=clock.today()),
        "reason": notes.latest(subject, actions.REASON),
        "timeline": [
            {
                "title": STEP_WORDS[step.verb],
                "time": filters.moment(step.at),
                "text": names.get(step.actor_id or 0, ""),
                "state": "done",
            }
            for step in taken
        ],
    }
