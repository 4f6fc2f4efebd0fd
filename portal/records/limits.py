"""Limits counted in the database: they hold across processes and survive a restart.

A key (phone, address, person) is stored as a keyed hash only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Index, String, bindparam, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import tokens
from portal.core.db import Base, UtcDateTime, append, db, execute

KEEP = timedelta(days=2)


class Attempt(Base):
    """One counted attempt."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "bucket", "key", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime())


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts within `minutes` for one key of the bucket."""

    bucket: str
    most: int
    minutes: int
    # A rule of the field, not a matter of load: holds with RATELIMIT_ENABLED=0 too.
    always: bool = False


SIGN_IN_ACCOUNT = Limit("sign_in_account", 10, 5)
SIGN_IN_ACCOUNT_HOUR = Limit("sign_in_account", 20, 60)
SIGN_IN_ADDRESS = Limit("sign_in_address", 100, 5)
REGISTER_ADDRESS = Limit("register_address", 400, 60)
REGISTER_PHONE = Limit("register_phone", 5, 60)
RESET_ACCOUNT = Limit("reset_account", 5, 60)
RESET_ADDRESS = Limit("reset_address", 60, 60)
DIGITS_PERSON = Limit("digits_person", 5, 10, always=True)
DIGITS_SHIFT = Limit("digits_shift", 50, 10, always=True)
SIGN_UP_PERSON = Limit("sign_up_person", 10, 1)
DESK_LOOK_UP = Limit("desk_look_up", 120, 60)
TEAM_ASK_PERSON = Limit("team_ask_person", 20, 60)
FAMILY_CODE_PERSON = Limit("family_code_person", 10, 60, always=True)
EVIDENCE_PERSON = Limit("evidence_person", 30, 60, always=True)
CLAIM_PERSON = Limit("claim_person", 20, 10)
KIOSK_SHIFT = Limit("kiosk_shift", 40, 10, always=True)
KIOSK_VISITS = Limit("kiosk_visits", 60, 60, always=True)
CHECK_IN_PERSON = Limit("check_in_person", 30, 1)
WISH_ADDRESS = Limit("wish_address", 30, 60)
WISH_TRACK_ADDRESS = Limit("wish_track_address", 60, 60)
WISH_TRACK_NUMBER = Limit("wish_track_number", 10, 60, always=True)
ORDER_ADDRESS = Limit("order_address", 30, 60)
ORDER_TRACK_ADDRESS = Limit("order_track_address", 60, 60)
ORDER_TRACK_NUMBER = Limit("order_track_number", 10, 60, always=True)
MAIL_CODE_PERSON = Limit("mail_code_person", 5, 60, always=True)
# By the mail address: nobody's box is filled by strangers.
MAIL_CODE_ADDRESS = Limit("mail_code_address", 5, 60, always=True)
MAIL_CODE_GUESS = Limit("mail_code_guess", 10, 30, always=True)
FEEDBACK_ADDRESS = Limit("feedback_address", 30, 60)
FEEDBACK_TRACK_ADDRESS = Limit("feedback_track_address", 60, 60)
FEEDBACK_TRACK_NUMBER = Limit("feedback_track_number", 10, 60, always=True)
CERTIFICATE_PERSON = Limit("certificate_person", 30, 60)
CERTIFICATE_ADDRESS = Limit("certificate_address", 60, 60)
CERTIFICATE_NUMBER = Limit("certificate_number", 10, 60, always=True)


_SINCE = select(func.count(), func.min(Attempt.at)).where(
    Attempt.bucket == bindparam("bucket"),
    Attempt.key == bindparam("key"),
    Attempt.at > bindparam("since", type_=UtcDateTime()),
)


def seconds_to_wait(limit: Limit, key: str, *, now: datetime) -> int:
    """Return 0 when one more attempt is within the limit, else the seconds until it is."""
    if not (limit.always or current_app.config["PORTAL"].ratelimit_enabled):
        return 0
    since = now - timedelta(minutes=limit.minutes)
    values = {"bucket": limit.bucket, "key": _hashed(key), "since": since}
    count, first = execute(_SINCE, values).one()
    if count < limit.most:
        return 0
    return max(1, int((first + timedelta(minutes=limit.minutes) - now).total_seconds()) + 1)


def count(limit: Limit, key: str, *, now: datetime) -> None:
    """Count one attempt in the running transaction."""
    append(Attempt, bucket=limit.bucket, key=_hashed(key), at=now)


def longest_wait(*attempts: tuple[Limit, str], now: datetime) -> int:
    """Return the seconds until all of these (limit, key) attempts are within their limits."""
    return max(seconds_to_wait(limit, key, now=now) for limit, key in attempts)


def count_all(*attempts: tuple[Limit, str], now: datetime) -> None:
    """Count an attempt under several limits, as by what was guessed at and from where."""
    for limit, key in attempts:
        count(limit, key, now=now)


def forget(limit: Limit, key: str) -> None:
    """Forget the attempts of a key (after it was proved to be the owner's)."""
    db.session.execute(
        delete(Attempt).where(Attempt.bucket == limit.bucket, Attempt.key == _hashed(key))
    )


def prune(*, now: datetime) -> None:
    """Delete attempts that no limit counts any more."""
    db.session.execute(delete(Attempt).where(Attempt.at < now - KEEP))


def _hashed(key: str) -> str:
    return tokens.keyed_hash("limits", key)
