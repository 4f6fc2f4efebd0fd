"""The tree of stations, its vocabularies, and working days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.org import actions, queries, rules, seed
from portal.org.models import Level, OpeningHours, StationTree, Term, Vocabulary


class Hours:
    def __init__(self, opens, closes):
        self.opens_minute, self.closes_minute = opens, closes


def test_a_station_with_each_of_those_above_it(make):
    institute = make.station(level=Level.INSTITUTE)
    station = make.station(parent=institute)
    point = make.station(parent=station, level=Level.POINT)
    links = db.session.query(StationTree).filter_by(descendant_id=point.id)
    assert {link.ancestor_id: link.depth for link in links} == {
        point.id: 0, station.id: 1, institute.id: 2, make.centre().id: 3,
    }  # fmt: skip
    below = set(db.session.scalars(queries.subtree(institute.id)))
    assert below == {institute.id, station.id, point.id}
    assert [row.id for row in queries.path_of(point.id)] == [
        make.centre().id, institute.id, station.id, point.id,
    ]  # fmt: skip
    assert [row.id for row in queries.children_of(institute.id)] == [station.id]
    assert [row.id for row in queries.communities()] == [station.id]


def test_all_stations_in_the_order_of_the_tree(make):
    first = make.station(level=Level.INSTITUTE)
    second = make.station(level=Level.INSTITUTE)
    below_second, below_first = make.station(parent=second), make.station(parent=first)
    assert [row.id for row in queries.all_stations()] == [
        make.centre().id, first.id, below_first.id, second.id, below_second.id,
    ]  # fmt: skip


def test_a_change_replaces_the_hours_and_keeps_the_level(make):
    station = make.station()
    details = actions.StationDetails(
        name="新名称", level=Level.CENTRE, hours=((0, 480, 720), (0, 840, 1080))
    )
    write(actions.change_station, station.id, details, actor=SYSTEM, now=clock.now())
    db.session.refresh(station)
    assert (station.name, station.level) == ("新名称", Level.STATION)
    spans = [(row.weekday, row.opens_minute) for row in queries.opening_hours(station.id)]
    assert spans == [(0, 480), (0, 840)]
    assert set(queries.hours_on(0)) == {make.centre().id, station.id}
    assert db.session.query(OpeningHours).filter_by(station_id=station.id).count() == 2


@pytest.mark.parametrize(
    ("minute", "is_open"), [(539, False), (540, True), (719, True), (720, False), (900, True)]
)
def test_when_it_is_open(minute, is_open):
    spans = [Hours(540, 720), Hours(840, 1080)]
    assert rules.is_open(spans, minute) is is_open
    assert not rules.is_open([], minute)


def test_levels_stand_below_higher_ones():
    order = list(Level)
    for level in Level:
        assert rules.may_stand_below(level, None) is (level == Level.CENTRE)
        for above in Level:
            assert rules.may_stand_below(level, above) is (order.index(level) > order.index(above))


# --- vocabularies --------------------------------------------------------------------------------


def test_what_every_district_begins_with(make):
    make.centre()
    for vocabulary in seed.TERMS:
        rows = queries.terms(vocabulary)
        assert [row.code for row in rows] == [code for code, *_names in seed.TERMS[vocabulary]]
        assert all(row.name_zh and row.name_en for row in rows)
    write(seed.seed, actor=SYSTEM, now=clock.now())
    assert db.session.query(Term).count() == sum(len(rows) for rows in seed.TERMS.values())


def test_a_term_out_of_use_is_not_offered(make):
    make.centre()
    term = queries.term(Vocabulary.ACTIVITY_KIND, "fair")
    term.active = False
    db.session.commit()
    assert "fair" not in [row.code for row in queries.terms(Vocabulary.ACTIVITY_KIND)]
    assert queries.term(Vocabulary.ACTIVITY_KIND, "none") is None


# --- working days --------------------------------------------------------------------------------


@pytest.fixture
def spring_festival(app):
    """Nine days off, and a Saturday worked in exchange."""
    days = [(date(2031, 1, day), False, "春节") for day in range(22, 31)]
    days.append((date(2031, 2, 8), True, "春节调休"))
    write(actions.import_calendar, 2031, days, "a notice", actor=SYSTEM, now=clock.now())


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2031, 1, 17), 3, date(2031, 1, 31)),  # Mon 20, Tue 21, then nine days off
        (date(2031, 2, 7), 1, date(2031, 2, 8)),  # a Saturday that is worked
        (date(2031, 2, 8), 1, date(2031, 2, 10)),
        (date(2031, 3, 7), 1, date(2031, 3, 10)),
        (date(2031, 3, 5), 0, date(2031, 3, 5)),
    ],
)
def test_working_days_follow_the_list(spring_festival, day, count, due):
    assert queries.add_working_days(day, count) == due
    assert 2031 in queries.published_years()


def test_a_list_is_replaced_as_a_whole(spring_festival):
    write(actions.import_calendar, 2031, [], "another", actor=SYSTEM, now=clock.now())
    assert queries.add_working_days(date(2031, 1, 21), 1) == date(2031, 1, 22)


@given(day=st.dates(date(2040, 1, 1), date(2045, 1, 1)), count=st.integers(1, 30))
def test_without_a_list_monday_to_friday_are_worked(app, day, count):
    due = queries.add_working_days(day, count)
    assert due.weekday() < 5
    assert count <= (due - day).days <= count * 7 / 5 + 3
