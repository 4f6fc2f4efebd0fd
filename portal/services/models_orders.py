"""Tables of orders: what was asked for, what is private about it, the steps of a home visit."""

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
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.activities.models import Activity
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.people.models import Person
from portal.services.models import Service


class OrderState(StrEnum):
    """Where an order stands."""

    FILED = "filed"
    REVIEWED = "reviewed"
    DISPATCHED = "dispatched"
    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    RATED = "rated"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


ORDER_STATE_LABELS = {
    OrderState.FILED: _l("等待审单"),
    OrderState.REVIEWED: _l("等待派单"),
    OrderState.DISPATCHED: _l("已派单，等接单"),
    OrderState.OPEN: _l("等志愿者接单"),
    OrderState.ACCEPTED: _l("已接单"),
    OrderState.DONE: _l("已办好，等评单"),
    OrderState.RATED: _l("已评单"),
    OrderState.CLOSED: _l("已办结"),
    OrderState.REFUSED: _l("没有接下"),
    OrderState.WITHDRAWN: _l("已撤回"),
    OrderState.EXPIRED: _l("已过期"),
}


class OrderWay(StrEnum):
    """Which way an order reached us; all but the web are taken down on behalf (代办)."""

    WEB = "web"
    DESK = "desk"
    PHONE = "phone"
    VISIT = "visit"


ORDER_WAY_LABELS = {
    OrderWay.WEB: _l("网上"),
    OrderWay.DESK: _l("到站里说的"),
    OrderWay.PHONE: _l("打电话来的"),
    OrderWay.VISIT: _l("上门走访时说的"),
}


class DayPart(StrEnum):
    """When in the day it suits the asker."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


DAY_PART_LABELS = {
    DayPart.ANY: _l("都行"),
    DayPart.MORNING: _l("上午"),
    DayPart.AFTERNOON: _l("下午"),
    DayPart.EVENING: _l("晚上"),
}


class RatingWay(StrEnum):
    """By which way the asker's word reached us."""

    ACCOUNT = "account"
    NUMBER = "number"
    CALL_BACK = "call_back"


class Order(PublicIdMixin, Base):
    """An order of a service. Nothing in this row tells who asked but the id of their record.

    `due_on` is the day by which whoever must act next acts; `told` counts whom we told that it
    passed: 0 nobody, 1 who must act, 2 also who stands above them.
    """

    __tablename__ = "service_order"
    __table_args__ = (
        one_of("state", OrderState),
        one_of("way", OrderWay),
        one_of("day_part", DayPart),
        one_of("rated_by", RatingWay),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction_known"),
        CheckConstraint("state <> 'rated' OR satisfaction IS NOT NULL", name="rated_has_rating"),
        CheckConstraint(
            "(state IN ('closed', 'refused', 'withdrawn', 'expired')) = (closed_at IS NOT NULL)",
            name="ended_has_time",
        ),
        CheckConstraint("(closed_at IS NULL) = (due_on IS NOT NULL)", name="open_has_a_day"),
        CheckConstraint("told BETWEEN 0 AND 2", name="told_known"),
        Index(None, "station_id", "state", "due_on"),
        Index(None, "state", "due_on"),
        Index(None, "service_id"),
        Index(None, "asker_id"),
        Index(None, "filed_by_id"),
    )

    # What the asker keeps and says on the telephone: nine digits, the last one checks.
    number: Mapped[str] = mapped_column(String(9), unique=True)
    # The form that was sent: sent twice, it is filed once.
    form_key: Mapped[str] = mapped_column(String(20), unique=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    state: Mapped[OrderState] = mapped_column(String(12))
    way: Mapped[OrderWay] = mapped_column(String(10))
    # The asker's record where they have one, and who filed it (for themselves, or on behalf).
    asker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    notice_version: Mapped[str] = mapped_column(String(20))
    at_home: Mapped[bool] = mapped_column(Boolean)
    wished_on: Mapped[date | None] = mapped_column(Date)
    day_part: Mapped[DayPart] = mapped_column(String(10))
    due_on: Mapped[date | None] = mapped_column(Date)
    told: Mapped[int] = mapped_column(SmallInteger, default=0)
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)
    rated_by: Mapped[RatingWay | None] = mapped_column(String(10))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="RESTRICT"))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime())
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    service: Mapped[Service] = relationship()
    station: Mapped[Station] = relationship()
    asker: Mapped[Person | None] = relationship(foreign_keys=[asker_id])
    activity: Mapped[Activity | None] = relationship()


class OrderPrivate(Base):
    """What only the station, and in part who accepted, reads. Erasing deletes the row."""

    __tablename__ = "service_order_private"
    __table_args__ = (Index(None, "phone"),)

    order_id: Mapped[int] = mapped_column(
        ForeignKey("service_order.id", ondelete="RESTRICT"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(11), default="")
    address: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class VisitStep(StrEnum):
    """What happens with the papers of somebody who cannot come."""

    RECEIVED = "received"
    VISITED = "visited"
    RETURNED = "returned"


VISIT_STEP_LABELS = {
    VisitStep.RECEIVED: _l("收到请求"),
    VisitStep.VISITED: _l("已经上门取件"),
    VisitStep.RETURNED: _l("材料已经送回（上门或快递）"),
}


class OrderVisit(Base):
    """One step of a home visit: when, and who noted it."""

    __tablename__ = "order_visit"
    __table_args__ = (one_of("step", VisitStep),)

    order_id: Mapped[int] = mapped_column(
        ForeignKey("service_order.id", ondelete="RESTRICT"), primary_key=True
    )
    step: Mapped[VisitStep] = mapped_column(String(10), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor_id: Mapped[int | None] = mapped_column(Integer)
