"""The table of honours: who was honoured with what, when and by whom."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station, Term


class Honoured(StrEnum):
    """What can be honoured. A family is named by the person who stands for it."""

    PERSON = "person"
    FAMILY = "family"
    TEAM = "team"
    PROJECT = "project"
    UNIT = "unit"
    COMMUNITY = "community"


HONOURED_LABELS = {
    Honoured.PERSON: _l("个人"),
    Honoured.FAMILY: _l("家庭"),
    Honoured.TEAM: _l("队伍"),
    Honoured.PROJECT: _l("项目"),
    Honoured.UNIT: _l("单位"),
    Honoured.COMMUNITY: _l("社区、站点"),
}
# Those whose honours name a person.
PERSONAL = (Honoured.PERSON, Honoured.FAMILY)

_LIVE = "withdrawn_at IS NULL"


class Honour(PublicIdMixin, Base):
    """An honour; one that was wrong is withdrawn and stays, marked. Words are notes.

    What is honoured may be of six kinds: two columns and no foreign key, as with `core.ref.Ref`.
    `station_id` is the station that keeps it.
    """

    __tablename__ = "honour"
    __table_args__ = (
        one_of("subject_kind", Honoured),
        Index(
            "uq_honour_live",
            "subject_kind",
            "subject_id",
            "title",
            "given_on",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index(None, "station_id", "given_on"),
    )

    subject_kind: Mapped[Honoured] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(Integer)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(String(60))
    level_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    given_on: Mapped[date] = mapped_column(Date)
    issuer: Mapped[str] = mapped_column(String(60))
    document_no: Mapped[str] = mapped_column(String(40), default="")
    recorded_by_id: Mapped[int | None] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime())
    withdrawn_by_id: Mapped[int | None] = mapped_column(Integer)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship()
    level: Mapped[Term] = relationship()
