"""Tables of how people are reached outside the site: what they chose, what went out, who was called."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.notices.models import Notice


class Channel(StrEnum):
    """By which way a notice leaves the house."""

    EMAIL = "email"
    SMS = "sms"
    WECHAT = "wechat"


CHANNEL_LABELS = {
    Channel.EMAIL: _l("邮箱"),
    Channel.SMS: _l("短信"),
    Channel.WECHAT: _l("微信"),
}


class NoticePreference(Base):
    """How a person wants to be told; whoever has no row is told as the district does by itself."""

    __tablename__ = "notice_preference"
    __table_args__ = (
        CheckConstraint("lang IN ('zh', 'en')", name="lang_known"),
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours_have_two_ends"
        ),
        CheckConstraint(
            "quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23",
            name="quiet_hours_of_a_day",
        ),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    reminders: Mapped[bool] = mapped_column(Boolean, default=True)
    lang: Mapped[str] = mapped_column(String(2), default="zh")
    # Full hours of the local day; the same hour twice: never quiet. Null: as the district has it.
    quiet_from: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_until: Mapped[int | None] = mapped_column(SmallInteger)


class NoticeReach(Base):
    """A channel by which a person agreed to be told, and of what. Taking it back deletes the row.

    Text and WeChat messages go to the account's phone; a mail address is kept sealed, and the
    person proves with a mailed code that it is theirs.
    """

    __tablename__ = "notice_reach"
    __table_args__ = (
        one_of("channel", Channel),
        UniqueConstraint("person_id", "channel"),
        CheckConstraint(
            "channel <> 'email' OR agreed_at IS NULL OR address_sealed IS NOT NULL",
            name="mail_has_address",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    channel: Mapped[Channel] = mapped_column(String(10))
    # Codes of `topics.Topic`.
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # An address that was typed and not proved yet. Its code is made from this and the secret key.
    pending_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_salt: Mapped[str] = mapped_column(String(20), default="")
    code_until: Mapped[datetime | None] = mapped_column(UtcDateTime())


class DeliveryState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    # The receiving side will never take it.
    REFUSED = "refused"
    # Tried for as long as it made sense.
    GAVE_UP = "gave_up"
    # Not needed any more: read in the tray, taken back, past its time.
    SKIPPED = "skipped"


class Delivery(PublicIdMixin, Base):
    """A notice on its way by one channel. Without a notice: the code that proves a mail address.

    `not_before` is when it may go, then when it is tried again; while somebody sends it, until when
    nobody else may.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("channel", Channel),
        one_of("state", DeliveryState),
        UniqueConstraint("notice_id", "channel"),
        CheckConstraint("notice_id IS NOT NULL OR channel = 'email'", name="code_by_mail"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_when_not_waiting"),
        Index(None, "channel", "state", "not_before"),
        Index(None, "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="RESTRICT"))
    channel: Mapped[Channel] = mapped_column(String(10))
    state: Mapped[DeliveryState] = mapped_column(String(10), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    not_before: Mapped[datetime] = mapped_column(UtcDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # A code, never the other side's words: these may repeat an address.
    error: Mapped[str] = mapped_column(String(40), default="")

    notice: Mapped[Notice | None] = relationship()


class CallOutcome(StrEnum):
    """How a call went."""

    TOLD = "told"
    NOT_REACHED = "not_reached"


class NoticeCall(Base):
    """Somebody at a station called a person about a notice. Who was told is not called again."""

    __tablename__ = "notice_call"
    __table_args__ = (
        one_of("outcome", CallOutcome),
        Index(None, "notice_id"),
        Index(
            "uq_notice_call_told",
            "notice_id",
            unique=True,
            sqlite_where=text("outcome = 'told'"),
            postgresql_where=text("outcome = 'told'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="RESTRICT"))
    outcome: Mapped[CallOutcome] = mapped_column(String(12))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
