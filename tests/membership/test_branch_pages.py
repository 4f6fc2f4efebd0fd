"""The secretary's pages: completion and nothing more, each sight written down; cards to the unit."""

import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from portal.core import clock
from portal.core.db import db
from portal.membership import actions, actions_branches, queries
from portal.records.audit import AuditEntry
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
    unit,
)
from tests.wishes.given import WORDS, pledge, published

TODAY = clock.today()
LONG = timedelta(days=400)


@pytest.fixture
def place(make):
    return make.station("灯塔社区实践站")


@pytest.fixture
def tree(make):
    above = branch("东湾街道党工委")
    one, other = branch("和平社区党委", above), branch("桥头社区党委", above)
    return above, one, other, branch("和平第一党支部", one)


@pytest.fixture
def secretary(make, tree, browser):
    person = keeper(make, tree[0], name="方书记")
    browser.sign_in(person)
    return person


def cells(page, public_id):
    row = page.text.split(f'<tr id="member-{public_id}">')[1].split("</tr>")[0]
    parts = re.split(r"</t[hd]>", row)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)).strip() for part in parts][:-1]


def test_members_stand_by_name_with_done_or_not(make, tree, place, secretary, browser):
    setting("party_hours", 1)
    done = member(make, tree[3], name="安全部", now=clock.now() - LONG)
    open_ = member(make, tree[3], name="白没做", now=clock.now() - LONG)
    ties(done, place)
    report(done)
    pledge(published(place), done)
    credit(done, place, TODAY - timedelta(days=1) if TODAY.day > 1 else TODAY, 60)
    page = browser.get(f"/branches/{tree[0].public_id}")
    assert cells(page, done.public_id)[1:] == [
        "已完成", f"1 / {TODAY.month}", "已完成", "已完成", "1 小时", "和平第一党支部", "移出",
    ]  # fmt: skip
    found = cells(page, open_.public_id)
    assert (found[1], found[3], found[4]) == ("未完成", "未完成", "未完成")


def test_the_parts_below_are_summed_in_their_order(make, tree, secretary, browser):
    for row, count in ((tree[3], 2), (tree[2], 1), (tree[0], 1)):
        for _n in range(count):
            member(make, row)
    text = browser.get(f"/branches/{tree[0].public_id}").text.split("<h2>完成情况</h2>")[1]
    table = re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)', text.split("</table>")[0])
    assert table == ["东湾街道党工委", "和平社区党委", "桥头社区党委", "合计"]
    numbers = re.findall(r'<td class="num">(\d+)</td>', text.split("</table>")[0])
    assert numbers == ["1", "2", "1", "4"]


def test_names_stand_as_in_a_telephone_book(make, tree, secretary, browser):
    for name in ("周一", "安二", "李三", "白四"):
        member(make, tree[3], name=name)
    page = browser.get(f"/branches/{tree[3].public_id}").text
    assert sorted(("周一", "安二", "李三", "白四"), key=page.index) == [
        "安二",
        "白四",
        "李三",
        "周一",
    ]


def test_the_secretary_sees_no_words_no_places_no_times(make, tree, place, secretary, browser):
    person = member(make, tree[3], now=clock.now() - LONG)
    ties(person, place)
    wish = published(place)
    pledge(wish, person)
    credit(person, place, TODAY)
    report(person)
    for path in ("", "/print", "/log", "/import"):
        page = browser.get(f"/branches/{tree[0].public_id}{path}").text
        for marker in (WORDS.text, wish.number, wish.public_id, place.name, "灯塔", person.phone):
            assert marker not in page, (path, marker)


