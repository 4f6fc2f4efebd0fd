"""Any order of pledging, giving back, lapsing, delivering and closing loses no wish."""

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.wishes import actions, actions_closing, actions_pledges, hooks, queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions_closing import Word
from portal.wishes.actions_pledges import Promise
from portal.wishes.models import ConfirmWay, WishState
from portal.wishes.models_pledges import HOLDING, PledgeState
from portal.wishes.rules import STEPS
from tests.conftest import PROFILE
from tests.wishes.given import published

PEOPLE = st.integers(0, 3)
WISHES = st.integers(0, 1)
FULL = PROFILE == "full"
CAP = 3
ENDS = {state for state in WishState if not any(one == state for one, _verb in STEPS)}


class Wall(RuleBasedStateMachine):
    """One wish for one person and one of three parts, four people, and a clock of its own."""

    station = None
    people: tuple = ()
    days = count(10, 10)

    def __init__(self):
        super().__init__()
        self.now = clock.now().replace(microsecond=0) + timedelta(days=next(self.days))
        self.wishes = [
            published(self.station, now=self.now),
            published(self.station, now=self.now, parts=("书包", "文具", "辅导")),
        ]

    # --- what happens ----------------------------------------------------------------------------

    @rule(n=PEOPLE, w=WISHES, part=st.integers(0, 3), days=st.integers(1, 30))
    def pledge(self, n, w, part, days):
        person, wish = self.people[n], self.wishes[w]
        promise = Promise(person.id, clock.local_day(self.now) + timedelta(days=days), part)
        before = pledges.live(wish.id, person.id, part)
        held = {row.part.number for row in pledges.holding(wish.id)}
        free = {one.number for one in queries.parts_of(wish.id)} - held
        fits = bool(free if part == 0 else free & {part}) and wish.state == WishState.PUBLISHED
        row, codes = self.tried(actions_pledges.pledge, wish.id, promise)
        if row is not None:
            assert row.id == before.id if before else fits
            return
        full = pledges.count_active(person.id) >= CAP
        gone = wish.state in ENDS or part > wish.parts
        assert full or not fits
        assert set(codes) <= ({"too_many"} if full else {"taken", "not_on_wall"})
        assert full or gone or codes == ("taken",)

    @rule(n=PEOPLE)
    def give_back(self, n):
        self.act(actions_pledges.give_back, self.active(n), "")

    @rule(n=PEOPLE, days=st.integers(1, 14))
    def extend(self, n, days):
        row = self.active(n)
        if row is not None:
            once = row.extensions
            until = row.promised_on + timedelta(days=days)
            assert self.act(actions_pledges.extend, row, until, "") is not bool(once)

    @rule(n=PEOPLE)
    def deliver(self, n):
        self.act(actions_pledges.deliver, self.active(n), "")

    @rule(w=WISHES, satisfaction=st.integers(1, 5))
    def confirm(self, w, satisfaction):
        word = Word(ConfirmWay.CALL_BACK, satisfaction)
        may = self.wishes[w].state in {
            WishState.FULFILLED, WishState.CONFIRMED, WishState.CLOSED,
        }  # fmt: skip
        assert self.act(actions_closing.confirm, self.wishes[w], word) is may

    @rule(w=WISHES)
    def reopen(self, w):
        may = self.wishes[w].state in {WishState.FULFILLED, WishState.PLEDGED}
        assert self.act(actions_closing.reopen, self.wishes[w], "没修好") is may

    @rule(w=WISHES, reason=st.sampled_from(["", "联系不上"]))
    def close(self, w, reason):
        self.act(actions_closing.close, self.wishes[w], reason)

    @rule(w=WISHES)
    def withdraw(self, w):
        self.act(actions.withdraw, self.wishes[w], "")

    @rule(days=st.sampled_from([1, 3, 8, 20, 95]))
    def time_passes(self, days):
        self.now += timedelta(days=days)
        hooks.due(self.now)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def no_part_is_held_twice(self):
        for wish in self.wishes:
            held = Counter(row.part_id for row in pledges.holding(wish.id))
            assert all(number == 1 for number in held.values())
            assert wish.taken == len(held) <= wish.parts

    @invariant()
    def a_wish_is_where_its_pledges_say(self):
        for wish in self.wishes:
            states = Counter(row.state for row in pledges.holding(wish.id))
            active, done = states[PledgeState.ACTIVE], states[PledgeState.FULFILLED]
            if wish.state == WishState.PUBLISHED:
                assert active + done < wish.parts
            elif wish.state == WishState.PLEDGED:
                assert active >= 1
                assert active + done == wish.parts
            elif wish.state in {WishState.FULFILLED, WishState.CONFIRMED, WishState.CLOSED}:
                assert (active, done) == (0, wish.parts)
            else:
                assert wish.state in {WishState.WITHDRAWN, WishState.EXPIRED}
                assert active == 0

    @invariant()
    def history_is_kept(self):
        for wish in self.wishes:
            ended = [row for row in pledges.all_of(wish.id) if row.state not in HOLDING]
            assert all(row.ended_at for row in ended)

    def teardown(self):
        """Left to time and to a station that closes what was done, every wish comes to its end."""
        for _month in range(6):
            self.now += timedelta(days=31)
            hooks.due(self.now)
            for wish in self.wishes:
                if wish.state in {WishState.FULFILLED, WishState.CONFIRMED}:
                    self.act(actions_closing.close, wish, "联系不上")
                elif wish.taken and wish.state == WishState.PUBLISHED:
                    # Somebody did their part, nobody wants the rest: the wisher takes it back.
                    self.act(actions.withdraw, wish, "")
        assert {wish.state for wish in self.wishes} <= ENDS

    # --- parts -----------------------------------------------------------------------------------

    def active(self, n):
        rows = pledges.of_person(self.people[n].id)
        own = {wish.id for wish in self.wishes}
        live = (row for row in rows if row.state == PledgeState.ACTIVE and row.wish_id in own)
        return next(live, None)

    def act(self, action, row, *words):
        """Return whether the verb was let through; None when there is nothing to do it to."""
        return None if row is None else self.tried(action, row.id, *words)[0] is not None

    def tried(self, action, *words):
        """Return the row and no codes, or None and the codes of the refusal."""
        try:
            return write(action, *words, actor=SYSTEM, now=self.now), ()
        except Refused as refused:
            return None, refused.codes
        except Invalid as invalid:
            return None, (invalid.field,)


@pytest.mark.timeout(1200 if FULL else 120)
def test_no_wish_is_lost(make):
    class WithPeople(Wall):
        pass

    WithPeople.station = make.station()
    WithPeople.people = tuple(make.person() for _ in range(4))
    run_state_machine_as_test(
        WithPeople,
        settings=settings(max_examples=100 if FULL else 8, stateful_step_count=30),
    )
    assert hooks.check() == []
