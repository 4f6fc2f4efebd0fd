"""The table that somebody sent, from the check to the import."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station


class Sort(StrEnum):
    """What the rows of a table become."""

    PERSONS = "persons"
    POSTS = "posts"
    ACTIVITIES = "activities"


SORT_LABELS = {
    Sort.PERSONS: _l("居民和志愿者"),
    Sort.POSTS: _l("志愿服务岗"),
    Sort.ACTIVITIES: _l("活动"),
}


class ImportUpload(PublicIdMixin, Base):
    """What a file held, sealed. The rows go when they are taken; the whole goes after a day."""

    __tablename__ = "import_upload"
    __table_args__ = (
        one_of("sort", Sort),
        CheckConstraint("(taken_at IS NULL) = (rows_sealed IS NOT NULL)", name="rows_until_taken"),
        Index(None, "uploaded_at"),
        Index(None, "uploaded_by_id"),
    )

    sort: Mapped[Sort] = mapped_column(String(12))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime())
    row_count: Mapped[int] = mapped_column(Integer)
    rows_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # How many rows became something; the others were there already.
    taken_count: Mapped[int] = mapped_column(Integer, default=0)

    station: Mapped[Station] = relationship()
