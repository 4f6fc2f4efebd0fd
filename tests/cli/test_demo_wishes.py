"""The wishes of the demo district: every state, and always some that are free to pledge."""

from datetime import timedelta

from sqlalchemy import func, select

from portal.cli.district import places, residents, wishes
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.hours import hooks as ledger_hooks
from portal.org import queries as org
from portal.org import seed
from portal.org.models_units import Pairing
from portal.people import units
from portal.records import audit
from portal.records import hooks as files_hooks
from portal.wishes import actions, actions_letter, hooks, queries
from portal.wishes import queries_reach as reach
from portal.wishes import queries_stories as stories
from portal.wishes.models import Wish, WishState
from portal.wishes.models_pledges import Pledge, PledgeState
from portal.wishes.models_stories import WishPhoto


def demo(now):
    seed.seed(actor=SYSTEM, now=now)
    long_ago = now - timedelta(days=130)
    made = places.make(long_ago)
    people = residents.make(made, "-", now, long_ago)
    unit, first = org.civilized_units()[0], made.stations[0]
    since = clock.local_day(long_ago)
    db.session.add(Pairing(unit_id=unit.id, station_id=first.id, since_on=since))
    units.appoint(unit.id, people.accounts["member"].id, actor=SYSTEM, now=long_ago)
    wishes.make(made, people, now)
    return people


def test_wishes_in_every_state_and_then_some_to_pledge(app):
    now = clock.now()
    people = write(demo, now)
    by_state = dict(db.session.execute(select(Wish.state, func.count()).group_by(Wish.state)).all())
    assert set(by_state) == set(WishState)
    assert by_state["published"] >= 3
    active = select(Pledge.person_id).where(Pledge.state == PledgeState.ACTIVE)
    assert set(db.session.scalars(active)) == {
        people.accounts["member"].id, people.accounts["volunteer"].id,
    }  # fmt: skip
    assert [row.state for row in queries.of_person(people.accounts["resident"].id)] == ["filed"]
    assert hooks.check() == []
    assert ledger_hooks.check() == []
    assert "wish.close" in set(db.session.scalars(select(audit.AuditEntry.verb)))


def test_stories_a_photo_a_wish_that_climbed_to_a_unit_and_a_letter(app):
    now = clock.now()
    people = write(demo, now)
    told = stories.told(1).rows
    assert [row.with_photo for row in told].count(True) == 1
    photo = db.session.scalars(select(WishPhoto)).one()
    assert stories.is_told(photo)
    assert files_hooks.check() == []
    unit_ids = units.units_of(people.accounts["member"].id)
    assert len(reach.shown_to_units(unit_ids)) == 1
    volunteer = people.accounts["volunteer"]
    write(actions_letter.send_letter, volunteer.id, actor=SYSTEM, now=now)
    items = reach.letter_of(volunteer.id)
    assert {row.is_near for row in items} == {True, False}
    assert any(row.skill for row in items)


def test_three_are_free_to_pledge_again_after_a_tick(app):
    now = clock.now()
    write(demo, now)
    free = queries.Filter(only_free=True)
    for row in queries.listed(free, 1).rows:
        write(actions.withdraw, row.id, "", actor=SYSTEM, now=now)
    assert queries.listed(free, 1).total == 0
    for _twice in range(2):
        wishes.keep(now)
        assert queries.listed(free, 1).total == 3
