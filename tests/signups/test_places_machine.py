"""Any order of all verbs on places keeps them just: sign-ups, queue, offers, changes, undo, swaps.

After every step: as many confirmed as there are places at most, the counters are the rows, the queue
keeps its order, a person has one live sign-up on a shift, and nobody is at two places at once.
"""

from contextlib import contextmanager
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.records import settings as records
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift, ShiftState
from portal.signups import (
    actions,
    changes,
    cover,
    hooks,
    party,
    queries,
    queries_changes,
    queries_cover,
    queries_waiting,
    rules,
    undoing,
    waiting,
)  # fmt: skip
from portal.signups import team as team_signups
from portal.signups.asking import Asks
from portal.signups.models import HOLDING, LIVE, Signup, SignupState
from portal.signups.rules_changes import Over, People, Wanted
from tests.conftest import PROFILE
from tests.teams.given import a_team, joined

FULL = PROFILE == "full"
ROLE = PlaceRole.VOLUNTEER
PERSON, SHIFT = st.integers(0, 6), st.integers(0, 2)
SURE = {SignupState.CONFIRMED, SignupState.ATTENDED, SignupState.NO_SHOW}


class Places(RuleBasedStateMachine):
    """Two shifts of one activity, a third elsewhere at the hour of the first; seven volunteers."""

    make = None
    station = None
    people: tuple = ()
    run = 0

    def __init__(self):
        super().__init__()
        type(self).run += 1
        self.now = clock.now().replace(microsecond=0)
        start = self.now + timedelta(days=10 * self.run + 4)
        first = self.make.shift(self.station, starts_at=start, places={"volunteer": 2})
        later = start + timedelta(hours=5)
        second = self.make.shift(activity=first.offering, starts_at=later, places={"volunteer": 2})
        beside = self.make.shift(self.station, starts_at=start, places={"volunteer": 1})
        self.shifts = (first.id, second.id, beside.id)
        self.now = start - timedelta(days=3)
        self.may_reorder = False
        self.queues = {one: [] for one in self.shifts}

    def tried(self, action, *args, **kwargs):
        kwargs.setdefault("actor", SYSTEM)
        try:
            return write(action, *args, now=self.now, **kwargs)
        except (Refused, Invalid):
            return None

    # --- what people do --------------------------------------------------------------------------

    @rule(n=SHIFT, person=PERSON)
    def sign_up(self, n, person):
        self.tried(actions.sign_up, self.shifts[n], self.people[person].id, ROLE)

    @rule(
        n=SHIFT, first=st.integers(0, 4), size=st.integers(2, 3), mode=st.sampled_from(party.Mode)
    )
    def sign_up_together(self, n, first, size, mode):
        wanted = [Asks(self.shifts[n], one.id, ROLE) for one in self.people[first : first + size]]
        self.tried(party.sign_up, wanted, mode, together=True)

    @rule(n=SHIFT, first=st.integers(0, 5))
    def sign_a_team_up(self, n, first):
        ids = [one.id for one in self.people[first : first + 2]]
        self.tried(team_signups.sign_up, self.shifts[n], self.team_id, ids)

    @rule(n=SHIFT, person=PERSON, verb=st.sampled_from(["withdraw", "accept", "decline", "split"]))
    def answer(self, n, person, verb):
        row = self.row(n, person)
        if row is None:
            return
        if verb == "withdraw":
            self.tried(actions.withdraw, row.id, "")
        elif verb == "split":
            self.tried(waiting.split, row.id)
        else:
            ids = [one.id for one in queries_waiting.party_of(row) if one.state == row.state]
            all_of = waiting.accept_all if verb == "accept" else waiting.decline_all
            self.tried(all_of, ids)

    @rule(n=SHIFT)
    def all_come_and_one_leaves(self, n):
        """All of it at once, or chance would hardly ever bring about a queue that moves."""
        for person in range(len(self.people)):
            self.sign_up(n, person)
        self.counters_are_rows_and_fit()
        place = self.place(n)
        self.queues[self.shifts[n]] = [row.id for row in queries_waiting.queue_of(place.id)]
        held = [row for row in queries.on_shift(self.shifts[n]) if row.state in HOLDING]
        if held:
            self.tried(actions.withdraw, held[0].id, "")

    @rule(n=SHIFT)
    def everybody_accepts(self, n):
        for row in queries.on_shift(self.shifts[n]):
            if row.state == SignupState.OFFERED:
                self.tried(waiting.accept, row.id)

    @rule(giver=PERSON, taker=PERSON, n=st.integers(0, 1), swap=st.booleans())
    def hand_over(self, giver, taker, n, swap):
        row = self.row(n, giver)
        if row is None:
            return
        self.tried(cover.ask, row.id, self.shifts[1 - n] if swap else None)
        request = queries_cover.open_for(row.id)
        if request:
            self.tried(cover.accept, request.id, self.people[taker].id)

    # --- what the desk does ----------------------------------------------------------------------

    @rule(n=SHIFT, person=PERSON, hand=st.sampled_from(rules.Hand))
    def move_by_hand(self, n, person, hand):
        row = self.row(n, person)
        if row and row.state == SignupState.WAITLISTED:
            self.may_reorder = True
            self.tried(waiting.move_by_hand, row.id, hand, "说得清的原因")

    @rule(n=SHIFT, capacity=st.integers(1, 4))
    def set_capacity(self, n, capacity):
        self.tried(actions.set_capacity, self.place(n).id, capacity)

    @rule(
        n=SHIFT,
        hours=st.sampled_from([0, 0, -5, -2, 2, 5, 24]),
        capacity=st.integers(1, 3),
        people=st.sampled_from(People),
        over=st.sampled_from([None, *Over]),
    )
    def change(self, n, hours, capacity, people, over):
        shift = shifts.shift(self.shifts[n])
        start = shift.starts_at + timedelta(hours=hours)
        if start > self.now:
            wanted = Wanted(
                start, start + timedelta(hours=2), capacities={self.place(n).id: capacity},
                people=people, over=over,
            )  # fmt: skip
            self.may_reorder = True
            self.tried(changes.change, shift.id, wanted)

    @rule(person=PERSON)
    def one_who_is_at_both_is_moved(self, person):
        """The second shift goes to the hour of the first: chance would hardly ever bring it about."""
        for n in (0, 1):
            self.sign_up(n, person)
        first, second = (shifts.shift(one) for one in self.shifts[:2])
        if first.starts_at > self.now:
            place = self.place(1)
            wanted = Wanted(
                first.starts_at, first.ends_at, capacities={place.id: place.capacity},
                people=People.KEEP, over=None,
            )  # fmt: skip
            self.may_reorder = True
            self.tried(changes.change, second.id, wanted)

    @rule(n=SHIFT, comes_back=st.sampled_from([True, True, True, False]))
    def call_off(self, n, comes_back):
        self.tried(actions.call_off, self.shifts[n], "下雨")
        if comes_back:
            self.undo(n)

    @rule(n=SHIFT)
    def undo(self, n):
        found = queries_changes.undoable_of_shift(self.shifts[n], self.now)
        if found:
            self.may_reorder = True
            self.undo_one(found[0])

    def undo_one(self, change):
        before, rows = change.before, queries_changes.rows_of(change.id)
        was = {one: row.before["state"] for one, row in rows.items()}
        if self.tried(undoing.undo, change.id) is None:
            return
        shift = shifts.shift(change.shift_id)
        assert shift.starts_at.isoformat() == before["starts_at"]
        assert shift.state == ShiftState.PLANNED
        for one in queries_changes.signups_of(list(was)):
            # Whoever was put back into a queue that moves on has an offer by now.
            moved_on = was[one.id] == "waitlisted" and one.state == SignupState.OFFERED
            assert one.state == was[one.id] or moved_on

    @rule(minutes=st.sampled_from([5, 15, 240, 900]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)
        hooks.due(self.now)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def counters_are_rows_and_fit(self):
        db.session.expire_all()
        for shift_id in self.shifts:
            place = shifts.places(shift_id)[0]
            rows = queries.on_shift(shift_id)
            assert place.taken == sum(row.state in HOLDING for row in rows) <= place.capacity
        assert queries.wrong_counters() == []

    @invariant()
    def one_live_signup_for_each(self):
        query = (
            select(Signup.person_id)
            .where(Signup.shift_id.in_(self.shifts), Signup.state.in_(LIVE))
            .group_by(Signup.shift_id, Signup.person_id)
            .having(func.count() > 1)
        )
        assert db.session.scalars(query).all() == []

    @invariant()
    def nobody_is_at_two_places_at_once(self):
        held = {}
        query = select(Signup, Shift).join(Shift, Shift.id == Signup.shift_id)
        for row, shift in db.session.execute(query.where(Signup.shift_id.in_(self.shifts))):
            if row.state in SURE and shift.state == ShiftState.PLANNED:
                held.setdefault(row.person_id, []).append((shift.starts_at, shift.ends_at))
        for spans in held.values():
            for one, other in combinations(spans, 2):
                assert one[0] >= other[1] or other[0] >= one[1]

    @invariant()
    def the_queue_keeps_its_order(self):
        """Who still waits stands as before, who is new behind, and whoever was offered stood first."""
        for shift_id in self.shifts:
            place = shifts.places(shift_id)[0]
            now = [row.id for row in queries_waiting.queue_of(place.id)]
            before = self.queues[shift_id]
            if not self.may_reorder:
                stayed = [one for one in before if one in now]
                assert now[: len(stayed)] == stayed
                for one in before:
                    if db.session.get(Signup, one).state == SignupState.OFFERED:
                        assert not set(before[: before.index(one)]) & set(now)
            self.queues[shift_id] = now
        self.may_reorder = False

    @invariant()
    def nobody_waits_beside_a_place_that_fits(self):
        assert queries_waiting.forgotten(self.now + rules.QUEUE_CLOSES_BEFORE) == []

    @invariant()
    def nobody_is_on_a_shift_that_was_called_off(self):
        for shift_id in self.shifts:
            if shifts.shift(shift_id).state == ShiftState.CALLED_OFF:
                assert queries.on_shift(shift_id) == []

    # --- parts -----------------------------------------------------------------------------------

    def row(self, n, person):
        return queries.live(self.shifts[n], self.people[person].id)

    def place(self, n):
        return shifts.places(self.shifts[n])[0]


def machine(make):
    """Return the machine with its station, its people, and a team of all of them.

    How many sign-ups one may have open is not limited: what earlier examples left behind counts too.
    """
    write(records.change, "open_signups_most", 0, actor=SYSTEM, now=clock.now())
    station = make.station()
    people = tuple(make.volunteer(station) for _ in range(7))
    team = a_team(station)
    joined(team, *people)
    return type(
        "WithPeople",
        (Places,),
        {"make": make, "station": station, "people": people, "team_id": team.id},
    )


@pytest.mark.timeout(1800 if FULL else 240)
def test_places_are_just(make):
    run_state_machine_as_test(
        machine(make), settings=settings(max_examples=150 if FULL else 8, stateful_step_count=30)
    )
    assert queries_cover.broken_links() == []


def passes_over_the_first(monkeypatch):
    """Plant a fault: the second who waits is offered the place."""
    monkeypatch.setattr(
        queries_waiting,
        "first_group",
        lambda place_id: (queries_waiting.groups(place_id) or [[]])[-1],
    )


def frees_only(monkeypatch):
    """Plant a fault: a freed place is not passed on."""
    monkeypatch.setattr(waiting, "offer_free", lambda *_args, **_kwargs: None)


def counts_nothing(monkeypatch):
    """Plant a fault: undoing brings the people back and does not count them."""
    monkeypatch.setattr(undoing, "_recount", lambda *_args: None)


def asks_nobody(monkeypatch):
    """Plant a fault: nobody looks whether the new time clashes."""
    monkeypatch.setattr(queries_changes, "clashing_rows", lambda *_args: frozenset())


@contextmanager
def noted(found):
    """Keep a fault wherever it is met: an example that runs twice meets rows that are there by then."""
    try:
        yield
    except HypothesisException:
        raise
    except Exception as fault:
        found.append(fault)
        raise


PLANTS = [passes_over_the_first, counts_nothing, *([frees_only, asks_nobody] if FULL else [])]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_fault_is_found(make, monkeypatch, plant):
    plant(monkeypatch)
    found = []

    class Watched(machine(make)):
        def check_invariants(self, *args):
            with noted(found):
                super().check_invariants(*args)

        def tried(self, *args, **kwargs):
            with noted(found):
                return super().tried(*args, **kwargs)

        def undo_one(self, change):
            with noted(found):
                super().undo_one(change)

    with pytest.raises(Exception):  # noqa: B017, PT011  what was met is looked at below
        run_state_machine_as_test(
            Watched,
            settings=settings(max_examples=120, stateful_step_count=30, phases=[Phase.generate]),
        )
    assert found
    # An invariant, or a CHECK of the database that stood in the way.
    assert isinstance(found[0], AssertionError | DBAPIError)
