"""The demo district's units and pairings: each sort of thing is there, made through the actions."""

import pytest
from sqlalchemy import func, select

from portal.cli.district import pairing, past, places, residents
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.org import seed
from portal.org.models_units import CivilizedUnit, Pairing, UnitKind
from portal.pairing import hooks, queries, queries_office
from portal.pairing.models import JointActivity, JointState, PairingProject, ProjectState
from portal.people import passwords


def load(now):
    seed.seed(actor=SYSTEM, now=now)
    made = places.make(now)
    people = residents.make(made, passwords.hash_password("x" * 12), now, now)
    past.make(made, people, people.actor("manager"), now)
    pairing.make(made, people, now)
    return people


@pytest.fixture
def people(app):
    return write(load, clock.now())


def kinds(column):
    return set(db.session.scalars(select(column)))


def every_kind_and_every_state_is_there(people):
    assert kinds(CivilizedUnit.kind) == set(UnitKind)
    assert db.session.scalar(select(func.count(CivilizedUnit.id))) == len(pairing.UNITS)
    assert kinds(PairingProject.state) == set(ProjectState)
    assert {JointState.LINKED, JointState.ASKED} <= kinds(JointActivity.state)
    linked = JointActivity.state == JointState.LINKED
    assert db.session.scalar(select(func.count(JointActivity.id)).where(linked)) == 2
    assert hooks.check() == []


def somebody_has_nobody_yet_and_something_ended(people):
    everywhere = list(db.session.scalars(select(places.Station.id)))
    assert queries_office.communities_short(everywhere, 1)
    assert queries_office.units_without(everywhere)
    assert db.session.scalar(select(func.count()).where(Pairing.ended_on.is_not(None))) == 1


def the_member_speaks_for_a_unit_of_the_managers_community(people):
    (unit,) = queries.units_of(people.accounts["member"].id)
    managed = people.actor("manager").stations("station_manager")
    assert {row.station_id for row in queries.pairings_of(unit.id)} <= managed


def joint_activities_have_records(people):
    everywhere = list(db.session.scalars(select(places.Station.id)))
    summary = queries_office.summary(everywhere, clock.now())
    assert summary.sessions > 0
    assert summary.attendances > 0


def test_the_demo_has_pairings_of_each_sort(people):
    """One test, because to load the district takes far longer than to look at it."""
    every_kind_and_every_state_is_there(people)
    somebody_has_nobody_yet_and_something_ended(people)
    the_member_speaks_for_a_unit_of_the_managers_community(people)
    joint_activities_have_records(people)
