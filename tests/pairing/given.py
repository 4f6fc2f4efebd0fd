"""What the tests pair, write into lists, and read of it."""

from datetime import timedelta

from portal.core import clock, ids
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.notices.models import Notice
from portal.org import actions_units
from portal.org.actions_units import UnitDetails
from portal.org.models_units import Pairing, UnitKind
from portal.pairing import actions, actions_projects
from portal.pairing.actions import NewItem
from portal.pairing.actions_projects import Plan
from portal.pairing.models import Side
from portal.people import units
from portal.records.outbox import OutboxRow

COMMUNITY, UNIT = Side.COMMUNITY, Side.UNIT


def unit(name="新河区图书馆", *, place=None, kind=UnitKind.INSTITUTION):
    """Make a unit that lies at a station, or nowhere."""
    details = UnitDetails(name, kind, place.id if place else None)
    return write(actions_units.create_unit, details, actor=SYSTEM, now=clock.now())


def liaison(make, row, **kwargs):
    """Make somebody who answers for the unit."""
    person = make.person(**kwargs)
    write(units.appoint, row.id, person.id, actor=SYSTEM, now=clock.now())
    return person


class Pair:
    """A unit and a community that are paired, with who speaks for each."""

    def __init__(self, make, *, station=None, name="新河区图书馆", now=None):
        self.station = station or make.station()
        self.unit = unit(name, place=self.station)
        self.liaison = liaison(make, self.unit)
        self.manager = make.manager(self.station)
        self.people = {COMMUNITY: self.manager, UNIT: self.liaison}
        self.make = make
        now = now or clock.now()
        self.row = write(actions.pair, self.unit.id, self.station.id, actor=SYSTEM, now=now)

    def address(self, side, rest=""):
        """Return where a side keeps it."""
        return f"/{'desk' if side == COMMUNITY else 'me'}/pairings/{self.row.public_id}{rest}"

    def actor(self, side):
        """Return who acts for a side."""
        return self.make.actor(self.people[side])

    def add(self, side, title="大字书", **kwargs):
        """Write a need or a resource."""
        given = NewItem(title, kwargs.pop("key", None) or ids.code(20), **kwargs)
        return self.act(side, actions.add, self.row.id, side, given)

    def plan(self, **kwargs):
        """Return a plan in the liaison's charge, in ten days."""
        values = {
            "title": "摆一架大字书",
            "in_charge": self.liaison.public_id,
            "planned_on": clock.today() + timedelta(days=10),
        }
        return Plan(**values | kwargs)

    def propose(self, side, *, key=None, **kwargs):
        """Make a project."""
        given = (self.row.id, side, self.plan(**kwargs), key or ids.code(20))
        return self.act(side, actions_projects.propose, *given)

    def agreed(self, **kwargs):
        """Make a project of a need and a resource: agreed to at once."""
        need, resource = self.add(COMMUNITY), self.add(UNIT)
        taken = {"need": need.public_id, "resource": resource.public_id}
        return self.propose(COMMUNITY, **taken, **kwargs)

    def act(self, side, action, *given, now=None):
        """Let a side do something."""
        return write(action, *given, actor=self.actor(side), now=now or clock.now())


def fresh(row):
    """Return the row as it stands now."""
    return db.session.get(type(row), row.id, populate_existing=True)


def pairings():
    """Return all pairings."""
    return db.session.query(Pairing).all()


def told(person):
    """Return the kinds of notices that wait for a person, or were delivered."""
    waiting = [
        row.payload["kind"]
        for row in db.session.query(OutboxRow).filter_by(kind="notice").all()
        if row.payload["person_id"] == person.id
    ]
    return waiting + [row.kind for row in db.session.query(Notice).filter_by(person_id=person.id)]
