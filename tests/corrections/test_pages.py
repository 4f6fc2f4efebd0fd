"""The pages: asking, evidence under permission, the desk's answer, lists, last days."""

import io
import re

import pytest
from sqlalchemy import select

from portal.attendance import actions as visits
from portal.attendance import queries as attendance
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.corrections import actions_desk, deadlines
from portal.corrections.models import Correction, CorrectionEvidence
from portal.hours import queries as ledger
from portal.records import limits
from portal.records.audit import AuditEntry
from portal.records.files import StoredFile
from portal.signups import queries as signups
from tests.attendance.conftest import sign_up
from tests.corrections.given import (
    NOW,
    PDF,
    SAID,
    STORY,
    ask,
    at,
    claim,
    decide,
    fresh,
    missing,
)
from tests.support.queries import count_queries
from tests.wishes import pictures

TIMES = {"begun": "14:00", "ended": "16:00", "rest": "30", "reason": SAID.reason}


def sent(data=None, name="photo.jpg"):
    return (io.BytesIO(data or pictures.jpeg(size=(320, 240))), name)


def post(browser, path, fields, *files):
    fields = {**fields, "evidence": list(files)} if files else fields
    return browser.post(path, fields, content_type="multipart/form-data")


def only():
    return db.session.query(Correction).one()


# --- asking --------------------------------------------------------------------------------------


def test_a_volunteer_asks_for_what_is_missing_and_sees_the_answer(scene, browser):
    person = scene.volunteer()
    browser.sign_in(person)
    way = f"/me/corrections/new?shift={scene.shift.public_id}"
    assert way in browser.get("/me/hours").text
    assert way in browser.get("/me/corrections/new").text
    assert 'value="14:00"' in browser.get(way).text
    response = post(browser, way, TIMES)
    assert (response.status_code, "要有材料" in response.text) == (409, True)
    assert SAID.reason in response.text
    response = post(browser, way, TIMES, sent())
    row = only()
    assert response.location == f"/me/corrections/{row.public_id}"
    assert (row.minutes, row.author_id, row.kind) == (90, person.id, "make_up")
    # Asked once, the form is not there any more.
    assert browser.get(way).location == response.location
    decide(scene, "refuse", row, scene.manager)
    page = browser.get(response.location).text
    assert "看不出来。" in page
    assert scene.manager.name in page
    assert "没有通过" in browser.get("/me/corrections").text


def test_a_wrong_record_is_named_by_its_own_digest(scene, browser):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 120)
    entry = ledger.entries_of(person.id)[0]
    way = f"/me/corrections/new?entry={entry.ref}"
    browser.sign_in(person)
    assert way in browser.get("/me/hours").text
    assert browser.get(way).status_code == 200
    same = {"what": "times", "begun": "14:00", "ended": "16:00", "reason": "不对"}
    assert "没有要改的" in post(browser, way, same).text
    assert post(browser, way, {**same, "begun": "", "ended": ""}).status_code == 422
    early = {**same, "begun": "16:00", "ended": "14:00"}
    assert "结束要晚于开始" in post(browser, way, early).text
    assert post(browser, way, {"what": "take_back", "reason": "没有去"}).status_code == 303
    assert (only().minutes, only().entry_id) == (0, entry.id)
    browser.sign_in(scene.volunteer())
    assert browser.get(way).status_code == 404
    assert browser.get("/me/corrections/new?entry=abc").status_code == 404


def test_service_nobody_planned_is_written_down_with_its_story(scene, browser):
    person = scene.make.volunteer(scene.station)
    browser.sign_in(person)
    way = "/me/corrections/new?unplanned=1"
    assert browser.get(way).status_code == 200
    fields = {
        **TIMES, "title": STORY.title, "station": scene.station.public_id, "place": STORY.place,
        "kind": "environment", "day": "2026-05-08", "story": STORY.story,
    }  # fmt: skip
    assert post(browser, way, {**fields, "day": "2026-05-10"}, sent()).status_code == 422
    response = post(browser, way, fields, sent())
    page = browser.get(response.location).text
    for words in (STORY.title, STORY.place, STORY.story):
        assert words in page
    assert only().station_id == scene.station.id


