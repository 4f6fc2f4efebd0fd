"""A span is read as months and days: every day of it once, and none that is live."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.figures import rules
from portal.figures.cut import pieces
from portal.figures.rules import By, Span

FIRST, LAST = date(2025, 11, 1), date(2027, 2, 28)
days = st.dates(FIRST, LAST)


def each(span):
    return [span.first + timedelta(days=number) for number in range(span.days)]


@given(ends=st.tuples(days, days), live=st.sets(days, max_size=6))
def test_months_and_days_are_the_span_without_its_live_days(ends, live):
    span = Span(*sorted(ends))
    live = {day for day in live if span.first <= day <= span.last}
    months, split, stretches = pieces(span, rules.runs(live))
    read = [day for stretch in stretches for day in each(stretch)]
    for month in rules.buckets(Span(FIRST, LAST), By.MONTH):
        if months.first <= month.first <= months.last and month.first not in split:
            read += each(month)
    assert sorted(read) == sorted(set(each(span)) - live)


def test_a_span_may_begin_with_the_first_of_all_days():
    months, split, stretches = pieces(Span(date.min, date(2026, 11, 20)), [])
    assert months == Span(date.min, date(2026, 11, 1))
    assert split == (date(2026, 11, 1),)
    assert stretches == (Span(date(2026, 11, 1), date(2026, 11, 20)),)


def test_whole_months_need_no_days():
    year = Span(date(2026, 1, 1), date(2026, 12, 31))
    assert pieces(year, []) == (Span(date(2026, 1, 1), date(2026, 12, 1)), (), ())
