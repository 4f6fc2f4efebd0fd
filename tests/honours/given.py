"""Records to honour, evaluate and hand on, through the features' own actions."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from portal.attendance.actions import ScanInput, record_scan
from portal.attendance.models import Direction, Way
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.ref import Ref
from portal.honours import actions, subjects
from portal.honours.actions import NewHonour
from portal.honours.models import Honour, Honoured
from portal.hours import actions as hours
from portal.hours.actions import Credit
from portal.hours.models import LedgerEntry, Source
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups

_sources = count(1)


def credited(shift, person, *, minutes=120, days_ago=3) -> LedgerEntry:
    starts_at = clock.now().replace(microsecond=0) - timedelta(days=days_ago)
    wanted = Credit(
        person_id=person.id,
        shift_id=shift.id,
        station_id=shift.station_id,
        kind_id=shift.offering.kind_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        minutes=minutes,
        source=Source.CHECK_IN,
        source_ref=Ref("test", next(_sources)),
    )
    return write(hours.credit, wanted, actor=SYSTEM, now=clock.now())


def taken_back(entry) -> LedgerEntry:
    return write(hours.reverse, entry.id, actor=SYSTEM, now=clock.now())


def served(make, station, *persons, days_ago=2, role=PlaceRole.VOLUNTEER):
    """Make a shift that is over, on which these people served."""
    start = clock.now().replace(microsecond=0) - timedelta(days=days_ago)
    places = {"volunteer": 40, "attendee": 5}
    shift = make.shift(activity=make.activity(station), starts_at=start, places=places)
    for person in persons:
        write(signups.sign_up, shift.id, person.id, role, actor=SYSTEM,
              now=start - timedelta(days=1))  # fmt: skip
        for direction, at in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
            scan = ScanInput(person.id, shift.id, direction, Way.CODE, at)
            write(record_scan, scan, actor=SYSTEM, now=at)
    return shift


def honoured(kind, row, *, title="优秀志愿者", actor=SYSTEM, **changes) -> Honour:
    values = {
        "title": title,
        "level_id": org.term(Vocabulary.HONOUR_LEVEL, "district").id,
        "given_on": clock.today(),
        "issuer": "区文明办",
        **changes,
    }
    subject = subjects.found(Honoured(kind), row.public_id)
    return write(actions.give, subject, NewHonour(**values), actor=actor, now=clock.now())


def quality(code):
    return org.term(Vocabulary.QUALITY, code).id
