"""Tables of consents: a person's own, and a guardian's for a minor."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, PublicIdMixin, UtcDateTime, append_only, one_of
from portal.core.i18n import lazy_gettext as _l


class ConsentKind(StrEnum):
    """What a person may agree to, each for itself (个人信息保护法 art. 14, 29)."""

    NOTICE = "notice"
    ID_NUMBER = "id_number"
    PUBLICATION = "publication"
    PARTY = "party"


CONSENT_LABELS = {
    ConsentKind.NOTICE: _l("隐私告知"),
    ConsentKind.ID_NUMBER: _l("收集身份证号"),
    ConsentKind.PUBLICATION: _l("公开姓名或照片"),
    ConsentKind.PARTY: _l("登记党员身份"),
}
# The version of the words a person agrees to; new words get a new version.
CONSENT_VERSIONS = {
    ConsentKind.NOTICE: "2026-11-28",
    ConsentKind.ID_NUMBER: "2026-11",
    ConsentKind.PUBLICATION: "2026-11",
    ConsentKind.PARTY: "2026-11",
}
# Sensitive beyond the station tree: no role of it gives, takes back or sees these for a person.
SEALED_KINDS = frozenset({ConsentKind.PARTY})


class Channel(StrEnum):
    """Which way something reached us."""

    WEB = "web"
    DESK = "desk"
    PHONE = "phone"
    PAPER = "paper"


CHANNEL_LABELS = {
    Channel.WEB: _l("本人在网上"),
    Channel.DESK: _l("站点代办"),
    Channel.PHONE: _l("电话"),
    Channel.PAPER: _l("纸质表"),
}
# By these ways something reaches staff, who write it down.
STAFF_WAYS = (Channel.PAPER, Channel.DESK, Channel.PHONE)


class Consent(Base):
    """Given (or withdrawn): which words, when, by which way, by whom. Append-only."""

    __tablename__ = "consent"
    __table_args__ = (
        one_of("kind", ConsentKind),
        one_of("channel", Channel),
        Index(None, "person_id", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    kind: Mapped[ConsentKind] = mapped_column(String(12))
    text_version: Mapped[str] = mapped_column(String(20))
    given: Mapped[bool] = mapped_column(Boolean)
    channel: Mapped[Channel] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(Consent.__table__)  # type: ignore[arg-type]


class ConsentScope(StrEnum):
    """What a guardian agreed to."""

    ALL = "all"
    OFFERING = "offering"
    UNTIL = "until"


SCOPE_LABELS = {
    ConsentScope.ALL: _l("所有活动"),
    ConsentScope.OFFERING: _l("只这一项活动"),
    ConsentScope.UNTIL: _l("到某一天为止的活动"),
}


class GuardianConsent(PublicIdMixin, Base):
    """A guardian's consent for a minor. The guardian's name is sealed; who recorded it is not.

    What it is for may stand on a higher floor, so `offering_id` is an id without a foreign key.
    """

    __tablename__ = "guardian_consent"
    __table_args__ = (
        one_of("channel", Channel),
        one_of("scope", ConsentScope),
        CheckConstraint(
            "(scope = 'offering') = (offering_id IS NOT NULL)", name="offering_where_for_one"
        ),
        CheckConstraint("(scope = 'until') = (until_on IS NOT NULL)", name="day_where_until"),
        Index(None, "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    guardian_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    channel: Mapped[Channel] = mapped_column(String(10))
    scope: Mapped[ConsentScope] = mapped_column(String(10), default=ConsentScope.ALL)
    offering_id: Mapped[int | None] = mapped_column(Integer)
    until_on: Mapped[date | None] = mapped_column(Date)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
