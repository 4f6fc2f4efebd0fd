"""Tables of families: whom a person may sign up besides themselves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import Person


class Relation(StrEnum):
    """What the other one is to the holder."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    OTHER = "other"


RELATION_LABELS = {
    Relation.SPOUSE: _l("配偶"),
    Relation.PARENT: _l("父母"),
    Relation.CHILD: _l("子女"),
    Relation.OTHER: _l("其他家人"),
}


class FamilyMember(PublicIdMixin, Base):
    """Somebody the holder may sign up. A linked one has an account and agreed with it.

    A row that was removed stays: it says who acted for whom at the time.
    """

    __tablename__ = "family_member"
    __table_args__ = (
        one_of("relation", Relation),
        CheckConstraint("holder_id <> person_id", name="of_two"),
        Index(
            "uq_family_member_live",
            "holder_id",
            "person_id",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(None, "person_id"),
    )

    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    relation: Mapped[Relation] = mapped_column(String(10))
    is_linked: Mapped[bool] = mapped_column(Boolean, default=False)
    # Who said that they are the guardian of this minor; they may agree for the child.
    is_guardian: Mapped[bool] = mapped_column(Boolean, default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime())
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    holder: Mapped[Person] = relationship(foreign_keys=[holder_id])
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class FamilyCode(Base):
    """A one-time code by which somebody with an account becomes the holder's family."""

    __tablename__ = "family_code"
    __table_args__ = (one_of("relation", Relation), Index(None, "holder_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    relation: Mapped[Relation] = mapped_column(String(10))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    holder: Mapped[Person] = relationship()
