"""Standing places take each new duty; absences pass over and free; the manager is told why not."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.people.models import VolunteerState
from portal.posts import (
    actions_pattern,
    actions_standing,
    hooks,
    queries,
    queries_duty,
)
from portal.posts.actions_pattern import Others
from portal.records.outbox import OutboxRow
from portal.signups import actions as signups
from portal.signups import queries as signup_queries
from tests.posts.given import (
    drafted,
    duties,
    every_day,
    first_slot,
    pattern,
    place,
    published,
    signed_up,
    tried,
)


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def person(make, station):
    return make.volunteer(station)


def give(slot, person, actor=SYSTEM):
    return tried(actions_standing.give, slot.id, person.id, actor=actor, now=clock.now())


def held(post, person):
    """Return the duties of the post on which the person holds a place."""
    return [row for row in duties(post) if signup_queries.live(row.id, person.id)]


def told(person_id):
    rows = db.session.query(OutboxRow).all()
    return [row.payload["kind"] for row in rows if row.payload.get("person_id") == person_id]


def test_a_standing_place_takes_the_duties_there_are(station, person):
    post = published(station)
    slot = first_slot(post)
    row, codes = give(slot, person)
    assert codes == ()
    mine = held(post, person)
    assert mine
    assert {clock.local(one.starts_at).weekday() for one in mine} == {slot.weekday}
    assert all(place(one).taken == 1 for one in mine)
    assert give(slot, person)[0].id == row.id
    assert told(person.id).count("standing_given") == 1


def test_and_each_new_one_as_it_is_made(station, person):
    post = published(station)
    give(first_slot(post), person)
    before = len(held(post, person))
    hooks.due(clock.now() + timedelta(days=7))
    assert len(held(post, person)) == before + 1


def test_given_in_a_draft_it_waits_for_the_publication(station, person):
    from portal.posts import actions

    post = drafted(station)
    give(first_slot(post), person)
    write(actions.publish, post.id, actor=SYSTEM, now=clock.now())
    assert held(post, person)


def test_what_was_given_away_is_not_taken_again(station, person):
    post = published(station)
    give(first_slot(post), person)
    mine = held(post, person)
    row = signup_queries.live(mine[0].id, person.id)
    write(signups.withdraw, row.id, "", actor=SYSTEM, now=clock.now())
    hooks.due(clock.now())
    assert len(held(post, person)) == len(mine) - 1


def test_who_may_not_is_refused_with_the_reason(make, station, person):
    post = published(station, cells=every_day(1))
    slot = first_slot(post)
    assert give(slot, make.person())[1] == ("not_volunteer",)
    give(slot, person)
    assert give(slot, make.volunteer(station))[1] == ("full",)
    beside = published(station, cells=every_day(1, (10 * 60, 12 * 60)))
    assert give(first_slot(beside, slot.weekday), person)[1] == ("clash",)
    touching = published(station, cells=every_day(1, (11 * 60, 12 * 60)))
    assert give(first_slot(touching, slot.weekday), person)[1] == ()


def test_a_duty_it_cannot_take_is_told_to_the_manager(make, station, person):
    manager = make.manager(station)
    other = published(station)
    post = published(station, actor=make.actor(manager))
    slot = first_slot(post)
    busy = next(
        row for row in duties(other) if clock.local(row.starts_at).weekday() == slot.weekday
    )
    signed_up(busy, person)
    give(slot, person)
    found = queries_duty.not_placed(post.id, clock.now())
    assert [(turn.reason, shift.starts_at) for turn, shift in found] == [("clash", busy.starts_at)]
    assert told(manager.id) == ["standing_not_placed"]
    hooks.due(clock.now())
    assert told(manager.id) == ["standing_not_placed"]


def test_who_is_paused_finds_no_new_place(make, station, person):
    post = published(station)
    give(first_slot(post), person)
    before = len(held(post, person))
    from portal.people.queries import volunteer_of

    volunteer_of(person.id).state = VolunteerState.LEFT
    db.session.commit()
    hooks.due(clock.now() + timedelta(days=7))
    assert len(held(post, person)) == before
    reasons = {turn.reason for turn, _s in queries_duty.not_placed(post.id, clock.now())}
    assert reasons == {"wrong_state"}


def test_a_full_duty_is_not_waited_for(make, station, person):
    post = published(station, cells=every_day(1))
    slot = first_slot(post)
    full = next(r for r in duties(post) if clock.local(r.starts_at).weekday() == slot.weekday)
    signed_up(full, make.volunteer(station))
    give(slot, person)
    assert signup_queries.live(full.id, person.id) is None
    assert [t.reason for t, _s in queries_duty.not_placed(post.id, clock.now())] == ["full"]


def test_ending_keeps_or_frees(station, person, make):
    post = published(station)
    slot = first_slot(post)
    row, _codes = give(slot, person)
    count = len(held(post, person))
    write(actions_standing.end, row.id, frees=False, actor=SYSTEM, now=clock.now())
    assert len(held(post, person)) == count
    hooks.due(clock.now() + timedelta(days=7))
    assert len(held(post, person)) == count
    other = make.volunteer(station)
    second, _codes = give(slot, other)
    write(actions_standing.end, second.id, frees=True, actor=SYSTEM, now=clock.now())
    assert held(post, other) == []


def test_a_retired_cell_ends_its_standing_places(station, person):
    post = published(station)
    slot = first_slot(post)
    give(slot, person)
    cells = tuple(cell for cell in every_day() if cell.weekday != slot.weekday)
    write(
        actions_pattern.set_pattern, post.id, pattern(cells), Others.KEEP,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip
    assert queries.standing_of(post.id) == []
    assert "standing_ended" in told(person.id)
    assert held(post, person)  # what they had taken was asked about, and kept


# --- absences ------------------------------------------------------------------------------------


def away(person, first, days=6):
    return write(
        actions_standing.record_absence, person.id, first, first + timedelta(days=days),
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip


def test_an_absence_frees_what_the_standing_place_took(make, station, person):
    manager = make.manager(station)
    post = published(station, actor=make.actor(manager))
    give(first_slot(post), person)
    first, *rest = held(post, person)
    row = away(person, clock.local_day(first.starts_at))
    assert held(post, person) == rest
    assert place(first).taken == 0
    assert told(manager.id) == ["absence_freed"]
    assert away(person, clock.local_day(first.starts_at)).id == row.id


def test_and_new_duties_pass_over_it(station, person):
    now = clock.now()
    post = published(station)
    give(first_slot(post), person)
    last = held(post, person)[-1]
    away(person, clock.local_day(last.starts_at) + timedelta(days=1), 13)
    before = len(held(post, person))
    hooks.due(now + timedelta(days=14))
    assert len(held(post, person)) == before


def test_what_one_took_oneself_stays(station, person):
    post = published(station)
    own = duties(post)[5]
    signed_up(own, person)
    away(person, clock.local_day(own.starts_at))
    assert [row.id for row in held(post, person)] == [own.id]


def test_taking_it_back_tries_again_what_is_still_free(make, station, person):
    post = published(station, cells=every_day(1))
    give(first_slot(post), person)
    before = held(post, person)
    row = away(person, clock.local_day(before[0].starts_at), 13)
    assert len(held(post, person)) == len(before) - 2
    signed_up(before[0], make.volunteer(station))
    write(actions_standing.end_absence, row.id, actor=SYSTEM, now=clock.now())
    assert [one.id for one in held(post, person)] == [one.id for one in before[1:]]
    write(actions_standing.end_absence, row.id, actor=SYSTEM, now=clock.now())


def test_a_merged_record_takes_its_standing_places_along(make, station, person):
    post = published(station)
    slot, other = queries.slots_of(post.id)[:2]
    double = make.volunteer(station)
    give(slot, double)
    give(other, double)
    give(slot, person)
    away(double, clock.today() + timedelta(days=1))
    write(actions_standing.move_to, person.id, double.id, now=clock.now())
    assert [row.slot_id for row in queries.standing_with(person.id)] == [slot.id, other.id]
    assert queries.standing_with(double.id) == []
    assert queries_duty.absences_of({person.id}, clock.now())[person.id]


def test_erasing_a_person_forgets_where_they_were(station, person):
    post = published(station)
    give(first_slot(post), person)
    away(person, clock.today() + timedelta(days=1))
    exported = hooks.export(person.id)
    assert (len(exported["standing_places"]), len(exported["absences"])) == (1, 1)
    write(hooks.erase, person.id, actor=SYSTEM, now=clock.now())
    assert hooks.export(person.id)["absences"] == []
    assert queries.standing_of(post.id) == []
