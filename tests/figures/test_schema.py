"""From one table of figures to the other and back: no day is lost, each is computed anew."""

from __future__ import annotations

from datetime import date

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from portal.core import clock
from portal.core.db import db
from portal.figures import hooks, queries, scope
from portal.figures.models import FigureCell
from portal.figures.rules import By, Span
from portal.records.stale import StaleDay
from tests.figures.written import NOW, TODAY, Ledger, local, write_shift
from tests.support.factory import Factory

DAY = date(2026, 11, 10)


@pytest.fixture
def station_id(own_app, time_machine):
    time_machine.move_to(NOW, tick=False)
    make = Factory()
    station = make.station()
    shift = write_shift(make.activity(station), local(DAY))
    Ledger().credit(shift, make.person(account=False), 30)
    hooks.due(NOW)
    return station.id


def marks():
    found = db.session.query(StaleDay.day, StaleDay.station_id).all()
    db.session.rollback()
    return found


def test_every_day_is_marked_on_the_way_down_and_up(station_id):
    assert marks() == []
    downgrade(revision="0001")
    assert marks() == [(DAY, station_id)]
    with db.engine.begin() as connection:  # as the code of that revision left it
        connection.execute(text("DELETE FROM stale_day"))
        connection.execute(
            text("INSERT INTO day_figure VALUES (:day, :at, 1, 1, 0, 0, 0, 0, 30, 0)"),
            {"day": DAY.isoformat(), "at": station_id},
        )
    upgrade()
    assert marks() == [(DAY, station_id)]
    span = Span(DAY, TODAY)
    live = queries.table(scope.of_district(), span, By.STATION, now=clock.now())
    assert (live.total.figures.sessions, live.total.figures.minutes) == (1, 30)
    hooks.due(NOW)
    assert marks() == []
    assert db.session.query(FigureCell).count() > 0
    assert queries.table(scope.of_district(), span, By.STATION, now=clock.now()) == live
