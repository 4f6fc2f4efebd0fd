"""Verbs of the desk on applications: approve, return, refuse, record a guardian's consent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.attendance.actions import settle_registered
from portal.core import clock, tokens
from portal.core.access import Actor
from portal.core.db import db, is_sqlite
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.people.guardians import Contact, put_guardian
from portal.people.models import IdentityCheck, Volunteer, VolunteerCounter, VolunteerState
from portal.people.models_consents import Channel
from portal.people.rules import volunteer_no
from portal.records import audit, notes, settings
from portal.registration import application, moves, queries, rules

COUNTER_ID = 1


def approve(
    volunteer_id: int, identity: IdentityCheck, note: str, *, actor: Actor, now: datetime
) -> Volunteer:
    """Register the applicant under a number that nobody else ever had or gets.

    Approving twice returns the first result. Minutes that waited for it are credited.
    """
    row = moves.lock(volunteer_id)
    if row.state in {VolunteerState.REGISTERED, VolunteerState.PAUSED}:
        return row
    _must_not_be_own(row, actor)
    before = row.state
    following = next_state(rules.STEPS, VolunteerState(before), "approve")
    _must_be_complete(row)
    moves.mark_days(row)
    row.volunteer_no = row.volunteer_no or _next_number()
    row.state = following
    row.registered_at, row.left_at = now, None
    row.identity_check = identity
    notes.put(moves.ref(row), "identity", note, actor=actor, now=now)
    moves.record(row, before, "approve", actor=actor, now=now, identity=identity)
    db.session.flush()
    settle_registered(row.person_id, actor=actor, now=now)
    return row


def send_back(volunteer_id: int, reason: str, *, actor: Actor, now: datetime) -> Volunteer:
    """Return the application with what is to be mended."""
    row = moves.lock(volunteer_id)
    _must_not_be_own(row, actor)
    moves.move(row, "return", actor=actor, now=now)
    notes.put(moves.ref(row), "reason", reason, actor=actor, now=now)
    return row


def refuse(volunteer_id: int, reason: str, *, actor: Actor, now: datetime) -> Volunteer:
    """Refuse the application for a reason; places held as a volunteer become free."""
    row = moves.lock(volunteer_id)
    _must_not_be_own(row, actor)
    moves.end(row, "refuse", actor=actor, now=now)
    notes.put(moves.ref(row), "reason", reason, actor=actor, now=now)
    return row


def _must_not_be_own(row: Volunteer, actor: Actor) -> None:
    if row.person_id == actor.person_id:
        message = _("这是您自己的申请，要由另一位负责人或者上级站点来办。")
        raise Refused(Reason("own_application", message))


def _must_be_complete(row: Volunteer) -> None:
    """Raise Refused with everything that is still missing for a registration."""
    reasons = []
    birth_on = row.person.birth_on
    if birth_on is None:
        reasons.append(Reason("no_birth_date", _("还没有填出生日期，请退回补充。")))
    elif rules.needs_guardian(birth_on, clock.today()) and not queries.guardian_confirmed(
        row.person_id
    ):
        message = _("未满 18 岁，要先当面、打电话或者凭纸质表确认监护人同意，并在本页登记。")
        reasons.append(Reason("guardian_consent", message))
    if row.id_number_sealed and row.id_number_hash is None and not _claim_id_number(row):
        message = _("这个身份证号已经登记在另一份档案里。请先合并重复档案。")
        reasons.append(Reason("duplicate_id_number", message))
    if reasons:
        raise Refused(*reasons)


def _claim_id_number(row: Volunteer) -> bool:
    """Take the number for this record now that no other one holds it."""
    number = tokens.unseal(application.ID_NUMBER_PURPOSE, row.id_number_sealed or b"")
    hashed = application.id_number_hash(number)
    if db.session.scalars(select(Volunteer.id).where(Volunteer.id_number_hash == hashed)).first():
        return False
    row.id_number_hash = hashed
    return True


def _next_number() -> str:
    """Return the next number: one statement under the row's lock, so none is given out twice."""
    insert = sqlite.insert(VolunteerCounter) if is_sqlite() else postgresql.insert(VolunteerCounter)
    db.session.execute(insert.values(id=COUNTER_ID, last=0).on_conflict_do_nothing())
    counted = update(VolunteerCounter).where(VolunteerCounter.id == COUNTER_ID)
    running = db.session.execute(
        counted.values(last=VolunteerCounter.last + 1).returning(VolunteerCounter.last)
    ).scalar_one()
    return volunteer_no(settings.get("district_code"), running)


def record_guardian(
    volunteer_id: int, guardian: Contact, channel: Channel, *, actor: Actor, now: datetime
) -> None:
    """Write down at the desk that the guardian agreed."""
    row = moves.lock(volunteer_id)
    _must_not_be_own(row, actor)
    put_guardian(row.person_id, guardian, channel, actor=actor, now=now)


def note_sight(volunteer_id: int, what: str, *, actor: Actor, now: datetime) -> None:
    """Write down that staff saw data of a person: `contact` in full, or a minor's page."""
    row = db.session.get_one(Volunteer, volunteer_id)
    audit.record(
        "person.reveal", Ref("person", row.person_id), actor=actor, now=now,
        station_id=row.station_id, what=what,
    )  # fmt: skip
