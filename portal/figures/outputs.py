"""What activities came to: the output counters of close-outs, added up each in its own unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.closeouts import rules as amounts
from portal.closeouts.models import Closeout, CloseoutCount
from portal.closeouts.queries import is_newest
from portal.core.db import db
from portal.figures.clauses import at, is_session, within
from portal.figures.rules import Span
from portal.figures.scope import Scope
from portal.org import queries as org
from portal.shifts.models import Offering, Shift


@dataclass(frozen=True, slots=True)
class Output:
    """The sum of one counter over a span; `shifts` is how many told of it."""

    code: str
    name: str
    unit: str
    hundredths: int
    shifts: int

    @property
    def text(self) -> str:
        """The sum with its unit."""
        return f"{amounts.amount(self.hundredths):,} {self.unit}".strip()

    @property
    def as_json(self) -> Mapping[str, str | float | int]:
        """The sum as the API gives it."""
        amount = self.hundredths / 100
        return {
            "key": self.code, "name": self.name, "unit": self.unit,
            "amount": int(amount) if amount == int(amount) else amount, "shifts": self.shifts,
        }  # fmt: skip


def outputs(where: Scope, span: Span, *, now: datetime) -> Sequence[Output]:
    """Return the sums of the newest close-outs of sessions in the span, in the vocabulary's order."""
    query = (
        select(CloseoutCount.term_id, func.sum(CloseoutCount.hundredths), func.count())
        .join(Closeout, Closeout.id == CloseoutCount.closeout_id)
        .join(Shift, Shift.id == Closeout.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .where(
            is_newest(),
            *is_session(now),
            within(Shift.starts_at, [span]),
            at(Shift.station_id, where.station_ids),
        )
        .group_by(CloseoutCount.term_id)
    )
    found = {term_id: (int(total), count) for term_id, total, count in db.session.execute(query)}
    terms, units = org.terms_by_id(found), org.units_of(found)
    return [
        Output(terms[one].code, terms[one].label, units[one].label if one in units else "", *sums)
        for one, sums in sorted(found.items(), key=lambda item: terms[item[0]].position)
    ]
