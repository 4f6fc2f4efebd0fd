"""Any order of the verbs: never two live dispatches, every order is open or ends in a named state."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal.core import clock, ids
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.services import actions, actions_closing, actions_desk, actions_dispatch, hooks, queries
from portal.services.actions import Rating
from portal.services.actions_desk import Target
from portal.services.models_dispatches import DispatchState
from portal.services.models_orders import OrderState, RatingWay, VisitStep
from portal.services.rules import ENDS, HELD, OPEN
from tests.conftest import PROFILE
from tests.services.given import a_team, a_unit, asking, holding, offered

FULL = PROFILE == "full"
ORDERS = st.integers(0, 1)


class Desk(RuleBasedStateMachine):
    """Two orders (one with a home visit), two teams, a unit, three volunteers, a clock of its own."""

    services: tuple = ()
    targets: tuple = ()
    people: tuple = ()
    days = count(10, 10)

    def __init__(self):
        super().__init__()
        self.now = clock.now() + timedelta(days=next(self.days))
        given = [asking(service, form_key=ids.code(20)) for service in self.services]
        self.orders = [write(actions.file, one, actor=SYSTEM, now=self.now).id for one in given]

    # --- verbs -----------------------------------------------------------------------------------

    @rule(n=ORDERS)
    def review(self, n):
        self.tried(actions_desk.review, self.orders[n])

    @rule(n=ORDERS)
    def refuse(self, n):
        self.tried(actions_desk.refuse, self.orders[n], "办不了")

    @rule(n=ORDERS, to=st.integers(0, 3), words=st.sampled_from(["", "换人"]))
    def dispatch(self, n, to, words):
        self.tried(actions_desk.dispatch, self.orders[n], self.targets[to], words)

    @rule(n=ORDERS, who=st.integers(0, 2), days=st.integers(-1, 4))
    def claim_or_accept(self, n, who, days):
        held = queries.holding(self.orders[n])
        if held is None:
            return
        day = clock.local_day(self.now) + timedelta(days=days)
        if held.kind == "open":
            self.tried(actions_dispatch.claim, held.id, day, None, actor=self.people[who])
        else:
            self.tried(actions_dispatch.accept, held.id, day)

    @rule(n=ORDERS)
    def decline(self, n):
        held = queries.holding(self.orders[n])
        if held is not None:
            self.tried(actions_dispatch.decline, held.id, "没空")

    @rule(n=ORDERS, step=st.sampled_from(VisitStep))
    def visit(self, n, step):
        self.tried(actions_desk.note_visit, self.orders[n], step)

    @rule(n=ORDERS)
    def finish(self, n):
        held = queries.holding(self.orders[n])
        if held is not None:
            self.tried(actions_dispatch.finish, held.id, "好了")

    @rule(n=ORDERS)
    def reopen(self, n):
        self.tried(actions.reopen, self.orders[n], "没好")

    @rule(n=ORDERS, stars=st.integers(0, 6))
    def rate(self, n, stars):
        self.tried(actions.rate, self.orders[n], Rating(RatingWay.CALL_BACK, stars))

    @rule(n=ORDERS, reason=st.sampled_from(["", "打不通"]))
    def close(self, n, reason):
        self.tried(actions_closing.close, self.orders[n], reason)

    @rule(n=ORDERS)
    def withdraw(self, n):
        self.tried(actions.withdraw, self.orders[n], "")

    @rule(days=st.integers(1, 40))
    def time_passes(self, days):
        self.now += timedelta(days=days)
        hooks.due(self.now)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def never_two_live_dispatches(self):
        for order_id in self.orders:
            assert len(holding(queries.order(order_id))) <= 1

    @invariant()
    def an_order_is_open_with_a_day_or_ended_with_a_time(self):
        for order_id in self.orders:
            row = queries.order(order_id)
            assert (row.state in OPEN) != (row.state in ENDS)
            assert (row.due_on is None) == (row.closed_at is not None) == (row.state in ENDS)

    @invariant()
    def its_dispatch_is_where_its_state_says(self):
        for order_id in self.orders:
            row, held = queries.order(order_id), queries.holding(order_id)
            assert (held.state if held else None) == HELD.get(OrderState(row.state))
            if held is not None and held.state != DispatchState.OFFERED:
                assert held.promised_on is not None

    def teardown(self):
        """Left to time, and to a desk that ends what is being done, every order comes to its end."""
        self.now += timedelta(days=61)
        hooks.due(self.now)
        for order_id in self.orders:
            if queries.order(order_id).state == OrderState.ACCEPTED:
                self.tried(actions.withdraw, order_id, "")
            self.tried(actions_closing.close, order_id, "联系不上")
        assert {queries.order(one).state for one in self.orders} <= ENDS

    def tried(self, action, *words, actor=SYSTEM):
        """Let it be done, or be refused: nothing else may come of it."""
        try:
            write(action, *words, actor=actor, now=self.now)
        except (Refused, Invalid):
            return


@pytest.mark.timeout(1200 if FULL else 120)
def test_no_order_is_lost(make):
    class WithPeople(Desk):
        pass

    station = make.station()
    WithPeople.services = (
        offered(station),
        offered(station, category="papers", home_visit=True, open_to_claim=False),
    )
    teams = [a_team(station), a_team(station)]
    unit = a_unit()
    WithPeople.targets = (*(Target(one.id) for one in teams), Target(unit_id=unit.id), Target())
    WithPeople.people = tuple(make.actor(make.volunteer(station)) for _ in range(3))
    run_state_machine_as_test(
        WithPeople,
        settings=settings(max_examples=100 if FULL else 10, stateful_step_count=40),
    )
    assert hooks.check() == []