def test_the_list_is_narrowed_searched_and_paged(make, tree, place, secretary, browser):
    base = f"/branches/{tree[0].public_id}"
    done = member(make, tree[3], name="安全部", now=clock.now() - LONG)
    ties(done, place)
    report(done)
    for _n in range(24):
        member(make, tree[3], now=clock.now() - LONG)
    assert "第 1 页，共 2 页" in browser.get(base).text
    late = browser.get(f"{base}?what=report").text
    assert "安全部" not in late
    assert "第 1 页，共 2 页" in late
    assert "安全部" in browser.get(f"{base}?q=全部").text
    assert "没有这样的人" in browser.get(f"{base}?q=没有").text
    assert "没有这样的人" in browser.get(f"{base}?what=done").text
    assert browser.get(f"{base}?what=nonsense&year=abcd&page=x").status_code == 200
    printed = browser.get(f"{base}/print?what=report").text
    assert printed.count('<tr id="member-') == 24


def test_an_empty_list_says_how_to_fill_it(make, tree, secretary, browser):
    assert "名单里还没有人" in browser.get(f"/branches/{tree[0].public_id}").text


def test_each_sight_is_written_down_once_with_the_branch(make, tree, secretary, browser):
    member(make, tree[3])
    base = f"/branches/{tree[1].public_id}"
    for path in ("", "/print", "/cards"):
        browser.get(base + path)
    browser.post(f"{base}/export")
    browser.post(f"{base}/cards/export")
    rows = db.session.query(AuditEntry).filter_by(actor_id=secretary.id).order_by(AuditEntry.id)
    found = [(row.verb, row.subject_kind, row.subject_id) for row in rows
             if row.verb.startswith("membership.")]  # fmt: skip
    view, export = ("membership.view", "membership.export")
    assert found == [
        (verb, "party_branch", tree[1].id) for verb in (view, view, view, export, export)
    ]
    page = browser.get(f"{base}/log").text
    assert "方书记" in page
    assert page.count("查看党组织名单") == 3


@pytest.mark.parametrize(
    "path", ["", "/print", "/log", "/cards", "/import", "/import/template.xlsx"]
)
def test_foreign_branches_are_not_there(make, tree, browser, path):
    own = keeper(make, tree[1])
    browser.sign_in(own)
    for row, status in ((tree[1], 200), (tree[3], 200), (tree[0], 404), (tree[2], 404)):
        assert browser.get(f"/branches/{row.public_id}{path}").status_code == status
    for role in ("station_manager", "campaign_officer", "administrator", "auditor"):
        browser.sign_in(make.holder(role, make.centre()))
        assert browser.get(f"/branches/{tree[1].public_id}{path}").status_code == 404
        assert browser.get("/branches").status_code == 404


def test_foreign_forms_are_not_there(make, tree, browser):
    person = member(make, tree[2])
    asked = act(actions.ask, make.person().id, tree[2].id, date(2021, 3, 1))
    own, foreign = (f"/branches/{tree[n].public_id}" for n in (1, 2))
    browser.sign_in(keeper(make, tree[1]))
    for base in (own, foreign):
        for path in (
            f"/members/{person.public_id}/ending",
            f"/requests/{asked.public_id}/confirmation",
            f"/requests/{asked.public_id}/refusal",
        ):
            assert browser.post(base + path, {"why": "left", "words": "不是"}).status_code == 404
    for path in ("/export", "/cards/export"):
        assert browser.post(foreign + path).status_code == 404
    assert membership(person) is not None


def test_a_revoked_secretary_sees_nothing_any_more(make, tree, secretary, browser):
    assert browser.get(f"/branches/{tree[0].public_id}").status_code == 200
    grant = queries.secretaries_of([tree[0].id])[tree[0].id][0]
    act(actions_branches.revoke, grant.id)
    assert browser.get(f"/branches/{tree[0].public_id}").status_code == 404
    assert browser.get("/branches").status_code == 404


def test_the_list_as_a_workbook(make, tree, secretary, browser):
    person = member(make, tree[3], name="安全部")
    answer = browser.post(f"/branches/{tree[0].public_id}/export")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).active]
    assert rows[0][:3] == ["党组织", "姓名", "手机号"]
    assert rows[1][:3] == ["和平第一党支部", "安全部", f"{person.phone[:3]}****{person.phone[-4:]}"]
    assert person.phone.encode() not in answer.data


