"""The district's days and instants."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock, filters

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.fixture
def zone():
    """Set another zone for one test."""
    yield clock.set_zone
    clock.set_zone("Asia/Shanghai")


def test_the_present_is_aware(time_machine):
    time_machine.move_to(datetime(2026, 11, 21, 16, 0, tzinfo=UTC), tick=False)
    assert clock.now() == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    assert clock.today() == date(2026, 11, 22)
    time_machine.shift(timedelta(seconds=-1))
    assert clock.today() == date(2026, 11, 21)


def test_a_local_day_begins_at_midnight_of_the_district():
    assert clock.day_span(date(2026, 11, 22)) == (
        datetime(2026, 11, 21, 16, tzinfo=UTC),
        datetime(2026, 11, 22, 16, tzinfo=UTC),
    )
    assert clock.at_local(date(2026, 11, 22), time(9, 30)).hour == 1


@given(day=DAYS, length=st.integers(0, 40))
def test_a_span_holds_exactly_its_days(day, length):
    last = day + timedelta(days=length)
    first_at, end = clock.day_span(day, last)
    assert clock.local_day(first_at) == day
    assert clock.local_day(end - timedelta(microseconds=1)) == last
    assert clock.local_day(end) == last + timedelta(days=1)


@given(at=INSTANTS)
def test_there_and_back(at):
    local = clock.local(at)
    assert local == at
    first_at, end = clock.day_span(clock.local_day(at))
    assert first_at <= at < end


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [("Europe/Berlin", date(2026, 3, 29), 23), ("Europe/Berlin", date(2026, 10, 25), 25),
     ("Asia/Shanghai", date(2026, 3, 29), 24)],
)  # fmt: skip
def test_a_day_has_as_many_hours_as_its_zone_gives_it(zone, name, day, hours):
    zone(name)
    first_at, end = clock.day_span(day)
    assert end - first_at == timedelta(hours=hours)


def test_spans_in_words(app, time_machine):
    time_machine.move_to(datetime(2026, 11, 22, 2, tzinfo=UTC), tick=False)

    def at(day, hour, minute=0):
        return clock.at_local(date(2026, 11, day), time(hour, minute))

    with app.test_request_context():
        assert filters.span(at(28, 14), at(28, 16, 30)) == "14:00-16:30"
        assert filters.span(at(28, 22), clock.day_start(date(2026, 11, 29))) == "22:00-00:00"
        assert filters.span(at(28, 22), at(29, 6)) == "22:00 - 11月29日\u00a0周日\u00a006:00"
        assert filters.when(at(22, 14), at(22, 16)) == "今天 11月22日\u00a0周日 14:00-16:00"
        assert filters.near_day(date(2026, 11, 23)) == "明天 11月23日\u00a0周一"
        assert filters.day(date(2025, 5, 1)) == "2025年5月1日\u00a0周四"
        assert filters.moment(at(28, 9, 5)) == "11月28日\u00a0周六\u00a009:05"


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("欧阳娜娜", "欧*"), ("李", "李*"), ("", "*")]
)
def test_a_name_is_masked(name, shown):
    assert filters.masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812345678", "138****5678"), (None, ""), ("", ""), ("110", "")]
)
def test_a_phone_is_masked(phone, shown):
    assert filters.masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 分钟"),
        (59, "59 分钟"),
        (60, "1 小时"),
        (90, "1 小时 30 分钟"),
        (-90, "-1 小时 30 分钟"),
    ],
)
def test_minutes_in_words(app, value, words):
    with app.test_request_context():
        assert filters.minutes(value) == words
