"""What the public page of a team, a project or a station says of its honours."""

from __future__ import annotations

from collections.abc import Sequence

from portal.honours import queries, record
from portal.honours.models import Honoured
from portal.honours.record import HonourShown


def of(kind: Honoured, subject_id: int) -> Sequence[HonourShown]:
    """Return the honours of a thing in words, the newest first."""
    return record.honours(queries.of(kind, subject_id))
