"""Tables of service teams and who is in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station, Term
from portal.people.models import Person


class Team(PublicIdMixin, Base):
    """A service team of a station: its brand, and what it says of itself."""

    __tablename__ = "team"

    name: Mapped[str] = mapped_column(String(60))
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), index=True
    )
    # Teams from before kinds were known have none until somebody says it.
    kind_id: Mapped[int | None] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    brand: Mapped[str] = mapped_column(String(40), default="")
    slogan: Mapped[str] = mapped_column(String(80), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship()
    kind: Mapped[Term | None] = relationship()


class MemberState(StrEnum):
    """Whether a person asked to join a team or is in it."""

    REQUESTED = "requested"
    MEMBER = "member"
    DECLINED = "declined"
    LEFT = "left"


# Who is in the team, or waits to be.
PRESENT = (MemberState.REQUESTED, MemberState.MEMBER)
MEMBER_STATE_LABELS = {
    MemberState.REQUESTED: _l("等队长答复"),
    MemberState.MEMBER: _l("在队"),
    MemberState.DECLINED: _l("没有通过"),
    MemberState.LEFT: _l("已退出"),
}


class TeamRole(StrEnum):
    """What a member is in the team. One leads it, any number stand in."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"


TEAM_ROLE_LABELS = {
    TeamRole.LEADER: _l("队长"),
    TeamRole.DEPUTY: _l("副队长"),
    TeamRole.MEMBER: _l("队员"),
}
LEADING = (TeamRole.LEADER, TeamRole.DEPUTY)

_IS_LEADER = "role = 'leader' AND state = 'member'"


class TeamMember(Base):
    """A person in a team, or who was or wanted to be; `at` is when the state began."""

    __tablename__ = "team_member"
    __table_args__ = (
        one_of("state", MemberState),
        one_of("role", TeamRole),
        Index(None, "person_id"),
        Index(
            "uq_team_member_leader",
            "team_id",
            unique=True,
            sqlite_where=text(_IS_LEADER),
            postgresql_where=text(_IS_LEADER),
        ),
    )

    team_id: Mapped[int] = mapped_column(
        ForeignKey("team.id", ondelete="RESTRICT"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    state: Mapped[MemberState] = mapped_column(String(10))
    role: Mapped[TeamRole] = mapped_column(String(10), default=TeamRole.MEMBER)
    at: Mapped[datetime] = mapped_column(UtcDateTime())

    team: Mapped[Team] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(viewonly=True)
