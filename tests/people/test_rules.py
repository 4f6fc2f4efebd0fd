"""Ages, names, numbers with check digits, and how long a sign-in lasts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.forms import normal_phone
from portal.people import rules
from portal.people.passwords import hash_password, verify

DAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("birth_on", "day", "age"),
    [
        (date(2012, 11, 28), DAY, 14),
        (date(2012, 11, 29), DAY, 13),
        (date(2012, 11, 27), DAY, 14),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 11, 28), DAY, 0),
        (date(1926, 12, 1), DAY, 99),
    ],
)
def test_full_years(birth_on, day, age):
    assert rules.age_on(birth_on, day) == age


@pytest.mark.parametrize(
    ("birth_on", "minor"),
    [(date(2008, 11, 28), False), (date(2008, 11, 29), True), (None, False)],
)
def test_who_is_a_minor(birth_on, minor):
    assert rules.is_minor(birth_on, DAY) is minor


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "欧阳娜娜",
        "阿依古丽·买买提",
        "Mary-Jane O'Neil",
        "Ян Ли",
        "𠮷田",
        "J. Doe",
        "한지민",
    ],
)
def test_a_name_has_letters_of_any_script(name):
    assert rules.is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", " ", "123", "张3", "_张", "张_", "·张", "<b>张</b>", "张\n三", "=1+1", "张;--", "😀"],
)
def test_what_is_no_name(name):
    assert not rules.is_name(name)


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("11010519491231002X", True),
        ("440524188001010014", True),
        ("11010519491231002x", False),
        ("110105194912310021", False),
        ("1101051949123100", False),
        ("", False),
        ("１１０１０５１９４９１２３１００２X", False),
    ],
)
def test_an_id_number_has_a_check_digit(number, fits):
    assert rules.is_id_number(number) is fits


@given(st.integers(0, 99_999_999))
def test_a_volunteer_number_checks(running):
    number = rules.volunteer_no("4403", running)
    assert len(number) == 13
    assert rules.is_volunteer_no(number)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not rules.is_volunteer_no(wrong)


@given(running=st.integers(0, 99_999_999), at=st.integers(0, 11), by=st.integers(1, 9))
def test_one_wrong_digit_of_a_volunteer_number_is_seen(running, at, by):
    number = rules.volunteer_no("4403", running)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert not rules.is_volunteer_no(wrong)


@pytest.mark.parametrize("text", ["", "4403", "x" * 13, "440300000000"])
def test_what_is_no_volunteer_number(text):
    assert not rules.is_volunteer_no(text)


def test_a_sign_in_lasts():
    life = rules.Lifetime(timedelta(hours=2), timedelta(hours=12))
    start = datetime(2026, 11, 28, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert life.holds(start, start, start)
    assert life.holds(start, start, start + 2 * hour - timedelta(seconds=1))
    assert not life.holds(start, start, start + 2 * hour)
    assert life.holds(start, start + 11 * hour, start + 12 * hour - timedelta(seconds=1))
    assert not life.holds(start, start + 11 * hour, start + 12 * hour)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13800001234", "13800001234"),
        (" 138 0000 1234 ", "13800001234"),
        ("138-0000-1234", "13800001234"),
        ("+86 13800001234", "13800001234"),
        ("8613800001234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("+8613800", "+8613800"),
        (None, ""),
    ],
)
def test_a_phone_however_it_is_typed(typed, phone):
    assert normal_phone(typed) == phone


def test_passwords():
    hashed = hash_password("一句好记的话")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashed != hash_password("一句好记的话")
    assert verify(hashed, "一句好记的话")
    assert not verify(hashed, "一句好记的话 ")
    assert not verify(None, "no such account")
    assert not verify("", "x")
    assert not verify("not a hash", "x")
