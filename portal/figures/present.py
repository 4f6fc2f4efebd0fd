"""Tables of figures as ready words: for the page, the download and the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.figures import catalogue, rules
from portal.figures.catalogue import Figure
from portal.figures.queries import Table
from portal.figures.rows import Row
from portal.figures.rules import By

RECORDS = "/office/figures/records"
TABLE = "/office/figures"
BY_LABELS = {
    By.STATION: _l("站点"),
    By.KIND: _l("类别"),
    By.DAY: _l("日"),
    By.WEEK: _l("周"),
    By.MONTH: _l("月"),
}
CHART_WIDTH, CHART_HEIGHT, MOST_BARS = 600, 120, 62


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A number in words, and the list of records behind it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the page; `href` leads one level down."""

    name: str
    detail: str
    href: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart, in units of its viewBox."""

    x: float
    y: int
    width: float
    height: int


@dataclass(frozen=True, slots=True)
class ShownTable:
    """What the page needs of a table."""

    headers: tuple[Any, ...]
    rows: tuple[ShownRow, ...]
    total: ShownRow
    provisional: ShownCell
    # Heads by estimate; none where nobody estimated.
    estimated: ShownCell | None
    bars: tuple[Bar, ...]


def shown(table: Table) -> ShownTable:
    """Return the table with words and links."""
    figures = catalogue.columns(table.by)
    first = {"text": str(BY_LABELS[table.by])}
    numbers = ({"text": str(figure.name), "num": True} for figure in figures)
    return ShownTable(
        headers=(first, *numbers),
        rows=tuple(_shown_row(row, figures, _down(row, table.by)) for row in table.rows),
        total=_shown_row(table.total, figures, ""),
        provisional=_cells(table.total, [catalogue.BY_KEY["provisional"]])[0],
        estimated=_cells(table.total, [catalogue.BY_KEY["estimated"]])[0]
        if table.total.figures.estimated
        else None,
        bars=tuple(_bars([row.figures.minutes for row in table.rows])) if table.by.is_time else (),
    )


def _shown_row(row: Row, figures: Sequence[Figure], href: str) -> ShownRow:
    return ShownRow(row.name, row.detail, href, _cells(row, figures))


def _cells(row: Row, figures: Sequence[Figure]) -> tuple[ShownCell, ...]:
    drill = urlencode(row.drill)
    texts = [figure.shown(row.figures) for figure in figures]
    return tuple(
        ShownCell(
            text,
            f"{RECORDS}?figure={figure.records}&{drill}" if _is_number(text) else "",
        )
        for text, figure in zip(texts, figures, strict=True)
    )


def _is_number(text: str) -> bool:
    """Return whether there are records behind it: «—» and «not told» open none."""
    return any(character.isdigit() for character in text)


def _down(row: Row, by: By) -> str:
    """Return the address that shows the row in more detail: a stretch by station, else by day."""
    if by == By.KIND:
        return ""
    finer = By.STATION if by.is_time else By.DAY
    drill = {key: value for key, value in row.drill.items() if key != "only"}
    return f"{TABLE}?{urlencode({**drill, 'by': finer.value})}"


def _bars(values: Sequence[int]) -> Iterator[Bar]:
    if len(values) > MOST_BARS or not any(value > 0 for value in values):
        return
    step = CHART_WIDTH / len(values)
    for number, height in enumerate(rules.heights(values, CHART_HEIGHT)):
        x, width = round(number * step + step * 0.1, 1), round(step * 0.8, 1)
        yield Bar(x, CHART_HEIGHT - height, width, height)


def csv_rows(table: Table) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the download, the total last, what stands apart behind."""
    figures = (*catalogue.columns(table.by), *catalogue.APART)
    header = [str(BY_LABELS[table.by]), _("开始"), _("结束")]
    header += [f"{figure.name}({figure.unit})" for figure in figures]
    rows = [
        [row.name, row.drill["from"], row.drill["to"]]
        + [figure.shown(row.figures).replace(",", "") for figure in figures]
        for row in (*table.rows, table.total)
    ]
    return header, rows


def as_json(table: Table) -> dict[str, Any]:
    """Return rows and total as the API gives them."""
    return {"rows": [_row_json(row, table.by) for row in table.rows], "total": _json(table)}


def _json(table: Table) -> dict[str, Any]:
    return catalogue.as_json(table.total.figures, table.by)


def _row_json(row: Row, by: By) -> dict[str, Any]:
    span = {"from": row.drill["from"], "to": row.drill["to"]} if by.is_time else {}
    return {
        "key": row.key,
        "name": row.name,
        **span,
        "figures": catalogue.as_json(row.figures, by),
    }


def definitions(by: By | None = None) -> list[dict[str, str]]:
    """Return the catalogue in words."""
    return [
        {
            "key": figure.key,
            "name": str(figure.name),
            "unit": str(figure.unit),
            "definition": str(figure.definition),
            "aggregation": str(figure.adding),
            "since": figure.since,
        }
        for figure in catalogue.CATALOGUE
        if by != By.KIND or figure.by_kind
    ]
