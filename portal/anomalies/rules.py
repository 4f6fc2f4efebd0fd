"""What detectors read and return, the figures they judge by, and the steps of a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.anomalies.models import AnomalyKind, AnomalyState
from portal.attendance.models import Way
from portal.core import clock
from portal.hours.models import Source

# What the first step is recorded as; there is no state before it.
FIND = "find"
DECISIONS = {
    "fine": AnomalyState.FINE,
    "corrected": AnomalyState.CORRECTED,
    "talk": AnomalyState.TALK,
}
STEPS: dict[tuple[AnomalyState, str], AnomalyState] = {
    **{(AnomalyState.NEW, verb): state for verb, state in DECISIONS.items()},
    (AnomalyState.TALK, "fine"): AnomalyState.FINE,
    (AnomalyState.TALK, "corrected"): AnomalyState.CORRECTED,
    (AnomalyState.FINE, "reopen"): AnomalyState.NEW,
    (AnomalyState.CORRECTED, "reopen"): AnomalyState.NEW,
}

# A phone or somebody's hand made these at the time; others were told afterwards or follow a rule.
REAL_WAYS = frozenset({Way.CODE, Way.DIGITS, Way.CAMERA, Way.MANUAL})
# Hours that an office enters: nobody checked in for them.
ENTERED = frozenset({Source.PAPER, Source.MAKE_UP})
# The latest a record may be made up (民政部令 67; the portal's own bar).
LATEST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """The district's figures: from where on something stands out."""

    burst_persons: int = 8
    burst_seconds: int = 20
    equal_count: int = 6
    week_hours: int = 45
    night_hours: int = 12
    approver_percent: int = 80
    approver_acts: int = 10
    back_days: int = 7
    back_entries: int = 8
    device_persons: int = 3
    travel_minutes: int = 20
    no_signup_entries: int = 3
    day_minutes: int = 600


@dataclass(frozen=True, slots=True)
class Check:
    """An accepted scan. `hand_id` is who made it: the person, or staff for them."""

    id: int
    person_id: int
    shift_id: int
    station_id: int
    comes: bool
    way: str
    hand_id: int | None
    at: datetime
    device: str = ""

    @property
    def day(self) -> date:
        """The local day it happened on."""
        return clock.local_day(self.at)

    @property
    def is_real(self) -> bool:
        """Whether it was made when it happened."""
        return self.way in REAL_WAYS


@dataclass(frozen=True, slots=True)
class Entry:
    """A live credit of the ledger: who had it written, and who let it count."""

    id: int
    person_id: int
    station_id: int
    shift_id: int | None
    source: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    written_at: datetime
    author_id: int | None = None
    approver_id: int | None = None
    has_signup: bool = True
    cut_by: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The local day it counts for."""
        return clock.local_day(self.starts_at)

    @property
    def written_on(self) -> date:
        """The local day it was written."""
        return clock.local_day(self.written_at)

    @property
    def days_late(self) -> int:
        """Whole days from the end of the service to the entry."""
        return (self.written_on - clock.local_day(self.ends_at)).days

    @property
    def is_entered(self) -> bool:
        """Whether an office entered it."""
        return self.source in ENTERED

    @property
    def hand_id(self) -> int | None:
        """Who had it written for the person; whoever let it count when they asked themselves."""
        return self.author_id if self.author_id != self.person_id else self.approver_id


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a station is: no station has coordinates, so its community and street stand for it."""

    community: int
    street: int


@dataclass(frozen=True, slots=True)
class Window:
    """The records that are looked through together.

    `spots` knows stations with a place of their own; `families` has the same number for people who
    are one family.
    """

    checks: tuple[Check, ...] = ()
    entries: tuple[Entry, ...] = ()
    spots: Mapping[int, Spot] = field(default_factory=dict)
    families: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out: where, about whom (if about one person), on which day, seen in what.

    `day` begins the stretch looked at: the day itself, its week or its month. `mark` tells apart
    what is of one kind, person and day.
    """

    kind: AnomalyKind
    station_id: int
    person_id: int | None
    day: date
    facts: Mapping[str, int | str]
    checks: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    mark: str = ""

    @property
    def key(self) -> str:
        """The same for the same thing found again."""
        return f"{self.kind}:{self.person_id or 0}:{self.day.isoformat()}:{self.mark}"


def monday(day: date) -> date:
    """Return the first day of its week."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


def window_start(yesterday: date) -> date:
    """Return from which day records are looked through: whole weeks and whole months."""
    return month_start(monday(yesterday - timedelta(days=13)))


def entry_ids(entries: Iterable[Entry]) -> tuple[int, ...]:
    """Return the ids in order, each once."""
    return tuple(sorted({entry.id for entry in entries}))


def check_ids(checks: Iterable[Check]) -> tuple[int, ...]:
    """Return the ids in order, each once."""
    return tuple(sorted({check.id for check in checks}))
