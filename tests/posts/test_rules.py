"""Decisions about the grid: what it asks of a span, what a change means, how a duty stands."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.posts import rules
from portal.posts.rules import Cell, Cover, Existing, Pattern

MONDAY = date(2026, 11, 30)
NAMES = dict(enumerate("一二三四五六日"))


def cell(day=0, starts=540, ends=660, volunteers=2):
    return Cell(day, starts, ends, volunteers)


def asked(cells, first=MONDAY, last=MONDAY + timedelta(days=6), holidays=(), **pattern):
    return rules.duties(Pattern(tuple(cells), MONDAY, **pattern), first, last, holidays)


def test_a_week_has_each_cell_once():
    found = asked([cell(0), cell(2), cell(2, 840, 900), cell(6)])
    assert [(duty.day - MONDAY).days for duty in found] == [0, 2, 2, 6]
    assert found == sorted(found, key=lambda duty: duty.starts_at)


def test_a_duty_may_end_at_midnight():
    [duty] = asked([cell(0, 1320, 1440)])
    assert clock.local(duty.ends_at) == clock.local(clock.day_start(MONDAY + timedelta(days=1)))


def test_the_grid_holds_from_until_and_not_on_holidays():
    every = [cell(day) for day in range(7)]
    assert asked(every, first=MONDAY - timedelta(days=7), last=MONDAY - timedelta(days=1)) == []
    assert len(asked(every, until_on=MONDAY + timedelta(days=1))) == 2
    assert len(asked(every, holidays={MONDAY})) == 6
    assert len(asked(every, holidays={MONDAY}, skips_holidays=False)) == 7


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        ([], set()),
        ([cell(0), cell(0, 660, 720)], set()),
        ([cell(0), cell(0, 659, 720)], {0}),
        ([cell(0), cell(1, 600, 720)], set()),
        ([cell(3, 0, 1440), cell(3, 60, 90), cell(3, 600, 700)], {3}),
    ],
)
def test_touching_cells_do_not_overlap(cells, days):
    assert rules.overlapping(cells) == days


def existing(duty, people=0, **changes):
    row = Existing(1, duty.key, duty.starts_at, duty.ends_at, duty.cell.volunteers, people)
    return row._replace(**changes)


@pytest.fixture
def duty():
    return asked([cell()])[0]


def sorted_into(change):
    names = ("added", "dropped", "altered", "unwanted", "different")
    return {name for name in names if getattr(change, name)}


def test_what_fits_is_left_alone(duty):
    assert sorted_into(rules.change([existing(duty, 2)], [duty])) == set()


@pytest.mark.parametrize(("people", "expected"), [(0, "dropped"), (1, "unwanted")])
def test_what_is_gone_is_dropped_or_asked_about(duty, people, expected):
    change = rules.change([existing(duty, people)], [])
    assert sorted_into(change) == {expected}
    assert change.asks is bool(people)


@pytest.mark.parametrize(
    ("people", "capacity", "later", "expected"),
    [
        (0, 5, False, "altered"),
        (0, 2, True, "altered"),
        (1, 1, False, "altered"),
        (1, 5, False, "altered"),  # fewer places, and still enough
        (3, 5, False, "different"),  # more people than there would be places
        (1, 2, True, "different"),
    ],
)
def test_another_end_or_number(duty, people, capacity, later, expected):
    ends_at = duty.ends_at + timedelta(hours=1) if later else duty.ends_at
    row = existing(duty, people, capacity=capacity, ends_at=ends_at)
    change = rules.change([row], [duty])
    assert sorted_into(change) == {expected}


def test_what_was_moved_by_hand_stays(duty):
    row = existing(duty, starts_at=duty.starts_at + timedelta(hours=1))
    assert sorted_into(rules.change([row], [duty])) == set()
    assert sorted_into(rules.change([row], [])) == {"dropped"}


def test_what_is_new_is_added(duty):
    assert rules.change([], [duty]).added == [duty]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"is_planned": False}, Cover.CALLED_OFF),
        ({"taken": 2}, Cover.FULL),
        ({"taken": 1}, Cover.SHORT),
        ({}, Cover.EMPTY),
        ({"taken": 2, "came": 1, "has_begun": True}, Cover.ATTENDED),
        ({"taken": 2, "has_begun": True}, Cover.ABSENT),
    ],
)
def test_how_a_duty_stands(values, expected):
    usual = {"is_planned": True, "has_begun": False, "capacity": 2, "taken": 0, "came": 0}
    assert rules.cover(**{**usual, **values}) == expected


def test_every_way_a_duty_stands_has_a_letter_of_its_own():
    letters = [str(rules.COVER_LETTERS[one]) for one in Cover]
    assert len(set(letters)) == len(letters)
    assert set(rules.COVER_LABELS) == set(Cover)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 0, None), (0, 3, 0), (2, 3, 66), (199, 200, 99), (3, 3, 100)],
)
def test_a_share_is_whole_only_when_all_is(part, whole, expected):
    assert rules.percent(part, whole) == expected


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        ([cell(day) for day in range(7)], ["每天 09:00-11:00"]),
        ([cell(day) for day in range(5)], ["一到五 09:00-11:00"]),
        ([cell(0), cell(2)], ["一、三 09:00-11:00"]),
        ([cell(0), cell(0, 840, 1440)], ["一 09:00-11:00", "一 14:00-24:00"]),
    ],
)
def test_the_grid_in_words(app, cells, lines):
    with app.test_request_context():
        assert rules.weekdays_text(cells, NAMES) == lines


def test_all_reasons_against_publishing_are_named():
    usual = {"is_risky": False, "insurance_note": "", "has_cells": True}
    assert rules.may_be_published(**usual) == []
    found = rules.may_be_published(**{**usual, "is_risky": True, "has_cells": False})
    assert [reason.code for reason in found] == ["insurance_missing", "no_cell"]


def test_a_pattern_is_a_value():
    pattern = Pattern((cell(),), MONDAY)
    assert replace(pattern, skips_holidays=False) != pattern
