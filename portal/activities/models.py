"""The activity: an offering with a subject, a field, and what one must know before coming."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.org.models import Term
from portal.shifts.models import Offering, OfferingType


class Activity(Offering):
    """One activity. A risky one needs an insurance note before it can be published."""

    __tablename__ = "activity"
    id: Mapped[int] = mapped_column(
        ForeignKey("offering.id", ondelete="RESTRICT"), primary_key=True
    )
    field_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    target_group_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    bring: Mapped[str] = mapped_column(String(200), default="")
    risk_note: Mapped[str] = mapped_column(String(300), default="")
    insurance_note: Mapped[str] = mapped_column(String(300), default="")

    field: Mapped[Term] = relationship(foreign_keys=[field_id])
    target_group: Mapped[Term] = relationship(foreign_keys=[target_group_id])

    __mapper_args__ = {  # noqa: RUF012  SQLAlchemy's own form
        "polymorphic_identity": OfferingType.ACTIVITY,
    }
