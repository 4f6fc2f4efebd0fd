"""What the tests credit, certify and read."""

from datetime import timedelta
from itertools import count

from portal.certificates import actions, queries, words
from portal.certificates.rules import Scope
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.hours import actions as hours
from portal.hours.actions import Credit
from portal.hours.models import LedgerEntry, Source
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import queries as people

RULE = {"grace": 15, "rounding": "down", "step": 30, "day_cap": 600}
_sources = count(1)


def served(person, station, *, days_ago=1, minutes=90, shift=None, source=Source.CHECK_IN, at=9):
    """Credit minutes of a day, at nine o'clock unless told otherwise."""
    day = clock.today() - timedelta(days=days_ago)
    starts_at = clock.day_start(day) + timedelta(hours=at)
    wanted = Credit(
        person_id=person.id,
        shift_id=shift.id if shift else None,
        station_id=station.id,
        kind_id=org.term(Vocabulary.ACTIVITY_KIND, "environment").id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        minutes=minutes,
        source=source,
        source_ref=Ref("visit", next(_sources)),
        rule=RULE,
    )
    return write(hours.credit, wanted, actor=SYSTEM, now=clock.now())


def taken_back(entry) -> LedgerEntry:
    """Correct a record: it does not count any more."""
    return write(hours.reverse, entry.id, actor=SYSTEM, now=clock.now())


def scope(station, *, since=400, until=0) -> Scope:
    """Return the last days at a unit."""
    today = clock.today()
    first, last = today - timedelta(days=since), today - timedelta(days=until)
    return Scope(station.id, first, last)


def issued(person, station, *, actor=None, now=None, **spans):
    """Issue a certificate, by the person unless told otherwise."""
    by = actor or people.actor_of(person)
    wanted = scope(station, **spans)
    return write(actions.issue, person.id, wanted, actor=by, now=now or clock.now())


def state_of(row) -> str:
    """Return how a certificate stands today."""
    db.session.expire_all()
    return str(words.compared(queries.certificate(row.id), clock.today()).state)
