"""Pure decisions about units: reading a list of them, line by line."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.core.i18n import lazy_gettext as _l
from portal.org.models_units import UnitKind

LONGEST_LIST = 500
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_PHONE = 80, 120, 30
# The first cell of a line that names the columns.
_HEADS = {"名称", "单位", "单位名称", "name", "unit"}


class LineState(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    KNOWN = "known"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line of a list of units: as it reads, and what is wrong with it."""

    number: int
    name: str
    kind: UnitKind | None = None
    place: str = ""
    station_id: int | None = None
    address: str = ""
    phone: str = ""
    state: LineState = LineState.NEW
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a list is read against: labels of kinds, names of places, names that are there."""

    kinds: Mapping[str, UnitKind]
    places: Mapping[str, int]
    names: frozenset[str]


def read_list(text: str, known: Known) -> list[UnitLine]:
    """Return the lines of a list: name, kind, community or street, address, telephone.

    Cells are divided by commas or, as spreadsheets copy them, by tabs. A line of headings, blank
    lines and blanks around cells are left out. A name twice in the list counts once.
    """
    delimiter = "\t" if "\t" in text else ","
    plain = text if delimiter == "\t" else text.replace("，", ",")
    found: list[UnitLine] = []
    seen: set[str] = set(known.names)
    for number, row in enumerate(csv.reader(io.StringIO(plain), delimiter=delimiter), start=1):
        cells = [unicodedata.normalize("NFC", cell).strip().lstrip("'\ufeff") for cell in row]
        if not any(cells) or (not found and cells[0].lower() in _HEADS):
            continue
        line = _line(number, [*cells, "", "", "", ""], known, seen)
        seen.add(line.name)
        found.append(line)
    return found


def _line(number: int, cells: list[str], known: Known, seen: Iterable[str]) -> UnitLine:
    name, kind_text, place, address, phone = cells[:5]
    kind = known.kinds.get(kind_text) if kind_text else UnitKind.INSTITUTION
    station_id = known.places.get(place)
    faults = tuple(_faults(cells, kind, known))
    state = LineState.FAULTY if faults else LineState.KNOWN if name in seen else LineState.NEW
    return UnitLine(number, name, kind, place, station_id, address, phone, state, faults)


def _faults(cells: list[str], kind: UnitKind | None, known: Known) -> Iterable[str]:
    name, _kind, place, address, phone = cells[:5]
    if not name:
        yield str(_l("没有名称"))
    if kind is None:
        yield str(_l("没有这种类别"))
    if place and place not in known.places:
        yield str(_l("没有这个社区或者街道"))
    if len(name) > LONGEST_NAME or len(address) > LONGEST_ADDRESS or len(phone) > LONGEST_PHONE:
        yield str(_l("有一格太长"))


def must_have_place(line: UnitLine) -> UnitLine:
    """Return the line, faulty when it says no place: only the whole tree may leave it open."""
    if line.station_id is not None or line.state == LineState.KNOWN:
        return line
    fault = str(_l("没有写社区或者街道"))
    return replace(line, state=LineState.FAULTY, faults=(*line.faults, fault))
