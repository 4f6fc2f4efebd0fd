"""Verbs of a person who chooses how to be told: agree to a channel, take it back, when and of what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from portal.core import ids, tokens
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.notices import addresses, queries
from portal.notices.models_reach import Channel, Delivery, DeliveryState, NoticeReach
from portal.notices.rules import CODE_LIFE
from portal.notices.topics import Topic
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.records import audit, limits

SALT_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Choices:
    """When and of what. Hours of None: as the district has it; the same hour twice: never quiet."""

    topics: Mapping[Channel, Collection[Topic]]
    reminders: bool
    lang: str
    quiet_from: int | None = None
    quiet_until: int | None = None


def choose(person_id: int, chosen: Choices, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Keep what the person chose."""
    lock_person(person_id)
    row = queries.preference(person_id)
    row.reminders, row.lang = chosen.reminders, chosen.lang
    row.quiet_from, row.quiet_until = chosen.quiet_from, chosen.quiet_until
    db.session.add(row)
    for reach in queries.reaches(person_id):
        if reach.channel in chosen.topics:
            reach.topics = sorted(chosen.topics[Channel(reach.channel)])


def agree(person_id: int, channel: Channel, *, actor: Actor, now: datetime) -> None:
    """Agree to messages to the account's phone. Twice is harmless."""
    lock_person(person_id)
    if people.account_of(person_id) is None:
        raise Refused(Reason("no_account", _("没有登录账号，不能用这种方式收通知。")))
    row = queries.reach(person_id, channel)
    if row is None:
        row = NoticeReach(person_id=person_id, channel=channel, topics=sorted(Topic))
        db.session.add(row)
    if row.agreed_at is None:
        row.agreed_at = now
        _record("notice.agree", person_id, channel, actor, now)


def withdraw(person_id: int, channel: Channel, *, actor: Actor, now: datetime) -> None:
    """Take a channel back, with the address; what waits for it goes nowhere. Twice is harmless."""
    lock_person(person_id)
    row = queries.reach(person_id, channel)
    if row is not None:
        db.session.delete(row)
        _put_away(person_id, channel, now)
        _record("notice.withdraw", person_id, channel, actor, now)


def ask_code(person_id: int, address: str, *, actor: Actor, now: datetime) -> None:
    """Let a code be mailed to an address, which counts only when the code comes back.

    An address that was proved before goes on counting until then. Raises Refused: `too_many`.
    """
    lock_person(person_id)
    attempts = (
        (limits.MAIL_CODE_PERSON, str(actor.person_id)),
        (limits.MAIL_CODE_ADDRESS, address.lower()),
    )
    if limits.longest_wait(*attempts, now=now):
        raise Refused(Reason("too_many", _("要的验证码太多了。请过一个小时再试。")))
    limits.count_all(*attempts, now=now)
    row = queries.reach(person_id, Channel.EMAIL)
    if row is None:
        row = NoticeReach(person_id=person_id, channel=Channel.EMAIL, topics=sorted(Topic))
        db.session.add(row)
    row.pending_sealed = addresses.seal(address)
    row.code_salt, row.code_until = ids.code(SALT_LENGTH), now + CODE_LIFE
    _put_away(person_id, Channel.EMAIL, now, codes_alone=True)
    db.session.add(
        Delivery(person_id=person_id, channel=Channel.EMAIL, created_at=now, not_before=now)
    )


def confirm(person_id: int, code: str, *, actor: Actor, now: datetime) -> bool:
    """Prove the address with its code; False (and a counted attempt) when it does not fit."""
    lock_person(person_id)
    guess = (limits.MAIL_CODE_GUESS, str(person_id))
    if limits.longest_wait(guess, now=now):
        raise Refused(Reason("too_many", _("试的次数太多了。请过半个小时再试。")))
    row = queries.reach(person_id, Channel.EMAIL)
    if row is None or row.pending_sealed is None:
        raise Invalid("code", _("没有等着确认的邮箱。请先填邮箱。"))
    in_time = row.code_until is not None and now < row.code_until
    if not (in_time and tokens.same(addresses.code_of(row), code)):
        limits.count_all(guess, now=now)
        return False
    limits.forget(*guess)
    row.address_sealed, row.agreed_at = row.pending_sealed, now
    row.pending_sealed, row.code_until, row.code_salt = None, None, ""
    _record("notice.agree", person_id, Channel.EMAIL, actor, now)
    return True


def _put_away(
    person_id: int, channel: Channel, now: datetime, *, codes_alone: bool = False
) -> None:
    waiting = update(Delivery).where(
        Delivery.person_id == person_id,
        Delivery.channel == channel,
        Delivery.state == DeliveryState.WAITING,
    )
    if codes_alone:
        waiting = waiting.where(Delivery.notice_id.is_(None))
    db.session.execute(waiting.values(state=DeliveryState.SKIPPED, ended_at=now))


def _record(verb: str, person_id: int, channel: Channel, actor: Actor, now: datetime) -> None:
    audit.record(verb, Ref("person", person_id), actor=actor, now=now, channel=channel.value)
