"""Any order of signing up, leaving, accepting, lapsing and time passing keeps the queue just."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.records import settings as records
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, queries
from portal.signups.models import HOLDING, SignupState
from portal.signups.rules import queue_is_open
from tests.conftest import PROFILE

PEOPLE = st.integers(0, 5)
ROLE = PlaceRole.ATTENDEE
FULL = PROFILE == "full"


def tried(action, *args, now):
    """Return the row and no codes, or None and the codes of the refusal."""
    try:
        return write(action, *args, actor=SYSTEM, now=now), ()
    except Refused as refused:
        return None, refused.codes


class Queue(RuleBasedStateMachine):
    """One shift with one or two seats, six people, and a clock of its own."""

    make = None
    people: tuple = ()
    days = count(10, 10)

    def __init__(self):
        super().__init__()
        self.start = clock.now().replace(microsecond=0) + timedelta(days=next(self.days))
        self.now = self.start - timedelta(days=2)
        self.shift = self.make.shift(starts_at=self.start, places={"attendee": 2})
        self.place_id = shifts.place_of(self.shift.id, ROLE).id

    # --- what happens ----------------------------------------------------------------------------

    @rule(n=PEOPLE)
    def sign_up(self, n):
        person = self.people[n]
        before = queries.live(self.shift.id, person.id)
        was = before and (before.id, before.state)
        waiting = queries.first_waiting(self.place_id) is not None
        free = self.place().taken < self.place().capacity
        row, codes = tried(actions.sign_up, self.shift.id, person.id, ROLE, now=self.now)
        if row is None:
            over = self.now >= self.shift.ends_at
            assert codes == (("closed",) if over else ("full",))
            assert over or not (free or self.is_open)
            return
        if was and (was[1] != SignupState.WAITLISTED or self.is_open):
            assert (row.id, row.state) == was
        elif self.is_open and (waiting or not free):
            assert row.state == SignupState.WAITLISTED
        else:
            assert free
            assert row.state == SignupState.CONFIRMED

    @rule(n=PEOPLE)
    def withdraw(self, n):
        row = self.live(n)
        if row and self.now < self.shift.ends_at:
            write(actions.withdraw, row.id, "", actor=SYSTEM, now=self.now)

    @rule(n=PEOPLE)
    def accept(self, n):
        row = self.live(n)
        if row is None:
            return
        may = row.state == SignupState.CONFIRMED or (
            row.state == SignupState.OFFERED and row.offered_until > self.now
        )
        _row, codes = tried(actions.accept, row.id, now=self.now)
        assert codes == (() if may else ("lapsed",))

    @rule(n=st.integers(1, 4))
    def set_capacity(self, n):
        taken = self.place().taken
        try:
            write(actions.set_capacity, self.place_id, n, actor=SYSTEM, now=self.now)
        except Invalid:
            assert n < taken
        else:
            assert n >= taken

    @rule(minutes=st.sampled_from([5, 40, 300, 720, 1500]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)
        hooks.due(self.now)

    @rule(hours=st.sampled_from([-30, -3, 3, 30]))
    def move(self, hours):
        """A shift moves to another hour that is still to come."""
        start = self.shift.starts_at + timedelta(hours=hours)
        if self.now < self.shift.ends_at and start > self.now:
            end = start + timedelta(hours=2)
            write(actions.move, self.shift.id, start, end, actor=SYSTEM, now=self.now)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def the_counter_is_the_rows(self):
        held = [row for row in queries.on_shift(self.shift.id) if row.state in HOLDING]
        place = self.place()
        assert place.taken == len(held) <= place.capacity

    @invariant()
    def nobody_waits_beside_a_free_place(self):
        place = self.place()
        if self.is_open and place.taken < place.capacity:
            assert queries.first_waiting(self.place_id) is None

    @invariant()
    def offers_go_in_the_order_of_joining(self):
        rows = queries.on_shift(self.shift.id)
        offered = [row.id for row in rows if row.state == SignupState.OFFERED]
        waiting = [row.id for row in rows if row.state == SignupState.WAITLISTED]
        assert not offered or not waiting or max(offered) < min(waiting)

    @invariant()
    def no_offer_holds_past_the_closing(self):
        closing = self.shift.starts_at - timedelta(hours=2)
        for row in queries.on_shift(self.shift.id):
            if row.state == SignupState.OFFERED:
                assert row.offered_until <= max(closing, self.now)

    @invariant()
    def nobody_is_there_twice(self):
        people = [row.person_id for row in queries.on_shift(self.shift.id)]
        assert len(people) == len(set(people))

    # --- parts -----------------------------------------------------------------------------------

    @property
    def is_open(self):
        return queue_is_open(self.shift.starts_at, self.now)

    def live(self, n):
        return queries.live(self.shift.id, self.people[n].id)

    def place(self):
        row = shifts.place_of(self.shift.id, ROLE)
        db.session.refresh(row)
        return row


@pytest.mark.timeout(1200 if FULL else 120)
def test_the_queue_is_just(make):
    class WithPeople(Queue):
        pass

    # What earlier examples left open would be counted.
    write(records.change, "open_signups_most", 0, actor=SYSTEM, now=clock.now())
    WithPeople.make = make
    WithPeople.people = tuple(make.person() for _ in range(6))
    run_state_machine_as_test(
        WithPeople,
        settings=settings(max_examples=150 if FULL else 8, stateful_step_count=30),
    )
    assert queries.wrong_counters() == []
