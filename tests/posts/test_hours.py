"""When a post is open: what the grid made, said alike on list and page."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.posts import hours
from portal.signups import actions as signups
from tests.posts.given import at, duties, every_day, pattern, published

DAY = datetime(2026, 6, 1, tzinfo=UTC)  # 08:00 of a Monday on the district's clock


def span(first, last):
    return DAY + timedelta(hours=first - 8), DAY + timedelta(hours=last - 8)


MORNING, NOON, LATE = span(9, 11), span(11, 13), span(15, 17)
TOMORROW = DAY + timedelta(days=1, hours=1)


@pytest.mark.parametrize(
    ("spans", "next_at", "hour", "words"),
    [
        ([MORNING], MORNING[0], 8, ("没开，今天 09:00 开", "今天 09:00-11:00")),
        ([MORNING], TOMORROW, 9, ("现在开着，到 11:00", "今天 09:00-11:00")),
        # Spans that touch are one; the gap is a gap.
        ([LATE, NOON, MORNING], LATE[0], 10, ("现在开着，到 13:00", "今天 09:00-13:00、15:00-17:00")),
        ([MORNING, LATE], LATE[0], 11, ("没开，今天 15:00 开", "今天 09:00-11:00、15:00-17:00")),
        ([MORNING], TOMORROW, 12, ("没开，明天 09:00 开", "今天 09:00-11:00")),
        ([], TOMORROW, 12, ("没开，明天 09:00 开", "今天不开")),
        ([], None, 12, ("近期不开", "今天不开")),
    ],
)  # fmt: skip
def test_hours_in_words(app, time_machine, spans, next_at, hour, words):
    now = DAY + timedelta(hours=hour - 8)
    time_machine.move_to(now, tick=False)
    with app.test_request_context():
        found = hours.hours(spans, next_at, now)
        assert (found.state.replace("\xa0", " "), found.today) == words


def test_a_visitor_reads_it_on_list_and_page(browser, make, time_machine):
    station = make.station()
    tomorrow = clock.today() + timedelta(days=1)
    post = published(station, grid=pattern(every_day(1), from_on=tomorrow), hours_text="雨天不设岗")
    first = duties(post)[0]
    time_machine.move_to(at(tomorrow, 9) + timedelta(minutes=30), tick=False)
    for path in ("/posts", post.path):
        assert "现在开着，到 11:00" in browser.get(path).text
    page = browser.get(post.path).text
    assert "今天 09:00-11:00" in page
    assert "雨天不设岗" in page
    # What was called off is not open, whatever the grid says.
    write(signups.call_off, first.id, "停电", actor=SYSTEM, now=clock.now())
    for path in ("/posts", post.path):
        assert "现在开着" not in browser.get(path).text
    assert "今天不开" in browser.get(post.path).text
