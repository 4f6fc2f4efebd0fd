"""Tables of orders: what was asked for, what is private about it, to whom it went, the time given."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.activities.models import Activity
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit
from portal.people.models import Person
from portal.people.models_teams import Team
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


class DispatchKind(StrEnum):
    """To whom an order goes: a team, a unit that is called (吹哨报到), or whoever claims it."""

    TEAM = "team"
    UNIT = "unit"
    OPEN = "open"


class DispatchState(StrEnum):
    """Where a dispatch stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"
    RECALLED = "recalled"


DISPATCH_STATE_LABELS = {
    DispatchState.OFFERED: _l("等待接单"),
    DispatchState.ACCEPTED: _l("已接单"),
    DispatchState.DONE: _l("已办好"),
    DispatchState.DECLINED: _l("已退回"),
    DispatchState.RECALLED: _l("已收回"),
}

# Dispatches that hold their order: of these an order has one at most.
HOLDING = (DispatchState.OFFERED, DispatchState.ACCEPTED, DispatchState.DONE)
_HOLDING_SQL = "state IN ({})".format(", ".join(f"'{state}'" for state in HOLDING))


class Dispatch(PublicIdMixin, Base):
    """An order sent to a team or a unit, or laid open; `person_id` is who accepted it.

    An open one gets `team_id` when a leader claimed it for the team.
    """

    __tablename__ = "dispatch"
    __table_args__ = (
        one_of("kind", DispatchKind),
        one_of("state", DispatchState),
        CheckConstraint(
            "(kind = 'team' AND team_id IS NOT NULL AND unit_id IS NULL)"
            " OR (kind = 'unit' AND unit_id IS NOT NULL AND team_id IS NULL)"
            " OR (kind = 'open' AND unit_id IS NULL)",
            name="has_its_target",
        ),
        CheckConstraint(
            "state NOT IN ('accepted', 'done') OR (accepted_at IS NOT NULL"
            " AND promised_on IS NOT NULL)",
            name="accepted_has_a_day",
        ),
        CheckConstraint(
            "kind <> 'open' OR state NOT IN ('accepted', 'done') OR person_id IS NOT NULL",
            name="claimed_by_somebody",
        ),
        CheckConstraint(
            "(state IN ('offered', 'accepted')) = (ended_at IS NULL)", name="ended_has_time"
        ),
        Index(
            "uq_dispatch_holding",
            "order_id",
            unique=True,
            sqlite_where=text(_HOLDING_SQL),
            postgresql_where=text(_HOLDING_SQL),
        ),
        Index(None, "order_id"),
        Index(None, "team_id", "state"),
        Index(None, "unit_id", "state"),
        Index(None, "person_id", "state"),
        Index(None, "kind", "state"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("service_order.id", ondelete="RESTRICT"))
    kind: Mapped[DispatchKind] = mapped_column(String(10))
    state: Mapped[DispatchState] = mapped_column(String(10))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("civilized_unit.id", ondelete="RESTRICT")
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    promised_on: Mapped[date | None] = mapped_column(Date)
    dispatched_at: Mapped[datetime] = mapped_column(UtcDateTime())
    dispatched_by_id: Mapped[int | None] = mapped_column(Integer)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    order: Mapped[Order] = relationship()
    team: Mapped[Team | None] = relationship()
    unit: Mapped[CivilizedUnit | None] = relationship()
    person: Mapped[Person | None] = relationship()


class OrderHelp(Base):
    """Time somebody gave for an order, as was told when it was done; closing approves it.

    `credited_at` stays empty until the minutes are in the ledger: for who is not (yet) a
    registered volunteer they wait.
    """

    __tablename__ = "order_help"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes_positive"),
        CheckConstraint("credited_at IS NULL OR approved_by_id IS NOT NULL", name="approved_first"),
        Index(None, "dispatch_id", "person_id", unique=True),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime())
    minutes: Mapped[int] = mapped_column(Integer)
    approved_by_id: Mapped[int | None] = mapped_column(Integer)
    credited_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    dispatch: Mapped[Dispatch] = relationship()
    person: Mapped[Person] = relationship()


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
