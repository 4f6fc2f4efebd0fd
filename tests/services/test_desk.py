from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.hours.models import LedgerEntry
from portal.records.audit import AuditEntry
from portal.services import actions_desk, queries, queries_menu
from portal.services.models import Service
from portal.services.models_orders import Order
from tests.services.given import (
    ADDRESS,
    NAME,
    NOTE,
    PHONE,
    a_leader,
    a_team,
    a_unit,
    accept,
    done,
    filed,
    fresh,
    join,
    offered,
    order_of,
    reviewed,
    sent,
    verbs_of,
)
from tests.support.queries import count_queries

LONG_AGO = timedelta(days=20)


def path(row, part=""):
    return f"/desk/orders/{row.public_id}{part}"


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def service(station):
    return offered(station, title="上门理发")


def soon():
    return (clock.today() + timedelta(days=2)).isoformat()


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/desk/orders/new", "/desk/services", "/desk/services/new"])
def test_who_keeps_orders(make, browser, station, address):
    for role in (Role.TEAM_LEADER, Role.CAMPAIGN_OFFICER, Role.AUDITOR):
        assert browser.sign_in(make.holder(role, station)).get(address).status_code == 403
    for role in (Role.STATION_MANAGER, Role.ADMINISTRATOR):
        assert browser.sign_in(make.holder(role, station)).get(address).status_code == 200


STEPS = (
    ("/review", {}), ("/refusal", {"refuse_reason": "办不了"}), ("/dispatch", {"target": "open"}),
    ("/acceptance", {"promised_on": "2030-01-01"}), ("/decline", {"decline_reason": "没空"}),
    ("/visit", {}), ("/completion", {}), ("/rating", {"satisfaction": "5"}),
    ("/reopening", {"reopen_words": "没好"}), ("/closing", {}), ("/withdrawal", {}),
    ("/activity", {}), ("/reveal", {}),
)  # fmt: skip


@pytest.mark.parametrize(("part", "fields"), STEPS)
def test_another_station_and_the_office_are_kept_out_of_every_step(
    make, browser, station, service, part, fields
):
    row = filed(service)
    beside, officer = make.manager(make.station()), make.holder(Role.CAMPAIGN_OFFICER, station)
    for person in (beside, officer):
        assert browser.sign_in(person).post(path(row, part), fields).status_code == 404
    assert browser.sign_in(beside).get(path(row)).status_code == 404
    assert verbs_of(row) == ["file"]
    assert db.session.query(AuditEntry).filter_by(verb="order.reveal").count() == 0
    assert browser.sign_in(make.person()).post(path(row, part), fields).status_code == 403


def test_an_officer_reads_and_has_no_buttons(make, browser, station, service):
    row = filed(service)
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    page = browser.get(path(row)).text
    assert "欧*" in page
    assert not any(f'{part}"' in page for part, _fields in STEPS)
    assert service.title in browser.get("/desk/orders").text


def test_why_one_was_refused_is_read_by_the_asker_and_the_station_alone(
    make, browser, station, service
):
    asker = make.person()
    row = filed(service, asker_id=asker.id)
    write(actions_desk.refuse, row.id, "家里有人能办", actor=SYSTEM, now=clock.now())
    officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    assert "家里有人能办" not in browser.sign_in(officer).get(path(row)).text
    assert "家里有人能办" in browser.sign_in(make.manager(station)).get(path(row)).text
    assert "家里有人能办" in browser.sign_in(asker).get(f"/me/orders/{row.public_id}").text


def test_a_manager_sees_the_own_subtree_and_no_more(make, browser):
    street = make.station(level="institute")
    here, beside = make.station(parent=street), make.station(parent=street)
    filed(offered(here, title="这里的服务"))
    filed(offered(beside, title="旁边的服务"))
    page = browser.sign_in(make.manager(here)).get("/desk/orders").text
    assert "这里的服务" in page
    assert "旁边的服务" not in page
    page = browser.sign_in(make.manager(street)).get("/desk/orders").text
    assert "这里的服务" in page
    assert "旁边的服务" in page


def test_nobody_acts_on_their_own_order(make, browser, station, service):
    manager = make.manager(station)
    row = filed(service, asker_id=manager.id)
    browser.sign_in(manager)
    page = browser.get(path(row)).text
    assert "这是您自己点的" in page
    assert "/review" not in page
    assert browser.post(path(row, "/review")).status_code == 409


# --- the list ------------------------------------------------------------------------------------


