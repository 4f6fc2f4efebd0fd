"""What a list behind a figure is asked for, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.figures.rules import Span
from portal.figures.scope import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose records of which days."""

    where: Scope
    span: Span
    kind_id: int | None
    now: datetime

    @property
    def days(self) -> tuple[Span]:
        """The span as a list of stretches."""
        return (self.span,)

    def of_kind(self, column: Any) -> tuple[Any, ...]:
        """Return the clause of the kind, when one is asked for."""
        return () if self.kind_id is None else (column == self.kind_id,)


@dataclass(frozen=True, slots=True)
class Line:
    """One record in words; the first cell links to `href` when there is a page to see."""

    cells: tuple[str, ...]
    href: str = ""


def activity_url(public_id: str) -> str:
    """Return where an activity is seen."""
    return f"/activities/{public_id}"
