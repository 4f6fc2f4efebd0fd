"""Tables of dispatches: to whom an order went, who accepted it, and the time their help took."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models_units import CivilizedUnit
from portal.people.models import Person
from portal.people.models_teams import Team
from portal.services.models_orders import Order


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
