"""Tables of the service menu (服务菜单): categories as a tree, and what each station offers."""

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

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lang
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.org.models_units import CivilizedUnit
from portal.people.models_teams import Team


class ServicePlace(StrEnum):
    """Where a service is given."""

    HOME = "home"
    STATION = "station"
    EITHER = "either"


SERVICE_PLACE_LABELS = {
    ServicePlace.HOME: _l("上门"),
    ServicePlace.STATION: _l("到站"),
    ServicePlace.EITHER: _l("上门、到站都行"),
}


class ServiceCategory(Base):
    """One entry of the category tree; `code` stands in addresses. The office keeps it."""

    __tablename__ = "service_category"
    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_below_itself"),
        Index(None, "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("service_category.id", ondelete="RESTRICT")
    )
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def label(self) -> str:
        """Name in the reader's language."""
        return self.name_en if lang() == "en" else self.name_zh


class Service(PublicIdMixin, Base):
    """One entry of a station's menu: what is done, for whom, where, and by whom if that is fixed.

    It can be ordered from `in_use_from` to `in_use_until`, unless it was taken out of use.
    """

    __tablename__ = "service"
    __table_args__ = (
        one_of("place", ServicePlace),
        CheckConstraint("team_id IS NULL OR unit_id IS NULL", name="one_provider"),
        CheckConstraint("usual_minutes BETWEEN 0 AND 1440", name="usual_minutes_known"),
        CheckConstraint(
            "in_use_until IS NULL OR in_use_until >= in_use_from", name="ends_after_begin"
        ),
        CheckConstraint("NOT home_visit OR place <> 'station'", name="visits_are_at_home"),
        Index(None, "station_id", "closed_at"),
        Index(None, "category_id"),
    )

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    category_id: Mapped[int] = mapped_column(ForeignKey("service_category.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(Text, default="")
    for_whom: Mapped[str] = mapped_column(String(120), default="")
    bring: Mapped[str] = mapped_column(String(200), default="")
    # How long it usually takes; 0 where nobody can say.
    usual_minutes: Mapped[int] = mapped_column(SmallInteger, default=0)
    place: Mapped[ServicePlace] = mapped_column(String(10))
    # Who gives it, where that is fixed; a dispatch begins with them.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("civilized_unit.id", ondelete="RESTRICT")
    )
    open_to_claim: Mapped[bool] = mapped_column(Boolean, default=False)
    # Staff come for the papers and bring them back (前移办): three times are kept.
    home_visit: Mapped[bool] = mapped_column(Boolean, default=False)
    in_use_from: Mapped[date] = mapped_column(Date)
    in_use_until: Mapped[date | None] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship()
    category: Mapped[ServiceCategory] = relationship()
    team: Mapped[Team | None] = relationship()
    unit: Mapped[CivilizedUnit | None] = relationship()
