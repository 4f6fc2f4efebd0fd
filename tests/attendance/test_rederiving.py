"""Visits derived anew from their scans: what does not agree is put right, the rest is left alone."""

import pytest
from sqlalchemy import func, select, text

from portal.attendance import hooks, queries, rederiving
from portal.attendance.models import Way
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.hours import hooks as hour_hooks
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry
from portal.records.audit import AuditEntry


def rederive(scene) -> int:
    return write(rederiving.rederive, scene.shift.id, actor=SYSTEM, now=scene.at(999))


def entries() -> int:
    return db.session.scalar(select(func.count()).select_from(LedgerEntry))


@pytest.mark.parametrize(
    ("statement", "written"),
    [
        ("UPDATE visit SET minutes = 7", 0),
        ("UPDATE visit SET in_at = out_at", 2),
        ("UPDATE visit SET state = 'lapsed', minutes = 0", 2),
        (
            "UPDATE visit SET state = 'open', out_at = NULL, minutes = 0",
            2,
        ),
    ],
)
def test_what_does_not_agree_is_put_right(scene, app, statement, written):
    person, other = scene.volunteer(), scene.volunteer()
    for one in (person, other):
        scene.scan(one, "in", 0)
        scene.scan(one, "out", 60)
    db.session.execute(text(f"{statement} WHERE person_id = {person.id}"))
    db.session.commit()
    assert hooks.check()
    before = entries()
    result = app.test_cli_runner().invoke(args=["visits", scene.shift.public_id])
    assert (result.exit_code, result.output) == (
        0,
        "1 shifts looked at, the visits of 1 people changed.\n",
    )
    assert hooks.check() == []
    assert hour_hooks.check() == []
    assert entries() - before == written
    assert [ledger.total(one.id) for one in (person, other)] == [60, 60]
    assert rederive(scene) == 0
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="visit.rederive")).one()
    assert entry.details == {"people": 1}


def test_what_was_settled_by_word_and_by_rule_stays(scene):
    people = [scene.volunteer() for _ in range(4)]
    for number, person in enumerate(people):
        scene.scan(person, "in", number)
    scene.scan(people[0], "out", 100, way=Way.CAMERA)
    hooks.due(scene.at(240))
    hooks.due(scene.at(60 * 24 * 40))
    before = [[row.state for row in queries.visits_of(one.id)] for one in people]
    assert rederive(scene) == 0
    assert [[row.state for row in queries.visits_of(one.id)] for one in people] == before


def test_an_unknown_shift_and_all_of_them(scene, app):
    run = app.test_cli_runner().invoke
    assert "There is no shift nosuchone2" in run(args=["visits", "nosuchone2"]).output
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 60)
    assert run(args=["visits"]).output.startswith("0 shifts")
    db.session.execute(text("UPDATE visit SET in_at = out_at"))
    db.session.commit()
    assert run(args=["visits"]).output.startswith("1 shifts")
    assert hooks.check() == []
