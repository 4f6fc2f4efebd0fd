"""Pure decisions about coming and going: what a scan is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.attendance.models import Direction, ScanVerdict, Way
from portal.attendance.rules_stays import MOST_PAIRS, Stay, pairs_on
from portal.shifts.models import PlaceRole
from portal.signups.models import ParticipantKind, SignupState

# A phone's clock may be this far ahead of ours.
TOLERANCE = timedelta(minutes=5)
# What a desk's phone kept for longer after the end is no scan any more, but a record to make up.
RECEIVED_WITHIN = timedelta(hours=12)
DESK_WAYS = frozenset({Way.CAMERA, Way.MANUAL, Way.KIOSK})
# Somebody can come in who holds a place; an offer at the door counts as taken.
MAY_ENTER = frozenset(
    {SignupState.CONFIRMED, SignupState.OFFERED, SignupState.ATTENDED, SignupState.NO_SHOW}
)


class ScanReason(StrEnum):
    """Why a scan got its verdict; the words stand in `words.py`."""

    OK = "ok"
    ALREADY_IN = "already_in"
    ALREADY_OUT = "already_out"
    NOT_SIGNED_UP = "not_signed_up"
    WRONG_SHIFT = "wrong_shift"
    WRONG_STATION = "wrong_station"
    CALLED_OFF = "called_off"
    WITHDRAWN = "withdrawn"
    EXPIRED_CODE = "expired_code"
    REPLACED_CODE = "replaced_code"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    FUTURE = "future"
    CLOCK_SKEW = "clock_skew"
    OVERLAP = "overlap"
    TOO_MANY_PAIRS = "too_many_pairs"
    MALFORMED = "malformed"
    INTERNAL = "internal"


def earns(role: str, participant: str) -> bool:
    """Return whether being there is volunteering: not for attendees, nor for who is on duty."""
    return role == PlaceRole.VOLUNTEER and participant == ParticipantKind.VOLUNTEER


# Scans that say nothing new where they came, yet may once another phone's have come: they count too.
OUT_OF_TURN = frozenset({ScanReason.ALREADY_IN, ScanReason.ALREADY_OUT})


# --- what a scan is worth ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What matters for one scan of a person at a shift.

    `is_elsewhere`: a visit at another shift that goes on then. `pairs_elsewhere`: how many pairs of
    that day are of other shifts. `beside`: for somebody without a sign-up here, whether one was
    found at another shift now (and where).
    """

    starts_at: datetime
    ends_at: datetime
    takes_place: bool
    signup: SignupState | None
    stays: Sequence[Stay] = ()
    is_elsewhere: bool = False
    pairs_elsewhere: int = 0
    beside: ScanReason | None = None
    early_minutes: int = 60
    late_minutes: int = 120

    @property
    def opens_at(self) -> datetime:
        """From when somebody may come in."""
        return self.starts_at - timedelta(minutes=self.early_minutes)

    @property
    def closes_at(self) -> datetime:
        """Until when somebody may go out."""
        return self.ends_at + timedelta(minutes=self.late_minutes)


Judgement = tuple[ScanVerdict, ScanReason]
ACCEPTED: Judgement = (ScanVerdict.STORED, ScanReason.OK)


def judge(
    direction: Direction, way: Way, occurred_at: datetime, now: datetime, facts: Facts
) -> Judgement:
    """Return verdict and reason of a scan that is judged by `occurred_at`."""
    reason = _may_be_here(facts) or _in_time(direction, occurred_at, now, facts)
    if reason is None and direction == Direction.IN:
        reason = _may_come(occurred_at, facts)
    elif reason is None:
        reason = _may_go(occurred_at, facts)
        # Somebody went out at the desk who never came in: a person has to look at it.
        if reason is not None and way in DESK_WAYS and not facts.stays:
            return ScanVerdict.CONFLICT, reason
    return ACCEPTED if reason is None else (ScanVerdict.REJECTED, reason)


def is_off(skew_seconds: int | None) -> bool:
    """Return whether a phone's clock is too far from ours for its times to be taken as they are."""
    return skew_seconds is not None and abs(skew_seconds) > TOLERANCE.total_seconds()


def set_right(claimed_at: datetime, skew_seconds: int | None) -> datetime:
    """Return the time to judge by: what the phone claims, less what its clock is known to be off."""
    if skew_seconds is None or not is_off(skew_seconds):
        return claimed_at
    return claimed_at - timedelta(seconds=skew_seconds)


def flagged(judged: Judgement, skew_seconds: int | None) -> Judgement:
    """Return an acceptance marked, when its time had to be set right; refusals keep their reason."""
    if judged == ACCEPTED and is_off(skew_seconds):
        return ScanVerdict.STORED, ScanReason.CLOCK_SKEW
    return judged


def _may_be_here(facts: Facts) -> ScanReason | None:
    if not facts.takes_place or facts.signup == SignupState.CALLED_OFF:
        return ScanReason.CALLED_OFF
    if facts.signup in MAY_ENTER:
        return None
    if facts.beside is not None:
        return facts.beside
    if facts.signup == SignupState.WITHDRAWN:
        return ScanReason.WITHDRAWN
    return ScanReason.NOT_SIGNED_UP


def _in_time(
    direction: Direction, occurred_at: datetime, now: datetime, facts: Facts
) -> ScanReason | None:
    if occurred_at > now + TOLERANCE:
        return ScanReason.FUTURE
    if occurred_at < facts.opens_at:
        return ScanReason.TOO_EARLY
    last = facts.ends_at if direction == Direction.IN else facts.closes_at
    if occurred_at > last or now > facts.ends_at + RECEIVED_WITHIN:
        # Whoever is gone already is told so, however late the second scan comes.
        gone = direction == Direction.OUT and facts.stays and not facts.stays[-1].is_open
        return ScanReason.ALREADY_OUT if gone else ScanReason.TOO_LATE
    return None


def _may_come(occurred_at: datetime, facts: Facts) -> ScanReason | None:
    last = facts.stays[-1] if facts.stays else None
    # A code from before the last going out was used already: it brings nobody in again.
    if last and (last.out_at is None or occurred_at <= last.out_at):
        return ScanReason.ALREADY_IN
    if pairs_on(facts.stays, occurred_at) + facts.pairs_elsewhere >= MOST_PAIRS:
        return ScanReason.TOO_MANY_PAIRS
    return ScanReason.OVERLAP if facts.is_elsewhere else None


def _may_go(occurred_at: datetime, facts: Facts) -> ScanReason | None:
    last = facts.stays[-1] if facts.stays else None
    if last is None or not (last.is_open or last.waits) or occurred_at < last.in_at:
        return ScanReason.ALREADY_OUT
    return None


def planned_end(ends_at: datetime, called_off_at: datetime | None, in_at: datetime) -> datetime:
    """Return when a forgotten stay is closed: at the planned end, or when the shift was called off."""
    end = min(ends_at, called_off_at) if called_off_at else ends_at
    return max(end, in_at)
