"""Tables of what an offering asks of who signs up, besides the columns of the offering."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base


class OfferingTraining(Base):
    """A training that who serves must have, valid on the day."""

    __tablename__ = "offering_training"

    offering_id: Mapped[int] = mapped_column(
        ForeignKey("offering.id", ondelete="RESTRICT"), primary_key=True
    )
    term_id: Mapped[int] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True
    )


class OfferingSkill(Base):
    """A skill that who serves must have, or that is merely wanted."""

    __tablename__ = "offering_skill"

    offering_id: Mapped[int] = mapped_column(
        ForeignKey("offering.id", ondelete="RESTRICT"), primary_key=True
    )
    term_id: Mapped[int] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True
    )
    is_required: Mapped[bool] = mapped_column(Boolean, default=False)
