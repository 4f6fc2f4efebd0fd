"""Tables of wishes: the wish, what is private about it, its public texts and its parts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station, Term


class WishState(StrEnum):
    """Where a wish stands."""

    FILED = "filed"
    VERIFIED = "verified"
    PUBLISHED = "published"
    PLEDGED = "pledged"
    FULFILLED = "fulfilled"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


WISH_STATE_LABELS = {
    WishState.FILED: _l("等待核实"),
    WishState.VERIFIED: _l("已核实"),
    WishState.PUBLISHED: _l("等待认领"),
    WishState.PLEDGED: _l("已认领"),
    WishState.FULFILLED: _l("已送达，等确认"),
    WishState.CONFIRMED: _l("已确认"),
    WishState.CLOSED: _l("已销号"),
    WishState.REJECTED: _l("未通过"),
    WishState.WITHDRAWN: _l("已撤回"),
    WishState.EXPIRED: _l("已过期"),
}

# What the wall shows; the other states are nobody's business.
ON_WALL = (
    WishState.PUBLISHED,
    WishState.PLEDGED,
    WishState.FULFILLED,
    WishState.CONFIRMED,
    WishState.CLOSED,
)


class Way(StrEnum):
    """Which way a wish reached us."""

    WEB = "web"
    DESK = "desk"
    PHONE = "phone"
    VISIT = "visit"
    HOTLINE = "hotline"


WAY_LABELS = {
    Way.WEB: _l("网上"),
    Way.DESK: _l("站点登记"),
    Way.PHONE: _l("电话"),
    Way.VISIT: _l("入户走访"),
    Way.HOTLINE: _l("热线转办"),
}


class Filer(StrEnum):
    """Who filed a wish: the wisher, a relative, or staff on their behalf (代办)."""

    WISHER = "wisher"
    RELATIVE = "relative"
    STAFF = "staff"


FILER_LABELS = {
    Filer.WISHER: _l("本人"),
    Filer.RELATIVE: _l("家人代办"),
    Filer.STAFF: _l("站点代办"),
}


class Urgency(StrEnum):
    """How soon help is needed."""

    NORMAL = "normal"
    SOON = "soon"
    URGENT = "urgent"


URGENCY_LABELS = {
    Urgency.NORMAL: _l("不急"),
    Urgency.SOON: _l("希望快些"),
    Urgency.URGENT: _l("很急"),
}


class ConfirmWay(StrEnum):
    """How we know that the wish came true: the wisher's word, and by which way it reached us."""

    CODE = "code"
    NUMBER_AND_PHONE = "number_and_phone"
    ACCOUNT = "account"
    CALL_BACK = "call_back"


CONFIRM_WAY_LABELS = {
    ConfirmWay.CODE: _l("确认码"),
    ConfirmWay.NUMBER_AND_PHONE: _l("编号和手机号"),
    ConfirmWay.ACCOUNT: _l("本人登录"),
    ConfirmWay.CALL_BACK: _l("电话或上门回访"),
}


class Wish(PublicIdMixin, Base):
    """A micro-wish. Nothing in this row tells who the wisher is but the ids of their records.

    `taken` of `parts` are pledged or done; `amount` is the upper end of the band in yuan, 0 for
    help that costs nothing. `raised_to_id` is the station above that has been shown it unclaimed.
    """

    __tablename__ = "wish"
    __table_args__ = (
        one_of("state", WishState),
        one_of("way", Way),
        one_of("filer", Filer),
        one_of("urgency", Urgency),
        one_of("confirmed_by", ConfirmWay),
        CheckConstraint("parts >= 1 AND taken >= 0 AND taken <= parts", name="taken_within_parts"),
        CheckConstraint("state <> 'published' OR taken < parts", name="published_has_a_part_free"),
        CheckConstraint(
            "state NOT IN ('pledged', 'fulfilled', 'confirmed', 'closed') OR taken = parts",
            name="pledged_is_whole",
        ),
        CheckConstraint(
            "state NOT IN ('filed', 'verified', 'rejected', 'expired') OR taken = 0",
            name="unpublished_is_free",
        ),
        CheckConstraint(
            "state NOT IN ('published', 'pledged', 'fulfilled', 'confirmed', 'closed')"
            " OR (public_text <> '' AND alias <> '')",
            name="published_has_text",
        ),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction_known"),
        CheckConstraint(
            "state <> 'confirmed' OR satisfaction IS NOT NULL", name="confirmed_has_satisfaction"
        ),
        Index(None, "state", "wall_since"),
        Index(None, "station_id", "state"),
        Index(None, "raised_to_id", "state"),
    )

    number: Mapped[str] = mapped_column(String(24), unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    state: Mapped[WishState] = mapped_column(String(12))
    urgency: Mapped[Urgency] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(Integer)
    wished_on: Mapped[date | None] = mapped_column(Date)
    way: Mapped[Way] = mapped_column(String(10))
    filer: Mapped[Filer] = mapped_column(String(10))
    # The wisher's and the filer's records, where they have one; neither may pledge the wish.
    wisher_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), index=True
    )
    filed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), index=True
    )
    notice_version: Mapped[str] = mapped_column(String(20))
    alias: Mapped[str] = mapped_column(String(20), default="")
    public_text: Mapped[str] = mapped_column(Text, default="")
    parts: Mapped[int] = mapped_column(SmallInteger, default=1)
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)
    raised_to_id: Mapped[int | None] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)
    confirmed_by: Mapped[ConfirmWay | None] = mapped_column(String(20))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # By when the station is to have called, as the setting was when it was filed.
    verify_by: Mapped[date | None] = mapped_column(Date)
    overdue_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Since when it waits for the wisher, whom the desk asked to change it.
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Since when it has waited for a pledger: published, given back, or raised to who sees it now.
    wall_since: Mapped[datetime | None] = mapped_column(UtcDateTime())
    raised_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # When it came to its end, whichever.
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship(foreign_keys=[station_id])
    kind: Mapped[Term] = relationship()


class WishPrivate(Base):
    """What only the station, and in part the pledger, reads. Erasing deletes the row."""

    __tablename__ = "wish_private"
    __table_args__ = (Index(None, "phone"),)

    wish_id: Mapped[int] = mapped_column(
        ForeignKey("wish.id", ondelete="RESTRICT"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(11))
    address: Mapped[str] = mapped_column(String(120), default="")
    what: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text, default="")
    filer_name: Mapped[str] = mapped_column(String(40), default="")
    filer_phone: Mapped[str] = mapped_column(String(11), default="")


class WishText(Base):
    """One version of the public words. Rows are only added; a leak may still be erased."""

    __tablename__ = "wish_text"
    __table_args__ = (UniqueConstraint("wish_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id", ondelete="RESTRICT"))
    version: Mapped[int] = mapped_column(SmallInteger)
    alias: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


class WishPart(Base):
    """One share of a wish, pledged by itself; a wish of one part has one without a label."""

    __tablename__ = "wish_part"
    __table_args__ = (UniqueConstraint("wish_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(SmallInteger)
    label: Mapped[str] = mapped_column(String(40), default="")


class WishCounter(Base):
    """The last running number given out in a year."""

    __tablename__ = "wish_counter"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)
