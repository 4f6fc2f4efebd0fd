"""Who speaks for a unit, and what erasing a person means for units and branches."""

from datetime import date

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.org.models_party import BranchLevel, PartyBranch, PartyBranchTree
from portal.org.models_units import CivilizedUnit, Pairing, UnitKind
from portal.org.queries import civilized_unit_by_id, units_paired_with
from portal.people import hooks, party, units
from portal.people.models_consents import Channel
from portal.people.models_party import BranchSecretary, PartyMember


def act(action, *given):
    return write(action, *given, actor=SYSTEM, now=clock.now())


@pytest.fixture
def unit(make):
    row = CivilizedUnit(name="城东小学", kind=UnitKind.SCHOOL, station_id=make.station().id)
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def branches():
    above = PartyBranch(level=BranchLevel.STREET, name="东湾街道党工委")
    below = PartyBranch(level=BranchLevel.COMMUNITY, name="和平社区党委", parent=above)
    db.session.add_all([above, below])
    db.session.flush()
    for ancestor, descendant, depth in ((above, above, 0), (above, below, 1), (below, below, 0)):
        row = PartyBranchTree(ancestor_id=ancestor.id, descendant_id=descendant.id, depth=depth)
        db.session.add(row)
    db.session.commit()
    return above, below


def test_a_liaison_is_appointed_once_and_dismissed(make, unit):
    person = make.person()
    act(units.appoint, unit.id, person.id)
    act(units.appoint, unit.id, person.id)
    assert [one.person_id for one in units.liaisons_of([unit.id])] == [person.id]
    assert units.units_of(person.id) == {unit.id}
    act(units.dismiss, unit.id, person.id)
    act(units.dismiss, unit.id, person.id)
    assert units.units_of(person.id) == frozenset()
    act(units.appoint, unit.id, person.id)
    assert len(units.liaisons_of([unit.id])) == 1


def test_a_closed_unit_and_an_ended_pairing_are_no_longer_named(make, unit):
    station = make.station()
    pairing = Pairing(unit_id=unit.id, station_id=station.id, since_on=date(2026, 1, 1))
    db.session.add(pairing)
    db.session.commit()
    assert units_paired_with(station.id) == [unit]
    pairing.ended_on = date(2026, 6, 1)
    db.session.commit()
    assert units_paired_with(station.id) == []
    assert civilized_unit_by_id(unit.public_id) == unit
    unit.closed_at = clock.now()
    db.session.commit()
    assert civilized_unit_by_id(unit.public_id) is None


def test_a_secretary_keeps_the_branch_and_all_below(make, branches):
    above, below = branches
    of_street, of_community = make.person(), make.person()
    now = clock.now()
    db.session.add(BranchSecretary(branch_id=above.id, person_id=of_street.id, granted_at=now))
    db.session.add(BranchSecretary(branch_id=below.id, person_id=of_community.id, granted_at=now))
    db.session.commit()
    assert party.branches_kept_by(of_street.id) == {above.id, below.id}
    assert party.branches_kept_by(of_community.id) == {below.id}


def test_erasing_a_person_ends_what_they_spoke_for_and_forgets_the_membership(make, unit, branches):
    person, branch = make.person(), branches[1]
    now = clock.now()
    act(units.appoint, unit.id, person.id)
    db.session.add_all(
        [
            BranchSecretary(branch_id=branch.id, person_id=person.id, granted_at=now),
            PartyMember(
                person_id=person.id, branch_id=branch.id, since_on=date(2020, 7, 1),
                channel=Channel.PAPER, recorded_at=now,
            ),
        ]
    )  # fmt: skip
    db.session.commit()
    assert hooks.export(person.id)["party_membership"] == {
        "branch": "和平社区党委",
        "since": "2020-07-01",
    }
    act(hooks.erase, person.id)
    assert units.units_of(person.id) == frozenset()
    assert party.membership_of(person.id) is None
    assert party.branches_kept_by(person.id) == frozenset()
    assert hooks.export(person.id)["party_membership"] is None
