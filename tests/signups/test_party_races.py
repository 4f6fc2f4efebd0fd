"""Families and teams in a crowd: all of them or nobody, whatever happens beside them."""

from collections import Counter
from datetime import timedelta

import pytest

from portal.core import clock, engines
from portal.core.db import write
from portal.core.errors import Refused
from portal.people import queries as people
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, party, queries
from portal.signups.asking import Asks
from portal.signups.party import Mode
from tests.conftest import PROFILE
from tests.people.relatives import added
from tests.signups.test_races import at_once, look_afresh, place, signing_up, states
from tests.support.factory import Factory

pytestmark = pytest.mark.race
ROUNDS = 10 if PROFILE == "full" else 3
SEAT = PlaceRole.ATTENDEE


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)


@pytest.fixture
def make(own_app):
    return Factory()


def family_of(make, size=3):
    holder = make.person()
    return [holder.id, *(added(holder, f"孩子{n}").person_id for n in "甲乙丙"[: size - 1])]


def all_of(shift_id, ids, mode=Mode.ALL, *, reverse=False):
    actor = people.actor_of(people.person(ids[0]))
    asked = [Asks(shift_id, one, SEAT) for one in (reversed(ids) if reverse else ids)]

    def job():
        try:
            write(party.sign_up_family, asked, mode, actor=actor, now=clock.now())
        except Refused as refused:
            return refused.codes[0]
        return "done"

    return job


def held(shift_id, ids):
    return Counter(str(row.state) for row in queries.on_shift(shift_id) if row.person_id in ids)


def test_two_last_places_and_families_of_three_never_leave_half_a_family(own_app, make):
    families = [family_of(make) for _ in range(5)]
    singles = [make.person(account=False).id for _ in range(4)]
    for n in range(ROUNDS):
        shift = make.shift(starts_at=clock.now() + timedelta(days=3 + n), places={"attendee": 2})
        now = clock.now()
        jobs = [all_of(shift.id, ids) for ids in families]
        jobs += [signing_up(shift.id, one, now) for one in singles]
        at_once(own_app, jobs)
        look_afresh()
        for ids in families:
            # Nobody of it, or all of it waiting together: with two places it never holds any.
            assert held(shift.id, ids) in ({}, {"waitlisted": 3})
        assert states(shift.id)["confirmed"] == 2
        assert place(shift.id).taken == 2
    assert hooks.check() == []


def test_one_family_gets_the_three_last_places(own_app, make):
    families = [family_of(make) for _ in range(6)]
    for n in range(ROUNDS):
        shift = make.shift(starts_at=clock.now() + timedelta(days=3 + n), places={"attendee": 3})
        results = at_once(own_app, [all_of(shift.id, ids) for ids in families])
        look_afresh()
        assert results == ["done"] * 6
        found = [held(shift.id, ids) for ids in families]
        assert found.count({"confirmed": 3}) == 1
        assert found.count({"waitlisted": 3}) == 5
        rows = [row for row in queries.on_shift(shift.id) if row.state == "waitlisted"]
        order = [next(n for n, ids in enumerate(families) if row.person_id in ids) for row in rows]
        # A family waits together: nobody stands between its members.
        assert all(len(set(order[n : n + 3])) == 1 for n in range(0, 15, 3))
    assert hooks.check() == []


def test_the_same_people_named_in_any_order_do_not_block_each_other(own_app, make):
    ids = family_of(make, size=4)
    for n in range(ROUNDS):
        shift = make.shift(starts_at=clock.now() + timedelta(days=3 + n), places={"attendee": 4})
        jobs = [all_of(shift.id, ids, reverse=bool(turn % 2)) for turn in range(8)]
        assert at_once(own_app, jobs) == ["done"] * 8
        look_afresh()
        assert states(shift.id) == {"confirmed": 4}


def test_who_leaves_while_a_family_comes(own_app, make):
    ids = family_of(make)
    for n in range(ROUNDS):
        shift = make.shift(starts_at=clock.now() + timedelta(days=3 + n), places={"attendee": 3})
        first = make.person(account=False).id
        row = write(
            actions.sign_up, shift.id, first, SEAT,
            actor=people.actor_of(people.person(ids[0])), now=clock.now(),
        )  # fmt: skip
        leaving = row.id

        def leave(leaving=leaving):
            actor = people.actor_of(people.person(ids[0]))
            write(actions.withdraw, leaving, "", actor=actor, now=clock.now())
            return "left"

        at_once(own_app, [all_of(shift.id, ids), leave])
        look_afresh()
        assert held(shift.id, ids) in ({}, {"confirmed": 3})
        assert place(shift.id).taken in {0, 3}
    assert hooks.check() == []
