"""The writer: folding, escaping, the zone block, and a lint that does find faults."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import ical
from tests.calendars.lint import lint

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
EVENT = ical.Event(
    uid="abcdefghjk@portal.example",
    sequence=2,
    revised_at=datetime(2026, 11, 20, 1, 2, 3, 456, tzinfo=UTC),
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    summary="清洁家园",
    description="一起来。\n电话：0755-1234567",
    location="社区广场，和平路 1 号",
    url="https://portal.example/activities/abcdefghjk",
    categories=("环境清洁",),
)
# What makes lines long, and what must be escaped, in any order.
WORDS = st.text(
    st.one_of(st.sampled_from("\\;,\n\r\x85\u2028é文𬭎👨‍👩‍👧a "), st.characters()), max_size=200
)


def as_read(text: str) -> str:
    """Return the text as a reader must see it: breaks as \\n, no control characters."""
    return ical._UNPRINTABLE.sub("", ical._LINE_BREAKS.sub("\n", text))


@given(summary=WORDS, description=WORDS)
def test_any_text_comes_back_and_every_line_is_whole(summary, description):
    event = replace(EVENT, summary=summary, description=description)
    body = ical.calendar(summary, [event], SHANGHAI)
    assert lint(body) == []
    read = icalendar.Calendar.from_ical(body).walk("VEVENT")[0]
    assert str(read["SUMMARY"]) == as_read(summary)
    assert str(read.get("DESCRIPTION", "")) == as_read(description)


@given(text=st.text(st.sampled_from("\\;,文x\n"), min_size=60, max_size=200))
def test_no_fold_inside_an_escape_or_a_character(text):
    for line in ical.fold(f"X:{ical.escape(text)}").encode().split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
        assert (len(line) - len(line.rstrip(b"\\"))) % 2 == 0


def naive_fold(line: str) -> bytes:
    """Fold by octets alone, as many writers do."""
    octets = line.encode()
    return b"\r\n ".join(octets[at : at + 74] for at in range(0, len(octets), 74))


def test_the_lint_sees_what_a_naive_fold_breaks():
    body = ical.calendar("x", [EVENT], SHANGHAI)
    long = "SUMMARY:" + "文明实践" * 20
    broken = body.replace("SUMMARY:清洁家园".encode(), naive_fold(long))
    assert any("character is split" in fault for fault in lint(broken))
    escaped = naive_fold("SUMMARY:" + "x" * 65 + "\\,x")
    assert any(
        "escape is split" in fault
        for fault in lint(body.replace("SUMMARY:清洁家园".encode(), escaped))
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"\r\n", b"\n", "bare line break"),
        (b"SUMMARY:", b"SUMMARY:" + b"x" * 80, "octets"),
        (b"UID:abcdefghjk@portal.example\r\n", b"", "VEVENT without UID"),
        (b"PRODID:", b"X-PRODID:", "VCALENDAR without PRODID"),
        (b"TZID:Asia/Shanghai\r\n", b"TZID:Asia/Chongqing\r\n", "TZID without VTIMEZONE"),
        ("清洁家园".encode(), "清洁\r家园".encode(), "bare line break"),
    ],
)
def test_the_lint_sees_deliberate_defects(old, new, fault):
    body = ical.calendar("x", [EVENT], SHANGHAI)
    assert lint(body) == []
    assert any(fault in found for found in lint(body.replace(old, new)))


def test_unescaped_text_does_not_survive():
    """The negative control: without the escape a reader gets other words."""
    raw = "米;油,盐\\n"
    body = ical.calendar("x", [replace(EVENT, summary="MARK")], SHANGHAI)
    assert raw != str(
        icalendar.Calendar.from_ical(body.replace(b"MARK", raw.encode())).walk("VEVENT")[0][
            "SUMMARY"
        ]
    )
    good = body.replace(b"MARK", ical.escape(raw).encode())
    assert str(icalendar.Calendar.from_ical(good).walk("VEVENT")[0]["SUMMARY"]) == raw


def test_one_standard_block_for_china():
    text = ical.calendar("历", [EVENT], SHANGHAI).decode()
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert text.count("BEGIN:STANDARD") == 1
    assert "DAYLIGHT" not in text
    assert "RDATE" not in text
    assert "TZOFFSETTO:+0800\r\n" in text
    assert "DTSTART;TZID=Asia/Shanghai:20261128T140000\r\n" in text
    assert "DTSTAMP:20261120T010203Z\r\n" in text


def test_utc_where_the_offset_changes_under_the_events():
    summer = replace(
        EVENT, uid="b@x", starts_at=START + timedelta(days=200), ends_at=START + timedelta(days=201)
    )
    text = ical.calendar("x", [EVENT, summer], BERLIN).decode()
    assert "VTIMEZONE" not in text
    assert "DTSTART:20261128T060000Z\r\n" in text
    winter = ical.calendar("x", [EVENT], BERLIN).decode()
    assert "DTSTART;TZID=Europe/Berlin:20261128T070000\r\n" in winter
    assert "TZOFFSETTO:+0100" in winter


def test_no_events_is_still_a_calendar():
    assert lint(ical.calendar("空", [], SHANGHAI)) == []


def test_no_method_and_the_refresh_spelling_phones_accept():
    text = ical.calendar("x", [EVENT], SHANGHAI).decode()
    assert "METHOD" not in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in text
    assert "X-PUBLISHED-TTL:PT6H\r\n" in text
