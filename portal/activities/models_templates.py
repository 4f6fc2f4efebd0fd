"""Templates: what a station puts on again and again, kept but for its title, day and numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime
from portal.org.models import Station, Term

_IN_USE = "retired_at IS NULL"
_OF_DISTRICT = f"station_id IS NULL AND {_IN_USE}"


class ActivityTemplate(PublicIdMixin, Base):
    """A kind of activity under a name of its own. Stations below its station use it as well.

    Without a station it is the whole district's. An empty place or telephone is the station's that
    uses it. The start is in minutes of the local day; `code` names those a district begins with.
    """

    __tablename__ = "activity_template"
    __table_args__ = (
        CheckConstraint("starts_minute BETWEEN 0 AND 1439", name="start_within_day"),
        CheckConstraint("length_minutes BETWEEN 5 AND 1440", name="length_within_day"),
        CheckConstraint("volunteers >= 0 AND attendees >= 0", name="places_not_negative"),
        CheckConstraint("minimum_age BETWEEN 0 AND 99", name="minimum_age_known"),
        Index(
            "uq_activity_template_name",
            "station_id",
            "name",
            unique=True,
            sqlite_where=text(_IN_USE),
            postgresql_where=text(_IN_USE),
        ),
        Index(
            "uq_activity_template_district_name",
            "name",
            unique=True,
            sqlite_where=text(_OF_DISTRICT),
            postgresql_where=text(_OF_DISTRICT),
        ),
    )

    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    code: Mapped[str | None] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(60))
    kind_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    field_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    target_group_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    place: Mapped[str] = mapped_column(String(120), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    leader_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    bring: Mapped[str] = mapped_column(String(200), default="")
    minimum_age: Mapped[int] = mapped_column(SmallInteger, default=0)
    is_risky: Mapped[bool] = mapped_column(Boolean, default=False)
    team_only: Mapped[bool] = mapped_column(Boolean, default=False)
    risk_note: Mapped[str] = mapped_column(String(300), default="")
    insurance_note: Mapped[str] = mapped_column(String(300), default="")
    starts_minute: Mapped[int] = mapped_column(SmallInteger)
    length_minutes: Mapped[int] = mapped_column(SmallInteger)
    volunteers: Mapped[int] = mapped_column(SmallInteger, default=0)
    attendees: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station | None] = relationship()
    kind: Mapped[Term] = relationship(foreign_keys=[kind_id])
    field: Mapped[Term] = relationship(foreign_keys=[field_id])
    target_group: Mapped[Term] = relationship(foreign_keys=[target_group_id])