def test_overdue_comes_first_and_can_be_asked_for(make, browser, station, service):
    fine = filed(service)
    late = filed(service, now=clock.now() - LONG_AGO)
    browser.sign_in(make.manager(station))
    page = browser.get("/desk/orders").text
    assert page.index(late.public_id) < page.index(fine.public_id)
    assert "有 1 单过了日子" in page
    only = browser.get("/desk/orders?late=1").text
    assert late.public_id in only
    assert fine.public_id not in only
    assert "没有这样的点单" in browser.get("/desk/orders?state=closed").text
    assert fine.public_id in browser.get("/desk/orders?state=nonsense").text
    desk = browser.get("/desk").text
    assert "2 单等待站点处理" in desk
    assert "1 单超期" in desk


def test_an_empty_list_says_what_to_do(make, browser, station):
    page = browser.sign_in(make.manager(station)).get("/desk/orders").text
    assert "还没有人点单" in page


@pytest.mark.parametrize("address", ["/desk/orders", "/desk/services"])
def test_the_lists_ask_as_often_for_thirty_as_for_one(make, browser, station, service, address):
    browser.sign_in(make.manager(station))
    browser.get(address)
    counts = []
    for more in (1, 29):
        for _n in range(more):
            filed(offered(station))
        with count_queries() as seen:
            browser.get(address)
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- on behalf -----------------------------------------------------------------------------------


def taken_down(browser, chosen, **changes):
    fields = {
        "way": "phone", "service": chosen.public_id, "name": NAME, "phone": PHONE,
        "where": "home", "address": ADDRESS, "day_part": "any", "consent": "y", **changes,
    }  # fmt: skip
    return browser.post("/desk/orders/new", fields)


def test_staff_take_an_order_down_for_somebody_who_telephones(make, browser, station, service):
    manager = make.manager(station)
    browser.sign_in(manager)
    assert taken_down(browser, service).status_code == 303
    row = db.session.query(Order).one()
    assert (row.way, row.filed_by_id, row.asker_id) == ("phone", manager.id, None)
    assert "查询码" not in browser.get(path(row)).text


def test_whoever_has_an_account_of_that_name_and_phone_follows_it_there(
    make, browser, station, service
):
    person = make.person(NAME, phone=PHONE)
    make.person("别人", phone=PHONE, account=False)
    browser.sign_in(make.manager(station))
    taken_down(browser, service)
    taken_down(browser, service, name="路人")
    first, second = db.session.query(Order).order_by(Order.id)
    assert (first.asker_id, second.asker_id) == (person.id, None)


def test_without_a_phone_a_code_is_handed_out(make, browser, station, service):
    browser.sign_in(make.manager(station))
    response = taken_down(browser, service, phone="", way="desk")
    assert "查询码" in browser.get(response.location).text


def test_what_is_missing_is_said(make, browser, station, service):
    browser.sign_in(make.manager(station))
    assert taken_down(browser, service, address="").status_code == 422
    assert taken_down(browser, service, service="").status_code == 422
    assert taken_down(browser, service, consent="").status_code == 422
    foreign = offered(make.station())
    assert taken_down(browser, foreign).status_code == 422
    assert db.session.query(Order).count() == 0


def test_the_same_phone_is_pointed_out(make, browser, station, service):
    first, second = filed(service), filed(service)
    page = browser.sign_in(make.manager(station)).get(path(second)).text
    assert "同一个手机号还有别的点单" in page
    assert path(first) in page


# --- the steps -----------------------------------------------------------------------------------


def test_an_order_goes_its_whole_way_at_the_desk(make, browser, station, service):
    team, member = a_team(station), make.volunteer(station)
    join(team, member)
    manager = make.manager(station)
    browser.sign_in(manager)
    row = filed(service)
    assert browser.post(path(row, "/review")).status_code == 303
    assert browser.post(path(row, "/dispatch"), {"target": ""}).status_code == 422
    target = f"team:{team.public_id}"
    assert browser.post(path(row, "/dispatch"), {"target": target}).status_code == 303
    assert "他们还没有人能在网上接单" in browser.get(path(row)).text
    assert browser.post(path(row, "/acceptance"), {"promised_on": ""}).status_code == 422
    assert browser.post(path(row, "/acceptance"), {"promised_on": soon()}).status_code == 303
    began = clock.local(clock.now() - timedelta(minutes=45))
    half = {f"minutes_{member.public_id}": "30"}
    when = {"helped_on": began.date().isoformat(), "helped_from": f"{began:%H:%M}"}
    assert browser.post(path(row, "/completion"), half).status_code == 422
    assert browser.post(path(row, "/completion"), {**half, **when}).status_code == 303
    assert browser.post(path(row, "/rating"), {}).status_code == 422
    assert browser.post(path(row, "/rating"), {"satisfaction": "5"}).status_code == 303
    assert browser.post(path(row, "/closing")).status_code == 303
    assert fresh(row).state == "closed"
    assert [entry.minutes for entry in db.session.query(LedgerEntry)] == [30]
    page = browser.get(path(row)).text
    assert "5 分" in page
    assert "/withdrawal" not in page