def test_who_asks_is_confirmed_or_refused_on_the_page(make, tree, secretary, browser):
    base = f"/branches/{tree[0].public_id}"
    one, other = make.person("程启明"), make.person("傅红梅")
    asked = {
        person.id: act(actions.ask, person.id, tree[3].id, date(2021, 3, 1))
        for person in (one, other)
    }
    page = browser.get(base).text
    assert "程启明" in page
    assert one.phone not in page
    first, second = (f"{base}/requests/{asked[person.id].public_id}" for person in (one, other))
    assert browser.post(f"{first}/confirmation").status_code == 303
    assert membership(one) is not None
    assert "不把傅红梅登记到" in browser.get(f"{second}/refusal").text
    assert browser.post(f"{second}/refusal").status_code == 422
    assert browser.post(f"{second}/refusal", {"words": "请找桥头"}).status_code == 303
    assert "等您确认" not in browser.get(base).text


def test_somebody_is_taken_off_after_asking_why(make, tree, secretary, browser):
    person = member(make, tree[3], name="程启明")
    path = f"/branches/{tree[0].public_id}/members/{person.public_id}/ending"
    assert "程启明" in browser.get(path).text
    assert browser.post(path).status_code == 422
    assert browser.post(path, {"why": "left"}).status_code == 303
    assert membership(person) is None
    assert browser.get(path).status_code == 404


# --- feedback cards --------------------------------------------------------------------------------


@pytest.fixture
def cards(make, tree, place, browser):
    """A unit's branch with two members, one of whom did something last year; and one of no unit."""
    row = branch("学校党支部", tree[0], unit=unit())
    start = clock.day_start(date(TODAY.year - 1, 1, 2))
    one, other = (member(make, row, name=name, now=start) for name in ("安老师", "白老师"))
    member(make, tree[3], name="没有单位")
    ties(one, place, now=start)
    report(one, clock.day_start(date(TODAY.year - 1, 2, 3)))
    credit(one, place, date(TODAY.year - 1, 5, 5), 90)
    browser.sign_in(keeper(make, row))
    return row, one, other


def test_a_card_for_each_of_the_units_branch(cards, browser):
    row, one, _other = cards
    page = browser.get(f"/branches/{row.public_id}/cards?year={TODAY.year - 1}").text
    assert page.count('id="card-') == 2
    for words in ("城东小学", "安老师", "白老师", "灯塔社区实践站", "2 次，应报到 12 次",
                  "1 小时 30 分钟", "（盖章）", "没有完成：报到、心愿。"):  # fmt: skip
        assert words in page
    one_alone = browser.get(f"/branches/{row.public_id}/cards?member={one.public_id}").text
    assert one_alone.count('id="card-') == 1


def test_a_card_of_a_quarter_asks_its_reports_alone(cards, browser):
    row, one, _other = cards
    path = f"/branches/{row.public_id}/cards?year={TODAY.year - 1}&part=q1&member={one.public_id}"
    page = browser.get(path).text
    assert "1 次，应报到 3 次" in page
    assert "第一季度" in page
    assert "没有完成：报到。" in page
    setting("party_report_every", "half_year")
    assert "上半年" in browser.get(path).text
    assert browser.get(path + "&part=nonsense").status_code == 200


def test_cards_as_a_workbook(cards, browser):
    row, _one, _other = cards
    fields = {"year": TODAY.year - 1, "part": "year"}
    answer = browser.post(f"/branches/{row.public_id}/cards/export", fields)
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).active]
    assert rows[0][:3] == ["单位", "姓名", "报到社区"]
    assert rows[1][:5] == ["城东小学", "安老师", "灯塔社区实践站", 2, 12]
    assert rows[1][7] == 1.5
    assert len(rows) == 3


def test_a_branch_of_no_unit_has_no_cards(make, tree, secretary, browser):
    member(make, tree[3])
    page = browser.get(f"/branches/{tree[3].public_id}/cards").text
    assert "没有可以出卡的人" in page
    assert "反馈卡" not in browser.get(f"/branches/{tree[3].public_id}").text
