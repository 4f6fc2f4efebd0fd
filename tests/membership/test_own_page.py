"""The member's own page: a year that writes itself; the way in for others."""

import re
from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.db import db
from portal.membership import actions
from portal.membership.models import MembershipRequest
from tests.membership.made import (
    act,
    branch,
    credit,
    keeper,
    member,
    membership,
    report,
    setting,
    ties,
)
from tests.support.queries import count_queries
from tests.wishes.given import deliver, pledge, published

TODAY = clock.today()
YEAR = TODAY.year - 1


@pytest.fixture
def place(make):
    return make.station("和平社区实践站")


@pytest.fixture
def row(make):
    return branch()


def main(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.split('<main id="main"')[1]))


def test_a_resident_asks_and_waits(make, row, browser):
    person = make.person()
    browser.sign_in(person)
    assert "同意之前，请看一看" in browser.get("/me/party").text
    refused = browser.post("/me/party/request", {"branch": row.public_id})
    assert refused.status_code == 422
    assert "请先勾选，表示您同意登记党员身份" in refused.text
    assert "请从列表中选择一项" in browser.post("/me/party/request", {"consent": "y"}).text
    future = (TODAY + timedelta(days=2)).isoformat()
    fields = {"branch": row.public_id, "consent": "y"}
    assert browser.post("/me/party/request", {**fields, "since": future}).status_code == 422
    assert browser.post("/me/party/request", {**fields, "since": "2021-03-01"}).status_code == 303
    assert "等负责人确认" in browser.get("/me/party").text
    assert membership(person) is None
    assert browser.post("/me/party/request/withdrawal").status_code == 303
    assert db.session.query(MembershipRequest).count() == 0


def test_a_refusal_is_read_and_put_away(make, row, browser):
    person = make.person()
    browser.sign_in(person)
    browser.post("/me/party/request", {"branch": row.public_id, "consent": "y"})
    asked = db.session.query(MembershipRequest).one()
    act(actions.refuse, asked.id, "请找桥头社区")
    page = browser.get("/me/party").text
    assert "请找桥头社区" in page
    assert "我同意登记党员身份" in page
    browser.post("/me/party/request/withdrawal")
    assert "请找桥头社区" not in browser.get("/me/party").text


def test_a_year_is_computed_from_the_records(make, row, place, browser):
    setting("party_hours", 10)
    start = clock.day_start(date(YEAR, 1, 4))
    person = member(make, row, now=start)
    ties(person, place, now=start)
    report(person, clock.day_start(date(YEAR, 2, 3)) + timedelta(hours=3))
    credit(person, place, date(YEAR, 3, 8), 90)
    wish = published(place, now=clock.day_start(date(YEAR, 4, 1)))
    browser.sign_in(person)
    deliver(pledge(wish, person, now=clock.day_start(date(YEAR, 4, 2))),
            now=clock.day_start(date(YEAR, 4, 5)))  # fmt: skip
    text = main(browser.get(f"/me/party?year={YEAR}"))
    assert "报到 2 / 12 次" in text
    assert "认领心愿 1 个" in text
    assert "办好心愿 1 个" in text
    assert "服务时长 1 小时 30 分钟" in text
    assert "时长：要 10 小时，有 1 小时 30 分钟 未完成" in text
    assert "2月 已报到" in text
    assert "3月 已报到" in text
    assert "在报到社区有服务记录" in text
    assert "5月 没有报到" in text
    assert wish.number in text


def test_numbers_lead_to_their_records(make, row, place, browser):
    person = member(make, row)
    ties(person, place)
    wish = published(place)
    pledge(wish, person)
    browser.sign_in(person)
    page = browser.get("/me/party").text
    for address in (
        "#reports",
        "#wishes",
        f"/me/hours/why?year={clock.today().year}",
        f"/wishes/{wish.public_id}",
    ):
        assert f'href="{address}"' in page
    assert browser.get(f"/wishes/{wish.public_id}").status_code == 200


def test_what_is_due_is_said_with_its_day_until_it_is_done(make, row, place, browser):
    person = member(make, row, now=clock.now() - timedelta(days=40))
    ties(person, place)
    browser.sign_in(person)
    before = main(browser.get("/me/party"))
    assert "前到社区报到" in before
    assert "前再认领 1 个心愿" in before
    browser.post("/me/community/report", {"next": "/me/party"})
    pledge(published(place), person)
    after = main(browser.get("/me/party"))
    assert "还要做的" not in after
    assert "本月报到" not in after


def test_without_a_community_the_page_leads_there(make, row, browser):
    browser.sign_in(member(make, row))
    assert "先选到哪个社区报到" in browser.get("/me/party").text


@pytest.mark.parametrize(("key", "value", "words"), [
    ("party_report_every", "quarter", "每季度到社区报到一次"),
    ("party_wishes", 3, "一年认领至少 3 个心愿"),
    ("party_wish_counts", "fulfilled", "一年办好至少 1 个心愿"),
    ("party_hours", 50, "至少服务 50 小时"),
])  # fmt: skip
def test_the_district_says_what_is_asked(make, row, browser, key, value, words):
    setting(key, value)
    browser.sign_in(member(make, row))
    assert words in browser.get("/me/party").text


def test_the_consent_is_taken_back_where_all_are(make, row, browser):
    person = member(make, row)
    browser.sign_in(person)
    assert "登记党员身份" in browser.get("/me/privacy").text
    assert browser.post("/me/privacy/consents/party/withdrawal").status_code == 303
    assert membership(person) is None
    page = browser.get("/me/privacy").text
    assert "到“党员服务”里重新登记" in page
    assert browser.post("/me/privacy/consents/party").location == "/me/party"
    assert "同意之前，请看一看" in browser.get("/me/party").text


def test_who_never_agreed_is_not_asked_on_the_privacy_page(make, browser):
    browser.sign_in(make.person())
    assert "登记党员身份" not in browser.get("/me/privacy").text


def test_one_record_and_thirty_ask_the_same_number_of_statements(make, row, place, browser):
    person = member(make, row)
    ties(person, place, now=clock.day_start(date(YEAR, 1, 1)))
    browser.sign_in(person)
    seen = []
    for many in (1, 30):
        for n in range(many):
            credit(person, place, date(YEAR, 3, 1) + timedelta(days=many + n), n=many * 100 + n)
            if n < 3:
                deliver(pledge(published(place), person))
        with count_queries() as asked:
            browser.get(f"/me/party?year={YEAR}")
        seen.append(len(asked))
    assert seen[0] == seen[1]


def test_a_secretary_finds_the_way_to_the_branch(make, row, browser):
    browser.sign_in(keeper(make, row))
    assert 'href="/branches"' in browser.get("/me/party").text
    assert row.name in browser.get("/branches").text
