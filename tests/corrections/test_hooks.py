"""What others call: reminders, the check, export, erasure, deadlines recounted, evidence forgotten."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.corrections import hooks, queries
from portal.corrections.models import Correction, CorrectionEvidence
from portal.corrections.rules import EVIDENCE_KEPT
from portal.hours import actions as hours
from portal.hours.models import Source
from portal.records import notes
from portal.records.files import StoredFile
from tests.corrections.given import NOW, STORY, ask, claim, decide, entry_of, fresh, missing, told

APPROVED = "UPDATE correction SET state = 'approved', answered_at = filed_at"
LATE = NOW + timedelta(days=30)


def count(model):
    return db.session.query(model).count()


def test_who_may_answer_is_told_once_of_what_waits_too_long(scene):
    row = missing(scene, by=scene.manager)
    other, officer = None, scene.make.holder(Role.CAMPAIGN_OFFICER, scene.make.centre())
    hooks.due(NOW + timedelta(days=13))
    assert told(officer) == []
    for _twice in range(2):
        hooks.due(LATE)
    # The only manager wrote it down, so the office is told.
    assert told(officer) == ["correction_overdue"]
    assert "correction_overdue" not in told(scene.manager)
    other = scene.make.manager(scene.station)
    second = ask(scene, claim(scene.volunteer(), shift=scene.shift), by=scene.manager)
    hooks.due(LATE)
    assert told(other) == ["correction_overdue"]
    assert fresh(row).overdue_told_at == fresh(second).overdue_told_at == LATE


def test_evidence_is_forgotten_some_time_after_the_answer(scene):
    row = missing(scene)
    hooks.due(NOW + EVIDENCE_KEPT + timedelta(days=1))
    assert count(StoredFile) == 1
    decide(scene, "approve", row, scene.manager)
    hooks.due(NOW + EVIDENCE_KEPT + timedelta(days=1))
    assert count(StoredFile) == count(CorrectionEvidence) == 0
    assert hooks.check() == []


def test_the_export_has_it_all_and_erasing_leaves_no_words(scene):
    person = scene.make.volunteer(scene.station)
    done = ask(scene, claim(person, station=scene.station, span=(-300, -200)), said=STORY)
    decide(scene, "approve", done, scene.manager)
    waits = ask(scene, claim(person, station=scene.station, span=(-100, -50)), said=STORY)
    shown = hooks.export(person.id)["corrections"]
    assert [one["state"] for one in shown] == ["submitted", "approved"]
    assert {"title", "place", "story", "ask", "approve"} == {
        note["kind"] for note in shown[1]["notes"]
    }
    write(hooks.erase, person.id, actor=SYSTEM, now=NOW)
    assert (fresh(waits).state, fresh(done).state) == ("withdrawn", "approved")
    assert count(StoredFile) == 0
    assert notes.of(queries.ref(done)) == notes.of(queries.ref(waits)) == []
    assert entry_of(done).minutes == 100
    assert hooks.check() == []


def test_deadlines_count_from_when_it_was_sent_last(scene):
    row = missing(scene)
    (one,) = hooks.deadlines(date(2026, 5, 1))
    assert (one.row.id, one.from_on, one.due_on) == (
        row.id, date(2026, 5, 9), date(2026, 5, 22),
    )  # fmt: skip
    decide(scene, "refuse", row, scene.manager)
    assert hooks.deadlines(date(2026, 5, 1)) == []


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE correction SET state = 'returned'", "its last step led to submitted"),
        (APPROVED, "the ledger does not have it so"),
        (f"{APPROVED}, decided_by_id = author_id", "was not decided by a second person"),
    ],
)
def test_the_check_finds_what_nobody_decided(scene, statement, line):
    missing(scene)
    db.session.execute(text(statement))
    db.session.commit()
    assert any(line in found for found in hooks.check())


def test_the_check_finds_a_make_up_that_nobody_asked_for(scene):
    row = missing(scene)
    entry = hours.Credit(
        row.person_id, row.shift_id, row.station_id, row.kind_id, row.starts_at, row.ends_at,
        60, Source.MAKE_UP, queries.ref(row),
    )  # fmt: skip
    write(hours.credit, entry, actor=SYSTEM, now=NOW)
    assert any("is no make-up that was approved" in line for line in hooks.check())
    assert count(Correction) == 1
