"""Paper: typed by one, released by another; nothing twice, nothing lost, everything explained."""

from datetime import timedelta

import pytest

from portal.arrivals import actions_paper, hooks
from portal.arrivals import queries_paper as paper
from portal.arrivals.models_paper import BatchState, Outcome
from portal.arrivals.models_walk_ins import WalkIn, WalkInState
from portal.arrivals.rules_paper import Typed
from portal.attendance import checks, queries
from portal.attendance.models import Scan, VisitState, Way
from portal.attendance.rules_sheets import row_code
from portal.core.access import Role
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry, Source
from portal.org.queries import add_working_days
from portal.org.working_days import first_due_from
from portal.records import steps
from portal.records.audit import AuditEntry
from portal.records.notes import latest
from portal.shifts.models import PlaceRole
from portal.signups.models import SignupState
from tests.attendance.conftest import START, sign_up
from tests.support.queries import count_queries


def minutes(person):
    return ledger.total(person.id)


def live(person):
    return ledger.live_of(person.id)


def test_only_the_release_by_a_second_person_makes_scans_visits_and_hours(scene, browser):
    person = scene.volunteer()
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "15:30"))
    assert db.session.query(Scan).count() == 0
    assert minutes(person) == 0
    scene.release(sheet)
    [visit] = queries.visits_at(scene.shift.id, person.id)
    assert (visit.in_at, visit.out_at, visit.state) == (
        scene.at(0), scene.at(90), VisitState.CLOSED,
    )  # fmt: skip
    [entry] = live(person)
    assert (entry.minutes, entry.source) == (90, Source.PAPER)
    assert (entry.rule["sheet"], entry.rule["row"]) == (1, 1)
    assert {scan.way for scan in db.session.query(Scan)} == {Way.PAPER}
    verbs = {row.verb for row in db.session.query(AuditEntry)}
    assert {"paper.save", "paper.submit", "paper.release", "hours.credit"} <= verbs
    assert "纸质签到表 第 1 份" in browser.sign_in(person).get("/me/hours").text
    assert checks.check() == []


def test_whoever_typed_or_stands_on_the_sheet_does_not_release_it(scene):
    scene.volunteer()
    on_sheet = scene.make.holder(Role.STATION_MANAGER, scene.station)
    sign_up(scene.shift, on_sheet, "attendee")
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "1500"))
    for by, code in ((scene.manager, "typed_it"), (on_sheet, "on_sheet")):
        with pytest.raises(Refused) as refused:
            scene.release(sheet, by)
        assert refused.value.codes == (code,)
    # Nor does whoever changed a row of what another handed in.
    actor = scene.make.actor(scene.manager)
    write(actions_paper.take_back, sheet.id, actor=actor, now=scene.typing_at)
    scene.type(sheet, Typed(1, "1400", "1530"), by=scene.second)
    with pytest.raises(Refused) as refused:
        scene.release(sheet, scene.second)
    assert refused.value.codes == ("typed_it",)
    officer = scene.make.holder(Role.CAMPAIGN_OFFICER, scene.make.centre())
    assert scene.release(sheet, officer).state == BatchState.RELEASED


def test_a_second_release_and_the_same_row_again_add_nothing(scene):
    person = scene.volunteer()
    other = scene.volunteer()
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "1500"))
    scene.release(sheet)
    before = db.session.query(Scan).count(), db.session.query(LedgerEntry).count()
    scene.release(sheet)
    assert (db.session.query(Scan).count(), db.session.query(LedgerEntry).count()) == before
    # What is added later is another batch; a row that was released stays as it is.
    scene.type(sheet, Typed(1, "1400", "1600"), Typed(2, "1400", "1430"))
    scene.release(sheet)
    assert sorted([minutes(person), minutes(other)]) == [30, 60]
    assert len(paper.batches_of(sheet.id)) == 2
    assert checks.check() == []


@pytest.mark.parametrize(
    ("scans", "typed", "visits", "credited", "source"),
    [
        # Within what was scanned: nothing changes.
        ([("in", 0), ("out", 100)], ("1410", "1520"), [(0, 100)], 100, Source.CHECK_IN),
        # Longer on both sides: one visit, credited anew.
        ([("in", 10), ("out", 60)], ("1400", "1530"), [(0, 90)], 90, Source.PAPER),
        # Two visits with a gap that paper fills are one.
        ([("in", 0), ("out", 20), ("in", 40), ("out", 60)], ("1410", "1450"), [(0, 60)], 60,
         Source.PAPER),
        # Before what was scanned: both stand.
        ([("in", 60), ("out", 90)], ("1400", "1430"), [(0, 30), (60, 90)], 60, None),
        # Forgotten to check out: the sheet says when.
        ([("in", 0)], ("", "1500"), [(0, 60)], 60, Source.PAPER),
        ([("in", 0)], ("1400", "1500"), [(0, 60)], 60, Source.PAPER),
    ],
)  # fmt: skip
def test_paper_and_scans_are_united(scene, scans, typed, visits, credited, source):
    person = scene.volunteer()
    for way_to, at in scans:
        scene.scan(person, way_to, at)
    sheet = scene.print()
    scene.type(sheet, Typed(1, *typed))
    scene.release(sheet)
    rows = queries.visits_at(scene.shift.id, person.id)
    assert [(row.in_at, row.out_at) for row in rows] == [
        (scene.at(a), scene.at(b)) for a, b in visits
    ]
    assert minutes(person) == credited
    assert source is None or {row.source for row in live(person)} == {source}
    assert checks.check() == []


