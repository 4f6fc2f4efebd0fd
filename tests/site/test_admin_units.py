import html
import io
import re

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.org import queries_units
from portal.org.models_units import CivilizedUnit
from portal.pairing import actions as pairing
from portal.people import units
from tests.imports.made import csv, workbook
from tests.pairing.given import liaison, unit
from tests.support.queries import count_queries


def administrator(make, station=None):
    return make.holder(Role.ADMINISTRATOR, station or make.centre())


def names():
    return {row.name for row in db.session.query(CivilizedUnit)}


FIELDS = {"name": "城东小学", "kind": "school", "station": "", "address": "", "phone": ""}


def test_only_administrators(make, browser):
    station = make.station()
    row = unit(place=station)
    person = make.person()
    at = f"/admin/units/{row.public_id}"
    pages = ("/admin/units", "/admin/units/new", "/admin/units/import")
    own = (at, f"{at}/closing", f"{at}/liaisons")
    for one, expected in (
        (make.person(), 403),
        (make.manager(station), 403),
        (make.holder(Role.CAMPAIGN_OFFICER, make.centre()), 403),
    ):
        browser.sign_in(one)
        for address in pages:
            assert browser.get(address).status_code == expected
        for address in own:
            assert browser.get(address).status_code in {403, 404}
            assert browser.post(address, {"phone": person.phone, **FIELDS}).status_code in {
                403,
                404,
            }
    browser.sign_in(administrator(make))
    for address in (*pages, *own):
        assert browser.get(address).status_code == 200


def test_a_part_of_the_tree_has_its_own_units(make, browser):
    here, there = make.station(), make.station()
    inside, outside, nowhere = unit("这里", place=here), unit("那里", place=there), unit("没有")
    browser.sign_in(administrator(make, here))
    page = browser.get("/admin/units").text
    assert "这里" in page
    assert "那里" not in page
    for row, expected in ((inside, 200), (outside, 404), (nowhere, 404)):
        assert browser.get(f"/admin/units/{row.public_id}").status_code == expected
    assert browser.post("/admin/units/new", FIELDS).status_code == 422
    fields = {**FIELDS, "station": there.public_id}
    assert browser.post("/admin/units/new", fields).status_code == 422
    fields = {**FIELDS, "station": here.public_id}
    assert browser.post("/admin/units/new", fields).status_code == 303
    answer = browser.post("/admin/units/import", {"text": "城西小学", "take": "1"})
    assert answer.status_code == 422
    assert "没有写社区或者街道" in answer.text


def test_a_unit_is_added_changed_closed_and_reopened(make, browser):
    station = make.station()
    browser.sign_in(administrator(make))
    answer = browser.post("/admin/units/new", {**FIELDS, "station": station.public_id})
    assert answer.status_code == 303
    assert "还没有联络员" in browser.get(answer.headers["Location"]).text
    assert "已经有一个单位叫这个名字" in browser.post("/admin/units/new", FIELDS).text
    row = db.session.query(CivilizedUnit).one()
    at = f"/admin/units/{row.public_id}"
    page = browser.get(at).text
    assert queries_units.as_seen(row) in page
    fields = {**FIELDS, "name": "城东中学", "seen": queries_units.as_seen(row)}
    assert browser.post(at, fields).status_code == 303
    answer = browser.post(at, {**fields, "phone": "0755-1"})
    assert answer.status_code == 409
    assert "别人改过这个单位" in answer.text
    assert 'value="0755-1"' in answer.text
    assert browser.get(f"{at}/closing").status_code == 200
    assert browser.post(f"{at}/closing").status_code == 303
    assert "城东中学" not in browser.get("/admin/units").text
    assert "城东中学" in browser.get("/admin/units?closed=1").text
    assert browser.post(f"{at}/liaisons", {"phone": make.person().phone}).status_code == 404
    assert browser.post(f"{at}/reopening").status_code == 303
    assert "城东中学" in browser.get("/admin/units").text


def test_a_paired_unit_is_not_closed_and_keeps_its_liaisons(make, browser):
    row = unit()
    liaison(make, row)
    write(pairing.pair, row.id, make.station().id, actor=SYSTEM, now=clock.now())
    browser.sign_in(administrator(make))
    answer = browser.post(f"/admin/units/{row.public_id}/closing")
    assert answer.status_code == 409
    assert "请先结束结对" in answer.text
    assert len(units.liaisons_of([row.id])) == 1


def test_closing_dismisses_the_liaisons(make, browser):
    row = unit()
    person = liaison(make, row)
    browser.sign_in(administrator(make)).post(f"/admin/units/{row.public_id}/closing")
    assert units.units_of(person.id) == frozenset()


