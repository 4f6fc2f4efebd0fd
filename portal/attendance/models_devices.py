"""The table of browsers that check-ins came from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, UtcDateTime, append_only

# As long as the office looks back, and no longer (个人信息保护法 art. 19).
KEPT_DAYS = 60


class ScanDevice(Base):
    """The fingerprint of the random number that the scan's browser had on that day."""

    __tablename__ = "scan_device"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id", ondelete="RESTRICT"), unique=True)
    device: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime())


append_only(ScanDevice.__table__, keep_days=KEPT_DAYS)  # type: ignore[arg-type]
