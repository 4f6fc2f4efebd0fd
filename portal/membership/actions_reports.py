"""Verbs on reporting to a community: choose it, report, remind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, is_sqlite
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.membership import queries_members as members
from portal.membership import rules, standing
from portal.membership.models import (
    CommunityReport,
    CommunityTie,
    CommunityTieTerm,
    ReportReminder,
    ReportWay,
)
from portal.notices.actions import tell
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.records import audit


@dataclass(frozen=True, slots=True)
class Offer:
    """To which community somebody reports, what they can do, and whether its staff see them."""

    station_id: int
    term_ids: frozenset[int]
    shown: bool


def offer(person_id: int, given: Offer, *, actor: Actor, now: datetime) -> CommunityTie:
    """Choose the community, or say anew what one can do; another one ends the one before."""
    lock_person(person_id)
    row = members.tie_of(person_id)
    if row is not None and row.station_id != given.station_id:
        _end(row, now)
        row = None
    if row is None:
        row = CommunityTie(
            person_id=person_id,
            station_id=given.station_id,
            shown=given.shown,
            since_on=clock.local_day(now),
        )
        db.session.add(row)
        db.session.flush()
    row.shown = given.shown
    db.session.execute(delete(CommunityTieTerm).where(CommunityTieTerm.tie_id == row.id))
    for term_id in sorted(given.term_ids):
        db.session.add(CommunityTieTerm(tie_id=row.id, term_id=term_id))
    _record("community.offer", row, actor=actor, now=now)
    return row


def leave(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Report to no community any more. Twice is harmless."""
    lock_person(person_id)
    row = members.tie_of(person_id)
    if row is not None:
        _end(row, now)
        _record("community.leave", row, actor=actor, now=now)


def report(person_id: int, *, actor: Actor, now: datetime) -> CommunityReport:
    """Report to the community for the period of today. Twice is harmless.

    Whoever chose a community may: a report by members alone would tell the desk who is one.
    """
    lock_person(person_id)
    row = members.tie_of(person_id)
    if row is None:
        message = _("请先选定到哪个社区报到。")
        raise Refused(Reason("no_community", message, _("去选社区"), "/me/community"))
    return _report(row, ReportWay.OWN, actor=actor, now=now)


def report_for(tie_id: int, *, actor: Actor, now: datetime) -> CommunityReport:
    """Write down at the desk that somebody came to report. Twice is harmless."""
    row = db.session.get_one(CommunityTie, tie_id)
    lock_person(people.kept_id(row.person_id))
    if row.ended_on is not None:
        raise Refused(Reason("left", _("这个人不再到这个社区报到了。")))
    return _report(row, ReportWay.DESK, actor=actor, now=now)


def note_reveal(tie_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that the desk saw name and phone of who reports there."""
    row = db.session.get_one(CommunityTie, tie_id)
    _record("person.reveal", row, actor=actor, now=now, what="contact")


def remind(
    period_on: date,
    person_ids: Sequence[int],
    *,
    actor: Actor,  # noqa: ARG001  a verb's form
    now: datetime,
) -> int:
    """Tell these members that a report is due; who was told of the period before is not told again.

    Return how many were told. The key makes it once, however many workers do it side by side.
    """
    insert = sqlite.insert(ReportReminder) if is_sqlite() else postgresql.insert(ReportReminder)
    values = [{"person_id": one, "period_on": period_on} for one in sorted(person_ids)]
    fresh = db.session.scalars(
        insert.on_conflict_do_nothing().returning(ReportReminder.person_id), values
    ).all()
    for person_id in fresh:
        tell(person_id, "report_due", Ref("membership", person_id), now=now)
    return len(fresh)


# --- parts ---------------------------------------------------------------------------------------


def _report(tie: CommunityTie, way: ReportWay, *, actor: Actor, now: datetime) -> CommunityReport:
    today = clock.local_day(now)
    period = rules.period_at(today, standing.targets().every)
    person_id = people.kept_id(tie.person_id)
    before = members.report_in(person_id, period.first, period.last)
    if before is not None:
        return before
    made = CommunityReport(
        person_id=person_id,
        station_id=tie.station_id,
        period_on=period.first,
        reported_on=today,
        way=way,
        actor_id=actor.person_id,
        at=now,
    )
    db.session.add(made)
    db.session.flush()
    _record("community.report", tie, actor=actor, now=now, way=way.value)
    return made


def _end(row: CommunityTie, now: datetime) -> None:
    row.ended_on = clock.local_day(now)
    db.session.flush()


def _record(verb: str, row: CommunityTie, *, actor: Actor, now: datetime, **details: str) -> None:
    audit.record(
        verb,
        Ref("person", row.person_id),
        actor=actor,
        now=now,
        station_id=row.station_id,
        **details,
    )
