"""The pages of one pairing, from either side; who may, and who is kept out."""

import pytest

from portal.core import clock, ids
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.pairing import actions, actions_projects, queries
from portal.pairing.models import PairingItem, PairingProject
from portal.people import units
from portal.records import notes
from tests.pairing.given import COMMUNITY, UNIT, Pair, fresh, liaison, unit
from tests.support.queries import count_queries

SIDES = pytest.mark.parametrize("side", [COMMUNITY, UNIT])


@pytest.fixture
def pair(make):
    return Pair(make, station=make.station("和平社区实践站"))


def ways(pair):
    """Return every POST of a pairing as (rest of the address, fields, only for the desk)."""
    need, project = pair.add(COMMUNITY), pair.agreed()
    joint = pair.act(
        UNIT, actions_projects.join, pair.row.id, UNIT,
        pair.make.activity(pair.station).public_id,
    )  # fmt: skip
    at = f"/projects/{project.public_id}"
    return [
        ("/items", {"title": "一项"}, False),
        (f"/items/{need.public_id}/withdrawal", {}, False),
        ("/projects/new", {"title": "一个项目"}, False),
        (at, {"title": "改一改"}, False),
        (f"{at}/agreement", {}, False),
        (f"{at}/start", {}, False),
        (f"{at}/completion", {"result": "好了"}, False),
        (f"{at}/surrender", {"reason": "不办"}, False),
        ("/activities", {"activity": "zzzzzzzzzz"}, False),
        (f"/activities/{joint.public_id}/approval", {}, True),
        (f"/activities/{joint.public_id}/removal", {}, True),
    ]


@SIDES
def test_strangers_find_nothing(make, browser, pair, side):
    beside = Pair(make, name="别的单位")
    stranger = {COMMUNITY: beside.manager, UNIT: beside.liaison}[side]
    for person in (stranger, pair.people[side.other], make.person()):
        browser.sign_in(person)
        expected = 403 if side == COMMUNITY and not make.actor(person).is_staff else 404
        assert browser.get(pair.address(side)).status_code == expected
        for rest, fields, _only_desk in ways(pair):
            assert browser.post(pair.address(side, rest), fields).status_code == expected, rest


def test_the_office_reads_and_does_not_write(make, browser, pair):
    officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    project = pair.agreed()
    browser.sign_in(officer)
    page = browser.get(pair.address(COMMUNITY)).text
    assert "您可以查看" in page
    assert "/items" not in page
    assert "结束结对" in page
    at = pair.address(COMMUNITY, f"/projects/{project.public_id}")
    assert "办成了</span>" not in browser.get(at).text
    for rest, fields, _only in ways(pair):
        assert browser.post(pair.address(COMMUNITY, rest), fields).status_code == 404, rest
    assert browser.get(pair.address(UNIT)).status_code == 404


def test_a_dismissed_liaison_is_out_at_once(browser, pair):
    browser.sign_in(pair.liaison)
    unit_page = f"/me/units/{pair.unit.public_id}"
    assert browser.get(unit_page).status_code == 200
    assert pair.unit.name in browser.get("/me").text
    write(units.dismiss, pair.unit.id, pair.liaison.id, actor=SYSTEM, now=clock.now())
    for address in (unit_page, pair.address(UNIT)):
        assert browser.get(address).status_code == 404
    assert pair.unit.name not in browser.get("/me").text


def test_parts_of_another_pairing_are_not_found_here(make, browser, pair):
    other = Pair(make, station=pair.station, name="别的单位")
    strange = other.agreed()
    browser.sign_in(pair.manager)
    assert browser.get(other.address(COMMUNITY)).status_code == 200
    for rest in ("", "/start"):
        address = pair.address(COMMUNITY, f"/projects/{strange.public_id}{rest}")
        way = browser.post if rest else browser.get
        assert way(address).status_code == 404
    assert fresh(strange).state == "planned"


# --- what each side does -----------------------------------------------------------------------------