def test_who_is_no_volunteer_reads_why_before_typing(scene, browser):
    browser.sign_in(scene.make.person())
    page = browser.get(f"/me/corrections/new?shift={scene.shift.public_id}").text
    assert "登记通过以后才能补录" in page
    assert "multipart" not in page


def test_the_day_finds_what_is_over(scene, browser):
    browser.sign_in(scene.make.volunteer(scene.station))
    title = scene.shift.offering.title
    assert title in browser.get("/me/corrections/new?day=2026-05-08").text
    assert "没有已经结束的场次" in browser.get("/me/corrections/new?day=2026-05-07").text
    assert browser.get("/me/corrections/new?day=never").status_code == 200


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg onload='alert(1)'/>", "photo.jpg"),
        (PDF + b"<script>alert(1)</script>", "a.pdf"),
        (pictures.bomb(), "photo.png"),
    ],
    ids=["svg", "polyglot", "bomb"],
)
def test_a_hostile_file_is_answered_beside_the_field(scene, browser, data, name):
    browser.sign_in(scene.volunteer())
    way = f"/me/corrections/new?shift={scene.shift.public_id}"
    response = post(browser, way, TIMES, sent(data, name))
    assert response.status_code == 422
    assert 'id="evidence-error"' in response.text
    assert SAID.reason in response.text
    assert db.session.query(StoredFile).count() == db.session.query(Correction).count() == 0


def test_files_are_limited_by_the_hour(scene, browser):
    browser.sign_in(scene.volunteer())
    way = f"/me/corrections/new?shift={scene.shift.public_id}"
    post(browser, way, TIMES, sent())
    path = f"/me/corrections/{only().public_id}/evidence"
    assert post(browser, path, {}, sent(PDF, "a.pdf"), sent()).status_code == 303
    assert "最多放 3 个文件" in post(browser, path, {}, sent()).text
    assert "请选择一个文件" in post(browser, path, {}).text
    write(_use_up, db.session.get(type(scene.manager), only().person_id).public_id)
    assert post(browser, path, {}, sent()).status_code == 429


def _use_up(key):
    for _each in range(limits.EVIDENCE_PERSON.most):
        limits.count(limits.EVIDENCE_PERSON, key, now=NOW)


# --- evidence and who may ------------------------------------------------------------------------


@pytest.fixture
def cast(scene):
    """Return everybody, by what they are to a request of the station."""
    make = scene.make
    person = scene.volunteer()
    return {
        "neighbour": scene.volunteer(),
        "manager": scene.manager,
        "other_manager": make.manager(make.station()),
        "officer": make.holder(Role.CAMPAIGN_OFFICER, make.centre()),
        "auditor": make.holder(Role.AUDITOR, make.centre()),
        "volunteer": person,
    }


# Who gets which answer at which address, in the order of the cast: 303, 409 and 422 are let in.
PERMISSIONS = {
    "/me/corrections/{id}": (404, 404, 404, 404, 404, 200),
    "/me/corrections/evidence/{file}": (404, 200, 404, 200, 404, 200),
    "/desk/corrections/{id}": (403, 200, 404, 200, 404, 403),
    "/desk/corrections": (403, 200, 200, 200, 403, 403),
    "/desk/deadlines": (403, 200, 200, 200, 403, 403),
    "/office/corrections": (403, 403, 403, 200, 403, 403),
    "/office/deadlines": (403, 403, 403, 200, 403, 403),
    "POST /desk/corrections/{id}/refusal": (403, 422, 404, 422, 404, 403),
    "POST /desk/corrections/{id}/return": (403, 422, 404, 422, 404, 403),
    "POST /desk/corrections/{id}/evidence": (403, 422, 404, 404, 404, 403),
    "POST /desk/corrections/{id}/withdrawal": (403, 404, 404, 404, 404, 403),
    "POST /me/corrections/{id}/evidence": (404, 404, 404, 404, 404, 422),
    "POST /desk/corrections/{id}/approval": (403, 303, 404, 303, 404, 403),
    "POST /me/corrections/{id}/withdrawal": (404, 404, 404, 404, 404, 409),
}


