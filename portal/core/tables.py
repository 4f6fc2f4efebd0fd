"""Long lists: pages of twenty, and CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for

Row = TypeVar("Row")
PAGE_SIZE = 20
LAST_PAGE = 5000
# OWASP: a cell that begins so is taken for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list, counted from 1. `total` is the number of all rows."""

    rows: Sequence[Row]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def prev_url(self) -> str | None:
        """Address of the page before, with the same filter."""
        return _page_url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """Address of the page after, with the same filter."""
        return _page_url(self.number + 1) if self.number < self.pages else None


def page_number() -> int:
    """Return the asked page of the request; what is not a page counts as 1."""
    asked = request.args.get("page", "1")
    return min(int(asked[:9]) or 1, LAST_PAGE) if asked.isdecimal() else 1


def _page_url(number: int) -> str:
    arguments: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {})}
    arguments["page"] = number
    return url_for(request.endpoint or "", **arguments)


def safe_cell(value: object) -> str:
    """Return a cell's text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV file (RFC 4180, UTF-8 with a byte-order mark for spreadsheets)."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")
