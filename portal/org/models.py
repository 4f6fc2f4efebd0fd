"""Tables of the organisation."""

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
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lang
from portal.core.i18n import lazy_gettext as _l


class Level(StrEnum):
    """Level of a station in the tree."""

    CENTRE = "centre"
    INSTITUTE = "institute"
    STATION = "station"
    POINT = "point"


LEVEL_LABELS = {
    Level.CENTRE: _l("实践中心"),
    Level.INSTITUTE: _l("实践所"),
    Level.STATION: _l("实践站"),
    Level.POINT: _l("实践点"),
}


class Vocabulary(StrEnum):
    """Lists whose entries are data, not code."""

    ACTIVITY_KIND = "activity_kind"
    FIELD = "field"
    TARGET_GROUP = "target_group"
    POINT_TYPE = "point_type"
    SKILL = "skill"
    SERVICE_KIND = "service_kind"
    WISH_KIND = "wish_kind"
    FEEDBACK_KIND = "feedback_kind"
    VENUE_TYPE = "venue_type"
    DUTY_COUNTER = "duty_counter"
    TEAM_KIND = "team_kind"
    TRAINING = "training"
    OUTPUT_COUNTER = "output_counter"
    HONOUR_LEVEL = "honour_level"
    QUALITY = "quality"


VOCABULARY_LABELS = {
    Vocabulary.ACTIVITY_KIND: _l("活动类别"),
    Vocabulary.FIELD: _l("活动领域"),
    Vocabulary.TARGET_GROUP: _l("服务对象"),
    Vocabulary.TRAINING: _l("培训"),
    Vocabulary.SKILL: _l("特长"),
    Vocabulary.SERVICE_KIND: _l("愿意做的服务"),
    Vocabulary.WISH_KIND: _l("心愿类别"),
    Vocabulary.VENUE_TYPE: _l("岗位的场所类型"),
    Vocabulary.DUTY_COUNTER: _l("值岗计数"),
    Vocabulary.TEAM_KIND: _l("队伍类别"),
    Vocabulary.POINT_TYPE: _l("实践点类型"),
    Vocabulary.FEEDBACK_KIND: _l("意见建议类别"),
    Vocabulary.HONOUR_LEVEL: _l("荣誉级别"),
    Vocabulary.QUALITY: _l("服务评价"),
}


class Term(Base):
    """One entry of a vocabulary; `code` stands in addresses (`/cal/kinds/<code>.ics`)."""

    __tablename__ = "term"
    __table_args__ = (UniqueConstraint("vocabulary", "code"), one_of("vocabulary", Vocabulary))

    id: Mapped[int] = mapped_column(primary_key=True)
    vocabulary: Mapped[Vocabulary] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(30))
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def label(self) -> str:
        """Name in the reader's language."""
        return self.name_en if lang() == "en" else self.name_zh


class TermLink(Base):
    """Two entries that go together: a skill, and a kind of wish that it helps with."""

    __tablename__ = "term_link"
    __table_args__ = (Index(None, "to_id"),)

    from_id: Mapped[int] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True
    )
    to_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True)


class TermValidity(Base):
    """For how many months what an entry stands for holds (a training); without a row, for ever."""

    __tablename__ = "term_validity"
    __table_args__ = (CheckConstraint("months BETWEEN 1 AND 120", name="months_known"),)

    term_id: Mapped[int] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True
    )
    months: Mapped[int] = mapped_column(SmallInteger)


class TermUnit(Base):
    """What an entry is counted in: 处, 吨, 户."""

    __tablename__ = "term_unit"

    term_id: Mapped[int] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True
    )
    name_zh: Mapped[str] = mapped_column(String(10))
    name_en: Mapped[str] = mapped_column(String(20))

    @property
    def label(self) -> str:
        """Name in the reader's language."""
        return self.name_en if lang() == "en" else self.name_zh


class Station(PublicIdMixin, Base):
    """A centre, institute, station or point. `population` counts its own community's residents."""

    __tablename__ = "station"
    __table_args__ = (
        one_of("level", Level),
        CheckConstraint("population >= 0", name="population_not_negative"),
        Index(None, "parent_id"),
    )

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    level: Mapped[Level] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    community: Mapped[str] = mapped_column(String(60), default="")
    point_type_id: Mapped[int | None] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    address: Mapped[str] = mapped_column(String(120), default="")
    directions: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    population: Mapped[int] = mapped_column(Integer, default=0)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    parent: Mapped[Station | None] = relationship(remote_side="Station.id")
    point_type: Mapped[Term | None] = relationship()

    @property
    def level_label(self) -> str:
        """Level in words."""
        return str(LEVEL_LABELS[Level(self.level)])


class StationTree(Base):
    """Closure of the tree: every station with each of its ancestors, itself included (depth 0)."""

    __tablename__ = "station_tree"
    __table_args__ = (Index(None, "descendant_id"),)

    ancestor_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), primary_key=True
    )
    descendant_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), primary_key=True
    )
    depth: Mapped[int] = mapped_column(SmallInteger)


class OpeningHours(Base):
    """When a station is open: weekday 0 (Monday) to 6, minutes of the local day."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        CheckConstraint(
            "opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440",
            name="span_within_day",
        ),
    )

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    opens_minute: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    closes_minute: Mapped[int] = mapped_column(SmallInteger)


class CalendarDay(Base):
    """A day that differs from Monday-to-Friday: a holiday, or a weekend day worked in exchange."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_working: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(40))


class CalendarYear(Base):
    """A year whose list has been published and imported; others count Monday to Friday."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(60))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime())
