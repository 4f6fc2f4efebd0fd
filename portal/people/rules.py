"""Pure decisions about people: age, sign-in lifetime, volunteer numbers, names and ID numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·• .'\-])*", re.UNICODE)

ADULT_AGE = 18
FAMILY_ONLY_BELOW = 14


def age_on(birth_on: date, day: date) -> int:
    """Return the full years of somebody born on `birth_on`."""
    had_birthday = (day.month, day.day) >= (birth_on.month, birth_on.day)
    return day.year - birth_on.year - (not had_birthday)


def is_minor(birth_on: date | None, day: date) -> bool:
    """Return whether the person is under 18 (未成年人保护法 art. 2); unknown counts as adult."""
    return birth_on is not None and age_on(birth_on, day) < ADULT_AGE


def is_name(text: str) -> bool:
    """Return whether the text can be a person's name: letters of any script, 少数民族 dot too."""
    return bool(_NAME.fullmatch(text))


def is_id_number(text: str) -> bool:
    """Return whether the text is a resident ID number by form and check digit (GB 11643-1999)."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == text[-1]


def volunteer_no(district_code: str, running: int) -> str:
    """Return the public number: district code, eight running digits, check digit (ISO 7064 11-10).

    It holds no birth date and nothing else about the person.
    """
    return with_check_digit(f"{district_code}{running:08d}")


def with_check_digit(body: str) -> str:
    """Return the digits with the one behind them that finds a slip (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return f"{body}{(11 - product) % 10}"


def is_volunteer_no(text: str) -> bool:
    """Return whether the check digit fits."""
    if not text.isdecimal() or len(text) < 10:
        return False
    return volunteer_no(text[:-9], int(text[-9:-1])) == text


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a sign-in lasts unused, and at most."""

    idle: timedelta
    absolute: timedelta

    def holds(self, created_at: datetime, last_seen_at: datetime, now: datetime) -> bool:
        """Return whether a sign-in is still good."""
        return now < last_seen_at + self.idle and now < created_at + self.absolute
