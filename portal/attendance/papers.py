"""What is printed for a shift, page by page, in ready words.

Pages are cut here and not by the browser: so each has its heading and says which of how many it is,
in every browser, and a row is never torn in two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from portal.attendance import queries_sheets as sheets
from portal.attendance.models_sheets import PaperSheet
from portal.attendance.rules_sheets import row_code
from portal.core import filters, initials
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole, Shift
from portal.signups import queries as signups
from portal.signups import queries_teams as team_signups
from portal.signups.models import HOLDING, SIGNUP_STATE_LABELS, Signup, SignupState

# So many rows stand on an A4 page below its heading: of 9 mm, and of 10 mm where people sign.
ROWS_A_PAGE = 24
SIGNED_A_PAGE = 22
CARDS_A_PAGE = (8, 10)
# From so many characters on a title is set smaller on a poster.
LONG_TITLE = 16
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody on paper; `code` stands on sign-in sheets, a walk-in has nothing else."""

    number: int
    name: str = ""
    phone: str = ""
    role: str = ""
    state: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A name card: no telephone stands on it."""

    name: str
    role: str
    team: str
    volunteer_no: str


def pages(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """Return the items cut into pages; nothing is one empty page."""
    return [items[start : start + size] for start in range(0, max(len(items), 1), size)]


def roster(shift: Shift, *, full: bool) -> list[Line]:
    """Return who holds a place, by name, and then who waits; names masked unless asked in full."""
    people = signups.on_shift(shift.id)
    held = _by_name([row for row in people if row.state in HOLDING])
    waiting = [row for row in people if row.state == SignupState.WAITLISTED]
    return [_line(number, row, full=full) for number, row in enumerate([*held, *waiting], 1)]


def sheet(shift: Shift, printed: PaperSheet) -> list[Line]:
    """Return the rows of a printed sheet with their codes."""
    found = []
    for row in sheets.rows_of(printed.id):
        code = row_code(shift.public_id, printed.number, row.number)
        if row.signup is None:
            found.append(Line(row.number, code=code))
        else:
            role = str(PLACE_ROLE_LABELS[PlaceRole(row.signup.role)])
            found.append(Line(row.number, row.signup.person.name, role=role, code=code))
    return found


def cards(shift: Shift, role: PlaceRole | None) -> list[Card]:
    """Return a card for each who holds a place, by name."""
    held = [row for row in signups.on_shift(shift.id) if row.state in HOLDING]
    rows = _by_name([row for row in held if role is None or row.role == role])
    ids = [row.person_id for row in rows]
    numbers, teams = sheets.volunteer_numbers(ids), sheets.teams_of(ids)
    sent_by = team_signups.team_names([row.id for row in rows])
    return [
        Card(
            name=row.person.name,
            role=str(PLACE_ROLE_LABELS[PlaceRole(row.role)]),
            team=sent_by.get(row.id) or teams.get(row.person_id, ""),
            volunteer_no=numbers.get(row.person_id, "") if row.role == PlaceRole.VOLUNTEER else "",
        )
        for row in rows
    ]


def _by_name(rows: list[Signup]) -> list[Signup]:
    return sorted(rows, key=lambda row: (initials.of(row.person.name), row.person.name, row.id))


def _line(number: int, row: Signup, *, full: bool) -> Line:
    return Line(
        number=number,
        name=row.person.name if full else filters.masked_name(row.person.name),
        phone=filters.masked_phone(row.person.phone),
        role=str(PLACE_ROLE_LABELS[PlaceRole(row.role)]),
        state=str(SIGNUP_STATE_LABELS[SignupState(row.state)]),
    )
