import re

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.services import actions_menu, contact, queries
from portal.services.actions import Asker
from portal.services.models import ServicePlace
from portal.services.models_dispatches import Dispatch
from portal.services.models_orders import Order
from portal.services.rules import checked_number
from tests.services.given import (
    ADDRESS,
    NAME,
    NOTE,
    PHONE,
    a_team,
    accept,
    done,
    filed,
    fresh,
    offered,
    send,
    sent,
)
from tests.support.queries import count_queries

FIELDS = {
    "name": NAME,
    "phone": PHONE,
    "address": ADDRESS,
    "day_part": "morning",
    "note": NOTE,
    "consent": "y",
}


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def service(station):
    return offered(station, title="上门理发")


def path(service, part=""):
    return f"/services/{service.public_id}{part}"


def key_of(page):
    return re.search(r'name="key"[^>]*value="([^"]+)"', page).group(1)


# --- the menu ------------------------------------------------------------------------------------


def test_the_menu_is_filtered_by_place_category_home_and_words(make, browser, station):
    street = make.station("东湾实践所", level="institute")
    below = make.station(parent=street)
    offered(station, title="修水龙头", category="plumbing")
    offered(below, title="教用手机", category="phones", place=ServicePlace.STATION)

    def shown(query):
        page = browser.get(f"/services{query}").text
        return {title for title in ("修水龙头", "教用手机") if title in page}

    both = {"修水龙头", "教用手机"}
    assert shown("") == both
    assert shown(f"?station={street.public_id}") == {"教用手机"}
    assert shown("?category=household") == {"修水龙头"}
    assert shown("?category=plumbing") == {"修水龙头"}
    assert shown("?home=1") == {"修水龙头"}
    assert shown("?q=手机") == {"教用手机"}
    assert "没有这个站点" in browser.get("/services?station=zzzzzzzzzz").text
    assert "没有这个类别" in browser.get("/services?category=nothing").text
    assert "没有找到符合条件的服务" in browser.get("/services?q=钢琴").text


def test_an_empty_menu_says_what_to_do(browser, make):
    make.centre()
    page = browser.get("/services").text
    assert "服务菜单上还没有服务" in page
    assert "/stations" in page