@pytest.mark.parametrize(
    ("part", "fields", "state"),
    [
        ("/refusal", {"refuse_reason": "没有人手"}, "refused"),
        ("/withdrawal", {"withdraw_reason": "不要了"}, "withdrawn"),
        ("/dispatch", {"target": "open"}, "open"),
    ],
)
def test_one_step_from_reviewed(  # noqa: PLR0917  the fixtures and the case
    make, browser, station, service, part, fields, state
):
    row = reviewed(service)
    browser.sign_in(make.manager(station))
    assert browser.post(path(row, part), fields).status_code == 303
    assert fresh(row).state == state


def test_another_team_needs_a_reason(make, browser, station, service):
    held, other = sent(service, team=a_team(station)), a_team(station)
    row = order_of(held)
    browser.sign_in(make.manager(station))
    target = f"team:{other.public_id}"
    response = browser.post(path(row, "/dispatch"), {"target": target})
    assert response.status_code == 422
    assert "为什么换人" in response.text
    fields = {"target": target, "words": "他们太远"}
    assert browser.post(path(row, "/dispatch"), fields).status_code == 303
    assert queries.holding(row.id).team_id == other.id
    unit = a_unit()
    fields = {"target": f"unit:{unit.public_id}", "words": "请科室来"}
    assert browser.post(path(row, "/dispatch"), fields).status_code == 303
    assert browser.post(path(row, "/decline"), {"decline_reason": "归别处"}).status_code == 303
    assert fresh(row).state == "reviewed"


def test_what_was_done_is_reopened_or_closed_with_a_reason(make, browser, station, service):
    browser.sign_in(make.manager(station))
    row, _held = done(service, a_team(station))
    assert browser.post(path(row, "/closing"), {"reason": ""}).status_code == 422
    assert browser.post(path(row, "/reopening"), {"reopen_words": "没剪"}).status_code == 303
    assert fresh(row).state == "accepted"
    row, _held = done(service, a_team(station))
    assert browser.post(path(row, "/closing"), {"reason": "打不通"}).status_code == 303
    assert fresh(row).state == "closed"


def test_a_step_that_is_none_is_refused_and_nothing_changes(make, browser, station, service):
    row = filed(service)
    browser.sign_in(make.manager(station))
    for part, fields in (("/dispatch", {"target": "open"}), ("/rating", {"satisfaction": "5"}),
                         ("/closing", {}), ("/activity", {})):  # fmt: skip
        assert browser.post(path(row, part), fields).status_code == 409
    for part, fields in (("/acceptance", {"promised_on": soon()}), ("/completion", {}),
                         ("/decline", {"decline_reason": "没空"})):  # fmt: skip
        assert browser.post(path(row, part), fields).status_code == 303
    assert verbs_of(row) == ["file"]


def test_a_visit_is_noted_step_by_step(make, browser, station):
    held = sent(offered(station, category="papers", home_visit=True), team=a_team(station))
    accept(held)
    row = order_of(held)
    browser.sign_in(make.manager(station))
    assert "登记：已经上门取件" in browser.get(path(row)).text
    browser.post(path(row, "/visit"))
    assert "登记：材料已经送回" in browser.get(path(row)).text
    browser.post(path(row, "/visit"))
    page = browser.get(path(row)).text
    assert "/visit" not in page
    assert "/completion" in page


def test_an_activity_is_made_and_linked(make, browser, station, service):
    row = reviewed(service)
    browser.sign_in(make.manager(station))
    response = browser.post(path(row, "/activity"))
    assert response.location.startswith("/desk/activities/")
    assert browser.get(response.location).status_code == 200
    page = browser.get(path(row)).text
    assert response.location in page
    assert '/activity"' not in page


