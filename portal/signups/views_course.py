"""Signing up for a course as a whole, leaving it, one date of it; and going to another stall."""

from __future__ import annotations

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, safe_next
from portal.records import limits
from portal.shifts import queries as shifts
from portal.shifts import queries_series
from portal.shifts.models_series import Series
from portal.signups import course, policy, queries, queries_course, stalls
from portal.signups.forms import StallForm, WithdrawalForm
from portal.signups.policy import Held, HeldCourse
from portal.signups.views import bp, whom


def _anybody(actor: object, series: Series) -> bool:  # noqa: ARG001  a clause's form
    return True


@bp.post("/series/<series>/signup")
@allowed(_anybody, series=queries_series.series_by_id)
def sign_up_course(series: Series) -> ResponseReturnValue:
    """Take places on all dates to come, or join the queue of the course."""
    actor, now = current_actor(), clock.now()
    chosen, is_staffs = whom(request.form.getlist("person"), series.offering.station_id)
    if not chosen and request.form.get("party"):
        raise Refused(Reason("nobody", _("请选给谁报名。")))
    wait = limits.seconds_to_wait(limits.SIGN_UP_PERSON, str(actor.person_id), now=now)
    if wait and not is_staffs:
        return too_many(wait)
    persons = chosen or [actor.person_id or 0]
    try:
        write(course.sign_up_all, series.id, persons, actor=actor, now=now)
    except Refused:
        if not is_staffs:
            write(limits.count, limits.SIGN_UP_PERSON, str(actor.person_id), now=now)
        raise
    default = url_for("activities.series_page", series=series.public_id)
    return changed(safe_next(request.form.get("next"), default))


@bp.post("/signups/courses/<signup>/withdrawal")
@allowed(policy.acts_in_course, signup=queries_course.held_by_id)
def withdraw_course(signup: HeldCourse) -> ResponseReturnValue:
    """Leave the course; the place goes to who waits."""
    form = WithdrawalForm()
    if not form.validate():
        abort(422)
    reason, actor, now = form.reason.data or "", current_actor(), clock.now()
    write(course.withdraw, signup.signup.id, reason, actor=actor, now=now)
    flash(_("已退出这门课，以后的课都取消了。"), "success")
    return changed(_back(signup))


@bp.post("/signups/courses/<signup>/acceptance")
@allowed(policy.acts_in_course, signup=queries_course.held_by_id)
def accept_course(signup: HeldCourse) -> ResponseReturnValue:
    """Take the place that was offered."""
    write(course.accept, signup.signup.id, actor=current_actor(), now=clock.now())
    return changed(_back(signup))


@bp.post("/signups/courses/<signup>/dates/<shift>")
@allowed(signed_in)
def rejoin_course(signup: str, shift: str) -> ResponseReturnValue:
    """Take a date again that was given back."""
    held, row = queries_course.held_by_id(signup), shifts.terms_by_id(shift)
    actor = current_actor()
    if held is None or row is None or not policy.acts_in_course(actor, held):
        abort(404)
    write(course.rejoin, held.signup.id, row.id, actor=actor, now=clock.now())
    flash(_("这一次又报上了。"), "success")
    return changed(_back(held))


def _back(held: HeldCourse) -> str:
    default = url_for("activities.series_page", series=held.signup.course.series.public_id)
    return safe_next(request.form.get("next"), default)


@bp.post("/signups/<signup>/place")
@allowed(policy.acts_for, signup=queries.held_by_id)
def change_place(signup: Held) -> ResponseReturnValue:
    """Go to another stall of the same shift."""
    form = StallForm()
    if not form.validate():
        abort(422)
    actor, now = current_actor(), clock.now()
    write(stalls.change_place, signup.signup.id, form.place.data, actor=actor, now=now)
    flash(_("换好了：%(name)s", name=form.place.data), "success")
    shift = signup.signup.shift
    default = f"{shift.offering.path}#shift-{shift.public_id}"
    return changed(safe_next(request.form.get("next"), default))
