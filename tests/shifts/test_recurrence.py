"""Dates out of a rule: the same as dateutil's, in local wall time, judged by the calendar."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given as cases
from hypothesis import strategies as st

from portal.core import clock
from portal.core.errors import Invalid
from portal.shifts import recurrence
from portal.shifts.recurrence import Calendar, Freq, Rule

EMPTY = Calendar({}, (), range(2000, 2100))
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


@st.composite
def rules(draw):
    freq = draw(st.sampled_from(list(Freq)))
    interval = draw(st.integers(1, 4))
    end = draw(st.one_of(st.builds(dict, count=st.integers(1, 60)), st.builds(dict, until=DAYS)))
    if freq == Freq.DAILY:
        return Rule(freq, interval, **end)
    if freq == Freq.WEEKLY:
        days = draw(st.sets(st.integers(0, 6), min_size=1))
        return Rule(freq, interval, tuple(sorted(days)), **end)
    if draw(st.booleans()):
        return Rule(freq, interval, month_day=draw(st.integers(1, 31)), **end)
    nth = draw(st.sampled_from((1, 2, 3, 4, -1)))
    return Rule(freq, interval, (draw(st.integers(0, 6)),), nth, **end)


@cases(rules(), DAYS)
def test_a_rule_gives_the_days_of_dateutil(rule, starts_on):
    assert recurrence.parse(str(rule)) == rule
    found = recurrence.given(rule, starts_on, EMPTY, skips=True)
    bound = starts_on + recurrence.LONGEST
    wanted = [
        at.date()
        for at in rrulestr(str(rule), dtstart=datetime.combine(starts_on, time()))
        if at.date() <= bound
    ]
    assert [one.day for one in found] == wanted[: recurrence.MOST_DATES]
    assert all(one.takes_place for one in found)


@cases(rules(), DAYS, st.sampled_from(ZONES), st.integers(0, 287), st.integers(1, 288))
def test_every_date_begins_at_the_same_time_of_the_wall_clock(rule, starts_on, zone, start, length):
    """Also over a change of summer time; only an hour that does not exist moves."""
    kept = clock.zone().key
    clock.set_zone(zone)
    try:
        for day in [one.day for one in recurrence.given(rule, starts_on, EMPTY, skips=True)][:40]:
            begins, ends = recurrence.span(day, start * 5, length * 5)
            wall = datetime.combine(day, time(start * 5 // 60, start * 5 % 60))
            exists = begins.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
            gap = begins.astimezone(ZoneInfo(zone)).utcoffset()
            assert (
                exists
                or gap != (begins - timedelta(hours=2)).astimezone(ZoneInfo(zone)).utcoffset()
            )
            assert begins < ends <= begins + timedelta(minutes=length * 5 + 60)
    finally:
        clock.set_zone(kept)


@cases(rules(), DAYS, st.sets(st.integers(0, 400), max_size=40))
def test_a_count_counts_what_takes_place_and_an_end_is_an_end(rule, starts_on, offsets):
    holidays = {starts_on + timedelta(days=one): "节" for one in offsets}
    calendar = Calendar(holidays, (), {2026})
    skipping = recurrence.given(rule, starts_on, calendar, skips=True)
    for one in skipping:
        assert one.takes_place == (one.day not in holidays)
        assert one.is_unlisted == (one.day.year != 2026)
    if rule.until:
        assert all(one.day <= rule.until for one in skipping)
    elif max((one.day for one in skipping), default=starts_on) < starts_on + timedelta(days=650):
        assert sum(one.takes_place for one in skipping) in {rule.count, 0} or rule.month_day
    kept = recurrence.given(rule, starts_on, calendar, skips=True, kept=set(holidays))
    assert all(one.takes_place for one in kept)


@cases(rules(), DAYS, st.integers(0, 20))
def test_a_day_that_moves_takes_the_later_ones_along_and_joins_none(rule, starts_on, offset):
    days = [one.day for one in recurrence.given(rule, starts_on, EMPTY, skips=True)]
    if not days:
        return
    old = days[0]
    new = old + timedelta(days=offset - old.weekday() if offset < 7 else offset - 10)
    try:
        after = recurrence.moved(rule, old, new)
    except Invalid:
        return
    goes = [recurrence.follows(rule, after, day) for day in days]
    there = [day for day in goes if day]
    assert goes[0] == new or rule.nth or rule.month_day
    assert len(set(there)) == len(there)
    assert all(abs((went - day).days) < 31 for day, went in zip(days, goes, strict=True) if went)


@pytest.mark.parametrize("text", ["", "FREQ=YEARLY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=a"])
def test_what_is_no_rule_of_ours_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        recurrence.parse(text)
