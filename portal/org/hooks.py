"""What others call by name: putting into the search index what is not there."""

from __future__ import annotations

from datetime import datetime

from portal.core.db import write
from portal.org import actions, queries
from portal.records import search

AT_ONCE = 200


def due(now: datetime) -> None:
    """Index open stations that are in no index, as after an upgrade that made it anew."""
    for station_id in search.missing("station", queries.open_ids(), AT_ONCE):
        write(actions.index_station, station_id)
