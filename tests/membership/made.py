"""Branches, members and what they did, through the features' own actions."""

import io
from datetime import date, timedelta

import xlsxwriter

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.hours import actions as hours
from portal.hours.actions import Credit
from portal.hours.models import Source
from portal.membership import actions, actions_branches, actions_reports, queries
from portal.membership.actions_branches import BranchDetails
from portal.membership.actions_reports import Offer
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.org.models_party import BRANCH_LEVELS, BranchLevel
from portal.org.models_units import CivilizedUnit
from portal.people.models_party import PartyMember
from portal.records import settings

LONG_AGO = date(2020, 1, 1)


def act(action, *given, actor=SYSTEM, now=None, **named):
    return write(action, *given, actor=actor, now=now or clock.now(), **named)


def branch(name="和平社区党支部", above=None, level=None, *, station=None, unit=None):
    wanted = level or (BRANCH_LEVELS[BRANCH_LEVELS.index(above.level) + 1] if above else None)
    details = BranchDetails(
        name, wanted or BranchLevel.STREET, station.id if station else None,
        unit.id if unit else None,
    )  # fmt: skip
    return act(actions_branches.create, above.id if above else None, details)


def unit(name="城东小学"):
    row = CivilizedUnit(name=name)
    db.session.add(row)
    db.session.commit()
    return row


def keeper(make, row, **named):
    """Make somebody who keeps a branch."""
    person = make.person(**named)
    act(actions_branches.grant, row.id, person.id)
    return person


def member(make, row, *, person=None, since_on=LONG_AGO, now=None, **named):
    """Make somebody who asked to be in a branch, and was confirmed."""
    person = person or make.person(**named)
    asked = act(actions.ask, person.id, row.id, since_on, actor=make.actor(person), now=now)
    act(actions.confirm, asked.id, now=now)
    return person


def membership(person):
    return db.session.query(PartyMember).filter_by(person_id=person.id, ended_on=None).first()


def ties(person, station, *, shown=True, now=None, terms=()):
    ids = frozenset(org.term(Vocabulary.SKILL, code).id for code in terms)
    return act(actions_reports.offer, person.id, Offer(station.id, ids, shown), now=now)


def report(person, now=None):
    return act(actions_reports.report, person.id, now=now)


def credit(person, station, day, minutes=60, *, n=1):
    """Put minutes into the ledger, for a wish."""
    starts_at = clock.day_start(day) + timedelta(hours=9)
    given = Credit(
        person_id=person.id,
        shift_id=None,
        station_id=station.id,
        kind_id=org.term(Vocabulary.ACTIVITY_KIND, "care").id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        minutes=minutes,
        source=Source.WISH,
        source_ref=Ref("test", person.id * 10_000 + n),
    )
    return act(hours.credit, given, now=starts_at + timedelta(hours=5))


def setting(key, value):
    act(settings.change, key, value)


def kept(row):
    return queries.kept_branch(row.public_id)


HEADER = ("姓名", "手机号", "党组织", "转入日期")


def workbook(*rows, header=HEADER):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((header, *rows)):
            sheet.write_row(number, 0, row)
    return stream.getvalue()
