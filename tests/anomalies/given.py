"""What the tests of the list need: real scans and entries that stand out."""

from datetime import datetime, timedelta

from portal.anomalies import hooks
from portal.anomalies.models import Anomaly
from portal.attendance.actions import ScanInput, record_scan
from portal.attendance.models import Direction, Way
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.hours import actions as hours
from portal.hours.models import Source
from tests.attendance.conftest import sign_up

# Friday 2026-05-08, 14:00 to 16:00; the day after it is looked through.
START = datetime.fromisoformat("2026-05-08T14:00:00+08:00")
NIGHT = START + timedelta(hours=11)


def shift_of(make, station, people, *, starts_at=START):
    """Return a shift with these people signed up."""
    shift = make.shift(station, starts_at=starts_at, places={"volunteer": 60})
    for person in people:
        sign_up(shift, person)
    return shift


def come(shift, person, at, *, actor, way=Way.CODE, device="", direction=Direction.IN):
    """Let somebody come (or go)."""
    scan = ScanInput(person.id, shift.id, direction, way, at, device=device)
    return write(record_scan, scan, actor=actor, now=at)


def ticked_at_once(make, station, *, people=8, manager=None):
    """Let a manager tick many people within seconds."""
    hand = make.actor(manager or make.manager(station))
    crew = [make.person() for _n in range(people)]
    shift = shift_of(make, station, crew)
    for number, person in enumerate(crew):
        come(shift, person, START + timedelta(seconds=2 * number), actor=hand, way=Way.MANUAL)
    return crew, shift


def made_up(make, station, person, *, number, days, approver, shift=None, asked_by=None):
    """Credit a record that came late, as an approved make-up does."""
    starts_at = START - timedelta(days=days)
    credit = hours.Credit(
        person_id=person.id, shift_id=shift.id if shift else None, station_id=station.id,
        kind_id=make.activity(station).kind_id, starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2), minutes=120, source=Source.MAKE_UP,
        source_ref=Ref("correction", number),
        rule={"asked_by": asked_by or approver.id, "approved_by": approver.id},
    )  # fmt: skip
    return write(hours.credit, credit, actor=make.actor(approver), now=START)


def look(now=NIGHT):
    """Look through the records as the night does; return what is listed."""
    hooks.due(now)
    return db.session.query(Anomaly).order_by(Anomaly.id).all()


def fresh(row):
    """Return the row as it stands now."""
    return db.session.get(Anomaly, row.id, populate_existing=True)
