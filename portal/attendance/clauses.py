"""What counts as a session and as an attendance, as clauses: whoever counts uses the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement

from portal.attendance.models import Visit, VisitState
from portal.shifts.models import Offering, OfferingState, Shift, ShiftState


def is_session(now: datetime | BindParameter[Any]) -> tuple[ColumnElement[bool], ...]:
    """A shift that took or takes place. An activity called off later keeps those it had held."""
    return (
        Shift.state == ShiftState.PLANNED,
        Offering.state.in_((OfferingState.PUBLISHED, OfferingState.CALLED_OFF)),
        Offering.published_at.is_not(None),
        Shift.starts_at <= now,
    )


def is_attendance() -> ColumnElement[bool]:
    """A visit that an accepted check-in made."""
    return Visit.state != VisitState.ANNULLED
