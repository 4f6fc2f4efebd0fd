"""Tables of the Party-branch tree: up to six levels, from the street's committee to a household."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit


class BranchLevel(StrEnum):
    """Level of a branch in the chain (六级组织链条)."""

    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    BUILDING = "building"
    CENTRE_HOUSEHOLD = "centre_household"
    UNIT_HOUSEHOLD = "unit_household"


BRANCH_LEVEL_LABELS = {
    BranchLevel.STREET: _l("党工委"),
    BranchLevel.COMMUNITY: _l("党委（总支）"),
    BranchLevel.GRID: _l("党支部"),
    BranchLevel.BUILDING: _l("楼院党小组"),
    BranchLevel.CENTRE_HOUSEHOLD: _l("党员中心户"),
    BranchLevel.UNIT_HOUSEHOLD: _l("单元中心户"),
}
# The highest first: a branch stands below one of a higher level.
BRANCH_LEVELS = tuple(BranchLevel)


class PartyBranch(PublicIdMixin, Base):
    """A Party organisation: of a place (`station_id`), of a unit (`unit_id`), or of neither."""

    __tablename__ = "party_branch"
    __table_args__ = (one_of("level", BranchLevel), Index(None, "parent_id"))

    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("party_branch.id", ondelete="RESTRICT")
    )
    level: Mapped[BranchLevel] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80), unique=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("civilized_unit.id", ondelete="RESTRICT")
    )
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    parent: Mapped[PartyBranch | None] = relationship(remote_side="PartyBranch.id")
    station: Mapped[Station | None] = relationship()
    unit: Mapped[CivilizedUnit | None] = relationship()


class PartyBranchTree(Base):
    """Closure of the tree: every branch with each of its ancestors, itself included (depth 0)."""

    __tablename__ = "party_branch_tree"
    __table_args__ = (
        CheckConstraint("depth BETWEEN 0 AND 5", name="six_levels"),
        Index(None, "descendant_id"),
    )

    ancestor_id: Mapped[int] = mapped_column(
        ForeignKey("party_branch.id", ondelete="RESTRICT"), primary_key=True
    )
    descendant_id: Mapped[int] = mapped_column(
        ForeignKey("party_branch.id", ondelete="RESTRICT"), primary_key=True
    )
    depth: Mapped[int] = mapped_column(SmallInteger)
