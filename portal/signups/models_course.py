"""Tables of courses: a series one signs up for as a whole."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.people.models import Person
from portal.shifts.models_series import Series
from portal.signups.models import Signup, SignupState

# What holds a place in a course: `Course.taken` counts exactly these.
COURSE_HOLDING = (SignupState.CONFIRMED, SignupState.OFFERED)
COURSE_LIVE = (*COURSE_HOLDING, SignupState.WAITLISTED)
_LIVE_SQL = "state IN ({})".format(", ".join(f"'{state}'" for state in COURSE_LIVE))


class Course(Base):
    """A series that is a course, with its places. Seats of each date are no fewer than these."""

    __tablename__ = "course"
    __table_args__ = (
        CheckConstraint("capacity >= 1", name="capacity_positive"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
    )

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="RESTRICT"), primary_key=True
    )
    capacity: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)

    series: Mapped[Series] = relationship()


class CourseSignup(PublicIdMixin, Base):
    """A person in a course, or in its one queue. The dates are sign-ups, named by `CourseDate`."""

    __tablename__ = "course_signup"
    __table_args__ = (
        one_of("state", SignupState),
        CheckConstraint(
            "(state = 'offered') = (offered_until IS NOT NULL)", name="offer_has_deadline"
        ),
        Index(
            "uq_course_signup_live",
            "series_id",
            "person_id",
            unique=True,
            sqlite_where=text(_LIVE_SQL),
            postgresql_where=text(_LIVE_SQL),
        ),
        Index(None, "person_id", "state"),
        Index(None, "state", "offered_until"),
    )

    series_id: Mapped[int] = mapped_column(ForeignKey("course.series_id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    state: Mapped[SignupState] = mapped_column(String(12))
    offered_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor_id: Mapped[int | None] = mapped_column(Integer)

    course: Mapped[Course] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def is_on_behalf(self) -> bool:
        """Whether somebody else put the person there."""
        return self.actor_id not in {None, self.person_id}


class CourseDate(Base):
    """A sign-up for one date that a sign-up for the course made."""

    __tablename__ = "course_date"
    __table_args__ = (Index(None, "course_signup_id"),)

    signup_id: Mapped[int] = mapped_column(
        ForeignKey("signup.id", ondelete="RESTRICT"), primary_key=True
    )
    course_signup_id: Mapped[int] = mapped_column(
        ForeignKey("course_signup.id", ondelete="RESTRICT")
    )

    signup: Mapped[Signup] = relationship()
