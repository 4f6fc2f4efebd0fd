"""What is counted as missed: the own list, appeals, and the desk that answers them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.people import queries as people
from portal.people import queries_family as families
from portal.records import notes, settings
from portal.signups import missed, policy, queries, queries_missed
from portal.signups.forms import AnswerForm, AppealForm
from portal.signups.models_missed import APPEAL_STATE_LABELS, Appeal, AppealState
from portal.signups.policy import Held
from portal.signups.rules_missed import MISSED_LABELS
from portal.signups.views import bp

KEEPERS = (Role.STATION_MANAGER, Role.ADMINISTRATOR)


@bp.get("/me/attendance")
@allowed(signed_in)
def attendance() -> ResponseReturnValue:
    """Show what is counted of oneself and the family, until when, and the appeals."""
    own_id, now = current_actor().person_id or 0, clock.now()
    names = {one.person_id: one.person.name for one in families.members_of(own_id)}
    found = queries_missed.of([*people.own_ids(own_id), *names], missed.kept_since(now))
    keeps = timedelta(days=settings.get("missed_days"))
    return page(
        "signups/attendance.html",
        rows=[(one, one.at + keeps, _words(one.appeal)) for one in found],
        names=names,
        kinds=MISSED_LABELS,
        states=APPEAL_STATE_LABELS,
        hours=settings.get("late_cancel_hours"),
        days=settings.get("missed_days"),
    )


@bp.route("/signups/<signup>/appeal", methods=["GET", "POST"])
@allowed(policy.acts_for, signup=queries.held_by_id)
def appeal(signup: Held) -> ResponseReturnValue:
    """Say why it should not be counted: the person, their family, or staff for them."""
    row, form = signup.signup, AppealForm()
    found = queries_missed.of_signup(row)
    values: dict[str, Any] = {
        "form": form,
        "signup": row,
        "kind": MISSED_LABELS[found.kind] if found else "",
        "back": _back_of(signup),
    }
    if request.method == "GET":
        return page("signups/appeal.html", **values)
    if not form.validate():
        return invalid("signups/appeal.html", **values)
    words = str(form.words.data)
    try:
        write(missed.file, row.id, words, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return page("signups/appeal.html", status=409, reasons=refused.reasons, **values)
    flash(_("申诉交上去了，站点会答复。"), "success")
    return changed(values["back"])


def keeps_appeals(actor: Actor) -> bool:
    """Who keeps the roster of some station."""
    return actor.holds_any(*KEEPERS)


def may_answer(actor: Actor, appeal: Appeal) -> bool:
    """Who keeps the roster of the shift it is about."""
    return policy.keeps_roster_at(actor, appeal.signup.shift.station_id)


@bp.get("/desk/appeals")
@allowed(keeps_appeals)
def desk_appeals() -> ResponseReturnValue:
    """List the appeals that wait, or those that were answered."""
    is_open = request.args.get("state") != "answered"
    stations = current_actor().stations(*KEEPERS)
    found = queries_missed.appeals_at(stations, page_number(), is_open=is_open)
    return page(
        "signups/desk_appeals.html", found=found, is_open=is_open, states=APPEAL_STATE_LABELS
    )


@bp.route("/desk/appeals/<appeal>", methods=["GET", "POST"])
@allowed(may_answer, appeal=queries_missed.appeal_by_id)
def desk_appeal(appeal: Appeal) -> ResponseReturnValue:
    """Read an appeal and answer it."""
    form = AnswerForm()
    found = queries_missed.of_signup(appeal.signup)
    values: dict[str, Any] = {
        "form": form,
        "appeal": appeal,
        "words": _words(appeal),
        "kind": MISSED_LABELS[found.kind] if found else "",
        "state": APPEAL_STATE_LABELS[AppealState(appeal.state)],
    }
    if request.method == "GET":
        return page("signups/desk_appeal.html", **values)
    if not form.validate():
        return invalid("signups/desk_appeal.html", **values)
    words, grants = form.words.data or "", form.answer.data == "grant"
    try:
        write(
            missed.answer, appeal.id, words, grants=grants, actor=current_actor(), now=clock.now()
        )
    except Refused as refused:
        return page("signups/desk_appeal.html", status=409, reasons=refused.reasons, **values)
    flash(_("答复好了，本人会收到通知。"), "success")
    return changed(url_for("signups.desk_appeals"))


def _words(row: Appeal | None) -> dict[str, str]:
    """Return what was said, by kind: the appeal, and the answer to it."""
    found = notes.of(Ref("appeal", row.id)) if row else ()
    return {note.kind: note.text for note in found}


def _back_of(signup: Held) -> str:
    actor, row = current_actor(), signup.signup
    if actor.person_id in {row.person_id, *signup.holders}:
        return url_for("signups.attendance")
    return f"/desk/shifts/{row.shift.public_id}#signup-{row.public_id}"
