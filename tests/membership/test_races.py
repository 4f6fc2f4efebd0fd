"""The same at the same time: one report, one reminder, one membership."""

from threading import Barrier, Thread

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.membership import actions, actions_import, actions_reports, hooks, rules, sheets
from portal.membership.models import CommunityReport
from portal.people.models import Person
from portal.people.models_party import PartyMember
from portal.records.outbox import OutboxRow
from tests.membership.made import LONG_AGO, act, branch, keeper, kept, member, ties, workbook
from tests.support.factory import Factory

pytestmark = pytest.mark.race
TIMES = 4


def at_once(app, jobs):
    """Run the jobs in threads that begin together; return what each gave, refusals included."""
    start, given = Barrier(len(jobs)), [None] * len(jobs)

    def run(place, job):
        with app.app_context():
            start.wait()
            try:
                given[place] = job()
            except Refused as error:
                given[place] = error
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in given
    return given


def job(action, *given, actor=SYSTEM):
    def run():
        return str(write(action, *given, actor=actor, now=clock.now()) or "done")

    return run


def test_a_tap_and_the_desk_at_once_are_one_report(own_app):
    make = Factory()
    person = make.person()
    tie = ties(person, make.station())
    own, desk = (actions_reports.report, person.id), (actions_reports.report_for, tie.id)
    at_once(own_app, [job(*one) for one in (own, desk) * 2])
    assert db.session.query(CommunityReport).count() == 1


def test_workers_side_by_side_remind_once(own_app):
    make = Factory()
    ids = [member(make, branch(f"第{n}支部")).id for n in range(3)]
    period = rules.period_at(clock.today(), rules.Every.MONTH)
    told = at_once(own_app, [job(actions_reports.remind, period.first, ids)] * TIMES)
    assert sum(int(one) for one in told if one != "done") == 3
    kinds = [row.payload["kind"] for row in db.session.query(OutboxRow)]
    assert kinds.count("report_due") == 3


def test_two_imports_of_one_list_at_once_take_everybody_once(own_app):
    make = Factory()
    row = branch()
    actors = [make.actor(keeper(make, row)) for _n in range(2)]
    rows = [(f"程{given}明", f"1380003000{n}") for n, given in enumerate("一二三四五")]
    lines = sheets.read(workbook(*rows))
    uploads = [act(actions_import.keep, kept(row), lines, actor=actor).id for actor in actors]
    branch_kept = kept(row)
    db.session.remove()
    at_once(own_app, [
        job(actions_import.take, upload, branch_kept, actor=actor)
        for upload, actor in zip(uploads, actors, strict=True)
    ])  # fmt: skip
    assert db.session.query(PartyMember).count() == 5
    assert db.session.query(Person).filter(Person.phone.like("1380003000%")).count() == 5
    assert hooks.check() == []


def test_a_yes_and_an_import_at_once_are_one_membership(own_app):
    make = Factory()
    row = branch()
    actor = make.actor(keeper(make, row))
    person = make.person("程启明", phone="13800030001")
    asked = act(actions.ask, person.id, row.id, LONG_AGO, actor=make.actor(person))
    lines = sheets.read(workbook(("程启明", "13800030001")))
    upload = act(actions_import.keep, kept(row), lines, actor=actor)
    branch_kept, request_id, upload_id = kept(row), asked.id, upload.id
    db.session.remove()
    at_once(own_app, [
        job(actions.confirm, request_id, actor=actor),
        job(actions_import.take, upload_id, branch_kept, actor=actor),
    ])  # fmt: skip
    assert db.session.query(PartyMember).filter_by(ended_on=None).count() == 1
