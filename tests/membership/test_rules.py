"""Periods, shares and what is done."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.membership import rules
from portal.membership.rules import Counted, Every, Span, Targets

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
ONE_EACH = Targets(Every.MONTH, wishes=1, hours=12)
MAY = date(2026, 5, 20)


def counted(**changes):
    values = {"since_on": date(2020, 1, 1), "known_on": date(2020, 1, 1)}
    return Counted(**{**values, **changes})


def standing(given, targets=ONE_EACH, today=MAY):
    return rules.standing(given, targets, rules.year_span(today.year), today)


@given(DAYS, st.sampled_from(list(Every)))
def test_the_periods_of_a_year_are_all_of_it_and_hold_each_day_once(day, every):
    periods = rules.periods_of(rules.year_span(day.year), every)
    assert len(periods) * rules.MONTHS[every] == 12
    assert (periods[0].first, periods[-1].last) == (date(day.year, 1, 1), date(day.year, 12, 31))
    assert [one for one in periods if one.holds(day)] == [rules.period_at(day, every)]
    for before, after in itertools.pairwise(periods):
        assert (after.first - before.last).days == 1


@pytest.mark.parametrize(
    ("known_on", "asked"),
    [(date(2026, 4, 30), True), (date(2026, 5, 22), True), (date(2026, 5, 23), False)],
)
def test_who_comes_at_the_end_of_a_period_is_not_asked_for_it(known_on, asked):
    assert rules.is_asked(rules.period_at(MAY, Every.MONTH), known_on) is asked


@pytest.mark.parametrize(
    ("since_on", "hours", "wishes"),
    [
        (date(2019, 3, 1), 50, 1),
        (date(2026, 1, 31), 50, 1),
        (date(2026, 7, 1), 25, 1),
        (date(2026, 8, 1), 21, 0),
        (date(2026, 12, 1), 4, 0),
        (date(2027, 1, 1), 0, 0),
    ],
)
def test_a_target_is_shared_out_by_the_months(since_on, hours, wishes):
    assert rules.share(50, since_on, 2026) == hours
    assert rules.share(1, since_on, 2026) == wishes


@given(DAYS, st.integers(0, 100))
def test_a_share_is_never_more_than_the_target(since_on, target):
    assert 0 <= rules.share(target, since_on, 2026) <= target


def test_a_year_of_reports():
    stands = standing(counted(reports=0b10101))
    assert (stands.reports.have, stands.reports.asked) == (3, 5)
    assert stands.present.is_done
    assert standing(counted(reports=0b00101)).present.missing == 1


def test_periods_before_one_was_known_are_not_missed():
    stands = standing(counted(reports=0b10000, known_on=date(2026, 5, 2)))
    assert (stands.reports.have, stands.reports.asked) == (1, 1)


def test_who_reports_without_being_asked_has_reported():
    late = standing(counted(reports=0b10000, known_on=MAY.replace(day=29)))
    assert (late.reports.have, late.reports.asked) == (1, 1)
    assert (late.present.have, late.present.asked) == (1, 1)
    assert standing(counted(known_on=MAY.replace(day=29))).present.asked == 0


def test_past_and_coming_years_have_no_period_of_today():
    past = rules.standing(counted(), ONE_EACH, rules.year_span(2025), MAY)
    assert past.present.is_done
    assert (past.reports.have, past.reports.asked) == (0, 12)


def test_wishes_count_when_pledged_or_when_fulfilled():
    given = counted(pledged=1)
    assert standing(given).wishes.is_done
    harder = Targets(Every.MONTH, 1, 0, wishes_fulfilled=True)
    assert not standing(given, harder).wishes.is_done
    assert standing(counted(fulfilled=1), harder).wishes.is_done


def test_hours_are_asked_in_minutes():
    assert standing(counted(minutes=700)).minutes.missing == 20
    assert standing(counted(minutes=720)).minutes.is_done


def test_nothing_asked_is_done():
    nothing = Targets(Every.MONTH, 0, 0)
    stands = standing(counted(reports=0b10000), nothing)
    assert stands.is_done


def test_all_done_only_when_nothing_is_missing():
    done = counted(reports=0b10000, pledged=1, minutes=720)
    assert standing(done).is_done
    for missing in ({"reports": 0}, {"pledged": 0}, {"minutes": 719}):
        assert not standing(
            counted(**{"reports": 0b10000, "pledged": 1, "minutes": 720, **missing})
        ).is_done


def test_a_part_of_the_year_asks_its_own_reports_alone():
    _name, span = rules.cards_span("q2", 2026, Every.MONTH)
    stands = rules.standing(counted(reports=0b111111), ONE_EACH, span, date(2026, 12, 1))
    assert (stands.reports.have, stands.reports.asked) == (3, 3)
    assert stands.wishes.asked == stands.minutes.asked == 0


@pytest.mark.parametrize(
    ("part", "every", "found"),
    [
        ("q1", Every.MONTH, ("q1", Span(date(2026, 1, 1), date(2026, 3, 31)))),
        ("q4", Every.QUARTER, ("q4", Span(date(2026, 10, 1), date(2026, 12, 31)))),
        ("h1", Every.HALF_YEAR, ("h1", Span(date(2026, 1, 1), date(2026, 6, 30)))),
        ("q1", Every.HALF_YEAR, ("year", rules.year_span(2026))),
        ("", Every.MONTH, ("year", rules.year_span(2026))),
        ("nonsense", Every.MONTH, ("year", rules.year_span(2026))),
    ],
)
def test_cards_cover_whole_periods(part, every, found):
    assert rules.cards_span(part, 2026, every) == found


@pytest.mark.parametrize(
    ("asked", "year"),
    [("2025", 2025), ("2026", 2026), ("2027", 2026), ("1999", 2026), ("", 2026), ("²025", 2026),
     ("20256", 2026), ("abcd", 2026)],
)  # fmt: skip
def test_which_year_an_address_asks_for(asked, year):
    assert rules.year_of(asked, MAY) == year
