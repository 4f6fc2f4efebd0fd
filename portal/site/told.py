"""What a person was told, in words, each with the way to what it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for

from portal.arrivals import hooks as arrivals
from portal.certificates import hooks as certificates
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.corrections import hooks as corrections
from portal.notices.models import Notice
from portal.notices.sending import Told
from portal.notices.texts import NOTICES
from portal.notices.topics import REMINDERS
from portal.pairing import shown as pairing
from portal.people import queries as people
from portal.services import hooks as orders
from portal.shifts import queries as shifts
from portal.shifts.models import Offering, Shift, ShiftState
from portal.signups import hooks as signups
from portal.teams import hooks as teams
from portal.wishes import hooks as wishes
from portal.wishes import queries as wish_queries

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
_TO_DUTIES = {
    "cover_asked",
    "cover_asked_for",
    "cover_assigned",
    "cover_given",
    "cover_taken",
    "standing_given",
    "standing_ended",
}


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """A notice in words, with the way to what it is about, and when and where that is."""

    id: str
    text: str
    subject: str
    href: str
    at: datetime
    is_read: bool
    when: str = ""
    place: str = ""


def outward(row: Notice) -> Told | None:
    """Return the words that leave the house: no title but a public one, nothing of other people.

    None when there is nothing to remind of any more: called off, or given another start.
    """
    shift = (
        shifts.with_offerings([row.subject_id]).get(row.subject_id) if _is_of_shift(row) else None
    )
    if row.kind in REMINDERS and not _is_true(row, shift):
        return None
    (one,) = shown([row])
    subject = one.subject if row.subject_kind in _WITH_TITLE else ""
    words = str(NOTICES.get(row.kind, row.kind))
    return Told(words, subject, one.when, one.place, one.href)


def _is_of_shift(row: Notice) -> bool:
    return row.subject_kind == "shift"


def _is_true(row: Notice, shift: Shift | None) -> bool:
    return (
        shift is not None
        and shift.state == ShiftState.PLANNED
        and shift.starts_at.isoformat() == row.payload.get("until")
    )


def shown(rows: Sequence[Notice]) -> list[NoticeShown]:
    """Return the notices in words; what they are about is asked for once for all of them."""
    about = {
        kind: [row.subject_id for row in rows if row.subject_kind == kind] for kind in _WITH_TITLE
    }
    of_kinds = [*about["activity"], *about["post"]]
    offerings = shifts.offerings(of_kinds) if of_kinds else {}
    found = shifts.with_offerings(about["shift"]) if about["shift"] else {}
    named = {
        "shift": {shift.id: shift.offering for shift in found.values()},
        "activity": offerings,
        "post": offerings,
    }
    persons = people.names_of([row.payload["for"] for row in rows if "for" in row.payload])
    titles = wish_queries.titles([row.subject_id for row in rows if row.subject_kind == "wish"])
    return [
        _dated(
            _in_words(
                row,
                named.get(row.subject_kind, {}).get(row.subject_id),
                titles,
                persons.get(row.payload.get("for", 0), ""),
            ),
            found.get(row.subject_id) if _is_of_shift(row) else None,
        )
        for row in rows
    ]


def _dated(told: NoticeShown, shift: Shift | None) -> NoticeShown:
    """Put in when and where a shift is; plainly, as tomorrow it is not tomorrow any more."""
    if shift is None:
        return told
    day = filters.day(clock.local_day(shift.starts_at))
    when = f"{day} {filters.span(shift.starts_at, shift.ends_at)}"
    return replace(told, when=when, place=shift.offering.place)


def _in_words(
    row: Notice, offering: Offering | None, titles: Mapping[int, str], whom: str
) -> NoticeShown:
    subject, href = "", "/me"
    if offering:
        subject, href = offering.title, _to_offering(row, offering)
    elif row.subject_kind in _WAYS:
        href = _WAYS[row.subject_kind](row)
        subject = titles.get(row.subject_id, "") if row.subject_kind == "wish" else ""
    text = str(NOTICES.get(row.kind, row.kind))
    if whom:
        text = _("给 %(name)s 的通知：%(words)s", name=whom, words=text)
    is_read = row.read_at is not None
    return NoticeShown(row.public_id, text, subject, href, row.created_at, is_read)


# --- the ways ------------------------------------------------------------------------------------


def _to_offering(row: Notice, offering: Offering) -> str:
    if row.kind in _TO_DUTIES:
        return "/posts/cover" if row.kind == "cover_asked" else "/me/duties"
    return offering.desk_path if row.kind in _TO_DESK else offering.path


def _to_wish(row: Notice) -> str:
    if row.kind == "wish_overdue":
        return url_for("wishes.desk_index")
    return wishes.url_wish(row.subject_id)


def _to_correction(row: Notice) -> str:
    if row.kind == "correction_overdue":
        return url_for("corrections.desk_index", show="overdue")
    return corrections.url_correction(row.subject_id)


def _to_feedback(row: Notice) -> str:
    is_staffs = row.kind == "feedback_overdue"
    return url_for("feedback.desk_index" if is_staffs else "feedback.my_index")


_WAYS: dict[str, Callable[[Notice], str]] = {
    "appeal": lambda row: signups.url_appeal(row.subject_id),
    "volunteer": lambda _row: url_for("registration.mine"),
    "visit": lambda _row: url_for("attendance.my_hours"),
    "honour": lambda _row: url_for("honours.my_record"),
    "evaluation": lambda _row: url_for("honours.my_record"),
    "star": lambda _row: url_for("honours.my_record"),
    "membership": lambda _row: url_for("membership.mine"),
    "party_branch": lambda _row: url_for("membership.index"),
    "certificate": lambda row: certificates.url_certificate(row.subject_id),
    "wish": _to_wish,
    "wish_letter": lambda _row: url_for("wishes.my_letter"),
    "order": lambda row: orders.url_order(row.subject_id, row.kind),
    "feedback": _to_feedback,
    "correction": _to_correction,
    "team": lambda row: teams.url_team(row.subject_id, row.kind),
    "station": lambda _row: url_for("closeouts.index"),
    "pairing": lambda row: pairing.address(row.payload),
    "paper_batch": lambda row: arrivals.url_paper_batch(row.subject_id),
    "shift_claims": lambda row: arrivals.url_shift_claims(row.subject_id),
}
