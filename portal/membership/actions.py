"""Verbs on membership: ask, confirm, refuse, end; agree to it and take the consent back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.membership import moves, queries
from portal.membership import queries_members as members
from portal.membership.models import MembershipRequest, ReportReminder
from portal.notices.actions import tell
from portal.people import consents, party
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_party import PartyMember
from portal.records import audit, notes

_FIRST_DAY = date(1921, 7, 1)


def ask(
    person_id: int, branch_id: int, since_on: date, *, actor: Actor, now: datetime
) -> MembershipRequest:
    """Say which branch one is in, and agree that it is kept; its secretary is told.

    Asked by a member it is the wish to go over to another branch. Asking anew replaces what was
    asked before; the same twice is harmless.
    """
    lock_person(person_id)
    moves.lock_branch(branch_id)
    if not _FIRST_DAY <= since_on <= clock.local_day(now):
        raise Invalid("since", _("请检查这个日期"))
    present = party.membership_of(person_id)
    if present is not None and present.branch_id == branch_id:
        raise Refused(Reason("is_member", _("您已经登记在这个党组织了。")))
    before = members.request_of(person_id)
    if before and before.branch_id == branch_id and before.refused_at is None:
        return before
    _drop(before)
    _agree(person_id, Channel.WEB, actor=actor, now=now)
    row = MembershipRequest(
        person_id=person_id, branch_id=branch_id, since_on=since_on, asked_at=now
    )
    db.session.add(row)
    db.session.flush()
    moves.record("membership.ask", branch_id, actor=actor, now=now)
    for secretary_id in queries.nearest_keepers(branch_id):
        tell(secretary_id, "membership_asked", moves.ref(branch_id), now=now)
    return row


def withdraw_request(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back what was asked, or put a refusal away; without a membership the consent goes too."""
    lock_person(person_id)
    row = members.request_of(person_id)
    if row is None:
        return
    branch_id = row.branch_id
    _drop(row)
    moves.record("membership.withdraw", branch_id, actor=actor, now=now)
    if party.membership_of(person_id) is None:
        _disagree(person_id, Channel.WEB, actor=actor, now=now)


def confirm(request_id: int, *, actor: Actor, now: datetime) -> PartyMember:
    """Say yes as the secretary: the person is in the branch from now on, and only there."""
    row = _lock_request(request_id)
    moves.must_keep(row.branch_id, actor)
    if not consents.holds(row.person_id, ConsentKind.PARTY):
        raise Refused(Reason("no_consent", _("本人撤回了同意，不能登记。")))
    branch_id, since_on = row.branch_id, row.since_on
    person_id = people.kept_id(row.person_id)
    _drop(row)
    member = put(person_id, branch_id, since_on, Channel.WEB, actor=actor, now=now)
    moves.record("membership.confirm", branch_id, actor=actor, now=now)
    tell(person_id, "membership_confirmed", Ref("membership", person_id), now=now)
    return member


def refuse(request_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """Say no as the secretary, with a reason that the person reads."""
    row = _lock_request(request_id)
    moves.must_keep(row.branch_id, actor)
    row.refused_at = now
    notes.put(moves.request_ref(row), "refusal", reason, actor=actor, now=now)
    moves.record("membership.refuse", row.branch_id, actor=actor, now=now)
    tell(row.person_id, "membership_refused", Ref("membership", row.person_id), now=now)


def put(
    person_id: int,
    branch_id: int,
    since_on: date,
    channel: Channel,
    *,
    actor: Actor,
    now: datetime,
) -> PartyMember:
    """Let the person be in the branch; who was in another one goes over, and keeps the periods."""
    row = party.membership_of(person_id)
    if row is not None:
        row.branch_id, row.since_on = branch_id, since_on
        return row
    row = PartyMember(
        person_id=person_id,
        branch_id=branch_id,
        since_on=since_on,
        channel=channel,
        recorded_at=now,
        recorded_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def end(member_id: int, *, withdrew: bool, actor: Actor, now: datetime) -> None:
    """Take somebody off the list as the secretary: gone elsewhere, or the consent was taken back."""
    row = locked(PartyMember, member_id)
    if row is None or row.ended_on is not None:
        return
    moves.must_keep(row.branch_id, actor)
    branch_id, person_id = row.branch_id, row.person_id
    _end(row, now)
    if withdrew:
        _forget(person_id)
        _disagree(person_id, Channel.PAPER, actor=actor, now=now)
    moves.record("membership.end", branch_id, actor=actor, now=now)


def withdraw_consent(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the consent back: the membership ends, and what was asked is deleted."""
    lock_person(person_id)
    _drop(members.request_of(person_id))
    row = party.membership_of(person_id)
    if row is not None:
        _end(row, now)
    _forget(person_id)
    _disagree(person_id, Channel.WEB, actor=actor, now=now)


def forget_request(person_id: int) -> None:
    """Delete what one record asked (the person is erased)."""
    _drop(db.session.query(MembershipRequest).filter_by(person_id=person_id).first())


def note_sight(branch_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that a secretary saw the list of a branch; once for each sight."""
    moves.must_keep(branch_id, actor)
    moves.record("membership.view", branch_id, actor=actor, now=now)


def note_export(branch_id: int, rows: int, *, actor: Actor, now: datetime) -> None:
    """Write down that a secretary took the list with them."""
    moves.must_keep(branch_id, actor)
    moves.record("membership.export", branch_id, actor=actor, now=now, rows=rows)


# --- parts ---------------------------------------------------------------------------------------


def _lock_request(request_id: int) -> MembershipRequest:
    known = db.session.get(MembershipRequest, request_id)
    if known is not None:
        lock_person(people.kept_id(known.person_id))
    row = locked(MembershipRequest, request_id)
    if row is None or row.refused_at is not None:
        raise Refused(Reason("settled", _("这份申请已经处理过，或者本人撤回了。")))
    return row


def _drop(row: MembershipRequest | None) -> None:
    if row is not None:
        notes.erase(moves.request_ref(row))
        db.session.delete(row)
        db.session.flush()


def _end(row: PartyMember, now: datetime) -> None:
    row.ended_on = max(row.since_on, clock.local_day(now))
    db.session.flush()


def _forget(person_id: int) -> None:
    """Delete what only a member has; communities and reports are every volunteer's."""
    told = ReportReminder.person_id.in_(people.selves(person_id))
    db.session.execute(delete(ReportReminder).where(told))


def _agree(person_id: int, channel: Channel, *, actor: Actor, now: datetime) -> None:
    if not consents.holds(person_id, ConsentKind.PARTY):
        consents.put(person_id, ConsentKind.PARTY, channel, given=True, actor=actor, now=now)
        audit.record("membership.agree", Ref("person", person_id), actor=actor, now=now)


def _disagree(person_id: int, channel: Channel, *, actor: Actor, now: datetime) -> None:
    if consents.holds(person_id, ConsentKind.PARTY):
        consents.put(person_id, ConsentKind.PARTY, channel, given=False, actor=actor, now=now)
        audit.record("membership.disagree", Ref("person", person_id), actor=actor, now=now)
