"""Cover and swap: the place stays held until somebody accepts, and nobody gets it twice."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.records import settings
from portal.records.outbox import OutboxRow
from portal.signups import actions, cover, hooks, queries, queries_cover, rules_cover
from portal.signups.models import SignupState
from portal.signups.models_cover import CoverState
from tests.posts.given import ROLE, duties, every_day, place, published, signed_up, tried


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def post(station):
    return published(station, cells=every_day(1))


@pytest.fixture
def giver(make, station):
    return make.volunteer(station)


@pytest.fixture
def taker(make, station):
    return make.volunteer(station)


def ask(row, wanted=None, now=None):
    wanted_id = wanted.id if wanted else None
    return tried(cover.ask, row.id, wanted_id, actor=SYSTEM, now=now or clock.now())


def accept(request, person, make, now=None):
    actor = make.actor(person)
    return tried(cover.accept, request.id, person.id, actor=actor, now=now or clock.now())


def told(person):
    rows = db.session.query(OutboxRow).all()
    return [row.payload["kind"] for row in rows if row.payload.get("person_id") == person.id]


def test_every_step_of_a_request():
    known = {("open", "accept"), ("open", "take_back"), ("open", "lapse")}
    assert {(str(state), verb) for state, verb in rules_cover.STEPS} == known


def test_the_place_stays_with_the_giver_until_somebody_accepts(post, giver):
    shift = duties(post)[0]
    row = signed_up(shift, giver)
    request, _codes = ask(row)
    assert (row.state, place(shift).taken) == ("confirmed", 1)
    assert ask(row)[0].id == request.id


def test_accepting_moves_the_place_and_leaves_the_counter(make, post, giver, taker):
    shift = duties(post)[0]
    row = signed_up(shift, giver)
    request, _codes = ask(row)
    taken, codes = accept(request, taker, make)
    db.session.expire_all()
    assert codes == ()
    assert (row.state, taken.state, taken.person_id) == ("withdrawn", "confirmed", taker.id)
    assert place(shift).taken == 1
    assert request.state == CoverState.ACCEPTED
    link = queries_cover.chain(shift.id)[0]
    assert (link.from_person_id, link.to_person_id) == (giver.id, taker.id)
    assert (link.from_signup_id, link.to_signup_id) == (row.id, taken.id)
    assert told(giver) == ["cover_given"]
    assert told(taker) == ["cover_taken"]
    assert hooks.check() == []
    assert accept(request, taker, make)[0].id == taken.id
    assert len(queries_cover.chain(shift.id)) == 1


def test_the_chain_goes_on(make, post, giver, taker, station):
    shift = duties(post)[0]
    request, _codes = ask(signed_up(shift, giver))
    taken, _codes = accept(request, taker, make)
    again, _codes = ask(taken)
    third = make.volunteer(station)
    accept(again, third, make)
    assert [(link.from_person_id, link.to_person_id) for link in queries_cover.chain(shift.id)] == [
        (giver.id, taker.id),
        (taker.id, third.id),
    ]
    back, _codes = ask(queries.live(shift.id, third.id))
    assert accept(back, giver, make)[1] == ()
    assert place(shift).taken == 1


def test_who_may_not_serve_may_not_accept(make, post, giver):
    request, _codes = ask(signed_up(duties(post)[0], giver))
    assert accept(request, make.person(), make)[1] == ("not_volunteer",)
    db.session.expire_all()
    assert request.state == CoverState.OPEN
    assert queries.live(request.shift_id, giver.id).state == "confirmed"


def test_who_is_busy_then_may_not_accept(make, station, post, giver, taker):
    other = published(station)
    shift = duties(post)[0]
    signed_up(duties(other)[0], taker)
    request, _codes = ask(signed_up(shift, giver))
    assert accept(request, taker, make)[1] == ("clash",)
    assert place(shift).taken == 1


def test_the_own_request_is_not_accepted(make, post, giver):
    request, _codes = ask(signed_up(duties(post)[0], giver))
    assert "own" in accept(request, giver, make)[1]


def test_who_is_there_already_does_not_take_a_second_place(make, station, giver, taker):
    shift = duties(published(station, cells=every_day(2)))[0]
    signed_up(shift, taker)
    request, _codes = ask(signed_up(shift, giver))
    assert accept(request, taker, make)[1] == ("already",)


def test_taken_back_it_cannot_be_accepted(make, post, giver, taker):
    request, _codes = ask(signed_up(duties(post)[0], giver))
    write(cover.take_back, request.id, actor=SYSTEM, now=clock.now())
    write(cover.take_back, request.id, actor=SYSTEM, now=clock.now())
    assert accept(request, taker, make)[1] == ("taken",)


def test_accepted_it_cannot_be_taken_back(make, post, giver, taker):
    request, _codes = ask(signed_up(duties(post)[0], giver))
    accept(request, taker, make)
    assert tried(cover.take_back, request.id, actor=SYSTEM, now=clock.now())[1] == ("accepted",)


def test_withdrawing_makes_the_request_useless_and_tick_closes_it(make, post, giver, taker):
    row = signed_up(duties(post)[0], giver)
    request, _codes = ask(row)
    write(actions.withdraw, row.id, "", actor=SYSTEM, now=clock.now())
    assert queries_cover.market(taker.id, clock.now(), 1).total == 0
    assert accept(request, taker, make)[1] == ("gone",)
    hooks.due(clock.now())
    db.session.expire_all()
    assert request.state == CoverState.LAPSED


def test_from_the_start_on_it_is_too_late(make, post, giver, taker):
    shift = duties(post)[0]
    row = signed_up(shift, giver)
    request, _codes = ask(row)
    assert accept(request, taker, make, now=shift.starts_at)[1] == ("closed",)
    hooks.due(shift.starts_at)
    db.session.expire_all()
    assert (request.state, row.state) == (CoverState.LAPSED, "confirmed")
    assert ask(row, now=shift.starts_at)[1] == ("closed",)


def test_with_a_queue_one_withdraws_instead_of_asking(make, station, post, giver):
    shift = duties(post)[0]
    row = signed_up(shift, giver)
    signed_up(shift, make.volunteer(station))
    assert ask(row)[1] == ("somebody_waits",)


def test_whoever_waits_first_stands_before_the_others(make, station, post, giver, taker):
    shift = duties(post)[0]
    request, _codes = ask(signed_up(shift, giver))
    waiting, later = make.volunteer(station), make.volunteer(station)
    row = signed_up(shift, waiting)
    signed_up(shift, later)
    assert row.state == SignupState.WAITLISTED
    assert accept(request, taker, make)[1] == ("somebody_waits",)
    assert accept(request, later, make)[1] == ("somebody_waits",)
    taken, codes = accept(request, waiting, make)
    assert (codes, taken.id, taken.state) == ((), row.id, "confirmed")
    assert place(shift).taken == 1
    assert hooks.check() == []


def test_an_attendee_has_no_duty_to_give(make, station):
    shift = make.shift(station, places={"attendee": 2})
    row = write(
        actions.sign_up, shift.id, make.person().id, "attendee", actor=SYSTEM, now=clock.now()
    )
    assert ask(row)[1] == ("no_duty",)


# --- swap ----------------------------------------------------------------------------------------


def test_a_swap_moves_both_at_once(make, post, giver, taker):
    here, there = duties(post)[:2]
    mine, theirs = signed_up(here, giver), signed_up(there, taker)
    request, _codes = ask(mine, there)
    assert told(taker) == ["cover_asked"]
    assert accept(request, taker, make)[1] == ()
    db.session.expire_all()
    assert (mine.state, theirs.state) == ("withdrawn", "withdrawn")
    assert queries.live(here.id, taker.id).state == "confirmed"
    assert queries.live(there.id, giver.id).state == "confirmed"
    assert (place(here).taken, place(there).taken) == (1, 1)
    assert hooks.check() == []
    links = [*queries_cover.chain(here.id), *queries_cover.chain(there.id)]
    assert [link.to_person_id for link in links] == [taker.id, giver.id]


def test_overlapping_duties_can_be_swapped(make, station, giver, taker):
    """What is given away does not clash with what comes for it."""
    post = published(station, cells=(*every_day(1), *every_day(1, (11 * 60, 12 * 60))))
    here, there = duties(post)[:2]
    write(
        actions.move, there.id, here.starts_at + timedelta(minutes=30),
        here.ends_at + timedelta(minutes=30), actor=SYSTEM, now=clock.now(),
    )  # fmt: skip
    request, _codes = ask(signed_up(here, giver), there)
    signed_up(there, taker)
    assert accept(request, taker, make)[1] == ()


def test_only_who_holds_the_wanted_duty_can_swap(make, station, post, giver, taker):
    here, there = duties(post)[:2]
    signed_up(there, make.volunteer(station))
    request, _codes = ask(signed_up(here, giver), there)
    assert accept(request, taker, make)[1] == ("no_duty_to_swap",)
    assert queries_cover.market(taker.id, clock.now(), 1).total == 0


def test_a_swap_that_the_giver_cannot_keep_does_nothing(make, station, post, giver, taker):
    other = published(station)
    here, there = duties(post)[:2]
    signed_up(there, taker)
    request, _codes = ask(signed_up(here, giver), there)
    signed_up(duties(other)[1], giver)  # at the same time as what they want
    assert accept(request, taker, make)[1] == ("giver_cannot",)
    assert queries.live(here.id, giver.id).state == "confirmed"
    assert queries.live(there.id, taker.id).state == "confirmed"
    assert (place(here).taken, place(there).taken) == (1, 1)


def test_a_swap_is_for_a_duty_of_the_same_post(station, post, giver):
    row = signed_up(duties(post)[0], giver)
    elsewhere = duties(published(station))[3]
    assert ask(row, elsewhere)[1] == ("no_such_shift",)
    assert ask(row, duties(post)[0])[1] == ("no_such_shift",)


def test_what_was_asked_for_the_swapped_duty_falls_away(make, post, giver, taker):
    here, there, further = duties(post)[:3]
    request, _codes = ask(signed_up(here, giver), there)
    theirs, _codes = ask(signed_up(there, taker), further)
    accept(request, taker, make)
    db.session.expire_all()
    assert theirs.state == CoverState.LAPSED


def test_the_market_shows_what_one_might_take(make, station, post, giver, taker):
    request, _codes = ask(signed_up(duties(post)[0], giver))
    assert [row.id for row in queries_cover.market(taker.id, clock.now(), 1).rows] == [request.id]
    assert queries_cover.market(giver.id, clock.now(), 1).total == 0
    assert ROLE == "volunteer"


@pytest.mark.parametrize(("minutes", "codes"), [(29, ("too_near",)), (30, ())])
def test_the_way_between_two_places_counts_for_who_takes_over(
    make, post, giver, taker, minutes, codes
):
    """The same gap as for signing up; what is at the same place as the duty does not count."""
    make.centre()
    write(settings.change, "travel_gap_minutes", 30, actor=SYSTEM, now=clock.now())
    shift = duties(post)[1]
    away = make.shift(make.station(), starts_at=shift.ends_at + timedelta(minutes=minutes))
    write(actions.sign_up, away.id, taker.id, ROLE, actor=SYSTEM, now=clock.now())
    request, _codes = ask(signed_up(shift, giver))
    taken, found = accept(request, taker, make)
    assert found == codes
    assert (taken is None) == bool(codes)
    assert hooks.check() == []
