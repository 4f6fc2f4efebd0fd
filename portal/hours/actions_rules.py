"""Writing a new version of the rules. It never touches what was judged before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from portal.core import clock
from portal.core.access import Actor
from portal.core.copies import read_again
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.hours import queries
from portal.hours.models_rules import CreditRule
from portal.hours.rules import Terms
from portal.records import audit


def first_day(now: datetime) -> date:
    """Return the first day that a new version can be for: what began today is judged as it began."""
    return clock.local_day(now) + timedelta(days=1)


def adopt(
    terms: Terms, valid_from: date, reason: str, *, actor: Actor, now: datetime
) -> CreditRule:
    """Let figures hold for shifts from a local day on; their `version` is counted here.

    Two at once: the number is unique, so one of them comes again and gets the next. Raises
    Invalid beside `valid_from` for a day that has begun.
    """
    if valid_from < first_day(now):
        raise Invalid("valid_from", _("最早从明天起。已经开始的日子不改。"))
    newest = db.session.scalar(select(func.max(CreditRule.version))) or 1
    figures = {**terms.as_rule(), "version": newest + 1}
    row = CreditRule(
        **figures, valid_from=valid_from, reason=reason, actor_id=actor.person_id, at=now
    )
    db.session.add(row)
    db.session.flush()
    read_again()
    audit.record(
        "credit_rule.adopt",
        Ref("credit_rule", row.id),
        actor=actor,
        now=now,
        version=row.version,
        valid_from=valid_from.isoformat(),
        before=queries.terms(valid_from - timedelta(days=1)).version,
    )
    return row
