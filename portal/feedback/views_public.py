"""Saying something to us, with or without an account, and following it by its number."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, ids
from portal.core.access import Actor, current_actor, public
from portal.core.db import write
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page, safe_next
from portal.feedback import actions, contact, queries, rules, words
from portal.feedback.actions import NewFeedback
from portal.feedback.blueprint import bp
from portal.feedback.forms import DeskFeedbackForm, FeedbackForm, ReopenForm, TrackForm
from portal.feedback.models import FEEDBACK_STATE_LABELS, Feedback, FeedbackState
from portal.org import queries as org
from portal.people.models_consents import Channel
from portal.records import limits

_KEY = re.compile(r"[2-9a-hjkmnp-z]{20}")
AnyForm = TypeVar("AnyForm", FeedbackForm, DeskFeedbackForm)


# --- filing --------------------------------------------------------------------------------------


@bp.route("/feedback", methods=["GET", "POST"])
@public
def new() -> ResponseReturnValue:
    """Say what went wrong or could be better; the telephones stand beside."""
    actor, now = current_actor(), clock.now()
    form = offered(FeedbackForm(**_asked()), signed_in=actor.is_signed_in)
    shown: dict[str, Any] = {
        "form": form,
        "stations": [row for row in org.all_stations() if row.phone],
    }
    if request.method == "GET":
        return page("feedback/new.html", **shown)
    if not form.validate():
        return invalid("feedback/new.html", **shown)
    wait = limits.seconds_to_wait(limits.FEEDBACK_ADDRESS, _address(), now=now)
    if wait:
        return too_many(wait, _("从这里提交的太多了，请过一会儿再试，或者打电话告诉我们。"))
    given = told(form, person_id=actor.person_id)
    row = write(_file_counted, given, _address(), actor=actor, now=now)
    flash(_("已经收到，谢谢您。"), "success")
    if row.person_id is not None:
        return changed(url_for("feedback.my_show", feedback=row.public_id))
    return changed(url_for("feedback.followed", token=contact.followed(row)))


def _asked() -> dict[str, Any]:
    """Return what the address says already: the station, the page it is about."""
    return {
        "station": request.args.get("station", ""),
        "about": safe_path(request.args.get("about")),
        "key": ids.code(20),
    }


def safe_path(typed: str | None) -> str:
    """Return the path of a page of this site, or an empty text."""
    path = safe_next(typed, default="")
    return path if len(path) <= rules.LONGEST_PATH else ""


def offered(form: AnyForm, *, signed_in: bool) -> AnyForm:
    """Return the form with its lists; a station that is none of ours is left out."""
    stations = org.station_choices()
    form.offer(queries.kinds(), stations, signed_in=signed_in)
    if request.method == "GET" and form.station.data not in {one.value for one in stations}:
        form.station.data = ""
    return form


def told(
    form: FeedbackForm, *, channel: Channel = Channel.WEB, person_id: int | None = None
) -> NewFeedback:
    """Return what a valid form says."""
    kind = next(row for row in queries.kinds() if row.code == form.kind.data)
    station = org.station_by_id(form.station.data) if form.station.data else None
    key = str(form.key.data or "")
    return NewFeedback(
        kind_id=kind.id,
        words=str(form.words.data),
        form_key=key if _KEY.fullmatch(key) else ids.code(20),
        channel=channel,
        person_id=person_id,
        contact=form.contact(),
        about_station_id=station.id if station else None,
        about_staff=bool(form.about_staff.data and station),
        about_path=safe_path(form.about.data),
    )


def _file_counted(given: NewFeedback, address: str, *, actor: Actor, now: datetime) -> Feedback:
    limits.count(limits.FEEDBACK_ADDRESS, address, now=now)
    return actions.file(given, actor=actor, now=now)


def _address() -> str:
    return request.remote_addr or ""


# --- following -----------------------------------------------------------------------------------


@bp.route("/feedback/track", methods=["GET", "POST"])
@public
def track() -> ResponseReturnValue:
    """Ask for number and proof; an unknown number and a wrong proof are told alike."""
    form = TrackForm()
    if request.method == "GET":
        return page("feedback/track.html", form=form)
    if not form.validate():
        return invalid("feedback/track.html", form=form)
    number, now = str(form.number.data), clock.now()
    attempts = (limits.FEEDBACK_TRACK_NUMBER, number), (limits.FEEDBACK_TRACK_ADDRESS, _address())
    wait = limits.longest_wait(*attempts, now=now)
    if wait:
        return too_many(wait, _("试的次数太多了，请过一会儿再试，或者打电话问。"))
    row = queries.by_number(number)
    if row is None or not contact.proves(row, str(form.proof.data)):
        write(limits.count_all, *attempts, now=now)
        form.add_error("proof", _("编号和手机号（或者查询码）对不上。请核对，或者打电话问。"))
        return invalid("feedback/track.html", form=form)
    return changed(url_for("feedback.followed", token=contact.followed(row)))


def _by_token(token: str) -> Feedback | None:
    public_id = contact.public_id_of(token)
    return queries.feedback_by_id(public_id) if public_id else None


@bp.get("/feedback/track/<token>")
@public
def followed(token: str) -> ResponseReturnValue:
    """Show where it stands to who proved the number; asks anew when that was long ago."""
    row = _by_token(token)
    if row is None:
        return redirect(url_for("feedback.track"), 303)
    return page("feedback/followed.html", **shown_to_filer(row, _base(token)))


@bp.post("/feedback/track/<token>/withdrawal")
@public
def withdraw(token: str) -> ResponseReturnValue:
    """Take it back."""
    row = _by_token(token)
    if row is None:
        return redirect(url_for("feedback.track"), 303)
    return withdrawn(row, _base(token))


@bp.post("/feedback/track/<token>/reopening")
@public
def reopen(token: str) -> ResponseReturnValue:
    """Say why the answer does not do."""
    row = _by_token(token)
    if row is None:
        return redirect(url_for("feedback.track"), 303)
    return reopened(row, _base(token))


def _base(token: str) -> str:
    return url_for("feedback.followed", token=token)


# --- what the pages by number and the own pages share --------------------------------------------


def shown_to_filer(row: Feedback, base: str, form: ReopenForm | None = None) -> dict[str, Any]:
    """Return what who filed it sees."""
    state = FeedbackState(row.state)
    return {
        "row": row,
        "base": base,
        "number": rules.shown_number(row.number),
        "code": None if contact.of(row).phone else contact.code_of(row.number),
        "state_words": FEEDBACK_STATE_LABELS[state],
        "tone": words.STATE_TONES.get(state, "neutral"),
        "place": words.place_of(row),
        "whats_next": words.whats_next(row),
        "is_open": rules.may_withdraw(state),
        "may_reopen": rules.may_reopen(state, row.reopened_at),
        "timeline": words.timeline(row),
        "reopening": form or ReopenForm(formdata=None),
        "is_own": row.person_id is not None,
        **({"form": form} if form else {}),
    }


def withdrawn(row: Feedback, base: str) -> ResponseReturnValue:
    """Take it back and show it so."""
    write(actions.withdraw, row.id, actor=current_actor(), now=clock.now())
    flash(_("已经撤回。"), "success")
    return changed(base)


def reopened(row: Feedback, base: str) -> ResponseReturnValue:
    """Let it be worked on once more, for the reason given."""
    form = ReopenForm()
    if not form.validate():
        template = "feedback/my_show.html" if row.person_id else "feedback/followed.html"
        response: Response = invalid(template, **shown_to_filer(row, base, form))
        return response
    write(actions.reopen, row.id, form.words.data, actor=current_actor(), now=clock.now())
    flash(_("已经记下，会再答复一次。"), "success")
    return changed(base)
