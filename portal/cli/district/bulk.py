"""Many more people and records, written in bulk."""

from __future__ import annotations

from datetime import datetime


def load(people: int, days: int, *, now: datetime) -> None:
    """Write persons, shifts, sign-ups and records for the last `days`."""
    raise NotImplementedError