def test_a_visit_closed_by_rule_ends_as_the_sheet_says(scene):
    from portal.attendance import hooks as attendance

    person = scene.volunteer()
    scene.scan(person, "in", 0)
    attendance.due(scene.typing_at)
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "1610"))
    scene.release(sheet)
    assert minutes(person) == 130
    assert checks.check() == []


WRONG = [
    (Typed(1, "25:00", "1500"), "bad_came"),
    (Typed(1, "1400", "abc"), "bad_went"),
    (Typed(1, "", "1500"), "no_came"),
    (Typed(1, "1500", "1400"), "not_after"),
    (Typed(1, "1100", "1500"), "too_early"),
    (Typed(1, "1630", "1700"), "after_end"),
    (Typed(1, "1400", "1830"), "too_late"),
    (Typed(2, "1400", "1500"), "no_name"),
    (Typed(2, name="金小小"), "no_time"),
    (Typed(2, "1400", "1500", "金小小", "12"), "bad_phone"),
]


@pytest.mark.parametrize(("row", "code"), WRONG, ids=[code for _row, code in WRONG])
def test_what_is_wrong_is_kept_and_not_handed_in(scene, row, code):
    scene.volunteer()
    sheet = scene.print()
    with pytest.raises(Refused) as refused:
        scene.type(sheet, row)
    assert refused.value.codes == ("wrong_rows",)
    kept = scene.entry(sheet, row.number)
    assert (kept.came, kept.went, kept.name) == (row.came, row.went, row.name)


def test_nothing_is_typed_of_the_future_or_after_ten_working_days(scene, time_machine):
    scene.volunteer()
    sheet = scene.print()
    time_machine.move_to(scene.at(30), tick=False)
    with pytest.raises(Refused, match="wrong_rows"):
        scene.type(sheet, Typed(1, "1400", "1500"))
    time_machine.move_to(scene.typing_at, tick=False)
    scene.type(sheet, Typed(1, "1400", "1500"))
    # 2026-05-08 and ten working days (a Saturday among them or not) is before the end of the month.
    time_machine.move_to(START + timedelta(days=30), tick=False)
    with pytest.raises(Refused, match="overdue"):
        scene.release(sheet)
    other = scene.print()
    with pytest.raises(Refused, match="overdue"):
        scene.type(other, Typed(1, "1400", "1500"))


def test_who_was_written_down_by_hand_is_found_or_held(scene):
    known = scene.make.volunteer(scene.station, name="柳青青", phone="13900001234")
    sheet = scene.print()
    scene.type(
        sheet,
        Typed(1, "1400", "1500", "柳青青", "1234"),
        Typed(2, "1400", "1500", "陌小生", "13911112222"),
    )
    scene.release(sheet)
    assert minutes(known) == 60
    assert live(known)[0].rule["row"] == 1
    assert scene.entry(sheet, 1).outcome == Outcome.RECORDED
    assert scene.entry(sheet, 2).outcome == Outcome.HELD
    waits = db.session.query(WalkIn).filter_by(state=WalkInState.WAITING).one()
    assert (waits.name, waits.role) == ("陌小生", PlaceRole.ATTENDEE)
    assert scene.entry(sheet, 2).name == ""
    assert checks.check() == []


def test_a_row_whose_sign_up_is_gone_is_explained_and_not_recorded(scene):
    person = scene.make.volunteer(scene.station)
    signup = sign_up(scene.shift, person)
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "1500"))
    signup.state = SignupState.WITHDRAWN
    db.session.commit()
    scene.release(sheet)
    assert scene.entry(sheet, 1).outcome == Outcome.REFUSED
    assert minutes(person) == 0


# --- pages ---------------------------------------------------------------------------------------


