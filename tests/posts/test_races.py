"""Many at once: one duty is taken by one, a post is filled once; on a database that commits."""

from collections import Counter
from datetime import timedelta

import pytest

from portal.core import clock, engines
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.posts import actions_pattern, actions_standing, filling, hooks
from portal.posts.actions_pattern import Others
from portal.signups import actions, cover, queries, queries_cover
from portal.signups import hooks as signup_hooks
from tests.conftest import PROFILE
from tests.posts.given import (
    drafted,
    duties,
    every_day,
    first_slot,
    pattern,
    place,
    published,
    signed_up,
)
from tests.signups.test_races import at_once, look_afresh
from tests.support.factory import Factory

pytestmark = pytest.mark.race
CROWD = 12
ROUNDS = 10 if PROFILE == "full" else 2


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Who is served is the question here, not how fast this machine is."""
    monkeypatch.setattr(engines, "LOCK_SECONDS", 30)


@pytest.fixture
def make(own_app):
    return Factory()


@pytest.fixture
def station(make):
    return make.station()


def accepting(make, request, person, now):
    actor, person_id, request_id = make.actor(person), person.id, request.id

    def job():
        try:
            write(cover.accept, request_id, person_id, actor=actor, now=now)
        except Refused as refused:
            return refused.codes[0]
        return "has it"

    return job


def trying(action, *args, **kwargs):
    def job():
        try:
            write(action, *args, actor=SYSTEM, now=clock.now(), **kwargs)
        except Refused as refused:
            return refused.codes[0]
        return "done"

    return job


def test_a_duty_is_taken_by_exactly_one(own_app, make, station):
    post = published(station, cells=every_day(1))
    crowd = [make.volunteer(station) for _ in range(CROWD)]
    giver = make.volunteer(station)
    for shift in duties(post)[:ROUNDS]:
        now = clock.now()
        request = write(cover.ask, signed_up(shift, giver).id, None, actor=SYSTEM, now=now)
        jobs = [accepting(make, request, person, now) for person in crowd]
        results = Counter(at_once(own_app, jobs))
        look_afresh()
        assert results == {"has it": 1, "taken": CROWD - 1}
        assert len(queries_cover.chain(shift.id)) == 1
        assert len(queries.on_shift(shift.id)) == 1
        assert place(shift).taken == 1
    assert signup_hooks.check() == []


def test_pressing_twice_takes_it_once(own_app, make, station):
    shift = duties(published(station, cells=every_day(1)))[0]
    now, taker = clock.now(), make.volunteer(station)
    row = signed_up(shift, make.volunteer(station))
    request = write(cover.ask, row.id, None, actor=SYSTEM, now=now)
    results = at_once(own_app, [accepting(make, request, taker, now)] * 8)
    look_afresh()
    assert results == ["has it"] * 8
    assert len(queries_cover.chain(shift.id)) == 1


def test_accepting_and_withdrawing_at_once_lose_no_place(own_app, make, station):
    post = published(station, cells=every_day(1))
    giver, taker = make.volunteer(station), make.volunteer(station)
    for shift in duties(post)[: ROUNDS * 2]:
        now, row = clock.now(), signed_up(shift, giver)
        request = write(cover.ask, row.id, None, actor=SYSTEM, now=now)
        at_once(
            own_app,
            [
                accepting(make, request, taker, now),
                trying(actions.withdraw, row.id, ""),
                trying(cover.take_back, request.id),
            ],
        )
        look_afresh()
        assert place(shift).taken == len(queries.on_shift(shift.id))
    assert signup_hooks.check() == []


def test_two_who_swap_crosswise_do_not_wait_for_each_other(own_app, make, station):
    post = published(station, cells=every_day(1))
    one, other = make.volunteer(station), make.volunteer(station)
    rows = duties(post)
    for here, there in zip(rows[:ROUNDS], rows[ROUNDS : ROUNDS * 2], strict=True):
        now = clock.now()
        mine, theirs = signed_up(here, one), signed_up(there, other)
        requests = [
            write(cover.ask, mine.id, there.id, actor=SYSTEM, now=now),
            write(cover.ask, theirs.id, here.id, actor=SYSTEM, now=now),
        ]
        results = at_once(
            own_app,
            [
                accepting(make, requests[0], other, now),
                accepting(make, requests[1], one, now),
            ],
        )
        look_afresh()
        assert results.count("has it") == 1
        assert (place(here).taken, place(there).taken) == (1, 1)
        assert [row.person_id for row in queries.on_shift(here.id)] == [other.id]
        assert [row.person_id for row in queries.on_shift(there.id)] == [one.id]
    assert signup_hooks.check() == []


def test_a_post_is_filled_once_however_many_fill_it(own_app, make, station):
    from portal.posts import actions as posts

    post = drafted(station)
    people = [make.volunteer(station) for _ in range(2)]
    for person in people:
        write(actions_standing.give, first_slot(post).id, person.id, actor=SYSTEM, now=clock.now())
    write(posts.publish, post.id, actor=SYSTEM, now=clock.now())
    later = clock.now() + timedelta(days=9)

    def filling_it():
        return write(filling.fill, post.id, actor=SYSTEM, now=later)

    made = at_once(own_app, [filling_it] * 6)
    look_afresh()
    assert sorted(made)[:5] == [0] * 5
    assert max(made) == 9
    days = [clock.local_day(row.starts_at) for row in duties(post)]
    assert len(days) == len(set(days))
    assert hooks.check() == []
    assert signup_hooks.check() == []


def test_signing_up_while_the_grid_changes_is_never_lost_unasked(own_app, make, station):
    """Whoever signs up either finds the duty gone, or keeps it: nobody is called off unasked."""
    for _ in range(ROUNDS):
        post = published(station, cells=every_day(2))
        shift = duties(post)[0]
        people = [make.volunteer(station).id for _ in range(4)]
        jobs = [trying(actions.sign_up, shift.id, person, "volunteer") for person in people]
        grid = pattern(every_day(1, (14 * 60, 15 * 60)))
        jobs.append(trying(actions_pattern.set_pattern, post.id, grid, Others.KEEP))
        results = at_once(own_app, jobs)
        look_afresh()
        assert set(results) <= {"done", "called_off"}
        rows = queries.on_shift(shift.id)
        assert len(rows) == results[:4].count("done")
        db.session.refresh(shift)
        assert shift.state == ("planned" if rows else "called_off")
    assert signup_hooks.check() == []
