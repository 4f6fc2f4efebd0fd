"""Pure decisions about waiting and offering; who may sign up is decided in `rules_eligibility`."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.signups.models import SignupState

# From two hours before the start nobody is offered a place any more: whoever asks first has it.
QUEUE_CLOSES_BEFORE = timedelta(hours=2)
SHORTEST_OFFER = timedelta(minutes=30)

STEPS: dict[tuple[SignupState, str], SignupState] = {
    (SignupState.WAITLISTED, "offer"): SignupState.OFFERED,
    (SignupState.WAITLISTED, "confirm"): SignupState.CONFIRMED,
    (SignupState.WAITLISTED, "withdraw"): SignupState.WITHDRAWN,
    (SignupState.WAITLISTED, "call_off"): SignupState.CALLED_OFF,
    (SignupState.OFFERED, "accept"): SignupState.CONFIRMED,
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
}


def may_withdraw(state: SignupState, ends_at: datetime, now: datetime) -> bool:
    """Return whether a sign-up in this state can still be withdrawn."""
    return (state, "withdraw") in STEPS and now < ends_at


def queue_is_open(starts_at: datetime, now: datetime) -> bool:
    """Return whether freed places still go to those who wait."""
    return now < starts_at - QUEUE_CLOSES_BEFORE


def offer_deadline(starts_at: datetime, hours: int, now: datetime) -> datetime:
    """Return until when an offer holds: `hours`, at least 30 minutes, never past the closing."""
    wished = max(now + timedelta(hours=hours), now + SHORTEST_OFFER)
    return min(wished, max(starts_at - QUEUE_CLOSES_BEFORE, now))
