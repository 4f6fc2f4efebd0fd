"""Figures equal a plain recount: live, rolled up, after a late change, and after a rebuild."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.attendance.models import VisitState
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.figures import actions, hooks, queries, rules, scope
from portal.figures.models import ALL, FigureCell, Grain
from portal.figures.rules import By, Span
from portal.org import queries as org_queries
from portal.org.models import Vocabulary
from portal.records import stale
from portal.records.stale import StaleDay
from portal.shifts.models import OfferingState, ShiftState
from tests.figures.written import (
    NOW,
    TODAY,
    Ledger,
    local,
    recount,
    write_shift,
    write_visit,
    write_volunteer,
)
from tests.support.factory import Factory
from tests.support.queries import count_queries

FIRST, LAST = date(2026, 9, 25), date(2026, 11, 22)
FIELDS = ("sessions", "attendances", "active", "minutes", "provisional_minutes")
ALL_FIELDS = (*FIELDS, "applications", "registered")


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOW, tick=False)


class District:
    """An institute with two stations, one beside them, and random records."""

    def __init__(self, make, seed: int) -> None:
        self.make, self.random, self.ledger = make, random.Random(seed), Ledger()
        institute = make.station("街道实践所", level="institute")
        self.stations = [
            institute,
            make.station(parent=institute),
            make.station(parent=institute),
            make.station(),
        ]
        kinds = ("environment", "culture", "care")
        states = (*[OfferingState.PUBLISHED] * 5, OfferingState.DRAFT)
        self.activities = [
            make.activity(self.random.choice(self.stations), kind=kind, state=state)
            for kind in kinds
            for state in states[self.random.randrange(2) :]
        ]
        self.people = [make.person(account=False) for _number in range(8)]
        for person in self.people[:5]:
            self._volunteer(person)
        for _number in range(25):
            self.write_shift()
        db.session.commit()

    def moment(self):
        day = FIRST + timedelta(days=self.random.randrange((LAST - FIRST).days + 1))
        return local(day, self.random.choice((0, 7, 9, 20, 23)), self.random.choice((0, 30)))

    def _volunteer(self, person):
        moments = sorted(min(self.moment(), NOW) for _number in range(3))
        applied, registered, left = moments
        write_volunteer(
            person,
            self.random.choice(self.stations),
            applied,
            registered_at=self.random.choice((None, registered)),
            left_at=self.random.choice((None, None, left)) if registered else None,
        )

    def write_shift(self):
        state = self.random.choice((*[ShiftState.PLANNED] * 5, ShiftState.CALLED_OFF))
        shift = write_shift(self.random.choice(self.activities), self.moment(), state=state)
        if shift.starts_at > NOW:
            return
        for person in self.random.sample(self.people, self.random.randrange(4)):
            visit_state = self.random.choice(list(VisitState))
            minutes = self.random.randrange(200)
            write_visit(shift, person, state=visit_state, minutes=minutes)
            if visit_state == VisitState.CLOSED:
                entry = self.ledger.credit(shift, person, minutes)
                if self.random.random() < 0.2:
                    self.ledger.reverse(entry, shift, person)
            if self.random.random() < 0.2:
                write_visit(shift, person, pair=2)


def assert_same(figures, counted, fields=ALL_FIELDS):
    assert {name: getattr(figures, name) for name in fields} == {
        name: counted[name] for name in fields
    }


def assert_tables_hold(span: Span) -> None:
    """Every cell of every kind of table equals the recount, for district, subtree and station."""
    district = scope.of_district()
    for part in [district, *(district.below(place.public_id) for place in district.places)]:
        ids = {place.id for place in part.places}
        for by in By:
            if by == By.DAY and part is not district:
                continue
            table = queries.table(part, span, by, now=NOW)
            fields = FIELDS if by == By.KIND else ALL_FIELDS
            assert_same(table.total.figures, recount(ids, *span, NOW), fields)
            for row in table.rows:
                first = date.fromisoformat(row.drill["from"])
                last = date.fromisoformat(row.drill["to"])
                own, kind_id = ids, None
                if by == By.STATION:
                    own = {place.id for place in part.places if place.public_id == row.key}
                if by == By.KIND:
                    kind_id = org_queries.term(Vocabulary.ACTIVITY_KIND, row.key).id
                counted = recount(own, first, last, NOW, kind_id=kind_id)
                assert_same(row.figures, counted, fields)


@given(
    seed=st.integers(0, 10**6),
    ends=st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)),
)
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],  # a random district does not get simpler
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_cell_equals_a_plain_recount_live_rolled_up_and_mixed(app, seed, ends):
    savepoint = db.engines[None].begin_nested()
    try:
        district, span = District(Factory(), seed), Span(*sorted(ends))
        assert_tables_hold(span)
        hooks.due(NOW)
        assert all(day >= TODAY for day in db.session.scalars(select(StaleDay.day)))
        assert_tables_hold(span)
        assert hooks.check() == []
        for _number in range(3):  # some days are computed, the others read, months among them
            district.write_shift()
        assert_tables_hold(span)
        hooks.due(NOW)
        assert hooks.check() == []
    finally:
        db.session.remove()
        savepoint.rollback()


# --- single rules --------------------------------------------------------------------------------

DAY = date(2026, 11, 10)


@pytest.fixture
def station(make):
    return make.station()


def stored_days(*columns):
    """The stored days of all stations and kinds together."""
    query = db.session.query(*columns).filter_by(grain=Grain.DAY, station_id=ALL, kind_id=ALL)
    return query.order_by(FigureCell.first_on).all()


def month(station=None):
    where = scope.of_district()
    part = where.below(station.public_id) if station else where
    return queries.table(part, Span(date(2026, 11, 1), TODAY), By.DAY, now=NOW).total.figures


def test_only_shifts_that_took_place_count_as_sessions(make, station):
    held, draft = make.activity(station), make.activity(station, state=OfferingState.DRAFT)
    write_shift(held, local(DAY))
    write_shift(held, local(DAY), state=ShiftState.CALLED_OFF)
    write_shift(held, NOW + timedelta(minutes=5))
    write_shift(draft, local(DAY))
    assert month().sessions == 1


def test_an_activity_called_off_later_keeps_the_sessions_it_had_held(make, station):
    activity = make.activity(station)
    write_shift(activity, local(DAY))
    activity.state = OfferingState.CALLED_OFF
    db.session.flush()
    assert month().sessions == 1


def test_a_session_belongs_to_the_local_day_of_its_start(make, station):
    write_shift(make.activity(station), local(date(2026, 11, 1), 0, 15))
    write_shift(make.activity(station), local(date(2026, 10, 31), 23, 45))
    assert month().sessions == 1


def test_a_session_begins_by_the_clock_without_anybody_marking_it(make, station, time_machine):
    shift = write_shift(make.activity(station), NOW + timedelta(hours=1), mark=False)
    assert month().sessions == 0
    time_machine.move_to(shift.starts_at)
    table = queries.table(scope.of_district(), Span(TODAY, TODAY), By.DAY, now=shift.starts_at)
    assert table.total.figures.sessions == 1


def test_the_day_that_is_running_is_marked_so_that_it_is_rolled_up_when_it_is_over(make, station):
    write_shift(make.activity(station), NOW + timedelta(hours=1), mark=False)
    db.session.commit()
    hooks.due(NOW)
    assert db.session.query(StaleDay.day, StaleDay.station_id).all() == [(TODAY, station.id)]
    hooks.due(NOW + timedelta(days=1))
    assert db.session.query(StaleDay).count() == 0
    assert stored_days(FigureCell.first_on, FigureCell.sessions) == [(TODAY, 1)]


def test_a_person_counts_once_a_shift_and_annulled_visits_do_not_count(make, station):
    shift, person = write_shift(make.activity(station), local(DAY)), make.person(account=False)
    write_visit(shift, person)
    write_visit(shift, person, pair=2)
    write_visit(shift, make.person(account=False), state=VisitState.ANNULLED)
    write_visit(shift, make.person(account=False), state=VisitState.LAPSED, role="attendee")
    assert month().attendances == 2


def test_provisional_minutes_stand_apart(make, station):
    shift = write_shift(make.activity(station), local(DAY))
    write_visit(shift, make.person(account=False), state=VisitState.PROVISIONAL, minutes=90)
    figures = month()
    assert (figures.provisional_minutes, figures.minutes, figures.active) == (90, 0, 0)


def test_reversed_minutes_leave_nobody_active(make, station):
    shift, person, ledger = (
        write_shift(make.activity(station), local(DAY)),
        make.person(account=False),
        Ledger(),
    )
    ledger.reverse(ledger.credit(shift, person, 60), shift, person)
    assert (month().minutes, month().active) == (0, 0)


def test_one_person_at_two_stations_is_one_active_volunteer_of_the_district(make, station):
    ledger, person = Ledger(), make.person(account=False)
    other = make.station()
    for place in (station, other):
        ledger.credit(write_shift(make.activity(place), local(DAY)), person, 60)
    table = queries.table(scope.of_district(), Span(DAY, DAY), By.STATION, now=NOW)
    assert sum(row.figures.active for row in table.rows) == 2
    assert table.total.figures.active == 1


def test_the_rate_is_of_the_subtree_and_nothing_without_population(make, station):
    write_volunteer(make.person(account=False), station, local(DAY), registered_at=local(DAY))
    assert month(station).registration_rate == 0.001
    assert month(make.centre()).registration_rate == 0.001
    empty = make.station(population=0)
    assert month(empty).registration_rate is None


def test_a_late_change_is_right_at_once_and_rolled_up_later(make, station):
    ledger, person = Ledger(), make.person(account=False)
    shift = write_shift(make.activity(station), local(DAY))
    ledger.credit(shift, person, 60)
    db.session.commit()
    hooks.due(NOW)
    assert stored_days(FigureCell.minutes) == [(60,)]
    ledger.credit(shift, make.person(account=False), 30)
    write_visit(shift, person)
    db.session.commit()
    assert (month().minutes, month().active, month().attendances) == (90, 2, 1)
    hooks.due(NOW)
    assert db.session.query(StaleDay).count() == 0
    assert (month().minutes, month().active, month().attendances) == (90, 2, 1)
    assert hooks.check() == []


def test_a_mark_stays_when_a_record_changed_after_the_day_was_rolled_up(make, station):
    shift = write_shift(make.activity(station), local(DAY))
    db.session.commit()
    write(actions.roll_up, [DAY], actor=SYSTEM, now=NOW)
    Ledger().credit(shift, make.person(account=False), 30)  # its mark was there already
    db.session.commit()
    write(actions.settle, [DAY], actor=SYSTEM, now=NOW)
    assert db.session.query(StaleDay).count() == 1
    hooks.due(NOW)
    assert db.session.query(StaleDay).count() == 0
    assert stored_days(FigureCell.minutes) == [(30,)]


def test_many_separate_live_days_count_no_day_twice(make, station):
    activity = make.activity(station)
    days = [TODAY - timedelta(days=distance) for distance in range(1, 2 * rules.MOST_RUNS + 4)]
    for day in days:
        write_shift(activity, local(day))
    hooks.due(NOW)
    for day in days[::2]:
        stale.mark(day, station.id)
    span = Span(days[-1], TODAY)
    table = queries.table(scope.of_district(), span, By.MONTH, now=NOW)
    assert table.total.figures.sessions == len(days)


@pytest.mark.parametrize("by", [By.MONTH, By.DAY, By.STATION])
def test_volunteers_of_earlier_years_are_registered_when_the_span_begins(make, station, by):
    earlier, long_ago = local(date(2025, 12, 31), 23), local(date(2024, 3, 5))
    write_volunteer(make.person(account=False), station, long_ago, registered_at=long_ago)
    leaver = make.person(account=False)
    write_volunteer(leaver, station, long_ago, registered_at=long_ago, left_at=earlier)
    write_volunteer(make.person(account=False), station, earlier, registered_at=earlier)
    span = Span(date(2026, 1, 1), TODAY)
    assert_registered(span, by, 2)
    hooks.due(NOW)
    assert_registered(span, by, 2)
    stale.mark(clock.local_day(earlier), station.id)
    assert_registered(span, by, 2)


def test_who_registers_today_is_registered_tomorrow(make, station):
    write_volunteer(make.person(account=False), station, NOW, registered_at=NOW)
    tomorrow = TODAY + timedelta(days=1)
    assert_registered(Span(tomorrow, tomorrow), By.DAY, 1)


def assert_registered(span, by, count):
    table = queries.table(scope.of_district(), span, by, now=NOW)
    assert table.total.figures.registered == count
    rows = [row.figures.registered for row in table.rows]
    assert sum(rows) == count if by == By.STATION else set(rows) == {count}


def test_a_rebuild_equals_what_was_computed_live(make):
    District(make, 7)
    span = Span(FIRST, LAST)
    live = queries.table(scope.of_district(), span, By.STATION, now=NOW)
    db.session.query(StaleDay).delete()
    db.session.commit()
    write(actions.rebuild, *span, actor=SYSTEM, now=NOW)
    assert queries.table(scope.of_district(), span, By.STATION, now=NOW) == live
    assert all(day >= TODAY for (day,) in db.session.query(StaleDay.day))
    assert db.session.query(FigureCell).filter(FigureCell.first_on >= TODAY).count() == 0


def test_check_data_names_each_cell_that_does_not_hold(make, station):
    shift, person = write_shift(make.activity(station), local(DAY)), make.person(account=False)
    Ledger().credit(shift, person, 30)
    db.session.commit()
    hooks.due(NOW)
    assert hooks.check() == []
    days = db.session.query(FigureCell).filter_by(grain=Grain.DAY)
    days.filter_by(station_id=station.id, kind_id=ALL).update({"minutes": 31})
    days.filter_by(station_id=ALL, kind_id=ALL).update({"persons": b""})
    db.session.commit()
    lines = hooks.check()
    assert lines == [
        f"figures: day {DAY}, all stations, all kinds: 1 persons missing ({person.id})",
        f"figures: day {DAY}, station {station.id}, all kinds: minutes 31 instead of 30",
        f"figures: month 2026-11-01, all stations, all kinds: 1 persons too many ({person.id})",
        f"figures: month 2026-11-01, station {station.id}, all kinds: minutes 30 instead of 31",
    ]


def test_check_data_finds_a_month_that_its_days_do_not_make(make, station):
    write_shift(make.activity(station), local(DAY))
    db.session.commit()
    hooks.due(NOW)
    db.session.query(FigureCell).filter_by(grain=Grain.MONTH, station_id=station.id).delete()
    db.session.commit()
    lines = hooks.check()
    assert len(lines) == 2
    assert all("month 2026-11-01" in line and "sessions 0 instead of 1" in line for line in lines)


def test_the_home_page_gets_three_plain_numbers(make, station):
    shift, person = write_shift(make.activity(station), local(DAY)), make.person(account=False)
    write_visit(shift, person)
    Ledger().credit(shift, person, 90)
    shown = [(one["number"], one["how_href"]) for one in queries.open_figures()]
    expected = [
        ("1", "/figures#sessions"),
        ("1", "/figures#attendances"),
        ("1.5", "/figures#hours"),
    ]
    assert shown == expected
    hooks.due(NOW)
    assert [(one["number"], one["how_href"]) for one in queries.open_figures()] == expected


def test_the_numbers_of_the_home_page_cost_two_statements(app):
    with count_queries() as asked:
        queries.open_figures()
    assert len(asked) == 2
