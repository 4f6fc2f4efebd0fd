"""Pure decisions about changing a shift that people have signed up for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from portal.core.i18n import lazy_gettext as _l
from portal.signups.models import Signup, SignupState

# Notices of a change wait so long, and so long it can be undone; near the start nobody waits.
NOTICE_WAIT = timedelta(minutes=10)
NEAR = timedelta(hours=24)
_MOVABLE = (SignupState.CONFIRMED, SignupState.OFFERED)


class People(StrEnum):
    """What becomes of those who signed up when time or place changes."""

    KEEP = "keep"
    ASK = "ask"
    LEAVE = "leave"


PEOPLE_LABELS = {
    People.KEEP: _l("报名都保留"),
    People.ASK: _l("请每个人重新确认"),
    People.LEAVE: _l("报名都取消，想来的人重新报"),
}


class Over(StrEnum):
    """What becomes of those for whom there is no place any more; the last come go first."""

    KEEP = "keep"
    QUEUE = "queue"
    CALL_OFF = "call_off"


OVER_LABELS = {
    Over.KEEP: _l("都留下，名额就定在现在的人数"),
    Over.QUEUE: _l("最后报名的排回候补的最前面"),
    Over.CALL_OFF: _l("最后报名的取消，并告诉他们原因"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a shift is to be from now on. `place` None: it stays; `capacities` by place id."""

    starts_at: datetime
    ends_at: datetime
    place: str | None = None
    capacities: Mapping[int, int] = field(default_factory=dict)
    people: People = People.KEEP
    over: Over | None = None
    reason: str = ""
    tell_now: bool = False


def wait_for(starts_at: datetime, now: datetime, *, tell_now: bool) -> timedelta:
    """Return how long the notices of a change wait; nothing when the shift starts within a day."""
    return timedelta() if tell_now or starts_at - now < NEAR else NOTICE_WAIT


def pushed_out(rows: Sequence[Signup], capacity: int, held: int) -> list[Signup]:
    """Return for whom of a place's rows there is no place any more, the last come first.

    Whoever was there already is never among them.
    """
    movable = sorted((row for row in rows if row.state in _MOVABLE), key=lambda row: -row.id)
    return movable[: max(held - capacity, 0)]