@SIDES
def test_writing_into_the_list(browser, pair, side):
    browser.sign_in(pair.people[side])
    fields = {"title": "大字书两百册", "details": "每季度换一次", "key": ids.code(20)}
    for _twice in range(2):
        answer = browser.post(pair.address(side, "/items"), fields)
        assert answer.headers["Location"] == pair.address(side)
    assert db.session.query(PairingItem).count() == 1
    page = browser.get(pair.address(side)).text
    assert "大字书两百册" in page
    assert "每季度换一次" in page
    assert "撤下" in page
    browser.sign_in(pair.people[side.other])
    page = browser.get(pair.address(side.other)).text
    assert "大字书两百册" in page
    assert "撤下" not in page


@SIDES
def test_an_empty_form_comes_back_as_typed(browser, pair, side):
    browser.sign_in(pair.people[side])
    answer = browser.post(pair.address(side, "/items"), {"title": " ", "details": "留着我"})
    assert answer.status_code == 422
    assert "留着我" in answer.text
    answer = browser.post(
        pair.address(side, "/projects/new"), {"title": "摆书架", "planned_on": ""}
    )
    assert answer.status_code == 422
    assert "摆书架" in answer.text
    answer = browser.post(pair.address(side, "/activities"), {"activity": ""})
    assert answer.status_code == 422


def test_a_project_is_made_from_a_need_and_done(browser, pair):
    need, resource = pair.add(COMMUNITY, "缺一架书"), pair.add(UNIT, "送一架书")
    browser.sign_in(pair.manager)
    page = browser.get(pair.address(COMMUNITY, f"/projects/new?need={need.public_id}")).text
    assert 'value="缺一架书"' in page
    fields = {
        "title": "摆一架书", "need": need.public_id, "resource": resource.public_id,
        "in_charge": pair.liaison.public_id, "planned_on": clock.today().isoformat(),
        "key": ids.code(20),
    }  # fmt: skip
    assert browser.post(pair.address(COMMUNITY, "/projects/new"), fields).status_code == 303
    project = db.session.query(PairingProject).one()
    assert project.state == "planned"
    at = f"/projects/{project.public_id}"
    browser.sign_in(pair.liaison)
    assert "开始办" in browser.get(pair.address(UNIT, at)).text
    assert browser.post(pair.address(UNIT, f"{at}/start")).status_code == 303
    assert browser.post(pair.address(UNIT, f"{at}/completion"), {"result": ""}).status_code == 422
    fields = {"result": "摆在一楼。"}
    assert browser.post(pair.address(UNIT, f"{at}/completion"), fields).status_code == 303
    page = browser.sign_in(pair.manager).get(pair.address(COMMUNITY, at)).text
    assert "摆在一楼。" in page
    assert "下一步" not in page


def test_a_proposal_is_agreed_to_by_the_other_side(browser, pair):
    project = pair.propose(UNIT)
    at = f"/projects/{project.public_id}"
    assert "同意这个项目" not in browser.sign_in(pair.liaison).get(pair.address(UNIT, at)).text
    assert browser.post(pair.address(UNIT, f"{at}/agreement")).status_code == 409
    assert "1 件等您答复单位" in browser.sign_in(pair.manager).get("/desk").text
    assert "1 个项目等同意" in browser.get("/desk/pairings").text
    assert "同意这个项目" in browser.get(pair.address(COMMUNITY, at)).text
    assert browser.post(pair.address(COMMUNITY, f"{at}/agreement")).status_code == 303
    assert fresh(project).state == "planned"
    assert "等您答复单位" not in browser.get("/desk").text


def test_two_who_change_at_once_are_told(browser, pair):
    project = pair.agreed()
    pair.act(UNIT, actions_projects.change, project.id, pair.plan(title="先改的"), 1)
    fields = {
        "title": "后改的", "in_charge": pair.liaison.public_id,
        "planned_on": clock.today().isoformat(), "version": "1",
    }  # fmt: skip
    at = pair.address(COMMUNITY, f"/projects/{project.public_id}")
    answer = browser.sign_in(pair.manager).post(at, fields)
    assert answer.status_code == 409
    assert "别人改过这个项目" in answer.text
    assert "先改的" in answer.text
    assert 'value="后改的"' in answer.text
    assert fresh(project).title == "先改的"
    assert browser.post(at, {**fields, "version": "2"}).status_code == 303
    assert fresh(project).title == "后改的"


