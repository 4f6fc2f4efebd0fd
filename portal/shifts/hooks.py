"""What others call by name: the check of series."""

from __future__ import annotations

from portal.shifts import queries_series


def check() -> list[str]:
    """Return one line for each date that belongs elsewhere, or that a series has twice."""
    return [
        f"series {series_id}: shift {shift_id} is another offering's"
        for series_id, shift_id in queries_series.misplaced()
    ] + [f"series {series_id}: {day} stands twice" for series_id, day in queries_series.doubles()]
