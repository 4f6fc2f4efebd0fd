"""The list of what is to be told, and the one short form of a shift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.closeouts import actions, actions_photos, page_of, policy, queries, queries_open, words
from portal.closeouts.blueprint import bp
from portal.closeouts.forms import CloseoutForm
from portal.closeouts.page_of import Asked
from portal.closeouts.queries_open import Filter
from portal.closeouts.rules import NOTHING, Told
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.shifts import queries as shifts
from portal.shifts.models import Shift

_STATES = ("open", "late", "done")
_one = allowed(policy.may_close_out, shift=shifts.shift_by_id)


@bp.get("/desk/closeouts")
@allowed(policy.keeps_closeouts)
def index() -> ResponseReturnValue:
    """List what is to be told at the own stations, what is late, and what was told."""
    asked = request.args.get("state", "")
    state = asked if asked in _STATES else "open"
    station_ids = sorted(current_actor().stations(*policy.KEEPERS))
    now = clock.now()
    wanted = Filter(station_ids, done=state == "done", late=state == "late")
    found = queries_open.listed(wanted, page_number(), now)
    waiting = queries_open.waiting_at(station_ids, now)
    return page(
        "closeouts/index.html",
        found=found,
        lines=page_of.lines(found.rows, now, done=wanted.done),
        waiting=waiting,
        state=state,
        chips=[
            {"text": text, "href": url_for("closeouts.index", state=one), "current": one == state}
            for one, text in (
                ("open", _("要填的")),
                ("late", _("超期")),
                ("done", _("填过的")),
            )
        ],
    )


@bp.get("/desk/shifts/<shift>/closeout")
@_one
def closeout(shift: Shift) -> ResponseReturnValue:
    """The short form of a shift, or what was told of it."""
    asked = page_of.asked_of(shift)
    return page("closeouts/show.html", **_values(shift, asked, page_of.filled(shift, asked)))


@bp.post("/desk/shifts/<shift>/closeout")
@_one
def tell(shift: Shift) -> ResponseReturnValue:
    """Tell what came of a shift, or put it right."""
    asked = page_of.asked_of(shift)
    form = page_of.sent(asked)
    fits = form.validate()
    told = form.told(asked.counters) if fits else None
    if request.form.get("then") == "nothing":
        return _nothing(shift, asked, form, told)
    if told and told.is_empty and not form.photo.data:
        form.add_error("quality", _("什么都没有填。没有可报的，就按「没有可报的」"))
    if told is None or form.errors:
        return invalid("closeouts/show.html", **_values(shift, asked, form))
    try:
        shot = form.shot()
        write(
            actions_photos.report, shift.id, told, form.version_seen, shot,
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("closeouts/show.html", **_values(shift, asked, form))
    except Refused as refused:
        return _refused(shift, asked, form, told, refused.reasons)
    return _done(shift)


def _nothing(
    shift: Shift, asked: Asked, form: CloseoutForm, told: Told | None
) -> ResponseReturnValue:
    """Say that there is nothing to tell; not beside something that was filled in."""
    if told and not told.is_empty:
        form.add_error("remark", _("您填了内容，请按「存好」。没有可报的，先把填的删掉"))
        return invalid("closeouts/show.html", **_values(shift, asked, form))
    actor, now = current_actor(), clock.now()
    try:
        write(actions.report, shift.id, NOTHING, form.version_seen, actor=actor, now=now)
    except Refused as refused:
        return _refused(shift, asked, form, NOTHING, refused.reasons)
    return _done(shift)


def _done(shift: Shift) -> ResponseReturnValue:
    flash(_("收尾填好了，谢谢您。"), "success")
    return changed(url_for("closeouts.closeout", shift=shift.public_id))


def _refused(
    shift: Shift, asked: Asked, form: CloseoutForm, told: Told, reasons: Sequence[Reason]
) -> Response:
    """Show what stands there beside what was typed; sent once more, it takes its place."""
    before = queries.latest(shift.id)
    values = _values(shift, asked, form)
    if before:
        form.seen.data = str(before.version)
        values["differences"] = words.differences(actions.told_of(before), told)
    return page("closeouts/show.html", status=409, reasons=reasons, **values)


def _values(shift: Shift, asked: Asked, form: CloseoutForm) -> dict[str, Any]:
    back = "/desk/closeouts" if policy.keeps_closeouts(current_actor()) else "/desk"
    return {
        "shift": shift,
        "form": form,
        "back": back,
        **page_of.values(shift, asked, form, clock.now()),
    }
