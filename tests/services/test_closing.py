from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry
from portal.people.models import Volunteer, VolunteerState
from portal.services import actions, hooks
from portal.services.actions_dispatch import Help
from portal.services.models_dispatches import OrderHelp
from tests.services.given import (
    a_team,
    close,
    done,
    finish,
    fresh,
    join,
    offered,
    rate,
    told,
    verbs_of,
)


@pytest.fixture
def station(make):
    return make.station()


def helped(make, station, *, state=VolunteerState.REGISTERED, minutes=25, **changes):
    """Return an order done by a volunteer of a team, who gave some minutes."""
    team, person = a_team(station), make.volunteer(station, state=state)
    join(team, person)
    given = Help(person.id, clock.now() - timedelta(minutes=30), minutes)
    row, held = done(offered(station), team, given, **changes)
    return row, held, person


def entries():
    return db.session.query(LedgerEntry).order_by(LedgerEntry.id).all()


def test_closing_credits_the_time_in_the_same_transaction_once(make, station):
    row, _held, person = helped(make, station)
    assert entries() == []
    rate(row)
    assert entries() == []
    manager = make.manager(station)
    for _twice in range(2):
        close(row, actor=make.actor(manager))
    (entry,) = entries()
    assert (entry.person_id, entry.minutes, entry.source) == (person.id, 25, "wish")
    assert (entry.source_kind, entry.station_id) == ("order_help", station.id)
    assert entry.rule["approved_by"] == manager.id
    assert ledger.total(person.id) == 25
    assert verbs_of(row)[-2:] == ["rate", "close"]
    assert hooks.check() == []


def test_without_a_rating_it_is_closed_only_with_a_reason(make, station):
    asker = make.person()
    row, _held, _person = helped(make, station, asker_id=asker.id)
    with pytest.raises(Invalid) as caught:
        close(row)
    assert caught.value.field == "reason"
    close(row, "三次打不通电话")
    assert fresh(row).state == "closed"
    assert told(asker)[-1] == "order_closed"


def test_who_gave_the_time_does_not_approve_it(make, station):
    row, _held, person = helped(make, station)
    rate(row)
    with pytest.raises(Refused) as caught:
        close(row, actor=make.actor(person))
    assert caught.value.codes == ("own_help",)
    assert entries() == []


def test_the_time_of_who_is_not_registered_waits_until_they_are(make, station):
    row, _held, person = helped(make, station, state=VolunteerState.SUBMITTED)
    rate(row)
    close(row, actor=make.actor(make.manager(station)))
    assert entries() == []
    hooks.due(clock.now())
    assert entries() == []
    volunteer = db.session.query(Volunteer).filter_by(person_id=person.id).one()
    volunteer.state, volunteer.volunteer_no = VolunteerState.REGISTERED, "4403202600001"
    volunteer.registered_at = clock.now()
    db.session.commit()
    hooks.due(clock.now())
    hooks.due(clock.now())
    assert [entry.minutes for entry in entries()] == [25]


def test_what_is_reopened_credits_only_what_was_said_last(make, station):
    row, held, person = helped(make, station)
    write(actions.reopen, row.id, "还差", actor=SYSTEM, now=clock.now())
    finish(held, Help(person.id, clock.now() - timedelta(minutes=20), 10))
    rate(row)
    close(row, actor=make.actor(make.manager(station)))
    assert [entry.minutes for entry in entries()] == [10]


def test_the_check_finds_time_without_an_entry(make, station):
    row, _held, _person = helped(make, station)
    one = db.session.query(OrderHelp).one()
    one.approved_by_id, one.credited_at = 1, clock.now()
    db.session.commit()
    assert [line for line in hooks.check() if "order help" in line]
    assert row.state == "done"
