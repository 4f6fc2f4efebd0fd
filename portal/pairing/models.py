"""Tables of what a unit and a community do for each other. The pairing itself is a table of `org`."""

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
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.activities.models import Activity
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models_units import Pairing
from portal.people.models import Person


class Side(StrEnum):
    """The two who are paired."""

    COMMUNITY = "community"
    UNIT = "unit"

    @property
    def other(self) -> Side:
        """Whom this one is paired with."""
        return Side.UNIT if self == Side.COMMUNITY else Side.COMMUNITY


class ItemKind(StrEnum):
    """What a community lacks, or what a unit can give."""

    NEED = "need"
    RESOURCE = "resource"


ITEM_KIND_LABELS = {ItemKind.NEED: _l("需求清单"), ItemKind.RESOURCE: _l("资源清单")}
# Who writes which list.
ITEM_OF = {Side.COMMUNITY: ItemKind.NEED, Side.UNIT: ItemKind.RESOURCE}


class ItemState(StrEnum):
    """Where a need or a resource stands; computed from the project that takes it up."""

    OPEN = "open"
    MATCHED = "matched"
    DONE = "done"
    WITHDRAWN = "withdrawn"


ITEM_STATE_LABELS = {
    ItemState.OPEN: _l("等待对接"),
    ItemState.MATCHED: _l("已对接"),
    ItemState.DONE: _l("已办成"),
    ItemState.WITHDRAWN: _l("已撤下"),
}


class ProjectState(StrEnum):
    """From a proposal of one side, over what both agreed to, to its end."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    GIVEN_UP = "given_up"


PROJECT_STATE_LABELS = {
    ProjectState.PROPOSED: _l("等对方同意"),
    ProjectState.PLANNED: _l("计划中"),
    ProjectState.UNDER_WAY: _l("进行中"),
    ProjectState.DONE: _l("已完成"),
    ProjectState.GIVEN_UP: _l("不办了"),
}
# Both agreed and it is not over: what is reminded of.
RUNNING = (ProjectState.PLANNED, ProjectState.UNDER_WAY)
LIVE = (ProjectState.PROPOSED, *RUNNING)


class JointState(StrEnum):
    """An activity of the station as a joint one: asked for by the unit, linked, or not."""

    ASKED = "asked"
    LINKED = "linked"
    DECLINED = "declined"


JOINT_STATE_LABELS = {
    JointState.ASKED: _l("等社区确认"),
    JointState.LINKED: _l("共建活动"),
    JointState.DECLINED: _l("不算共建"),
}


class PairingItem(PublicIdMixin, Base):
    """A need of the community or a resource of the unit. Written once, withdrawn, never rewritten."""

    __tablename__ = "pairing_item"
    __table_args__ = (one_of("kind", ItemKind), Index(None, "pairing_id", "kind"))

    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairing.id", ondelete="RESTRICT"))
    kind: Mapped[ItemKind] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(60))
    details: Mapped[str] = mapped_column(Text, default="")
    # The form that was sent: sent twice, it is written once.
    form_key: Mapped[str] = mapped_column(String(20), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    pairing: Mapped[Pairing] = relationship()


def _one_live_project(column: str) -> Index:
    """Return the index that lets a need (a resource) be in one project that was not given up."""
    live = text("state <> 'given_up'")
    name = f"uq_pairing_project_{column}"
    return Index(name, column, unique=True, sqlite_where=live, postgresql_where=live)


class PairingProject(PublicIdMixin, Base):
    """What both do together. `version` counts changes, so that nobody overwrites unseen words."""

    __tablename__ = "pairing_project"
    __table_args__ = (
        one_of("state", ProjectState),
        one_of("proposed_by", Side),
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done_has_its_day"),
        _one_live_project("need_id"),
        _one_live_project("resource_id"),
        Index(None, "pairing_id", "state"),
        Index(None, "state", "planned_on"),
        Index(None, "in_charge_id"),
    )

    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairing.id", ondelete="RESTRICT"))
    need_id: Mapped[int | None] = mapped_column(ForeignKey("pairing_item.id", ondelete="RESTRICT"))
    resource_id: Mapped[int | None] = mapped_column(
        ForeignKey("pairing_item.id", ondelete="RESTRICT")
    )
    title: Mapped[str] = mapped_column(String(60))
    state: Mapped[ProjectState] = mapped_column(String(12))
    proposed_by: Mapped[Side] = mapped_column(String(10))
    in_charge_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    planned_on: Mapped[date] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
    form_key: Mapped[str] = mapped_column(String(20), unique=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    overdue_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    pairing: Mapped[Pairing] = relationship()
    need: Mapped[PairingItem | None] = relationship(foreign_keys=[need_id])
    resource: Mapped[PairingItem | None] = relationship(foreign_keys=[resource_id])
    in_charge: Mapped[Person] = relationship()


class JointActivity(PublicIdMixin, Base):
    """An activity of the station that the unit takes part in.

    Its sessions count from `counts_from` (the pairing's first day) and before `counts_until`.
    """

    __tablename__ = "joint_activity"
    __table_args__ = (
        one_of("state", JointState),
        UniqueConstraint("pairing_id", "activity_id"),
        Index(None, "activity_id"),
    )

    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairing.id", ondelete="RESTRICT"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="RESTRICT"))
    state: Mapped[JointState] = mapped_column(String(10))
    counts_from: Mapped[datetime] = mapped_column(UtcDateTime())
    counts_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)

    pairing: Mapped[Pairing] = relationship()
    activity: Mapped[Activity] = relationship()