def test_who_may_what(scene, browser, cast):
    row = missing(scene, person=cast["volunteer"])
    file = db.session.query(CorrectionEvidence).one().public_id
    found = dict.fromkeys(PERMISSIONS, ())
    for person in cast.values():
        browser.sign_in(person)
        for address in found:
            ask_for = browser.post if address.startswith("POST") else browser.get
            path = address.removeprefix("POST ").format(id=row.public_id, file=file)
            found[address] += (ask_for(path).status_code,)
    assert found == PERMISSIONS


def test_staff_who_open_evidence_are_written_down(scene, browser, cast):
    row = missing(scene, person=cast["volunteer"])
    page = browser.sign_in(scene.manager).get(f"/desk/corrections/{row.public_id}").text
    path = re.search(r"/me/corrections/evidence/\w+", page)[0]
    response = browser.get(path)
    assert response.mimetype == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    browser.sign_in(cast["volunteer"]).get(path)
    seen = db.session.scalars(select(AuditEntry).filter_by(verb="correction.see_evidence")).all()
    assert [one.actor_id for one in seen] == [scene.manager.id]


# --- the desk ------------------------------------------------------------------------------------


def test_the_leader_enters_for_a_volunteer_and_another_decides(scene, browser):
    person = scene.volunteer()
    signup = signups.live(scene.shift.id, person.id)
    way = f"/desk/shifts/{scene.shift.public_id}/signups/{signup.public_id}/correction"
    browser.sign_in(scene.manager)
    assert way in browser.get(f"/desk/shifts/{scene.shift.public_id}").text
    assert person.name in browser.get(way).text
    response = post(browser, way, TIMES, sent())
    row = only()
    path = f"/desk/corrections/{row.public_id}"
    assert response.location == path
    page = browser.get(path).text
    assert "要由另一位负责人或者上级来答复" in page
    assert "/approval" not in page
    assert browser.post(path + "/approval").status_code == 409
    assert "补录和更正" not in _tasks(browser)
    assert person.name in browser.get("/desk/corrections?show=mine").text
    other = scene.make.manager(scene.station)
    browser.sign_in(other)
    assert "补录和更正" in _tasks(browser)
    assert browser.post(path + "/return", {"note": "看不清。"}).status_code == 303
    change = browser.sign_in(scene.manager).get(path + "/change").text
    assert "已经有 1 个材料" in change
    assert post(browser, path + "/change", TIMES, sent(PDF, "a.pdf")).status_code == 303
    browser.sign_in(other)
    assert browser.post(path + "/approval", {"note": "核对过。"}).status_code == 303
    assert ledger.total(person.id) == 90
    roster = browser.get(f"/desk/shifts/{scene.shift.public_id}").text
    assert "补录" in roster
    assert "1 小时 30 分钟" in roster
    table = browser.get(f"/desk/shifts/{scene.shift.public_id}.csv").text
    assert table.splitlines()[0].rstrip().endswith("made_up_minutes")
    assert table.splitlines()[1].rstrip().endswith(",90")


def _tasks(browser):
    return browser.get("/desk").text.split('id="tasks"')[1].split("</section>")[0]


def test_at_the_desk_only_the_own_stations_are_to_choose(scene, browser):
    make = scene.make
    person = scene.volunteer()
    elsewhere = make.shift(make.station(), starts_at=at(0, -1))
    browser.sign_in(scene.manager)
    base = f"/desk/people/{person.public_id}/corrections/new"
    assert base in browser.get(f"/desk/people/{person.public_id}").text
    page = browser.get(f"{base}?day=2026-05-07").text
    assert elsewhere.offering.title not in page
    assert scene.shift.offering.title in page
    assert browser.get(f"{base}?shift={elsewhere.public_id}").status_code == 404
    assert browser.get(f"{base}?shift={scene.shift.public_id}").status_code == 200
    assert elsewhere.offering.station.name not in browser.get(f"{base}?unplanned=1").text
    browser.sign_in(make.manager(make.station()))
    assert browser.get(base).status_code == 404


