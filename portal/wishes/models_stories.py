"""Tables of what a fulfilled wish leaves to tell: photos of the delivery, and the short story."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.records.files import StoredFile
from portal.wishes.models import ConfirmWay, Wish
from portal.wishes.models_pledges import Pledge


class Shown(StrEnum):
    """Who is to be seen on a photo, as the pledger says."""

    NOBODY = "nobody"
    AGREED = "agreed"


SHOWN_LABELS = {
    Shown.NOBODY: _l("照片里没有人"),
    Shown.AGREED: _l("照片里的人都当面同意拍"),
}


class WishPhoto(PublicIdMixin, Base):
    """A photo of a delivery. Only the wish's own people and the station see it, until told."""

    __tablename__ = "wish_photo"
    __table_args__ = (one_of("shown", Shown), Index(None, "pledge_id"))

    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id", ondelete="RESTRICT"))
    file_id: Mapped[int] = mapped_column(
        ForeignKey("stored_file.id", ondelete="RESTRICT"), unique=True
    )
    shown: Mapped[Shown] = mapped_column(String(10))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime())
    added_by_id: Mapped[int | None] = mapped_column(Integer)

    pledge: Mapped[Pledge] = relationship()
    file: Mapped[StoredFile] = relationship()


class WishStory(Base):
    """The wisher agreed that their wish is told, with or without photos; withdrawing deletes it.

    Nothing is public until staff have written the text (`told_at`).
    """

    __tablename__ = "wish_story"
    __table_args__ = (one_of("way", ConfirmWay), Index(None, "told_at"))

    wish_id: Mapped[int] = mapped_column(
        ForeignKey("wish.id", ondelete="RESTRICT"), primary_key=True
    )
    with_photo: Mapped[bool] = mapped_column(Boolean)
    way: Mapped[ConfirmWay] = mapped_column(String(20))
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor_id: Mapped[int | None] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    wish: Mapped[Wish] = relationship()
