"""Tables of what stands out: findings, the records behind each, and the days looked through.

Nothing here changes an hour or a person. A finding holds ids, codes and numbers; what somebody
writes about it is a note, which can be erased.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.people.models import Person


class AnomalyKind(StrEnum):
    """What stands out."""

    BURST = "burst"
    EQUAL_SECOND = "equal_second"
    ROUND_CLOCK = "round_clock"
    APPROVER = "approver"
    BACK_ENTRY = "back_entry"
    SAME_DEVICE = "same_device"
    TRAVEL = "travel"
    UNFOUNDED = "unfounded"


KIND_LABELS = {
    AnomalyKind.BURST: _l("几秒内签了很多人"),
    AnomalyKind.EQUAL_SECOND: _l("时间整齐得一样"),
    AnomalyKind.ROUND_CLOCK: _l("时长太长或夜里太多"),
    AnomalyKind.APPROVER: _l("多由同一人审批"),
    AnomalyKind.BACK_ENTRY: _l("很晚才补，或一次补很多"),
    AnomalyKind.SAME_DEVICE: _l("一部手机签了几个人"),
    AnomalyKind.TRAVEL: _l("两地之间来不及"),
    AnomalyKind.UNFOUNDED: _l("没报名、超过一天上限或重叠"),
}


class AnomalyState(StrEnum):
    """Whether somebody has looked into it, and what they found."""

    NEW = "new"
    TALK = "talk"
    FINE = "fine"
    CORRECTED = "corrected"


STATE_LABELS = {
    AnomalyState.NEW: _l("还没看"),
    AnomalyState.TALK: _l("要问一问"),
    AnomalyState.FINE: _l("看过，没问题"),
    AnomalyState.CORRECTED: _l("看过，已更正"),
}
# Somebody still has to look.
OPEN = (AnomalyState.NEW, AnomalyState.TALK)
_OPEN_SQL = ", ".join(f"'{state}'" for state in OPEN)


class Anomaly(PublicIdMixin, Base):
    """One thing that stands out at a station. `person_id` is whose hand or whose hours it is about.

    `key` says what it is about and when: found again, it is the same row. `facts` are codes and
    numbers, with the figures they were judged by.
    """

    __tablename__ = "anomaly"
    __table_args__ = (
        one_of("kind", AnomalyKind),
        one_of("state", AnomalyState),
        CheckConstraint(
            f"(state IN ({_OPEN_SQL})) = (decided_at IS NULL)", name="decided_when_not_open"
        ),
        Index(None, "station_id", "state", "day"),
        Index(None, "person_id"),
    )

    kind: Mapped[AnomalyKind] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="RESTRICT"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    day: Mapped[date] = mapped_column(Date)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[AnomalyState] = mapped_column(String(10))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime())
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    decided_by_id: Mapped[int | None] = mapped_column(Integer)

    station: Mapped[Station] = relationship()
    person: Mapped[Person | None] = relationship()


class RecordKind(StrEnum):
    """What a finding was seen in: a scan, or an entry of the ledger."""

    SCAN = "scan"
    ENTRY = "entry"


class AnomalyRecord(Base):
    """A record behind a finding. Scans may be deleted one day, so it names them by id alone."""

    __tablename__ = "anomaly_record"
    __table_args__ = (one_of("kind", RecordKind), Index(None, "kind", "record_id"))

    anomaly_id: Mapped[int] = mapped_column(
        ForeignKey("anomaly.id", ondelete="RESTRICT"), primary_key=True
    )
    kind: Mapped[RecordKind] = mapped_column(String(6), primary_key=True)
    record_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class AnomalyRun(Base):
    """A local day up to which the records were looked through."""

    __tablename__ = "anomaly_run"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    found: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
