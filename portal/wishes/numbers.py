"""The number a wisher keeps, and the code by which they confirm at the desk."""

from __future__ import annotations

from datetime import date

from sqlalchemy.dialects import postgresql, sqlite

from portal.core import tokens
from portal.core.db import db, is_sqlite
from portal.people.rules import with_check_digit
from portal.records import settings
from portal.wishes.models import WishCounter

_CODE_PURPOSE = "wish-confirmation"
_CODE_DIGITS = 6


def next_number(day: date) -> str:
    """Return the next number: district code, year, running number, check digit.

    One statement under the row's lock, so none is given out twice.
    """
    insert = sqlite.insert(WishCounter) if is_sqlite() else postgresql.insert(WishCounter)
    counted = insert.values(year=day.year, last=1).on_conflict_do_update(
        index_elements=[WishCounter.year], set_={"last": WishCounter.last + 1}
    )
    running = db.session.execute(counted.returning(WishCounter.last)).scalar_one()
    return with_check_digit(f"{settings.get('district_code')}{day.year}{running:05d}")


def is_number(text: str) -> bool:
    """Return whether the check digit fits."""
    return text.isdecimal() and len(text) > 10 and with_check_digit(text[:-1]) == text


def is_code(text: str) -> bool:
    """Return whether this looks like the code from the desk."""
    return text.isdecimal() and len(text) == _CODE_DIGITS


def confirmation_code(number: str) -> str:
    """Return the six digits the desk hands to the wisher; whoever says them confirms."""
    return tokens.mac_digits(_CODE_PURPOSE, number, _CODE_DIGITS)
