"""What a person was told, in words, each with the way to what it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from portal.core.i18n import gettext as _
from portal.notices.models import Notice
from portal.notices.texts import NOTICES
from portal.pairing import shown as pairing
from portal.people import queries as people
from portal.services import hooks as orders
from portal.shifts import queries as shifts
from portal.shifts.models import Offering
from portal.signups import hooks as signups
from portal.signups import queries_changes as changes
from portal.teams import hooks as teams
from portal.wishes import hooks as wishes
from portal.wishes import queries as wish_queries

# Notices that name an offering; those to its author lead to its page at the desk.
_WITH_TITLE = ("shift", "change", "activity", "post")
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


def shown(rows: Sequence[Notice]) -> list[NoticeShown]:
    """Return the notices in words; what they are about is asked for once for all of them."""
    about = {
        kind: [row.subject_id for row in rows if row.subject_kind == kind] for kind in _WITH_TITLE
    }
    of_kinds = [*about["activity"], *about["post"]]
    offerings = shifts.offerings(of_kinds) if of_kinds else {}
    named = {
        "shift": shifts.offerings_of(about["shift"]) if about["shift"] else {},
        "change": changes.offerings_of(about["change"]) if about["change"] else {},
        "activity": offerings,
        "post": offerings,
    }
    persons = people.names_of([row.payload["for"] for row in rows if "for" in row.payload])
    titles = wish_queries.titles([row.subject_id for row in rows if row.subject_kind == "wish"])
    return [
        _in_words(
            row,
            named.get(row.subject_kind, {}).get(row.subject_id),
            titles,
            persons.get(row.payload.get("for", 0), ""),
        )
        for row in rows
    ]


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
    return NoticeShown(text, subject, href, row.created_at)


# --- the ways ------------------------------------------------------------------------------------


def _to_offering(row: Notice, offering: Offering) -> str:
    if row.kind in _TO_DUTIES:
        return "/posts/cover" if row.kind == "cover_asked" else "/me/duties"
    return offering.desk_path if row.kind in _TO_DESK else offering.path


def _to_wish(row: Notice) -> str:
    if row.kind == "wish_overdue":
        return url_for("wishes.desk_index")
    return wishes.url_wish(row.subject_id)


def _to_feedback(row: Notice) -> str:
    is_staffs = row.kind == "feedback_overdue"
    return url_for("feedback.desk_index" if is_staffs else "feedback.my_index")


_WAYS: dict[str, Callable[[Notice], str]] = {
    "appeal": lambda row: signups.url_appeal(row.subject_id),
    "volunteer": lambda _row: url_for("registration.mine"),
    "visit": lambda _row: url_for("attendance.my_hours"),
    "membership": lambda _row: url_for("membership.mine"),
    "party_branch": lambda _row: url_for("membership.index"),
    "wish": _to_wish,
    "wish_letter": lambda _row: url_for("wishes.my_letter"),
    "order": lambda row: orders.url_order(row.subject_id, row.kind),
    "feedback": _to_feedback,
    "team": lambda row: teams.url_team(row.subject_id, row.kind),
    "pairing": lambda row: pairing.address(row.payload),
}
