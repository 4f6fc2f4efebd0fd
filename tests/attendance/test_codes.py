"""The rotating codes, on a frozen clock (Q1: step 20 s, now and one back, dead within 60 s)."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.attendance import codes
from portal.attendance.models import Direction
from portal.core import ids, qr

KEY = "abc234"
NOW = datetime(2026, 5, 8, 6, 0, 0, tzinfo=UTC)
IN, OUT = Direction.IN, Direction.OUT


@pytest.mark.parametrize(
    ("seconds_back", "live"),
    [(0, True), (19, True), (20, True), (21, False), (40, False), (61, False), (-20, False)],
)
def test_a_code_lives_for_its_step_and_the_next(app, seconds_back, live):
    shown = codes.shown(KEY, IN, NOW - timedelta(seconds=seconds_back))
    assert (codes.direction_of(shown.code, NOW) == IN) is live
    assert (codes.direction_of_digits(KEY, shown.digits, NOW) == IN) is live


def test_a_code_is_dead_a_minute_after_it_was_first_shown(app):
    for second in range(20):
        first_shown = NOW + timedelta(seconds=second)
        shown = codes.shown(KEY, IN, first_shown)
        assert codes.direction_of(shown.code, first_shown + timedelta(seconds=60)) is None


def test_a_code_is_for_one_shift_and_one_direction(app):
    coming, going = codes.shown(KEY, IN, NOW), codes.shown(KEY, OUT, NOW)
    assert (codes.direction_of(coming.code, NOW), codes.direction_of(going.code, NOW)) == (IN, OUT)
    other = "xyz789" + coming.code[6:]
    assert codes.direction_of(other, NOW) is None
    assert codes.direction_of_digits("xyz789", coming.digits, NOW) is None


def test_what_a_board_shows(app):
    shown = codes.shown(KEY, IN, NOW + timedelta(seconds=7))
    assert shown.seconds_gone == 7
    assert shown.code.startswith(KEY)
    assert len(shown.code) == 14
    assert len(shown.digits) == 6
    assert shown.digits.isdecimal()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ABC234abcdefgh", "abc234abcdefgh"),
        ("abc234abcdefg", None),
        ("abc234abcdefghj", None),
        ("abc234abcdefg1", None),
        ("abc234abcdefg码", None),
        ("abc234abcdefgh\n\n", "abc234abcdefgh"),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_the_form_of_a_code(text, code):
    assert codes.venue_code(text) == code


def test_a_personal_code_says_whose_it_is_and_which(app):
    public_id = ids.public_id()
    code = codes.personal_code(public_id, 1)
    assert code == code.upper()
    assert codes.read_personal(code) == codes.Personal(public_id, 1)
    assert codes.read_personal(codes.personal_code(public_id, 35)).version == 35
    forged = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert codes.read_personal(forged) is None
    other_version = codes.personal_code(public_id, 2)
    assert codes.read_personal(other_version[:13] + code[13:]) is None
    assert codes.read_personal("garbage") is None


def test_a_personal_code_is_a_small_picture(app):
    picture = str(qr.svg(codes.personal_code(ids.public_id(), 1), label="x"))
    side = int(re.search(r'viewBox="0 0 (\d+) ', picture)[1]) - 2 * qr.QUIET_ZONE
    assert side <= 29


def test_a_spoken_code_changes_with_the_version(app):
    public_id = ids.public_id()
    first = codes.spoken_code(public_id, 1)
    assert codes.is_spoken(first.upper())
    assert first != codes.spoken_code(public_id, 2)
    assert not codes.is_spoken("abc12")
