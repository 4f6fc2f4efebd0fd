"""Scans are facts and only grow; visits are what they mean, and can be derived again."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, append_only, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import Person
from portal.shifts.models import PlaceRole, Shift
from portal.signups.models import Signup


class Direction(StrEnum):
    """Coming or going."""

    IN = "in"
    OUT = "out"


class Way(StrEnum):
    """How a scan came about."""

    CODE = "code"
    DIGITS = "digits"
    CAMERA = "camera"
    MANUAL = "manual"
    # Told as a whole afterwards from a signed sheet; said at a poster and confirmed; at a kiosk.
    PAPER = "paper"
    CLAIM = "claim"
    KIOSK = "kiosk"
    # Closed at the planned end by rule, settled by somebody, or left unsettled too long.
    RULE = "rule"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"
    ANNULLED = "annulled"


WAY_LABELS = {
    Way.CODE: _l("扫现场的码"),
    Way.DIGITS: _l("输入现场的数字"),
    Way.CAMERA: _l("工作人员扫码"),
    Way.MANUAL: _l("工作人员点名"),
    Way.RULE: _l("按计划结束时间"),
    Way.CONFIRMED: _l("按确认的时间"),
    Way.LAPSED: _l("过期没有确认"),
    Way.ANNULLED: _l("作废"),
}


class ScanVerdict(StrEnum):
    """What became of a scan. A `duplicate` is answered, not stored again."""

    STORED = "stored"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Scan(Base):
    """One scan, refused ones included. `scan_id` is the client's idempotency key, for ever.

    `occurred_at` is the time it is judged by, `at` when we received it. `skew_seconds` is how far
    ahead of ours the desk phone's clock was, as it said. A clock further off than the tolerance has
    its claim set right by it: the time claimed is then `occurred_at` + `skew_seconds`.
    """

    __tablename__ = "scan"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("way", Way),
        one_of("verdict", ScanVerdict),
        Index(None, "shift_id", "person_id", "id"),
        Index(None, "person_id", "at"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    direction: Mapped[Direction] = mapped_column(String(3))
    way: Mapped[Way] = mapped_column(String(10))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime())
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    verdict: Mapped[ScanVerdict] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    skew_seconds: Mapped[int | None] = mapped_column(Integer)


append_only(Scan.__table__, keep_days=1100)  # type: ignore[arg-type]


class VisitState(StrEnum):
    """What a visit means: still there, settled, or waiting for somebody's word."""

    OPEN = "open"
    CLOSED = "closed"
    PROVISIONAL = "provisional"
    LAPSED = "lapsed"
    ANNULLED = "annulled"


VISIT_STATE_LABELS = {
    VisitState.OPEN: _l("进行中"),
    VisitState.CLOSED: _l("已签退"),
    VisitState.PROVISIONAL: _l("待确认"),
    VisitState.LAPSED: _l("过期未确认"),
    VisitState.ANNULLED: _l("已作废"),
}


class Pending(StrEnum):
    """Why a visit is provisional."""

    NO_CHECK_OUT = "no_check_out"
    NOT_REGISTERED = "not_registered"
    # Too little of the shift, where the district wants the leader's word for it.
    SHORT_STAY = "short_stay"


PENDING_LABELS = {
    Pending.NO_CHECK_OUT: _l("没有签退，按计划结束时间暂计"),
    Pending.NOT_REGISTERED: _l("志愿者申请通过后记入"),
    Pending.SHORT_STAY: _l("在场时间短，等负责人确认"),
}


class Visit(PublicIdMixin, Base):
    """A person's stay at a shift: the n-th pair of in and out. Derived from scans.

    `minutes` is what the stay is worth by the rule (provisional until credited to the ledger);
    0 for attendees, whose visit counts as an attendance only.
    """

    __tablename__ = "visit"
    __table_args__ = (
        one_of("role", PlaceRole),
        one_of("state", VisitState),
        one_of("pending", Pending),
        UniqueConstraint("shift_id", "person_id", "pair"),
        CheckConstraint("out_at IS NULL OR in_at <= out_at", name="out_after_in"),
        CheckConstraint("(state = 'open') = (out_at IS NULL)", name="open_has_no_out"),
        CheckConstraint(
            "(state = 'provisional') = (pending IS NOT NULL)", name="provisional_has_cause"
        ),
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        Index(None, "person_id", "in_at"),
        Index(None, "state", "settle_by_on"),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    signup_id: Mapped[int | None] = mapped_column(ForeignKey("signup.id", ondelete="RESTRICT"))
    pair: Mapped[int] = mapped_column(Integer, default=1)
    role: Mapped[PlaceRole] = mapped_column(String(10))
    in_at: Mapped[datetime] = mapped_column(UtcDateTime())
    out_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    state: Mapped[VisitState] = mapped_column(String(12))
    pending: Mapped[Pending | None] = mapped_column(String(16))
    settle_by_on: Mapped[date | None] = mapped_column(Date)
    minutes: Mapped[int] = mapped_column(Integer, default=0)

    shift: Mapped[Shift] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(viewonly=True)
    signup: Mapped[Signup | None] = relationship(viewonly=True)
