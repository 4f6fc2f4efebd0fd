"""What these tests share: a shift from 14:00 to 16:00 that is over, its printed sheet, who types it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.arrivals import actions_paper, actions_releasing
from portal.arrivals import queries_paper as paper
from portal.arrivals.models_paper import PaperBatch, PaperEntry
from portal.arrivals.rules_paper import Typed
from portal.attendance import actions_sheets
from portal.attendance.models_sheets import PaperSheet
from portal.core import clock
from portal.core.db import db, write
from portal.people.models import Person
from tests.attendance.conftest import START, Scene


class Sheet(Scene):
    """A scene with a sheet that was printed before the start, typed the next morning."""

    typing_at = START + timedelta(hours=19)

    def __init__(self, make) -> None:
        super().__init__(make)
        self.second = make.manager(self.station)

    def print(self, blank: int = 3) -> PaperSheet:
        """Print the next sheet."""
        actor = self.make.actor(self.manager)
        return write(actions_sheets.draw_up, self.shift.id, blank, actor=actor, now=self.at(-60))

    def type(self, sheet: PaperSheet, *rows: Typed, by: Person | None = None) -> PaperBatch:
        """Save rows and hand them in."""
        actor, now = self.make.actor(by or self.manager), clock.now()
        open_one = paper.open_batch(sheet.id)
        version = open_one.version if open_one else 0
        write(actions_paper.save, sheet.id, rows, version, actor=actor, now=now)
        return write(actions_paper.submit, sheet.id, actor=actor, now=now)

    def release(self, sheet: PaperSheet, by: Person | None = None) -> PaperBatch:
        """Release what was handed in."""
        actor = self.make.actor(by or self.second)
        return write(actions_releasing.release, sheet.id, actor=actor, now=clock.now())

    def entry(self, sheet: PaperSheet, number: int) -> PaperEntry:
        """Return what is typed of a row."""
        ids = [batch.id for batch in paper.batches_of(sheet.id)]
        return next(row for row in paper.entries_of(ids) if row.number == number)

    @property
    def path(self) -> str:
        return f"/desk/shifts/{self.shift.public_id}"


@pytest.fixture
def scene(make, time_machine) -> Sheet:
    time_machine.move_to(START, tick=False)
    found = Sheet(make)
    time_machine.move_to(found.typing_at, tick=False)
    db.session.commit()
    return found
