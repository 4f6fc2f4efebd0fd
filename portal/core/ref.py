"""A reference to anything, for what may be about anything (audit, notice, outbox, search)."""

from __future__ import annotations

from typing import NamedTuple


class Ref(NamedTuple):
    """Kind of thing and its internal id; stored as two columns, never as an ORM link."""

    kind: str
    id: int