def test_the_office_sees_first_what_a_station_cannot_decide(scene, browser, cast):
    own = missing(scene, person=cast["volunteer"])
    by_staff = missing(scene, by=scene.manager)
    browser.sign_in(cast["officer"])
    page = browser.get("/office/corrections").text
    assert f"correction-{by_staff.public_id}" in page
    assert f"correction-{own.public_id}" not in page
    assert f"correction-{own.public_id}" in browser.get("/office/corrections?show=all").text
    assert "1 件等待答复" in _tasks(browser)


def test_lists_ask_the_same_for_one_and_for_thirty(scene, browser):
    addresses = ("/desk/corrections?show=all", "/desk/deadlines", "/me/corrections", "/me/hours",
                 f"/desk/shifts/{scene.shift.public_id}")  # fmt: skip
    person = scene.make.volunteer(scene.station)
    scene.make.set("make_up_month_minutes", 0)
    counts = []
    for first, last in ((0, 1), (1, 30)):
        for number in range(first, last):
            wanted = claim(person, station=scene.station, span=(number * 12, number * 12 + 10))
            row = ask(scene, wanted, said=STORY, now=at(0, 2))
            if number % 2 == 0:
                decide(scene, "approve", row, scene.manager, now=at(0, 2))
        seen_now = []
        for address in addresses:
            browser.sign_in(person if address.startswith("/me") else scene.manager)
            with count_queries() as seen:
                assert browser.get(address).status_code == 200
            seen_now.append(len(seen))
        counts.append(seen_now)
    assert counts[0] == counts[1]


# --- the last days -------------------------------------------------------------------------------


def test_the_last_days_are_computed_from_the_records(scene, browser, cast):
    person = cast["volunteer"]
    scene.scan(person, "in", 0)
    visit = attendance.visits_at(scene.shift.id, person.id)[0]
    write(visits.close_by_rule, visit.id, actor=SYSTEM, now=at(600))
    empty = scene.make.shift(scene.station, starts_at=at(-240))
    sign_up(empty, cast["neighbour"])
    waits = ask(scene, claim(cast["neighbour"], station=scene.station, span=(0, 30)), said=STORY)
    rows = deadlines.listed([scene.station.id], NOW)
    assert {(one.due.words, one.due.last_on.isoformat(), one.standing) for one in rows} == {
        # The Saturday after it is worked, by the notice of the year.
        ("1 名志愿者报了名，没有任何签到记录", "2026-05-21", "later"),
        ("1 人没有签退，要确认时长", "2026-05-21", "later"),
        ("等待答复", "2026-05-22", "later"),
    }
    more = deadlines.Due(scene.station.id, "收尾", "", "要交小结", at(0).date(), "/desk")
    assert deadlines.listed([scene.station.id], NOW, [more])[0].standing == "overdue"
    soon = deadlines.listed([scene.station.id], at(0, 12))
    assert {one.standing for one in soon} == {"soon"}
    write(visits.lapse, visit.id, actor=SYSTEM, now=at(0, 15))
    assert {one.standing for one in deadlines.listed([scene.station.id], at(0, 15))} == {"overdue"}
    browser.sign_in(scene.manager)
    page = browser.get("/desk/deadlines").text
    assert f"/desk/corrections/{waits.public_id}" in page
    assert "没有到期或者快到期的事" in browser.get("/desk/deadlines?show=overdue").text
    browser.sign_in(cast["officer"])
    page = browser.get(f"/office/deadlines?station={scene.station.public_id}").text
    assert page.count(scene.station.name) >= 4
    assert "没有这个站点" in browser.get("/office/deadlines?station=zz").text
    write(actions_desk.refuse, waits.id, "不行。", actor=scene.make.actor(scene.manager), now=NOW)
    assert len(deadlines.listed([scene.station.id], NOW)) == 2
    assert fresh(waits).state == "refused"
