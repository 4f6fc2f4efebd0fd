"""Verbs on paper sheets."""

from __future__ import annotations

from datetime import datetime

from portal.attendance import queries_sheets as sheets
from portal.attendance.models_sheets import PaperRow, PaperSheet
from portal.attendance.rules_sheets import MOST_ROWS, MOST_SHEETS
from portal.core import initials
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.shifts.models import Shift
from portal.signups import queries as signups
from portal.signups.models import HOLDING


def draw_up(shift_id: int, blank: int, *, actor: Actor, now: datetime) -> PaperSheet:
    """Draw up the next sheet of a shift: who holds a place, by name, and blank rows.

    Each has a number of its own, so a row of an older printing still means who stood there. The
    shift's row is locked: two at a time get two numbers.
    """
    locked(Shift, shift_id)
    number = sheets.last_number(shift_id) + 1
    if number > MOST_SHEETS:
        raise Refused(Reason("too_many", _("这一场已经印过 99 份签到表，请用前面印的。")))
    held = [row for row in signups.on_shift(shift_id) if row.state in HOLDING]
    held.sort(key=lambda row: (initials.of(row.person.name), row.person.name, row.id))
    ids = [*(row.id for row in held), *([None] * blank)][:MOST_ROWS]
    sheet = PaperSheet(
        shift_id=shift_id, number=number, printed_at=now, printed_by_id=actor.person_id
    )
    db.session.add(sheet)
    db.session.flush()
    db.session.add_all(
        PaperRow(sheet_id=sheet.id, number=place, signup_id=signup_id)
        for place, signup_id in enumerate(ids, 1)
    )
    db.session.flush()
    return sheet