def test_the_contact_is_masked_until_it_is_revealed_and_that_is_logged(
    make, browser, station, service
):
    row = filed(service)
    manager = make.manager(station)
    page = browser.sign_in(manager).get(path(row)).text
    assert not any(secret in page for secret in (NAME, PHONE, ADDRESS, NOTE))
    page = browser.post(path(row, "/reveal")).text
    assert all(secret in page for secret in (NAME, PHONE, ADDRESS, NOTE))
    look = db.session.query(AuditEntry).filter_by(verb="order.reveal").one()
    assert (look.actor_id, look.subject_id) == (manager.id, row.id)


# --- the menu ------------------------------------------------------------------------------------


def form(station, **changes):
    return {
        "station": station.public_id, "title": "量血压", "category": "check_up",
        "summary": "每次十分钟", "place": "station", "provider": "",
        "in_use_from": clock.today().isoformat(), **changes,
    }  # fmt: skip


def test_a_service_is_put_on_the_menu_changed_copied_and_taken_off(make, browser, station, service):
    team = a_team(station)
    browser.sign_in(make.manager(station))
    chosen = form(station, provider=f"team:{team.public_id}", usual_minutes="10")
    response = browser.post("/desk/services/new", chosen)
    row = db.session.query(Service).filter_by(title="量血压").one()
    assert response.location == f"/desk/services/{row.public_id}"
    assert (row.team_id, row.usual_minutes) == (team.id, 10)
    here = response.location
    assert 'value="量血压"' in browser.get(here).text
    changed = form(station, title="量血压测血糖")
    assert browser.post(here, changed).status_code == 303
    assert fresh(row).title == "量血压测血糖"
    assert "量血压测血糖" in browser.get(f"/desk/services/new?copy={row.public_id}").text
    browser.post(f"{here}/closing")
    assert "量血压测血糖" not in browser.get("/desk/services").text
    assert "量血压测血糖" in browser.get("/desk/services?gone=1").text
    browser.post(f"{here}/reopening")
    assert fresh(row).closed_at is None


def test_what_does_not_fit_is_said(make, browser, station, service):
    browser.sign_in(make.manager(station))
    for wrong in ({"home_visit": "y"}, {"in_use_until": "2001-01-01"}, {"title": ""},
                  {"category": "nothing"}, {"place": "moon"}):  # fmt: skip
        assert browser.post("/desk/services/new", form(station, **wrong)).status_code == 422
    foreign = make.station()
    assert browser.post("/desk/services/new", form(foreign)).status_code == 422


@pytest.mark.parametrize("part", ["", "/closing", "/reopening"])
def test_the_menu_of_another_station_is_not_there(make, browser, station, service, part):
    address = f"/desk/services/{service.public_id}{part}"
    browser.sign_in(make.manager(make.station()))
    assert browser.post(address, form(station)).status_code == 404
    assert browser.sign_in(make.manager(station)).post(address, form(station)).status_code == 303


def test_teams_in_charge_come_first_in_the_list(make, browser, station):
    team = a_team(station, "本站队")
    a_team(make.station(), "远处队")
    a_leader(make, team, station)
    service = offered(station, team_id=team.id)
    row = reviewed(service)
    page = browser.sign_in(make.manager(station)).get(path(row)).text
    assert page.index("本站队") < page.index("远处队")
    assert f'selected value="team:{team.public_id}"' in page
    write(actions_desk.dispatch, row.id, actions_desk.Target(team.id), "", actor=SYSTEM,
          now=clock.now())  # fmt: skip
    assert "他们还没有人能在网上接单" not in browser.get(path(row)).text


# --- categories ----------------------------------------------------------------------------------


def test_the_office_keeps_the_categories(make, browser, station, service):
    here = "/office/service-categories"
    assert browser.sign_in(make.manager(station)).get(here).status_code == 403
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    assert browser.post(here, {"name_zh": "", "name_en": "x"}).status_code == 422
    fields = {"name_zh": "宠物", "name_en": "Pets", "parent": "household", "active": "y"}
    assert browser.post(here, fields).status_code == 303
    assert browser.post(here, fields).status_code == 422
    made = next(row for row in queries_menu.all_categories() if row.name_zh == "宠物")
    assert made.parent_id == queries_menu.category("household").id
    assert 'value="宠物"' in browser.get(f"{here}?edit={made.code}").text
    browser.post(f"{here}?edit={made.code}", {"name_zh": "养宠", "name_en": "Pets"})
    assert (fresh(made).name_zh, fresh(made).active) == ("养宠", False)
    assert made.code not in {one.value for one in queries_menu.category_choices()}
