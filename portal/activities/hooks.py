"""What others call by name: putting into the search index what is not there."""

from __future__ import annotations

from datetime import datetime

from portal.activities import actions, queries
from portal.core.db import write
from portal.records import search

AT_ONCE = 200


def due(now: datetime) -> None:
    """Index coming activities that are in no index, as after an upgrade that made it anew."""
    for activity_id in search.missing("offering", queries.with_coming_shifts(now), AT_ONCE):
        write(actions.index, activity_id)
