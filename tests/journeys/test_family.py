"""A mother adds two children and signs all three up, on a phone without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLE = "亲子风筝节"
CHILDREN = (("周小满", "2018-04-05"), ("周小夏", "2020-07-09"))


def test_a_mother_signs_up_herself_and_two_children(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        manager = screens.open(district, "manager", width=360, script=False)
        steps.publish(manager, district, TITLE, minutes_ahead=300)
        mother = screens.open(district, "member", width=360, script=False)
        for name, born in CHILDREN:
            _added(mother.open("/me/family"), name, born)
        page = steps.find(mother, TITLE)
        for name, _born in CHILDREN:
            page.get_by_label(name).check()
        page.get_by_label("参加活动").check()
        steps.main_button(page, "报名").click()
        for name, _born in CHILDREN:
            expect(page.locator("main")).to_contain_text(f"{name}：报名成功")
        assert _seats(district) == [3]
        _who_goes(mother.open("/me/signups"))
        row = page.locator("main li", has_text=TITLE).first
        row.get_by_role("button", name="取消报名").click()
        expect(page.locator(".flashes")).to_contain_text("已取消报名")
        assert _seats(district) == [2]


def _added(page: Page, name: str, born: str) -> None:
    steps.go(page, "添加家人")
    page.get_by_label("姓名").fill(name)
    page.get_by_label("是我的").select_option(label="子女")
    page.get_by_label("出生日期").fill(born)
    steps.main_button(page, "保存").click()
    expect(page.get_by_role("alert")).to_contain_text("监护人")
    page.get_by_label("我是监护人").check()
    steps.main_button(page, "保存").click()
    expect(page.locator(".notice").first).to_contain_text(f"已经加上 {name}")


def _who_goes(page: Page) -> None:
    """The own list says for whom; the card of a child has what is needed without a phone."""
    for name, _born in CHILDREN:
        expect(page.locator("main")).to_contain_text(f"给 {name} 报的")
    page.locator("li", has_text="给 周小夏 报的").get_by_role("link", name="报名卡").click()
    expect(page.locator("main")).to_contain_text("周小夏")
    expect(page.locator("main .qr")).to_be_visible()
    page.go_back()


def _seats(district: District) -> list[int]:
    query = (
        "SELECT p.taken FROM place p JOIN shift s ON s.id = p.shift_id"
        " JOIN offering o ON o.id = s.offering_id WHERE o.title = ? AND p.role = 'attendee'"
    )
    return [row[0] for row in district.ask(query, TITLE)]
