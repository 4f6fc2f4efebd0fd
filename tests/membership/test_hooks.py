"""Export, erasure, forgetting, and what check-data finds."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.db import db, write
from portal.membership import actions, actions_import, hooks, sheets
from portal.membership.models import (
    CommunityReport,
    CommunityTie,
    CommunityTieTerm,
    MembershipImport,
    MembershipRequest,
)
from portal.people import consents, party
from portal.people.models_consents import ConsentKind
from portal.people.models_party import PartyMember
from portal.records.notes import Note
from portal.site import personal
from tests.membership.made import (
    LONG_AGO,
    act,
    branch,
    keeper,
    kept,
    member,
    membership,
    report,
    ties,
    workbook,
)


@pytest.fixture
def row(make):
    return branch()


def test_the_export_holds_communities_reports_and_what_was_asked(make, row):
    person, place = make.person(), make.station("和平社区实践站")
    ties(person, place, terms=("law",))
    report(person)
    asked = act(actions.ask, person.id, row.id, LONG_AGO, actor=make.actor(person))
    found = hooks.export(person.id)
    today = clock.today().isoformat()
    assert found["communities"] == [
        {"station": place.name, "since": today, "until": None, "shown": True,
         "skills_and_services": ["law"]}
    ]  # fmt: skip
    assert found["community_reports"] == [{"station": place.name, "day": today, "way": "own"}]
    assert found["party_request"]["branch"] == row.name
    act(actions.confirm, asked.id)
    assert hooks.export(person.id)["party_request"] is None
    assert personal.gathered(person.id)["party_membership"]["branch"] == row.name


def test_erasing_leaves_nothing_of_it(make, row):
    person, place = make.person(), make.station()
    ties(person, place, terms=("law",))
    report(person)
    member(make, row, person=person)
    asked = act(actions.ask, person.id, branch("另一个").id, LONG_AGO)
    act(actions.refuse, asked.id, "不是我们的")
    keeper_too = make.actor(person)
    write(personal.erase, person.id, actor=keeper_too, now=clock.now())
    for table in (CommunityTie, CommunityTieTerm, CommunityReport, MembershipRequest, PartyMember):
        assert db.session.query(table).count() == 0
    assert db.session.query(Note).filter_by(subject_kind="membership_request").count() == 0
    assert hooks.check() == []


def test_erasing_a_secretary_ends_the_keeping_and_drops_the_upload(make, row):
    secretary = keeper(make, row)
    lines = sheets.read(workbook(("程启明", "13800030001")))
    act(actions_import.keep, kept(row), lines, actor=make.actor(secretary))
    write(personal.erase, secretary.id, actor=make.actor(secretary), now=clock.now())
    assert db.session.query(MembershipImport).count() == 0
    assert party.branches_kept_by(secretary.id) == frozenset()


def test_an_old_refusal_is_forgotten_with_its_consent(make, row):
    person = make.person()
    asked = act(actions.ask, person.id, row.id, LONG_AGO, actor=make.actor(person))
    act(actions.refuse, asked.id, "不是我们的")
    hooks.due(clock.now() + timedelta(days=89))
    assert db.session.query(MembershipRequest).count() == 1
    hooks.due(clock.now() + timedelta(days=91))
    assert db.session.query(MembershipRequest).count() == 0
    assert not consents.holds(person.id, ConsentKind.PARTY)


def test_the_check_finds_a_closed_branch_and_a_merged_record(make, row):
    person, other = member(make, row), make.person()
    found = membership(person)
    row.closed_at = clock.now()
    person.merged_into_id = other.id
    db.session.commit()
    assert hooks.check() == [
        f"party member {found.id}: belongs to a merged record",
        f"party member {found.id}: the branch is closed",
    ]
