"""The menus and orders of the demo district: every station offers something, every state is there."""

from datetime import timedelta

from sqlalchemy import func, select

from portal.cli.district import places, residents, services
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.hours import hooks as ledger_hooks
from portal.hours.models import LedgerEntry
from portal.org import queries as org
from portal.org import seed
from portal.people import queries as people
from portal.people.queries_teams import led_by
from portal.services import hooks
from portal.services.models import Service
from portal.services.models_orders import Order, OrderState
from portal.services.queries_dispatches import count_waiting


def demo(now):
    seed.seed(actor=SYSTEM, now=now)
    long_ago = now - timedelta(days=130)
    made = places.make(long_ago)
    neighbours = residents.make(made, "-", now, long_ago)
    services.make(made, neighbours, now)
    return neighbours


def test_menus_and_orders_in_every_state(app):
    now = clock.now()
    neighbours = write(demo, now)
    states = dict(db.session.execute(select(Order.state, func.count()).group_by(Order.state)).all())
    assert set(states) == set(OrderState)
    offering = set(db.session.scalars(select(Service.station_id)))
    assert {row.id for row in org.communities()} <= offering
    (leader,) = people.people_by_phone(services.LEADER[0])
    assert len(led_by(leader.id)) == 1
    assert count_waiting(neighbours.accounts["member"].id) == 2
    assert count_waiting(neighbours.accounts["volunteer"].id) == 1
    credited = select(LedgerEntry.minutes).where(LedgerEntry.source_kind == "order_help")
    assert list(db.session.scalars(credited)) == [40] * states["closed"]
    assert hooks.check() == []
    assert ledger_hooks.check() == []


def test_the_tick_finds_one_overdue_order_and_changes_nothing_twice(app):
    now = clock.now()
    write(demo, now)
    hooks.due(now)
    told = select(func.count()).select_from(Order).where(Order.told > 0)
    first = db.session.scalar(told)
    hooks.due(now)
    assert first == db.session.scalar(told) >= 1
    assert hooks.check() == []
