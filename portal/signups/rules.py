"""Pure decisions about waiting and offering; who may sign up is decided in `rules_eligibility`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from portal.core import clock
from portal.core.i18n import lazy_gettext as _l
from portal.signups.models import SignupState

# From two hours before the start nobody is offered a place any more: whoever asks first has it.
QUEUE_CLOSES_BEFORE = timedelta(hours=2)
SHORTEST_OFFER = timedelta(minutes=30)
Group = TypeVar("Group")


class Hand(StrEnum):
    """What a hand may do to somebody who waits."""

    UP = "move_up"
    DOWN = "move_down"
    FIRST = "move_first"
    GIVE = "give"


HAND_LABELS = {
    Hand.UP: _l("往前移一位"),
    Hand.DOWN: _l("往后移一位"),
    Hand.FIRST: _l("移到最前面"),
    Hand.GIVE: _l("不按次序，直接给名额"),
}


class Night(NamedTuple):
    """The hours of the night on the district's clock; the same hour twice: there is none."""

    from_hour: int
    until_hour: int

    def holds(self, hour: int) -> bool:
        """Whether the hour that begins then is one of the night."""
        if self.from_hour <= self.until_hour:
            return self.from_hour <= hour < self.until_hour
        return hour >= self.from_hour or hour < self.until_hour


NO_NIGHT = Night(0, 0)

STEPS: dict[tuple[SignupState, str], SignupState] = {
    (SignupState.WAITLISTED, "offer"): SignupState.OFFERED,
    (SignupState.WAITLISTED, "confirm"): SignupState.CONFIRMED,
    (SignupState.WAITLISTED, "withdraw"): SignupState.WITHDRAWN,
    (SignupState.WAITLISTED, "call_off"): SignupState.CALLED_OFF,
    (SignupState.OFFERED, "accept"): SignupState.CONFIRMED,
    (SignupState.OFFERED, "decline"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "lapse"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "withdraw"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "call_off"): SignupState.CALLED_OFF,
    (SignupState.OFFERED, "attend"): SignupState.ATTENDED,
    (SignupState.CONFIRMED, "withdraw"): SignupState.WITHDRAWN,
    # A duty given to somebody else: the place goes from one row to the other.
    (SignupState.CONFIRMED, "hand_over"): SignupState.WITHDRAWN,
    (SignupState.WAITLISTED, "take_over"): SignupState.CONFIRMED,
    (SignupState.CONFIRMED, "call_off"): SignupState.CALLED_OFF,
    (SignupState.CONFIRMED, "attend"): SignupState.ATTENDED,
    (SignupState.CONFIRMED, "miss"): SignupState.NO_SHOW,
    # Somebody came after all: a late scan from a phone without network.
    (SignupState.NO_SHOW, "attend"): SignupState.ATTENDED,
    # In the queue: by hand, with a reason, and a party that does not want to wait together.
    **{(SignupState.WAITLISTED, hand.value): SignupState.WAITLISTED for hand in Hand},
    (SignupState.WAITLISTED, "split"): SignupState.WAITLISTED,
    # After a change of the shift: asked again, let go, or put back where places are fewer now.
    (SignupState.CONFIRMED, "ask_again"): SignupState.OFFERED,
    (SignupState.CONFIRMED, "release"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "release"): SignupState.WITHDRAWN,
    (SignupState.WAITLISTED, "release"): SignupState.WITHDRAWN,
    (SignupState.CONFIRMED, "put_back"): SignupState.WAITLISTED,
    (SignupState.OFFERED, "put_back"): SignupState.WAITLISTED,
    # Undoing a change: to what it was before, from whatever the change made of it.
    **{
        (after, f"undo_{before}"): before
        for before in (SignupState.CONFIRMED, SignupState.OFFERED, SignupState.WAITLISTED)
        for after in (
            SignupState.OFFERED,
            SignupState.WAITLISTED,
            SignupState.WITHDRAWN,
            SignupState.CALLED_OFF,
        )
        if after != before
    },
}


def may_withdraw(state: SignupState, ends_at: datetime, now: datetime) -> bool:
    """Return whether a sign-up in this state can still be withdrawn."""
    return (state, "withdraw") in STEPS and now < ends_at


def queue_is_open(starts_at: datetime, now: datetime) -> bool:
    """Return whether freed places still go to those who wait."""
    return now < starts_at - QUEUE_CLOSES_BEFORE


def offer_deadline(
    starts_at: datetime, hours: int, now: datetime, night: Night = NO_NIGHT
) -> datetime:
    """Return until when an offer holds: so many waking hours, never past the closing of the queue.

    At least 30 minutes are given where the closing leaves them.
    """
    wished = max(_awake(now, hours, night), now + SHORTEST_OFFER)
    return min(wished, max(starts_at - QUEUE_CLOSES_BEFORE, now))


def _awake(at: datetime, hours: int, night: Night) -> datetime:
    """Return the instant after so many hours outside of the night."""
    left = timedelta(hours=hours)
    while left > timedelta():
        local = clock.local(at)
        rest = timedelta(hours=1) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        if night.holds(local.hour):
            at += rest
            continue
        walked = min(rest, left)
        at, left = at + walked, left - walked
    return at


def reordered(groups: Sequence[Group], group: Group, where: Hand) -> list[Group]:
    """Return the queue with one group moved; at the end of the queue it stays where it is."""
    found = list(groups)
    at = found.index(group)
    to = {Hand.UP: max(at - 1, 0), Hand.DOWN: at + 1, Hand.FIRST: 0}[where]
    found.insert(to, found.pop(at))
    return found