@pytest.mark.parametrize("title", ["给张三先生修灯", "联系 13812345678"])
def test_a_title_that_will_be_public_names_nobody(browser, pair, title):
    fields = {
        "title": title, "in_charge": pair.liaison.public_id,
        "planned_on": clock.today().isoformat(), "key": ids.code(20),
    }  # fmt: skip
    browser.sign_in(pair.manager)
    answer = browser.post(pair.address(COMMUNITY, "/projects/new"), fields)
    assert answer.status_code == 422
    assert "项目名称会公开" in answer.text
    assert db.session.query(PairingProject).count() == 0


def test_a_plan_is_not_about_the_past(browser, pair):
    fields = {
        "title": "摆书架", "in_charge": pair.liaison.public_id, "planned_on": "2020-01-01",
        "key": ids.code(20),
    }  # fmt: skip
    browser.sign_in(pair.liaison)
    answer = browser.post(pair.address(UNIT, "/projects/new"), fields)
    assert answer.status_code == 422
    assert "请选今天或者以后的日期" in answer.text


def test_a_joint_activity_is_asked_for_and_confirmed(make, browser, pair):
    activity = make.activity(pair.station, title="义诊")
    browser.sign_in(pair.liaison)
    fields = {"activity": activity.public_id}
    assert browser.post(pair.address(UNIT, "/activities"), fields).status_code == 303
    assert "等社区确认" in browser.get(pair.address(UNIT)).text
    joint = queries.joints_of(pair.row.id)[0]
    at = f"/activities/{joint.public_id}"
    assert browser.post(pair.address(UNIT, f"{at}/approval")).status_code == 404
    browser.sign_in(pair.manager)
    assert "1 场活动等确认" in browser.get("/desk/pairings").text
    assert browser.post(pair.address(COMMUNITY, f"{at}/approval")).status_code == 303
    assert fresh(joint).state == "linked"
    assert browser.post(pair.address(COMMUNITY, f"{at}/removal")).status_code == 303
    assert fresh(joint).state == "declined"


def test_after_the_end_all_can_be_read_and_nothing_written(browser, pair):
    pair.agreed()
    write(actions.end, pair.row.id, "学校搬走了。", actor=SYSTEM, now=clock.now())
    for side in (COMMUNITY, UNIT):
        page = browser.sign_in(pair.people[side]).get(pair.address(side)).text
        assert "学校搬走了。" in page
        assert "写进清单" not in page
        assert "定一个项目" not in page
        answer = browser.post(pair.address(side, "/items"), {"title": "一项", "key": ids.code(20)})
        assert answer.status_code == 409
    assert notes.latest(actions.ref(pair.row), "end") == "学校搬走了。"


# --- lists ---------------------------------------------------------------------------------------


def test_one_and_thirty_rows_ask_the_same(make, browser, pair):
    counts = []
    for number in (1, 29):
        for n in range(number):
            pair.agreed(title=f"项目{number}之{n}")
            pair.add(COMMUNITY)
            pair.add(UNIT)
            other = Pair(make, station=pair.station, name=f"单位{number}之{n}")
            other.agreed()
            activity = make.activity(pair.station)
            pair.act(COMMUNITY, actions_projects.join, pair.row.id, COMMUNITY, activity.public_id)
        seen = []
        for person, address in (
            (pair.manager, "/desk/pairings"),
            (pair.manager, pair.address(COMMUNITY)),
            (pair.liaison, pair.address(UNIT)),
        ):
            browser.sign_in(person)
            with count_queries() as queries_seen:
                assert browser.get(address).status_code == 200
            seen.append(len(queries_seen))
        counts.append(seen)
    assert counts[0] == counts[1]


def test_a_liaison_sees_all_pairings_of_the_unit_with_one_count_of_queries(make, browser, pair):
    counts = []
    for number in (0, 29):
        for _each in range(number):
            station = make.station()
            write(actions.pair, pair.unit.id, station.id, actor=SYSTEM, now=clock.now())
        browser.sign_in(pair.liaison)
        with count_queries() as seen:
            page = browser.get(f"/me/units/{pair.unit.public_id}").text
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert page.count('id="pairing-') == 30


def test_empty_lists_say_what_to_do(make, browser):
    station = make.station()
    assert (
        "还没有单位和社区结对" in browser.sign_in(make.manager(station)).get("/desk/pairings").text
    )
    row = unit()
    browser.sign_in(liaison(make, row))
    assert "还没有结对的社区" in browser.get(f"/me/units/{row.public_id}").text
