"""The shape of a typed sheet: rows by their number, and one row by its code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from portal.arrivals.rules_paper import Typed
from portal.core.forms import Form, clean, long_text_field
from portal.core.i18n import lazy_gettext as _l

_LONGEST = {"came": 20, "went": 20, "name": 40, "phone": 20}


class ReturnForm(Form):
    """Why a batch is given back."""

    reason = long_text_field(_l("为什么退回"), longest=300)


def typed_rows(fields: Mapping[str, str], numbers: Iterable[int]) -> list[Typed]:
    """Return the rows of these numbers as they were typed; a field that is not there is empty."""

    def text(name: str, number: int) -> str:
        return (clean(fields.get(f"{name}-{number}", "")) or "")[: _LONGEST[name]]

    return [Typed(number, **{name: text(name, number) for name in _LONGEST}) for number in numbers]


def version_of(fields: Mapping[str, str]) -> int:
    """Return which saving the page was made of."""
    typed = fields.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0


def by_code(fields: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the code of a row and both times, as typed in the quick line."""
    names = ("code", "code-came", "code-went")
    return tuple((clean(fields.get(name, "")) or "")[:20] for name in names)  # type: ignore[return-value]


def with_times(typed: list[Typed], number: int, came: str, went: str) -> list[Typed]:
    """Return the rows with these times on the one of this number; what is not given stays."""
    return [
        replace(row, came=came or row.came, went=went or row.went) if row.number == number else row
        for row in typed
    ]
