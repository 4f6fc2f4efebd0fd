"""Verbs on people, accounts, sign-ins, roles and API tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update

from portal.core import tokens
from portal.core.access import Actor, Role
from portal.core.db import db, locked
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people import consents, queries
from portal.people.locks import lock_person
from portal.people.models import Account, ApiToken, Person, RoleGrant
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_sign_ins import SignIn
from portal.records import audit, limits


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is known of somebody who is put on record."""

    name: str
    phone: str | None = None
    birth_on: date | None = None
    home_station_id: int | None = None


def record_person(details: NewPerson, *, actor: Actor, now: datetime) -> Person:
    """Put a person on record without an account (staff act on their behalf)."""
    row = _new_person(details, actor, now)
    audit.record("person.record", Ref("person", row.id), actor=actor, now=now)
    return row


def register(details: NewPerson, password_hash: str, *, actor: Actor, now: datetime) -> Person:
    """Create a person with an account, and the consent to the privacy notice.

    Raises Invalid(`phone`) when the number has an account already.
    """
    if details.phone is None:
        raise Invalid("phone", _("请填写手机号"))
    if queries.account_by_phone(details.phone):
        raise Invalid("phone", _("这个手机号已经注册过。请直接登录；忘了密码可以到站点重设。"))
    row = _new_person(details, actor, now)
    add_account(row.id, details.phone, password_hash, now=now)
    own = Actor(row.id, row.public_id, row.name)
    consents.give(row.id, ConsentKind.NOTICE, Channel.WEB, actor=own, now=now)
    audit.record("person.register", Ref("person", row.id), actor=own, now=now)
    return row


def add_account(person_id: int, phone: str, password_hash: str, *, now: datetime) -> Account:
    """Let a person sign in with the phone."""
    row = Account(person_id=person_id, phone=phone, password_hash=password_hash, created_at=now)
    db.session.add(row)
    db.session.flush()
    return row


def _new_person(details: NewPerson, actor: Actor, now: datetime) -> Person:
    row = Person(
        name=details.name,
        phone=details.phone,
        birth_on=details.birth_on,
        home_station_id=details.home_station_id,
        created_at=now,
        created_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def confirm_phone(person_id: int, *, actor: Actor, now: datetime) -> Person:
    """Note that the desk saw or called the phone."""
    row = db.session.get_one(Person, person_id)
    if row.phone and row.phone_confirmed_at is None:
        row.phone_confirmed_at = now
        audit.record("person.confirm_phone", Ref("person", row.id), actor=actor, now=now)
    return row


def set_home(person_id: int, station_id: int, *, actor: Actor, now: datetime) -> Person:
    """Write down in which community the person lives; the same again changes nothing."""
    row = lock_person(person_id)
    if row.home_station_id != station_id:
        row.home_station_id = station_id
        audit.record(
            "person.set_home", Ref("person", person_id), actor=actor, now=now,
            station_id=station_id,
        )  # fmt: skip
    return row


# --- sign-ins ------------------------------------------------------------------------------------


def sign_in(person_id: int, device: str, *, actor: Actor, now: datetime) -> tuple[str, SignIn]:
    """Open a sign-in; return its token (only its fingerprint is kept) and the row."""
    token = tokens.new_token()
    row = SignIn(
        token_hash=tokens.fingerprint(token),
        person_id=person_id,
        created_at=now,
        last_seen_at=now,
        device=device,
    )
    db.session.add(row)
    audit.record("account.sign_in", Ref("person", person_id), actor=actor, now=now)
    return token, row


def count_failed_sign_in(
    account_key: str, address: str, person_id: int | None, *, actor: Actor, now: datetime
) -> None:
    """Count a wrong password, for the account (apart for a known browser) and the address."""
    limits.count(limits.SIGN_IN_ACCOUNT, account_key, now=now)
    limits.count(limits.SIGN_IN_ADDRESS, address, now=now)
    audit.record("account.sign_in_refused", Ref("person", person_id or 0), actor=actor, now=now)


def see(sign_in_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Note that a sign-in was used."""
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=now))


def sign_out(sign_in_id: int, *, actor: Actor, now: datetime) -> None:
    """End one sign-in."""
    _end(SignIn.id == sign_in_id, now)
    audit.record("account.sign_out", Ref("person", actor.person_id or 0), actor=actor, now=now)


def end_other_sign_ins(person_id: int, keep_id: int, *, actor: Actor, now: datetime) -> None:
    """End all sign-ins of a person but one (0: all of them)."""
    _end((SignIn.person_id == person_id) & (SignIn.id != keep_id), now)
    audit.record("account.end_sign_ins", Ref("person", person_id), actor=actor, now=now)


def _end(clause: object, now: datetime) -> None:
    ended = update(SignIn).where(clause, SignIn.ended_at.is_(None))  # type: ignore[arg-type]
    db.session.execute(ended.values(ended_at=now))


# --- passwords -----------------------------------------------------------------------------------


def change_password(
    person_id: int, password_hash: str, keep_sign_in_id: int, *, actor: Actor, now: datetime
) -> None:
    """Set a new password and end the other sign-ins."""
    account = db.session.get_one(Account, person_id)
    account.password_hash = password_hash
    audit.record("account.change_password", Ref("person", person_id), actor=actor, now=now)
    end_other_sign_ins(person_id, keep_sign_in_id, actor=actor, now=now)


# --- roles, tokens ------------------------------------------------------------------------------


def grant_role(
    person_id: int, role: Role, station_id: int, *, actor: Actor, now: datetime
) -> RoleGrant:
    """Grant a role at a station; granting it twice returns the first grant."""
    live = db.session.query(RoleGrant).filter_by(
        person_id=person_id, role=role, station_id=station_id, revoked_at=None
    )
    row = live.first()
    if row is None:
        row = RoleGrant(
            person_id=person_id,
            role=role,
            station_id=station_id,
            granted_at=now,
            granted_by_id=actor.person_id,
        )
        db.session.add(row)
        db.session.flush()
        audit.record(
            "role.grant",
            Ref("person", person_id),
            actor=actor,
            now=now,
            station_id=station_id,
            role=role,
        )
    return row


def revoke_role(grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a grant back; it bites on the next request."""
    row = locked(RoleGrant, grant_id)
    if row is None or row.revoked_at is not None:
        return
    row.revoked_at = now
    audit.record(
        "role.revoke",
        Ref("person", row.person_id),
        actor=actor,
        now=now,
        station_id=row.station_id,
        role=row.role,
    )


def create_api_token(name: str, station_id: int, *, actor: Actor, now: datetime) -> str:
    """Create an API token and return it; it is shown this once."""
    token = tokens.new_token()
    row = ApiToken(
        name=name,
        token_hash=tokens.fingerprint(token),
        station_id=station_id,
        created_by_id=actor.person_id or 0,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "token.create", Ref("api_token", row.id), actor=actor, now=now, station_id=station_id
    )
    return token


def revoke_api_token(token_id: int, *, actor: Actor, now: datetime) -> None:
    """Stop an API token; twice is harmless."""
    row = locked(ApiToken, token_id)
    if row is None or row.revoked_at is not None:
        return
    row.revoked_at = now
    audit.record(
        "token.revoke", Ref("api_token", row.id), actor=actor, now=now, station_id=row.station_id
    )