def test_liaisons_are_appointed_by_phone_and_dismissed(make, browser):
    row, person = unit(), make.person("联络员小林")
    at = f"/admin/units/{row.public_id}/liaisons"
    browser.sign_in(administrator(make))
    assert browser.post(at, {"phone": "13900009999"}).status_code == 422
    assert browser.post(at, {"phone": ""}).status_code == 422
    for _twice in range(2):
        assert browser.post(at, {"phone": person.phone}).status_code == 303
    page = browser.get(at).text
    assert page.count("联络员小林") == 1
    ask = f"{at}/dismissal?person={person.public_id}"
    assert "联络员小林" in browser.get(ask).text
    assert browser.get(f"{at}/dismissal?person=zzzzzzzzzz").status_code == 404
    fields = {"person": person.public_id}
    assert browser.post(f"{at}/dismissal", fields).status_code == 303
    assert "联络员小林" not in browser.get(at).text


def test_a_list_is_checked_before_it_is_taken(make, browser):
    make.station("和平社区实践站")
    browser.sign_in(administrator(make))
    assert browser.post("/admin/units/import", {"text": ""}).status_code == 422
    faulty = "城东小学,学校,和平社区\n城西小学,幼儿园"
    answer = browser.post("/admin/units/import", {"text": faulty, "take": "1"})
    assert answer.status_code == 422
    assert "没有这种类别" in answer.text
    assert "城西小学,幼儿园" in answer.text
    assert names() == set()
    good = "城东小学,学校,和平社区\n城西小学,学校"
    answer = browser.post("/admin/units/import", {"text": good, "check": "1"})
    assert answer.status_code == 200
    assert "可以导入 2 个" in answer.text
    assert names() == set()
    assert browser.post("/admin/units/import", {"text": good, "take": "1"}).status_code == 303
    assert names() == {"城东小学", "城西小学"}
    assert "都已经有了" in browser.post("/admin/units/import", {"text": good}).text
    assert browser.post("/admin/units/import", {"text": "单位\n" * 501}).status_code == 422


@pytest.mark.parametrize("kind", ["workbook", "csv"])
def test_a_file_is_put_where_it_can_be_mended(make, browser, kind):
    browser.sign_in(administrator(make))
    rows = [("名称", "类别"), ("城东小学,分校", "学校"), ("城西小学", "幼儿园")]
    content = csv(*rows[:1], ('"城东小学,分校"', "学校"), rows[2], encoding="gb18030")
    if kind == "workbook":
        content = workbook(*rows)
    answer = browser.post("/admin/units/import", {"file": (io.BytesIO(content), "单位.xlsx")})
    assert answer.status_code == 422
    assert "没有这种类别" in answer.text
    text = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)[1])
    mended = text.replace("幼儿园", "学校").strip("\r\n")
    assert browser.post("/admin/units/import", {"text": mended, "take": "1"}).status_code == 303
    assert names() == {"城东小学,分校", "城西小学"}
    answer = browser.post("/admin/units/import", {"file": (io.BytesIO(b"PK\3\4x"), "单位.xlsx")})
    assert answer.status_code == 422
    assert "打不开这个文件" in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=小学", {"城东小学"}),
        ("kind=school", {"城东小学"}),
        ("q=100%25", set()),
        ("kind=nonsense&page=0", {"城东小学", "图书馆"}),
        ("closed=1", set()),
    ],
)
def test_filters(make, browser, query, found):
    unit("图书馆")
    browser.sign_in(administrator(make))
    browser.post("/admin/units/new", FIELDS)
    page = browser.get(f"/admin/units?{query}").text
    assert {name for name in ("城东小学", "图书馆") if f">{name}</a>" in page} == found


def test_filter_by_place_takes_what_lies_below(make, browser):
    street = make.station("东湾实践所", level="institute")
    unit("在街道里", place=make.station(parent=street))
    unit("在别处", place=make.station())
    browser.sign_in(administrator(make))
    page = browser.get(f"/admin/units?station={street.public_id}").text
    assert "在街道里" in page
    assert "在别处" not in page


def test_one_and_thirty_rows_ask_the_same(make, browser):
    counts = []
    for number in (1, 29):
        for n in range(number):
            row = unit(f"单位{number}之{n}", place=make.station())
            liaison(make, row)
            write(pairing.pair, row.id, make.station().id, actor=SYSTEM, now=clock.now())
        browser.sign_in(administrator(make))
        with count_queries() as seen:
            assert browser.get("/admin/units").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert "第 1 页，共 2 页" in browser.get("/admin/units").text


def test_an_empty_list_says_what_to_do(make, browser):
    assert "还没有登记单位" in browser.sign_in(administrator(make)).get("/admin/units").text
