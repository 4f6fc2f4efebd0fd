"""What others call by name: the tick's work, checks, the legal export, erasure, links."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import delete

from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, write
from portal.membership import actions, actions_import, actions_reports, rules, standing
from portal.membership import queries_members as members
from portal.membership.models import (
    CommunityReport,
    CommunityTie,
    CommunityTieTerm,
    MembershipImport,
    ReportReminder,
)
from portal.membership.rules import Span
from portal.records import settings

_TOLD_AT_ONCE = 200
# So long a refusal waits to be read; then it is forgotten, with the consent it came by.
REFUSAL_KEPT = timedelta(days=90)


def due(now: datetime) -> None:
    """Remind who has not reported near the period's end; forget workbooks and old refusals."""
    today = clock.local_day(now)
    period = rules.period_at(today, standing.targets().every)
    if period.last - today <= timedelta(days=settings.get("party_remind_days")):
        late = _late(period, today)
        for start in range(0, len(late), _TOLD_AT_ONCE):
            some = late[start : start + _TOLD_AT_ONCE]
            write(actions_reports.remind, period.first, some, actor=SYSTEM, now=now)
    for upload_id in members.forgotten_uploads(now - rules.IMPORT_KEPT):
        write(actions_import.drop, upload_id, actor=SYSTEM, now=now)
    for person_id in members.old_refusals(now - REFUSAL_KEPT):
        write(actions.withdraw_request, person_id, actor=SYSTEM, now=now)


def _late(period: Span, today: Any) -> list[int]:
    """Return the members who are asked for the period, have not reported, and were not told."""
    asked, span = standing.targets(), rules.year_span(today.year)
    who = members.untold(period.first)
    return [
        one.person_id
        for one in standing.of(who, span, asked)
        if not rules.standing(one.counted, asked, span, today).present.is_done
    ]


def check() -> list[str]:
    """Return one line for each membership without consent, of a merged record, or at no branch."""
    return [
        *(f"party member {one}: no consent is on record" for one in members.without_consent()),
        *(f"party member {one}: belongs to a merged record" for one in members.of_merged()),
        *(f"party member {one}: the branch is closed" for one in members.in_closed_branches()),
    ]


def url_membership(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice about the membership leads."""
    return url_for("membership.mine")


def export(person_id: int) -> dict[str, Any]:
    """Return what the person asked, to which communities they reported, and when."""
    asked = members.request_of(person_id)
    ties = members.ties_of(person_id)
    offered = members.terms_of(one.id for one in ties)
    return {
        "communities": [
            {
                "station": one.station.name,
                "since": one.since_on.isoformat(),
                "until": one.ended_on.isoformat() if one.ended_on else None,
                "shown": one.shown,
                "skills_and_services": [term.code for term in offered.get(one.id, [])],
            }
            for one in ties
        ],
        "community_reports": [
            {
                "station": one.station.name,
                "day": one.reported_on.isoformat(),
                "way": one.way,
            }
            for one in members.reports_of(person_id)
        ],
        "party_request": {
            "branch": asked.branch.name,
            "asked_at": clock.local(asked.asked_at).isoformat(),
            "refused": asked.refused_at is not None,
        }
        if asked
        else None,
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete request, communities, reports and reminders; the membership goes with the person."""
    actions.forget_request(person_id)
    own = members.tie_ids(person_id)
    db.session.execute(delete(CommunityTieTerm).where(CommunityTieTerm.tie_id.in_(own)))
    for table in (CommunityTie, CommunityReport, ReportReminder):
        db.session.execute(delete(table).where(table.person_id == person_id))
    own_uploads = MembershipImport.uploaded_by_id == person_id
    db.session.execute(delete(MembershipImport).where(own_uploads))
