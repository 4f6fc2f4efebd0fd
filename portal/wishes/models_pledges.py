"""Tables of pledges: who took on which part of a wish, and the time their help took."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, PublicIdMixin, UtcDateTime, one_of
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import Person
from portal.people.models_teams import Team
from portal.wishes.models import Wish, WishPart


class PledgeState(StrEnum):
    """Where a pledge stands."""

    ACTIVE = "active"
    RETURNED = "returned"
    LAPSED = "lapsed"
    FULFILLED = "fulfilled"


PLEDGE_STATE_LABELS = {
    PledgeState.ACTIVE: _l("进行中"),
    PledgeState.RETURNED: _l("已退回"),
    PledgeState.LAPSED: _l("已到期"),
    PledgeState.FULFILLED: _l("已送达"),
}

# Pledges that hold their part: `Wish.taken` counts exactly these.
HOLDING = (PledgeState.ACTIVE, PledgeState.FULFILLED)
_HOLDING_SQL = "state IN ({})".format(", ".join(f"'{state}'" for state in HOLDING))


class Pledge(PublicIdMixin, Base):
    """A person (for themselves, or for a team) who promised one part of a wish by a day."""

    __tablename__ = "pledge"
    __table_args__ = (
        one_of("state", PledgeState),
        CheckConstraint("extensions BETWEEN 0 AND 1", name="extended_once"),
        CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ended_has_time"),
        Index(
            "uq_pledge_holding",
            "part_id",
            unique=True,
            sqlite_where=text(_HOLDING_SQL),
            postgresql_where=text(_HOLDING_SQL),
        ),
        Index(None, "wish_id", "state"),
        Index(None, "person_id", "state"),
        Index(None, "state", "promised_on"),
    )

    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id", ondelete="RESTRICT"))
    part_id: Mapped[int] = mapped_column(ForeignKey("wish_part.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    state: Mapped[PledgeState] = mapped_column(String(10))
    promised_on: Mapped[date] = mapped_column(Date)
    extensions: Mapped[int] = mapped_column(SmallInteger, default=0)
    # The promised day of which the pledger was reminded; another day is reminded of anew.
    reminded_of: Mapped[date | None] = mapped_column(Date)
    pledged_at: Mapped[datetime] = mapped_column(UtcDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Who pledged: the person, or staff on their behalf (代办).
    actor_id: Mapped[int | None] = mapped_column(Integer)

    wish: Mapped[Wish] = relationship()
    part: Mapped[WishPart] = relationship()
    person: Mapped[Person] = relationship()
    team: Mapped[Team | None] = relationship()


class WishHelp(Base):
    """Time somebody gave for a wish, as the pledger told; closing the wish approves it.

    `credited_at` stays empty until the minutes are in the ledger: for who is not (yet) a
    registered volunteer they wait.
    """

    __tablename__ = "wish_help"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes_positive"),
        CheckConstraint("credited_at IS NULL OR approved_by_id IS NOT NULL", name="approved_first"),
        Index(None, "pledge_id", "person_id", unique=True),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime())
    minutes: Mapped[int] = mapped_column(Integer)
    approved_by_id: Mapped[int | None] = mapped_column(Integer)
    credited_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    pledge: Mapped[Pledge] = relationship()
