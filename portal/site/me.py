"""The own page: the next thing first, then what the person was told, then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.web import changed, page
from portal.hours import queries as hours
from portal.notices import actions as notice_actions
from portal.notices import queries as notices
from portal.notices.models import Notice
from portal.notices.texts import NOTICES
from portal.people import queries as people
from portal.people.models import VOLUNTEER_STATE_LABELS, VolunteerState
from portal.shifts import queries as shifts
from portal.shifts.models import Offering
from portal.signups import panel
from portal.signups import queries as signups
from portal.wishes import hooks as wishes
from portal.wishes import queries_pledges as pledges
from portal.wishes import words

bp = Blueprint("me", __name__)
SHOWN = 5
# Notices that name an offering; those to its author lead to its page at the desk.
_WITH_TITLE = ("shift", "activity", "post")
_TO_DESK = {
    "activity_returned",
    "activity_published",
    "post_returned",
    "post_published",
    "standing_not_placed",
    "absence_freed",
}
_TO_DUTIES = {"cover_asked", "cover_given", "cover_taken", "standing_given", "standing_ended"}


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """A notice in words, with the way to what it is about."""

    text: str
    subject: str
    href: str
    at: datetime


@bp.get("/me")
@allowed(signed_in)
def me() -> ResponseReturnValue:
    """Show the own page."""
    actor, now = current_actor(), clock.now()
    person_id = actor.person_id or 0
    coming = signups.coming(person_id, now)
    positions = signups.positions(coming)
    volunteer = people.volunteer_of(person_id)
    return page(
        "site/me.html",
        coming=[panel.shown(row, now, positions.get(row.id)) for row in coming[:SHOWN]],
        more=len(coming) > SHOWN,
        notices=_shown(notices.unread(person_id)),
        volunteer=volunteer,
        volunteer_state=VOLUNTEER_STATE_LABELS[VolunteerState(volunteer.state)]
        if volunteer
        else "",
        minutes=hours.total(person_id),
        pledges=[words.own(row, clock.local_day(now)) for row in pledges.active_of(person_id)],
        now=now,
    )


@bp.post("/me/notices/read")
@allowed(signed_in)
def read_notices() -> ResponseReturnValue:
    """Put the notices away."""
    actor = current_actor()
    write(notice_actions.read_all, actor.person_id or 0, actor=actor, now=clock.now())
    return changed(url_for("me.me"))


def _shown(rows: Sequence[Notice]) -> list[NoticeShown]:
    """Return the notices in words; what they are about is asked for once for all of them."""
    about = {
        kind: [row.subject_id for row in rows if row.subject_kind == kind] for kind in _WITH_TITLE
    }
    of_kinds = [*about["activity"], *about["post"]]
    offerings = shifts.offerings(of_kinds) if of_kinds else {}
    named = {
        "shift": shifts.offerings_of(about["shift"]) if about["shift"] else {},
        "activity": offerings,
        "post": offerings,
    }
    return [_in_words(row, named.get(row.subject_kind, {}).get(row.subject_id)) for row in rows]


def _in_words(row: Notice, offering: Offering | None) -> NoticeShown:
    subject, href = "", "/me"
    if offering:
        subject = offering.title
        href = offering.desk_path if row.kind in _TO_DESK else offering.path
        if row.kind in _TO_DUTIES:
            href = "/posts/cover" if row.kind == "cover_asked" else "/me/duties"
    elif row.subject_kind == "volunteer":
        href = url_for("registration.mine")
    elif row.subject_kind == "wish":
        href = wishes.url_wish(row.subject_id)
    elif row.subject_kind == "visit":
        href = url_for("attendance.my_hours")
    elif row.subject_kind == "feedback":
        is_staffs = row.kind == "feedback_overdue"
        href = url_for("feedback.desk_index" if is_staffs else "feedback.my_index")
    return NoticeShown(str(NOTICES.get(row.kind, row.kind)), subject, href, row.created_at)
