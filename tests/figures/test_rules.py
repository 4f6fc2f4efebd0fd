from __future__ import annotations

from datetime import date

import pytest

from portal.figures import rules
from portal.figures.rules import By, Span

TODAY = date(2026, 11, 20)


def read(**values):
    return rules.read({name.strip("_"): value for name, value in values.items()}, TODAY)


def test_the_running_month_up_to_today_is_shown_unless_asked_otherwise(app):
    asked = read()
    assert asked.span == Span(date(2026, 11, 1), TODAY)
    assert (asked.by, asked.faults) == (By.STATION, ())


def test_one_end_of_the_span_is_enough(app):
    assert read(_from="2026-10-05").span == Span(date(2026, 10, 5), TODAY)
    assert read(to="2026-10-05").span == Span(date(2026, 10, 1), date(2026, 10, 5))
    assert read(_from="2026-12-01").span == Span(date(2026, 12, 1), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"_from": "yesterday"}, "from"),
        ({"_from": "20261101"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"to": "1999-01-01"}, "to"),
        ({"_from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"_from": "2020-01-01", "to": "2026-11-01"}, "from"),
        ({"by": "colour"}, "by"),
        ({"_from": "2025-01-01", "by": "day"}, "by"),
    ],
)
def test_what_cannot_be_used_is_named_and_something_usable_is_shown(app, values, field):
    asked = read(**values)
    assert [fault.field for fault in asked.faults] == [field]
    assert asked.span.first <= asked.span.last
    assert asked.span.days <= rules.LONGEST_DAYS


def test_weeks_begin_on_monday_and_are_cut_to_the_span():
    span = Span(date(2026, 10, 29), date(2026, 11, 10))
    assert rules.buckets(span, By.WEEK) == [
        Span(date(2026, 10, 29), date(2026, 11, 1)),
        Span(date(2026, 11, 2), date(2026, 11, 8)),
        Span(date(2026, 11, 9), date(2026, 11, 10)),
    ]
    assert rules.buckets(span, By.MONTH) == [
        Span(date(2026, 10, 29), date(2026, 10, 31)),
        Span(date(2026, 11, 1), date(2026, 11, 10)),
    ]
    assert len(rules.buckets(span, By.DAY)) == 13


def test_days_join_to_stretches():
    days = [date(2026, 11, day) for day in (3, 1, 2, 5)]
    assert rules.runs(days) == [
        Span(date(2026, 11, 1), date(2026, 11, 3)),
        Span(date(2026, 11, 5), date(2026, 11, 5)),
    ]
    assert rules.runs([]) == []


def test_what_is_left_of_a_span_lies_between_the_gaps():
    def november(first, last):
        return Span(date(2026, 11, first), date(2026, 11, last))

    gaps = [Span(date(2026, 10, 1), date(2026, 11, 2)), november(5, 6), november(29, 30)]
    assert rules.minus(november(1, 20), gaps) == [november(3, 4), november(7, 20)]
    assert rules.minus(november(2, 4), gaps) == [november(3, 4)]
    assert rules.minus(november(5, 6), gaps) == []
    assert rules.minus(november(7, 8), []) == [november(7, 8)]


def test_stretches_are_cut_at_the_ends_of_months():
    november = rules.month_of(TODAY)
    assert november == Span(date(2026, 11, 1), date(2026, 11, 30))
    days = [Span(date(2026, 10, 30), date(2026, 11, 1)), Span(TODAY, TODAY)]
    assert rules.by_month(days) == {
        Span(date(2026, 10, 1), date(2026, 10, 31)): [Span(date(2026, 10, 30), date(2026, 10, 31))],
        november: [Span(date(2026, 11, 1), date(2026, 11, 1)), Span(TODAY, TODAY)],
    }


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0.0"), (3, "0.1"), (2, "0.0"), (90, "1.5"), (-90, "-1.5"), (60 * 1234, "1,234.0")],
)
def test_hours_have_one_decimal_rounded_half_up(minutes, text):
    assert rules.hours_text(minutes) == text


def test_shares_of_nothing_are_nothing():
    assert rules.rate(3, 0) is None
    assert rules.per_head(90, 0) is None
    assert rules.per_head(90, 4) == 23
    assert rules.heights([0, 5, 10, -3], 100) == [0, 50, 100, 0]
