"""Tables of the waist. Activities and service posts are kinds of Offering, defined higher up."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import ids
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.core.ref import Ref
from portal.org.models import Station, Term
from portal.people.models import Person
from portal.shifts.models_projects import Project


class OfferingType(StrEnum):
    """The discriminator: which kind of offering a row is."""

    ACTIVITY = "activity"
    SERVICE_POST = "service_post"


# By which name steps, notes and the log call an offering.
_SUBJECTS = {OfferingType.ACTIVITY: "activity", OfferingType.SERVICE_POST: "post"}
_PAGES = {OfferingType.ACTIVITY: "activities", OfferingType.SERVICE_POST: "posts"}


class OfferingState(StrEnum):
    """From draft to published, or called off."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    CALLED_OFF = "called_off"


OFFERING_STATE_LABELS = {
    OfferingState.DRAFT: _l("草稿"),
    OfferingState.IN_REVIEW: _l("审核中"),
    OfferingState.PUBLISHED: _l("已发布"),
    OfferingState.CALLED_OFF: _l("已取消"),
}


class ShiftState(StrEnum):
    """A shift takes place or is called off; *finished* and *full* are computed."""

    PLANNED = "planned"
    CALLED_OFF = "called_off"


class PlaceRole(StrEnum):
    """Who a place is for: somebody who takes part, or somebody who serves."""

    ATTENDEE = "attendee"
    VOLUNTEER = "volunteer"


PLACE_ROLE_LABELS = {PlaceRole.ATTENDEE: _l("参加活动"), PlaceRole.VOLUNTEER: _l("做志愿者")}


def page_of(kind: str, public_id: str) -> str:
    """Return the address of an offering's public page; `kind` is its type."""
    return f"/{_PAGES[OfferingType(kind)]}/{public_id}"


class Offering(PublicIdMixin, Base):
    """What a station offers. Features below activities select its columns, never the subclass."""

    __tablename__ = "offering"
    __table_args__ = (
        one_of("type", OfferingType),
        one_of("state", OfferingState),
        Index(None, "station_id", "state"),
        Index(None, "state", "kind_id"),
        CheckConstraint("minimum_age BETWEEN 0 AND 99", name="minimum_age_known"),
        CheckConstraint(
            "maximum_age = 0 OR maximum_age BETWEEN minimum_age AND 120", name="maximum_age_known"
        ),
        CheckConstraint("expected_persons >= 0", name="expected_persons_known"),
    )

    type: Mapped[OfferingType] = mapped_column(String(12))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(120), default="")
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    leader_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    # Who may sign up: full years, both included (0: any), and no minors where there is a risk.
    minimum_age: Mapped[int] = mapped_column(SmallInteger, default=0)
    maximum_age: Mapped[int] = mapped_column(SmallInteger, default=0)
    is_risky: Mapped[bool] = mapped_column(Boolean, default=False)
    # Volunteers come by their team: nobody takes such a place alone.
    team_only: Mapped[bool] = mapped_column(Boolean, default=False)
    # Only residents of the community (the station with all below it).
    community_only: Mapped[bool] = mapped_column(Boolean, default=False)
    # Only Party members serve. Who is one is theirs to know: each signs up with their own hand.
    members_only: Mapped[bool] = mapped_column(Boolean, default=False)
    # How many are expected at once (0: not said), and what the police said of a large one.
    expected_persons: Mapped[int] = mapped_column(Integer, default=0)
    permit_note: Mapped[str] = mapped_column(String(300), default="")
    # Whoever attended has this training.
    gives_training_id: Mapped[int | None] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT")
    )
    # A course: who takes part signs up for all its dates at once.
    is_course: Mapped[bool] = mapped_column(Boolean, default=False)
    # Whoever likes comes without signing up; the leader counts heads once.
    open_crowd: Mapped[bool] = mapped_column(Boolean, default=False)
    project_id: Mapped[int | None] = mapped_column(
        ForeignKey("project.id", ondelete="RESTRICT"), index=True
    )
    state: Mapped[OfferingState] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship()
    kind: Mapped[Term] = relationship(foreign_keys=[kind_id])
    gives_training: Mapped[Term | None] = relationship(foreign_keys=[gives_training_id])
    leader: Mapped[Person | None] = relationship()
    project: Mapped[Project | None] = relationship()

    @property
    def ref(self) -> Ref:
        """What its steps, notes and rows of the log name."""
        return Ref(_SUBJECTS[OfferingType(self.type)], self.id)

    @property
    def path(self) -> str:
        """The address of its public page: each kind of offering has its own list."""
        return page_of(self.type, self.public_id)

    @property
    def desk_path(self) -> str:
        """The address of its page at the desk."""
        return f"/desk{self.path}"

    __mapper_args__ = {"polymorphic_on": "type"}  # noqa: RUF012  SQLAlchemy's own form


class Shift(PublicIdMixin, Base):
    """One span of an offering. `revision` is the calendar's SEQUENCE; `station_id` its owner's."""

    __tablename__ = "shift"
    __table_args__ = (
        one_of("state", ShiftState),
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        Index(None, "starts_at"),
        Index(None, "ends_at"),
        Index(None, "offering_id", "starts_at"),
        Index(None, "station_id", "starts_at"),
    )

    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id", ondelete="RESTRICT"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime())
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # The span before the last move, which calendars name.
    moved_from_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    state: Mapped[ShiftState] = mapped_column(String(12), default=ShiftState.PLANNED)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    called_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    called_off_reason: Mapped[str] = mapped_column(String(200), default="")
    # Where this one is held and who receives it, when it is not the offering's own place.
    place: Mapped[str] = mapped_column(String(120), default="")
    host: Mapped[str] = mapped_column(String(60), default="")
    check_in_key: Mapped[str] = mapped_column(String(6), unique=True, default=ids.check_in_key)

    offering: Mapped[Offering] = relationship()

    @property
    def venue(self) -> str:
        """Where it is held: the shift's own place, else the offering's."""
        return self.place or self.offering.place


class Place(Base):
    """Places of one role on a shift. `taken` counts confirmed, offered, attended and no-show rows."""

    __tablename__ = "place"
    __table_args__ = (
        one_of("role", PlaceRole),
        UniqueConstraint("shift_id", "role", "label"),
        CheckConstraint("capacity >= 1", name="capacity_positive"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    role: Mapped[PlaceRole] = mapped_column(String(10))
    label: Mapped[str] = mapped_column(String(40), default="")
    capacity: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)

    shift: Mapped[Shift] = relationship()