def test_the_grid_keeps_everything_names_errors_and_leads_to_the_release(scene, browser):
    scene.volunteer(name="周大山")
    sheet = scene.print()
    path = f"{scene.path}/paper/1"
    code = row_code(scene.shift.public_id, 1, 1)
    page = browser.sign_in(scene.manager).get(f"{scene.path}/paper", follow_redirects=True)
    assert "周大山" in page.text
    assert code in page.text
    fields = {"version": "0", "came-1": "2pm", "went-1": "1500", "submit": "1"}
    wrong = browser.post(path, fields)
    assert wrong.status_code == 422
    assert 'value="2pm"' in wrong.text
    assert "到的时间没有认出来" in wrong.text
    # Of another shift, and of a row that the sheet does not have.
    for unknown in ("1-01", row_code(scene.shift.public_id, 1, 99)):
        said = {**fields, "version": "1", "code": unknown, "code-came": "1405"}
        other = browser.post(path, said)
        assert other.status_code == 422
        assert "没有认出这个编码" in other.text
    quick = {**fields, "came-1": "", "version": "1", "code": code, "code-came": "1405"}
    assert browser.post(path, quick).status_code == 303
    review = browser.get(path)
    assert "您录过这一份" in review.text
    assert "放行" in review.text
    refused = browser.post(f"{path}/release", {})
    assert refused.status_code == 409
    browser.sign_in(scene.second)
    review = browser.get(path)
    assert "14:00-16:00" in review.text
    assert "14:05-15:00" in review.text
    given_back = browser.post(f"{path}/return", {"reason": "第一行看不清"})
    assert given_back.status_code == 303
    batch = paper.open_batch(sheet.id)
    assert batch.state == BatchState.RETURNED
    assert latest(actions_paper.ref(batch), "reason") == "第一行看不清"
    assert [row.verb for row in steps.of(actions_paper.ref(batch))] == [
        "begin", "submit", "return",
    ]  # fmt: skip


def test_who_sees_and_types_sheets(scene, browser):
    scene.volunteer()
    scene.print()
    path = f"{scene.path}/paper/1"
    elsewhere = scene.make.manager(scene.make.station())
    officer = scene.make.holder(Role.CAMPAIGN_OFFICER, scene.make.centre())
    resident = scene.make.person()
    for person, see, save in (
        (scene.manager, 200, 303),
        (elsewhere, 404, 404),
        (officer, 200, 404),
        (resident, 403, 403),
    ):
        browser.sign_in(person)
        assert browser.get(path).status_code == see
        assert browser.post(path, {"version": "0"}).status_code == save
        assert browser.post(f"{path}/release", {}).status_code == (409 if see == 200 else see)
        # Who walked in, what was said, and the kiosk are the roster keepers' alone.
        keeps = 404 if person is officer else see
        for page in ("walk-ins", "claims", "kiosk/link"):
            assert browser.get(f"{scene.path}/{page}").status_code == keeps


def test_the_list_tells_what_waits_and_asks_no_more_for_more(scene, browser):
    scene.volunteer()
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "1500"))
    browser.sign_in(scene.second)
    with count_queries() as few:
        page = browser.get("/desk/paper")
    assert "等放行" in page.text
    for _n in range(15):
        scene.print()
    with count_queries() as many:
        page = browser.get("/desk/paper")
    assert page.text.count("还没有录") >= 15
    assert len(many) <= len(few)
    assert "没有这样的签到表" in browser.get("/desk/paper?state=unused").text
    assert "等另一个人放行" in browser.get("/desk").text


def test_a_record_elsewhere_is_shown_and_its_part_not_counted_again(scene, browser):
    person = scene.volunteer(name="周大山")
    other = scene.make.shift(scene.station, starts_at=scene.at(60))
    sign_up(other, person)
    scene.scan(person, "in", 60, shift=other)
    scene.scan(person, "out", 100, shift=other)
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "1530"))
    page = browser.sign_in(scene.second).get(f"{scene.path}/paper/1")
    assert "和另一条记录（15:00-15:40）重叠" in page.text
    scene.release(sheet)
    assert minutes(person) == 40 + 60
    assert checks.check() == []


def test_names_of_a_batch_that_nobody_releases_are_wiped(scene):
    sheet = scene.print()
    scene.type(sheet, Typed(1, "1400", "1500", "陌小生", "1234"))
    hooks.due(START + timedelta(days=40))
    assert scene.entry(sheet, 1).name == "陌小生"
    hooks.due(START + timedelta(days=70))
    db.session.expire_all()
    assert scene.entry(sheet, 1).name == ""


def test_the_list_goes_back_exactly_as_far_as_sheets_can_be_typed(scene):
    for ahead in range(21):  # the holidays of May and the working Saturday among them
        today = (START + timedelta(days=ahead - 7)).date()
        first = first_due_from(today, 10)
        assert add_working_days(first, 10) >= today
        assert add_working_days(first - timedelta(days=1), 10) < today
