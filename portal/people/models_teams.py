"""Tables of service teams and who is in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of


class Team(PublicIdMixin, Base):
    """A service team of a station."""

    __tablename__ = "team"

    name: Mapped[str] = mapped_column(String(60))
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), index=True
    )


class MemberState(StrEnum):
    """Whether a person asked to join a team or is in it."""

    REQUESTED = "requested"
    MEMBER = "member"
    LEFT = "left"


class TeamMember(Base):
    """A person in a team."""

    __tablename__ = "team_member"
    __table_args__ = (one_of("state", MemberState), Index(None, "person_id"))

    team_id: Mapped[int] = mapped_column(
        ForeignKey("team.id", ondelete="RESTRICT"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    state: Mapped[MemberState] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime())
