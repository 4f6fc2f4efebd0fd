"""Tables of projects and brands (项目品牌): what groups offerings, teams and stations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime
from portal.org.models import Station


class Project(PublicIdMixin, Base):
    """A project of a station (and of all below it); others may take part."""

    __tablename__ = "project"

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str] = mapped_column(String(40))
    slogan: Mapped[str] = mapped_column(String(80), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship()


class ProjectStation(Base):
    """A station that takes part, besides the project's own and those below it."""

    __tablename__ = "project_station"
    __table_args__ = (Index(None, "station_id"),)

    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="RESTRICT"), primary_key=True
    )
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), primary_key=True
    )


class ProjectTeam(Base):
    """A team that carries the project."""

    __tablename__ = "project_team"
    __table_args__ = (Index(None, "team_id"),)

    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="RESTRICT"), primary_key=True
    )
    team_id: Mapped[int] = mapped_column(
        ForeignKey("team.id", ondelete="RESTRICT"), primary_key=True
    )
