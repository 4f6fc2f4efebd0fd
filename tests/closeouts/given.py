"""What tests of close-outs need: shifts that are over, and somebody who tells of them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from portal.closeouts import actions
from portal.closeouts.rules import Told
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.records.outbox import OutboxRow
from tests.posts.given import tried

# Noon of Friday 20 November 2026 on the district's clock; nothing near it is a holiday.
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def over(make, station=None, *, ago=timedelta(hours=3), activity=None, **columns):
    """Return a shift of an hour that ended so long ago."""
    row = activity or make.activity(station or make.station(), **columns)
    starts_at = clock.now().replace(microsecond=0) - ago - timedelta(hours=1)
    return make.shift(activity=row, starts_at=starts_at, minutes=60)


def tell(shift, told=None, seen=0, *, actor=SYSTEM, now=None, **fields):
    """Tell of a shift; return the row and no codes, or None and the codes of the refusal."""
    wanted = told or Told(**fields)
    return tried(actions.report, shift.id, wanted, seen, actor=actor, now=now or clock.now())


def counter(code):
    """Return the id of an output counter."""
    return term(Vocabulary.OUTPUT_COUNTER, code).id


def notices(person):
    """Return the kinds of what a person was told, with the payload."""
    rows = db.session.scalars(select(OutboxRow).order_by(OutboxRow.id))
    return [
        (row.payload["kind"], row.payload.get("count"))
        for row in rows
        if row.payload.get("person_id") == person.id
    ]
