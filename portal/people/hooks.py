"""What others call by name: the legal export of a person, and what erasing one means here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.ref import Ref
from portal.people import consents, guardians, party, queries, queries_family, trainings, units
from portal.people.models import Account
from portal.people.models_consents import GuardianConsent
from portal.people.models_family import FamilyCode, FamilyMember
from portal.people.models_party import BranchSecretary, PartyMember
from portal.people.models_sign_ins import ResetCode, SignIn
from portal.people.models_teams import MemberState, TeamMember
from portal.people.models_units import UnitLiaison
from portal.records import notes

ERASED_NAME = "已注销"


def export(person_id: int) -> dict[str, Any]:
    """Return person, account, consents and teams for the legal export."""
    row = queries.person(person_id)
    account = queries.account_of(person_id)
    membership = party.membership_of(person_id)
    return {
        "person": {
            "id": row.public_id,
            "name": row.name,
            "phone": row.phone,
            "phone_confirmed_at": _time(row.phone_confirmed_at),
            "birth_date": row.birth_on.isoformat() if row.birth_on else None,
            "sex": row.sex,
            "home_station": row.home_station.name if row.home_station else None,
            "created_at": _time(row.created_at),
        },
        "account": {"phone": account.phone, "created_at": _time(account.created_at)}
        if account
        else None,
        "sign_ins": [
            {"created_at": _time(one.created_at), "last_seen_at": _time(one.last_seen_at),
             "device": one.device}
            for one in queries.live_sign_ins(person_id)
        ],
        "party_membership": {
            "branch": membership.branch.name, "since": membership.since_on.isoformat(),
        } if membership else None,
        "family": [
            {"name": one.person.name, "relation": one.relation,
             "birth_date": one.person.birth_on.isoformat() if one.person.birth_on else None,
             "phone": None if one.is_linked else one.person.phone,
             "has_account": one.is_linked, "since": _time(one.added_at)}
            for one in queries_family.members_of(person_id)
        ],
        "may_act_for_me": [
            {"name": one.holder.name, "since": _time(one.added_at)}
            for one in queries_family.held_by(person_id)
        ],
        "consents": [
            {"kind": one.kind, "given": one.given, "version": one.text_version,
             "channel": one.channel, "at": _time(one.at)}
            for one in consents.of_person(person_id)
        ],
        "guardian_consents": [
            {"scope": one.scope, "until": one.until_on.isoformat() if one.until_on else None,
             "channel": one.channel, "at": _time(one.at), "withdrawn_at": _time(one.withdrawn_at)}
            for one in guardians.all_of(person_id)
        ],
        "trainings": [
            {"training": one.term.code, "name": one.term.name_zh, "on": one.held_on.isoformat(),
             "valid_until": one.valid_until.isoformat() if one.valid_until else None,
             "recorded_at": _time(one.recorded_at), "revoked_at": _time(one.revoked_at)}
            for one in trainings.of_person(person_id)
        ],
    }  # fmt: skip


def _time(at: datetime | None) -> str | None:
    return clock.local(at).isoformat() if at else None


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete name, phone, account and words about the person; the row and its id stay.

    Entries that the law keeps (hours, scans, audit) name the person by id alone.
    """
    row = queries.person(person_id)
    row.name = ERASED_NAME
    row.phone = row.phone_confirmed_at = row.birth_on = row.sex = None
    row.erased_at = row.erased_at or now
    db.session.execute(delete(Account).where(Account.person_id == person_id))
    db.session.execute(delete(ResetCode).where(ResetCode.person_id == person_id))
    _set(SignIn, (SignIn.person_id == person_id) & SignIn.ended_at.is_(None), ended_at=now)
    _set(TeamMember, TeamMember.person_id == person_id, state=MemberState.LEFT)
    in_family = (FamilyMember.holder_id == person_id) | (FamilyMember.person_id == person_id)
    _set(FamilyMember, in_family & FamilyMember.removed_at.is_(None), removed_at=now)
    db.session.execute(delete(FamilyCode).where(FamilyCode.holder_id == person_id))
    db.session.execute(delete(PartyMember).where(PartyMember.person_id == person_id))
    kept = (BranchSecretary.person_id == person_id) & BranchSecretary.revoked_at.is_(None)
    _set(BranchSecretary, kept, revoked_at=now)
    units.end(UnitLiaison.person_id == person_id, now=now)
    # That a guardian agreed, when and by which way, stays; who it was goes.
    guardian = (GuardianConsent.person_id == person_id) & GuardianConsent.withdrawn_at.is_(None)
    _set(GuardianConsent, guardian, withdrawn_at=now)
    _set(GuardianConsent, GuardianConsent.person_id == person_id, guardian_sealed=b"")
    trainings.forget(person_id)
    notes.erase(Ref("person", person_id))


def _set(table: Any, where: Any, **values: Any) -> None:
    db.session.execute(update(table).where(where).values(**values))
