"""Tables of units outside the station tree, and of the communities they are paired with."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station


class UnitKind(StrEnum):
    """What a unit is: who can be called for what (吹哨报到) hangs on it."""

    DEPARTMENT = "department"
    INSTITUTION = "institution"
    ENTERPRISE = "enterprise"
    SCHOOL = "school"
    ORGANISATION = "organisation"


UNIT_KIND_LABELS = {
    UnitKind.DEPARTMENT: _l("机关、职能科室"),
    UnitKind.INSTITUTION: _l("事业单位"),
    UnitKind.ENTERPRISE: _l("企业"),
    UnitKind.SCHOOL: _l("学校"),
    UnitKind.ORGANISATION: _l("社会组织"),
}


class CivilizedUnit(PublicIdMixin, Base):
    """A unit (office, firm, school) that bears the title, or works for it.

    `station_id` is the community, or the street, in which it lies: what is near goes by it.
    """

    __tablename__ = "civilized_unit"
    __table_args__ = (one_of("kind", UnitKind), Index(None, "station_id"))

    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[UnitKind] = mapped_column(String(20), default=UnitKind.INSTITUTION)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    address: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station | None] = relationship()


class Pairing(PublicIdMixin, Base):
    """A unit and a community that help each other (结对共建), while `ended_on` is empty."""

    __tablename__ = "pairing"
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= since_on", name="ends_after_begin"),
        Index(
            "uq_pairing_live",
            "unit_id",
            "station_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index(None, "station_id"),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("civilized_unit.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    since_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)

    unit: Mapped[CivilizedUnit] = relationship()
    station: Mapped[Station] = relationship()