def test_the_menu_is_kept_and_new_when_it_changes(browser, service):
    first = browser.get("/services")
    again = browser.get("/services", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    write(actions_menu.close, service.id, actor=SYSTEM, now=clock.now())
    assert "上门理发" in first.text
    assert "上门理发" not in browser.get("/services").text


def test_the_menu_asks_as_often_for_thirty_as_for_one(browser, station):
    browser.get("/services?page=1")
    counts = []
    for more in (1, 29):
        for _n in range(more):
            offered(station)
        with count_queries() as seen:
            browser.get("/services?home=1")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_stations_page_and_home_lead_to_the_menu(browser, station, service):
    page = browser.get(f"/stations/{station.public_id}").text
    assert path(service) in page
    assert f"/services?station={station.public_id}" in page
    assert 'href="/services"' in browser.get("/").text


# --- ordering ------------------------------------------------------------------------------------


def test_a_visitor_orders_and_follows_it(browser, service):
    page = browser.get(path(service)).text
    response = browser.post(path(service, "/order"), {**FIELDS, "key": key_of(page)})
    assert response.status_code == 303
    assert response.location.startswith("/services/track/")
    row = db.session.query(Order).one()
    private = queries.private_of(row.id)
    assert (private.name, private.phone, private.address) == (NAME, PHONE, ADDRESS)
    assert (row.asker_id, row.day_part, row.notice_version != "") == (None, "morning", True)
    page = browser.get(response.location).text
    assert row.number[:3] in page
    assert "等待审单" in page
    assert PHONE not in page


def test_the_form_sent_twice_orders_once(browser, service):
    key = key_of(browser.get(path(service)).text)
    for _twice in range(2):
        assert browser.post(path(service, "/order"), {**FIELDS, "key": key}).status_code == 303
    assert db.session.query(Order).count() == 1


@pytest.mark.parametrize("missing", ["name", "phone", "address", "consent"])
def test_what_is_missing_is_said_and_what_was_typed_stays(browser, service, missing):
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    response = browser.post(path(service, "/order"), fields)
    assert response.status_code == 422
    assert "error-summary" in response.text
    assert NOTE in response.text
    assert db.session.query(Order).count() == 0


def test_who_is_signed_in_finds_the_form_filled_in_and_the_order_on_their_page(
    make, browser, service
):
    person = make.person("林小满", phone="13911112222")
    page = browser.sign_in(person).get(path(service)).text
    assert 'value="林小满"' in page
    assert 'value="13911112222"' in page
    response = browser.post(path(service, "/order"), {**FIELDS, "key": key_of(page)})
    row = db.session.query(Order).one()
    assert row.asker_id == person.id
    assert response.location == f"/me/orders/{row.public_id}"
    assert browser.get(response.location).status_code == 200
    assert service.title in browser.get("/me/orders").text


def test_what_is_out_of_use_shows_no_form_and_takes_no_order(browser, service):
    key = key_of(browser.get(path(service)).text)
    write(actions_menu.close, service.id, actor=SYSTEM, now=clock.now())
    page = browser.get(path(service)).text
    assert "现在不能点" in page
    assert "/order" not in page
    assert browser.post(path(service, "/order"), {**FIELDS, "key": key}).status_code == 303
    assert db.session.query(Order).count() == 0


def test_at_the_station_no_address_is_asked(make, browser):
    there = offered(make.station(), place=ServicePlace.STATION)
    page = browser.get(path(there)).text
    assert 'name="address"' not in page
    assert 'name="where"' not in page
    either = offered(make.station(), place=ServicePlace.EITHER)
    assert 'name="where"' in browser.get(path(either)).text


# --- following -----------------------------------------------------------------------------------


def track(browser, number, proof):
    return browser.post("/services/track", {"number": number, "proof": proof})


def test_number_and_phone_or_code_open_the_page(browser, service):
    row = filed(service)
    assert track(browser, row.number, PHONE).status_code == 303
    assert track(browser, f"{row.number[:3]} {row.number[3:]}", "+86 138-1234-5678").location
    coded = filed(service, asker=Asker(NAME, "", ADDRESS))
    code = contact.code_of(coded.number)
    response = track(browser, coded.number, code)
    assert response.status_code == 303
    assert code in browser.get(response.location).text


def test_a_wrong_proof_and_an_unknown_number_are_told_alike(browser, service):
    row = filed(service)
    wrong = track(browser, row.number, "13900000000")
    other = filed(service, asker=Asker(NAME, "", ADDRESS))
    assert track(browser, other.number, "").status_code == 422
    unknown = track(browser, checked_number(1), PHONE)
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "对不上" in wrong.text
    assert "对不上" in unknown.text
    assert "9 位数字" in track(browser, "12345678", PHONE).text


def test_guessing_one_number_is_slowed_down(browser, service):
    row = filed(service)
    for _n in range(10):
        track(browser, row.number, "13900000000")
    assert track(browser, row.number, PHONE).status_code == 429


def test_a_token_of_another_or_none_leads_to_the_question(browser, service):
    assert browser.get("/services/track/nonsense").location == "/services/track"
    for part in ("withdrawal", "rating", "reopening"):
        response = browser.post(f"/services/track/nonsense/{part}", {"satisfaction": "5"})
        assert response.location == "/services/track"


def test_who_follows_it_withdraws_rates_or_says_it_is_not_done(browser, make, service):
    row = filed(service)
    base = f"/services/track/{contact.followed(row)}"
    assert browser.post(f"{base}/withdrawal").status_code == 303
    assert fresh(row).state == "withdrawn"
    row, _held = done(service, a_team(make.station()))
    base = f"/services/track/{contact.followed(row)}"
    assert "评单" in browser.get(base).text
    assert browser.post(f"{base}/rating", {}).status_code == 422
    assert browser.post(f"{base}/reopening", {"reopen_words": "没剪完"}).status_code == 303
    assert fresh(row).state == "accepted"
    row, _held = done(service, a_team(make.station()))
    base = f"/services/track/{contact.followed(row)}"
    assert browser.post(f"{base}/rating", {"satisfaction": "4"}).status_code == 303
    assert (fresh(row).satisfaction, fresh(row).rated_by) == (4, "number")


def test_the_asker_reads_who_comes_and_not_what_others_tell_each_other(browser, make, station):
    service = offered(station)
    held = sent(service, team=a_team(station, "金牌帮帮团"))
    row = db.session.get(Order, held.order_id)
    base = f"/services/track/{contact.followed(row)}"
    assert "金牌帮帮团" not in browser.get(base).text
    send(row, team=a_team(station, "小红帽义工队"), words="前一队嫌远")
    accept(db.session.query(Dispatch).filter_by(state="offered").one())
    page = browser.get(base).text
    assert "小红帽义工队" in page
    assert "前一队嫌远" not in page
