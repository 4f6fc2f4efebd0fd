"""The table of sign-ups: people on shifts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import Person
from portal.people.models_teams import Team
from portal.shifts.models import Place, PlaceRole, Shift


class SignupState(StrEnum):
    """Where a sign-up stands."""

    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


SIGNUP_STATE_LABELS = {
    SignupState.CONFIRMED: _l("报名成功"),
    SignupState.WAITLISTED: _l("候补中"),
    SignupState.OFFERED: _l("有名额了，等您确认"),
    SignupState.WITHDRAWN: _l("已取消报名"),
    SignupState.CALLED_OFF: _l("活动已取消"),
    SignupState.ATTENDED: _l("已到场"),
    SignupState.NO_SHOW: _l("没有到场"),
}

# Rows that hold a place: `Place.taken` counts exactly these.
HOLDING = (
    SignupState.CONFIRMED,
    SignupState.OFFERED,
    SignupState.ATTENDED,
    SignupState.NO_SHOW,
)
# Rows of which a person has at most one on a shift.
LIVE = (*HOLDING, SignupState.WAITLISTED)


class ParticipantKind(StrEnum):
    """As what somebody takes part; only volunteers earn hours."""

    VOLUNTEER = "volunteer"
    ON_DUTY = "on_duty"
    PAID_POST = "paid_post"
    GUEST = "guest"


PARTICIPANT_LABELS = {
    ParticipantKind.VOLUNTEER: _l("志愿者"),
    ParticipantKind.ON_DUTY: _l("在岗工作人员"),
    ParticipantKind.PAID_POST: _l("公益岗"),
    ParticipantKind.GUEST: _l("参加的人"),
}
# As what one may hold a place of each role; the first is what is meant when nobody says.
KINDS_OF = {
    PlaceRole.VOLUNTEER: (
        ParticipantKind.VOLUNTEER,
        ParticipantKind.ON_DUTY,
        ParticipantKind.PAID_POST,
    ),
    PlaceRole.ATTENDEE: (ParticipantKind.GUEST,),
}


_LIVE_SQL = "state IN ({})".format(", ".join(f"'{state}'" for state in LIVE))


class SignupParty(Base):
    """People who wait together: they are offered places all at once, or not at all."""

    __tablename__ = "signup_party"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor_id: Mapped[int | None] = mapped_column(Integer)


class Signup(PublicIdMixin, Base):
    """A person on a shift. `position` in the queue is counted by `QUEUE_ORDER`."""

    __tablename__ = "signup"
    __table_args__ = (
        one_of("role", PlaceRole),
        one_of("state", SignupState),
        one_of("participant", ParticipantKind),
        CheckConstraint(
            "(state = 'offered') = (offered_until IS NOT NULL)", name="offer_has_deadline"
        ),
        Index(
            "uq_signup_live",
            "shift_id",
            "person_id",
            unique=True,
            sqlite_where=text(_LIVE_SQL),
            postgresql_where=text(_LIVE_SQL),
        ),
        Index(None, "place_id", "state", "id"),
        Index(None, "person_id", "state"),
        Index(None, "state", "offered_until"),
        Index(None, "party_id"),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    role: Mapped[PlaceRole] = mapped_column(String(10))
    participant: Mapped[ParticipantKind] = mapped_column(String(10))
    state: Mapped[SignupState] = mapped_column(String(12))
    offered_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # Who put the person there: themselves, or staff on their behalf (代办).
    actor_id: Mapped[int | None] = mapped_column(Integer)
    # Who waits together with others, and where a hand has put whoever waits (else: by id, behind).
    party_id: Mapped[int | None] = mapped_column(ForeignKey("signup_party.id", ondelete="RESTRICT"))
    rank: Mapped[int | None] = mapped_column(Integer)

    shift: Mapped[Shift] = relationship(viewonly=True)
    place: Mapped[Place] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(viewonly=True)

    @property
    def is_on_behalf(self) -> bool:
        """Whether somebody else put the person there (代报名)."""
        return self.actor_id not in {None, self.person_id}


# The order of a queue: whom a hand has put somewhere, then the others in the order of joining.
QUEUE_ORDER = (Signup.rank.is_(None), Signup.rank, Signup.id)


class ReminderMoment(StrEnum):
    """When somebody is reminded of a shift."""

    DAY = "day"
    HOURS = "hours"


class SignupReminder(Base):
    """Somebody was reminded at this moment of a shift that starts then: once, however often asked.

    A shift that is given another start is reminded of anew.
    """

    __tablename__ = "signup_reminder"
    __table_args__ = (one_of("moment", ReminderMoment),)

    signup_id: Mapped[int] = mapped_column(
        ForeignKey("signup.id", ondelete="RESTRICT"), primary_key=True
    )
    moment: Mapped[ReminderMoment] = mapped_column(String(10), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime(), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())


class QueueClosing(Base):
    """A shift whose queue was closed, and its waiting people told, at `at`."""

    __tablename__ = "queue_closing"

    shift_id: Mapped[int] = mapped_column(
        ForeignKey("shift.id", ondelete="RESTRICT"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime())


class TeamSignup(Base):
    """A sign-up that a team's leader made for a member: the person serves in the team's name."""

    __tablename__ = "team_signup"
    __table_args__ = (Index(None, "team_id"),)

    signup_id: Mapped[int] = mapped_column(
        ForeignKey("signup.id", ondelete="RESTRICT"), primary_key=True
    )
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))

    team: Mapped[Team] = relationship()
