"""Tables of people: persons, accounts, roles, volunteers, API tokens."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.access import Role
from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station


class Sex(StrEnum):
    """As the person says; optional."""

    FEMALE = "female"
    MALE = "male"


SEX_LABELS = {Sex.FEMALE: _l("女"), Sex.MALE: _l("男")}

ROLE_LABELS = {
    Role.STATION_MANAGER: _l("站点负责人"),
    Role.TEAM_LEADER: _l("队长"),
    Role.CAMPAIGN_OFFICER: _l("创建办工作人员"),
    Role.ADMINISTRATOR: _l("管理员"),
    Role.AUDITOR: _l("审计员"),
}


class Person(PublicIdMixin, Base):
    """Somebody the district knows, with or without an account. A phone may be shared by a family."""

    __tablename__ = "person"
    __table_args__ = (one_of("sex", Sex), Index(None, "phone"), Index(None, "name", "birth_on"))

    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(11))
    phone_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    birth_on: Mapped[date | None] = mapped_column(Date)
    sex: Mapped[Sex | None] = mapped_column(String(10))
    home_station_id: Mapped[int | None] = mapped_column(
        ForeignKey("station.id", ondelete="RESTRICT"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), index=True
    )
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    home_station: Mapped[Station | None] = relationship()


class Account(Base):
    """How a person signs in: one phone number, one password (argon2id)."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True
    )
    phone: Mapped[str] = mapped_column(String(11), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()


class RoleGrant(Base):
    """A role at a station, valid for its subtree."""

    __tablename__ = "role_grant"
    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_role_grant_live",
            "person_id",
            "role",
            "station_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    role: Mapped[Role] = mapped_column(String(20))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime())
    granted_by_id: Mapped[int | None] = mapped_column(Integer)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()
    station: Mapped[Station] = relationship()


class VolunteerState(StrEnum):
    """Where a person stands on the way to being, or having been, a registered volunteer."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REGISTERED = "registered"
    PAUSED = "paused"
    LEFT = "left"


VOLUNTEER_STATE_LABELS = {
    VolunteerState.SUBMITTED: _l("等待审核"),
    VolunteerState.RETURNED: _l("要补充"),
    VolunteerState.REFUSED: _l("未通过"),
    VolunteerState.WITHDRAWN: _l("已撤回"),
    VolunteerState.REGISTERED: _l("注册志愿者"),
    VolunteerState.PAUSED: _l("已暂停"),
    VolunteerState.LEFT: _l("已退出"),
}

# Whoever applied may serve; the minutes wait for the approval.
MAY_SERVE = (VolunteerState.SUBMITTED, VolunteerState.RETURNED, VolunteerState.REGISTERED)


class IdentityCheck(StrEnum):
    """How staff checked who the applicant is."""

    SEEN = "seen"
    PHONE = "phone"
    NOT_CHECKED = "not_checked"


IDENTITY_CHECK_LABELS = {
    IdentityCheck.SEEN: _l("当面看过证件"),
    IdentityCheck.PHONE: _l("电话核实"),
    IdentityCheck.NOT_CHECKED: _l("没有核实"),
}


class Volunteer(PublicIdMixin, Base):
    """A person's volunteering: state, number, home community. The number is never reused."""

    __tablename__ = "volunteer"
    __table_args__ = (
        one_of("state", VolunteerState),
        one_of("identity_check", IdentityCheck),
        CheckConstraint(
            "volunteer_no IS NOT NULL OR state NOT IN ('registered', 'paused')",
            name="registered_has_number",
        ),
        Index(None, "station_id", "state"),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), unique=True
    )
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    state: Mapped[VolunteerState] = mapped_column(String(12))
    volunteer_no: Mapped[str | None] = mapped_column(String(20), unique=True)
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)
    due_on: Mapped[date] = mapped_column(Date)
    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), index=True)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), index=True)
    identity_check: Mapped[IdentityCheck | None] = mapped_column(String(12))
    id_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    id_number_last4: Mapped[str] = mapped_column(String(4), default="")
    emergency_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("civilized_unit.id", ondelete="RESTRICT")
    )
    # Bit n is set for weekday n // 3 and part n % 3 of the day (morning, afternoon, evening).
    free_times: Mapped[int] = mapped_column(Integer, default=0)

    person: Mapped[Person] = relationship()
    station: Mapped[Station] = relationship()


class VolunteerTerm(Base):
    """A skill or a kind of service the volunteer named."""

    __tablename__ = "volunteer_term"

    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="RESTRICT"), primary_key=True
    )
    term_id: Mapped[int] = mapped_column(
        ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True
    )


class VolunteerCounter(Base):
    """The last running number given out in the district; one row."""

    __tablename__ = "volunteer_counter"

    id: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class ApiToken(PublicIdMixin, Base):
    """A bearer token of the figures API, for one station's subtree. Only its hash is stored."""

    __tablename__ = "api_token"

    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    created_by_id: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    station: Mapped[Station] = relationship()
