"""The writer: folding, escaping, the zone block, and a lint that does find faults."""

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
    category="环境清洁",
)
# What makes lines long, and what must be escaped, in any order.
WORDS = st.text(
    st.one_of(st.sampled_from("\\;,\n\r\x85\u2028é文𬭎👨‍👩‍👧a "), st.characters()), max_size=200
)


INSTANTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  the strategy adds the zone
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))


def as_read(text: str) -> str:
    """Return the text as a reader must see it: breaks as \\n, no control characters."""
    return ical._UNPRINTABLE.sub("", ical._LINE_BREAKS.sub("\n", text))


ADDRESSES = st.text(st.sampled_from("abc234/.@-"), min_size=1, max_size=160)
EVENTS = st.builds(
    ical.Event,
    uid=st.just(EVENT.uid),
    sequence=st.integers(0, 10**6),
    revised_at=INSTANTS,
    starts_at=INSTANTS,
    ends_at=INSTANTS,
    summary=WORDS,
    description=WORDS,
    location=WORDS,
    url=ADDRESSES,
    category=WORDS,
    cancelled=st.booleans(),
)


def read_back(body: bytes) -> ical.Event:
    """Return the only event of a file, by a reader that is not ours."""
    (one,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert one["LAST-MODIFIED"].dt == one["DTSTAMP"].dt
    return ical.Event(
        uid=str(one["UID"]),
        sequence=one["SEQUENCE"],
        revised_at=one["DTSTAMP"].dt,
        starts_at=one["DTSTART"].dt.astimezone(UTC),
        ends_at=one["DTEND"].dt.astimezone(UTC),
        summary=str(one["SUMMARY"]),
        description=str(one.get("DESCRIPTION", "")),
        location=str(one.get("LOCATION", "")),
        url=str(one["URL"]),
        category="".join(one["CATEGORIES"].cats) if "CATEGORIES" in one else "",
        cancelled=one["STATUS"] == "CANCELLED",
    )


@given(event=EVENTS)
def test_any_event_comes_back_and_every_line_is_whole(event):
    body = ical.calendar(event.summary, [event], SHANGHAI)
    assert lint(body) == []
    assert read_back(body) == event._replace(
        summary=as_read(event.summary),
        description=as_read(event.description),
        location=as_read(event.location),
        category=as_read(event.category),
    )


@given(text=st.one_of(WORDS, st.text(st.sampled_from("\\;,文x\n"), min_size=60, max_size=300)))
def test_folds_are_full_and_whole(text):
    line = f"X:{ical.escape(text)}"
    folded = ical.fold(line)
    assert folded.replace("\r\n ", "") == line
    *full, last = folded.encode().split(b"\r\n")
    # What does not fit any more: a character of four octets, or one and the half of an escape.
    assert all(71 <= len(one) <= 75 for one in full)
    assert len(last) <= 75
    for one in (*full, last):
        one.decode()
        assert (len(one) - len(one.rstrip(b"\\"))) % 2 == 0


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("x" * 75, [75]),
        ("x" * 76, [75, 2]),
        ("文" * 25, [75]),
        ("文" * 26, [75, 4]),
        ("x" + "文" * 25, [73, 4]),
        ("x" * 74 + "文", [74, 4]),
        ("x" * 73 + "𬭎", [73, 5]),
        ("文" * 50, [75, 73, 4]),
        ("x" * 74 + "\\n", [74, 3]),
        ("x" * 73 + "\\\\\\n", [75, 3]),
    ],
)
def test_where_a_line_is_folded(text, octets):
    folded = ical.fold(text)
    assert [len(one) for one in folded.encode().split(b"\r\n")] == octets
    assert folded.replace("\r\n ", "") == text


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
    body = ical.calendar("x", [EVENT._replace(summary="MARK")], SHANGHAI)
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
    summer = EVENT._replace(
        uid="b@x", starts_at=START + timedelta(days=200), ends_at=START + timedelta(days=201)
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
