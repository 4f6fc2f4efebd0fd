"""Records for the national system: once, with corrections, undone when it failed; never unlogged."""

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.honours import actions_upstream as actions
from portal.honours import hooks, sheet
from portal.honours import queries_upstream as queries
from portal.honours.models_upstream import UpstreamEntry
from portal.honours.queries_upstream import Asked
from portal.people.models import VolunteerState
from portal.records.audit import AuditEntry
from tests.honours.given import credited, taken_back
from tests.support.queries import count_queries


@pytest.fixture
def given(make):
    station = make.station()
    return station, make.volunteer(station, name="甘小雨"), make.shift(station)


def asked(station, days=30):
    return Asked(station.id, clock.today() - timedelta(days=days), clock.today())


def made(station):
    return write(actions.make, asked(station), actor=SYSTEM, now=clock.now())


def failed(batch):
    return write(actions.fail, batch.id, "没有收下", actor=SYSTEM, now=clock.now())


def counts(station):
    found = queries.sums(asked(station))
    return found.entries, found.corrections, found.missing


def test_what_was_exported_is_not_exported_again(make, given):
    station, person, shift = given
    entry = credited(shift, person)
    applicant = make.volunteer(station, state=VolunteerState.SUBMITTED)
    credited(shift, applicant, days_ago=4)
    credited(shift, person, days_ago=60)
    credited(make.shift(make.station()), person, days_ago=5)
    assert counts(station) == (1, 0, 1)
    batch = made(station)
    assert (batch.entries, batch.corrections, batch.persons, batch.minutes) == (1, 0, 1, 120)
    assert [line.entry.id for line in queries.lines_of(batch.id)] == [entry.id]
    assert counts(station) == (0, 0, 1)
    with pytest.raises(Refused) as refused:
        made(station)
    assert refused.value.codes == ("nothing_new",)
    db.session.add(UpstreamEntry(batch_id=batch.id + 1, entry_id=entry.id))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()
    assert hooks.check() == []


def test_a_reversal_since_is_a_correction_once(given):
    station, person, shift = given
    never_sent = credited(shift, person, days_ago=2)
    taken_back(never_sent)
    entry = credited(shift, person)
    first = made(station)
    assert (first.entries, first.corrections) == (1, 0)
    reversal = taken_back(entry)
    assert counts(station) == (0, 1, 0)
    second = made(station)
    assert [line.entry.id for line in queries.lines_of(second.id)] == [reversal.id]
    assert (second.corrections, second.minutes) == (1, -120)
    assert counts(station) == (0, 0, 0)
    # The first cannot be undone while the second takes back what stands in it.
    with pytest.raises(Refused) as refused:
        failed(first)
    assert refused.value.codes == ("corrected_later",)
    assert hooks.check() == []
    held = update(UpstreamEntry).where(UpstreamEntry.batch_id == first.id)
    db.session.execute(held.values(released_at=clock.now()))
    assert len(hooks.check()) == 1
    db.session.execute(held.values(released_at=None))
    db.session.commit()
    failed(second)
    assert counts(station) == (0, 1, 0)
    failed(first)
    assert counts(station) == (0, 0, 0)


def test_a_batch_that_failed_is_offered_again(given):
    station, person, shift = given
    credited(shift, person)
    failed(made(station))
    assert counts(station) == (1, 0, 0)
    again = made(station)
    today = clock.today()
    with pytest.raises(Refused):
        write(actions.confirm, again.id, today, actor=SYSTEM, now=clock.now())
    with pytest.raises(Invalid):
        write(actions.hand_in, again.id, today + timedelta(days=1), actor=SYSTEM, now=clock.now())
    write(actions.hand_in, again.id, today, actor=SYSTEM, now=clock.now())
    row = write(actions.confirm, again.id, today, actor=SYSTEM, now=clock.now())
    assert (row.state, row.handed_in_on, row.confirmed_on) == ("confirmed", today, today)
    with pytest.raises(Refused):
        failed(again)


def test_the_office_looks_over_exports_downloads_and_says_what_became_of_it(make, browser, given):
    station, person, shift = given
    shift.offering.title = "=SUM(A1)"
    db.session.commit()
    young = make.volunteer(station, name="+小甘", birth_on=clock.today() - timedelta(days=15 * 365))
    credited(shift, person)
    credited(shift, young, days_ago=4)
    query = (
        f"station={station.public_id}&from={clock.today() - timedelta(days=30)}&to={clock.today()}"
    )
    browser.sign_in(make.manager(station))
    assert browser.get("/office/export-upstream").status_code == 403
    browser.sign_in(make.holder(Role.AUDITOR, make.centre()))
    assert browser.get("/office/export-upstream").status_code == 403
    officer = make.holder(Role.CAMPAIGN_OFFICER, station)
    browser.sign_in(officer)
    assert browser.get(f"/office/export-upstream?{query}&to=x").status_code == 422
    foreign = query.replace(station.public_id, make.centre().public_id)
    assert browser.get(f"/office/export-upstream?{foreign}").status_code == 422
    shown = browser.get(f"/office/export-upstream?{query}").text
    assert "新增 2 条" in shown
    assert "甘小雨" not in shown
    form = dict(part.split("=") for part in query.split("&"))
    page = browser.post("/office/export-upstream", form).location
    assert browser.post("/office/export-upstream", form).status_code == 409
    assert "甘小雨" not in browser.get(page).text

    answer = browser.post(f"{page}/file", {"format": "csv"})
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert tuple(rows[0]) == sheet.HEADER
    assert [row[2] for row in rows[1:]] == ["'+小甘", "甘小雨"]
    assert {row[4] for row in rows[1:]} == {"'=SUM(A1)"}
    assert [row[9] for row in rows[1:]] == ["2.00", "2.00"]
    book = load_workbook(io.BytesIO(browser.post(f"{page}/file", {"format": "xlsx"}).data))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(str(cell.value).startswith(("=", "+", "-", "@")) for cell in cells)
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "upstream.download"))
    assert [(row.actor_id, row.details["entries"]) for row in logged] == [(officer.id, 2)] * 2
    minors = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "person.reveal")).all()
    assert {row.subject_id for row in minors} == {young.id}

    today = clock.today().isoformat()
    assert browser.post(f"{page}/handing-in", {"day": "2999-01-01"}).status_code == 422
    assert browser.post(f"{page}/handing-in", {"day": today}).status_code == 303
    assert browser.post(f"{page}/failure", {"reason": ""}).status_code == 422
    assert browser.get(f"{page}/failure").status_code == 200
    assert browser.post(f"{page}/confirmation", {"day": today}).status_code == 303
    assert "已经录入全国志愿服务系统" in browser.sign_in(person).get("/me/record").text
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.station()))
    assert browser.get(page).status_code == 404
    assert browser.post(f"{page}/file", {"format": "csv"}).status_code == 404


def test_the_preview_asks_the_same_whatever_its_length(make, browser, given):
    station, person, shift = given
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    first, last = clock.today() - timedelta(days=60), clock.today()
    path = f"/office/export-upstream?station={station.public_id}&from={first}&to={last}"

    def asks():
        browser.get(path)
        with count_queries() as seen:
            assert browser.get(path).status_code == 200
        return len(seen)

    credited(shift, person)
    before = asks()
    for number in range(29):
        credited(shift, person, days_ago=number + 10, minutes=60)
    assert asks() == before
