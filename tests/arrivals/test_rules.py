"""Pure decisions: how times are read, and what paper and scans come to together."""

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.arrivals.rules_claims import poster_code, read_poster_code
from portal.arrivals.rules_paper import Typed, Window, read_row, read_time
from portal.attendance.models import Direction, Way
from portal.attendance.rules_stays import Mark, derive
from portal.core.ids import public_id
from portal.hours.rules import Span, Terms, worth

START = datetime.fromisoformat("2026-05-08T14:00:00+08:00")
LONG = 240
GRACE = 15


def at(minute):
    return START + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0830", time(8, 30)), ("830", time(8, 30)), ("8:30", time(8, 30)),
        ("08：30", time(8, 30)), ("8.30", time(8, 30)), ("8点30", time(8, 30)),
        ("8点30分", time(8, 30)), ("８３０", time(8, 30)), ("0000", time(0, 0)), ("2359", time(23, 59)),
        ("8", None), ("2400", None), ("1260", None), ("12:5", None), ("", None), ("八点", None),
        ("12345", None), ("-830", None), ("8:30pm", None),
    ],
)  # fmt: skip
def test_times_are_read_as_hands_write_them(typed, expected):
    assert read_time(typed) == expected


def test_a_shift_over_midnight_has_its_times_on_the_right_day():
    start = datetime.fromisoformat("2026-05-08T22:00:00+08:00")
    end = start + timedelta(hours=4)
    window = Window(start, end, 60, 120, 600, end + timedelta(hours=9))
    read = read_row(Typed(1, "2155", "0205"), window, (), is_blank=False, may_enter=True)
    assert (read.in_at, read.out_at) == (start - timedelta(minutes=5), end + timedelta(minutes=5))
    assert read.wrong == ()


def test_nobody_comes_and_goes_more_often_than_scans_let_them():
    window = Window(START, at(LONG), 60, 120, 600, at(LONG))
    three = derive(marks_of([(0, 10), (20, 30), (40, 50)]))
    for typed, wrong in ((("1500", "1510"), ["too_many"]), (("1445", "1510"), [])):
        read = read_row(Typed(1, *typed), window, three, is_blank=False, may_enter=True)
        assert list(read.wrong) == wrong


minute = st.integers(0, LONG)
spans = st.tuples(minute, minute).filter(lambda pair: pair[0] < pair[1])


@st.composite
def scanned(draw):
    """Whole stays one after another, as scans make them."""
    cuts = sorted(draw(st.lists(minute, max_size=6, unique=True)))
    return list(zip(cuts[::2], cuts[1::2], strict=False))


def marks_of(pairs, told=()):
    found = []
    for came, went in pairs:
        found += [Mark(Direction.IN, Way.CODE, at(came)), Mark(Direction.OUT, Way.CODE, at(went))]
    for number, (came, went) in enumerate(told):
        key = f"paper-aaaaaaaaaa-1-{number + 1}"
        found += [
            Mark(Direction.IN, Way.PAPER, at(came), key),
            Mark(Direction.OUT, Way.PAPER, at(went), key),
        ]
    return found


def covered(pairs):
    return {one for came, went in pairs for one in range(came, went)}


def minutes_of(stays):
    """Return which minutes the stays cover; one that goes on covers none."""
    first = [(stay.in_at - START) // timedelta(minutes=1) for stay in stays]
    last = [((stay.out_at or stay.in_at) - START) // timedelta(minutes=1) for stay in stays]
    return list(zip(first, last, strict=True))


@given(scanned(), st.lists(spans, max_size=3), st.randoms(use_true_random=False))
def test_paper_and_scans_give_the_union_never_twice(pairs, told, order):
    marks = marks_of(pairs, told)
    order.shuffle(marks)
    stays = derive(marks)
    assert covered(minutes_of(stays)) == covered(pairs) | covered(told)
    assert [stay.pair for stay in stays] == list(range(1, len(stays) + 1))
    assert all(before.out_at <= after.in_at for before, after in pairwise(stays))
    planned = Span(at(60), at(180))
    worths = [
        worth(Span(stay.in_at, stay.out_at), planned, Terms(grace=GRACE))[1] for stay in stays
    ]
    assert all(one >= 0 for one in worths)
    assert sum(worths) <= 120 + 2 * GRACE


@given(st.lists(spans, min_size=1, max_size=2), minute)
def test_what_nobody_checked_out_of_ends_as_was_told(told, came):
    """A forgotten check-out, closed by rule or not, never counts beyond what was told."""
    late = [went for _in, went in told if went > came]
    for closing in ([], [Mark(Direction.OUT, Way.RULE, at(LONG + 60))]):
        stays = derive([Mark(Direction.IN, Way.CODE, at(came)), *closing, *marks_of([], told)])
        if late:
            assert max(stay.out_at for stay in stays) == at(max(late))
        assert sum(1 for stay in stays if stay.is_unsure) == (0 if late else 1)


@pytest.mark.parametrize(
    ("way", "place", "settled"),
    [("lapsed", 2, None), ("lapsed", 4, "lapsed"), ("confirmed", 2, "confirmed"),
     ("confirmed", 4, "confirmed")],
)  # fmt: skip
def test_a_word_about_what_was_told_counts_unless_it_lapsed_before(way, place, settled):
    """Forgotten and closed by rule at 60; a sheet says the same end, before or after the word."""
    marks = [Mark(Direction.IN, Way.CODE, at(0)), Mark(Direction.OUT, Way.RULE, at(60))]
    marks += marks_of([], [(10, 60)])
    marks.insert(place, Mark(Direction.OUT, Way(way), at(60)))
    [stay] = derive(marks)
    assert (stay.in_at, stay.out_at, stay.settled) == (at(0), at(60), settled)


def test_a_posters_code_is_not_put_together_out_of_the_address(app):  # its context holds the key
    post = public_id()
    code = poster_code(post)
    assert read_poster_code(code.upper()) == post
    for wrong in (post, post + "22222222", code[:-1], code[1:] + "2", "", "x" * 400):
        assert read_poster_code(wrong) is None
