"""A Party member's year on a phone without a script: a list comes in, a report, the branch, the card."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served
from tests.membership.made import workbook

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
BRANCH = "和平社区第一网格党支部"
UNIT_BRANCH = "新河区图书馆党支部"


def test_a_member_comes_in_by_a_list_reports_and_the_branch_sees_it(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        office = screens.open(district, "officer", width=360, script=False)
        page = office.open("/me/party")
        steps.go(page, "我负责的党组织")
        steps.go(page, BRANCH)
        steps.go(page, "导入名单")
        file = tmp_path / "members.xlsx"
        file.write_bytes(
            workbook(
                ("陈乐群", "13900000002", BRANCH, "2021-03-01"),
                ("申晓帆", "13800039001", BRANCH, "2022-07-01"),
                ("错", "13800039002", BRANCH, ""),
            )
        )
        page.get_by_label("名单文件").set_input_files(file)
        steps.main_button(page, "上传核对").click()
        expect(page.locator("main")).to_contain_text("新登记 2 人")
        expect(page.locator("main")).to_contain_text("姓名不像一个人的姓名")
        page.get_by_label("每个人都在纸质同意书上签了字").check()
        steps.main_button(page, "导入 2 人").click()
        expect(page.get_by_text("导入了 2 人")).to_be_visible()

        own = screens.open(district, "volunteer", width=360, script=False)
        page = own.open("/me")
        steps.go(page, "我报到的社区")
        page.get_by_label("到哪个社区报到").select_option(label="和平社区")
        page.get_by_label("让这个社区的工作人员看到").check()
        steps.main_button(page, "保存").click()
        page = own.open("/me/party")
        expect(page.get_by_role("heading", level=1)).to_have_text("我的党员服务")
        expect(page.locator("main")).to_contain_text(BRANCH)
        steps.main_button(page, "本月报到").click()
        expect(page.get_by_text("已经向和平社区报到")).to_be_visible()
        expect(page.locator("#reports")).to_contain_text("已报到")

        page = office.open("/branches")
        steps.go(page, BRANCH)
        row = page.get_by_role("row").filter(has_text="陈乐群")
        expect(row.locator("td").first).to_have_text("已完成")

        desk = screens.open(district, "manager", width=360, script=False).open("/desk")
        steps.go(desk, "到本社区报到的人")
        expect(desk.locator("main")).not_to_contain_text("党")


def test_the_card_of_a_unit_goes_to_paper(loaded_demo: Path, tmp_path: Path, screens: Screens):
    with served(loaded_demo, tmp_path / "district") as district:
        office = screens.open(district, "officer", width=360, script=False)
        page = office.open("/branches")
        steps.go(page, UNIT_BRANCH)
        steps.go(page, "反馈卡")
        cards = page.locator(".feedback-card")
        expect(cards).to_have_count(8)
        expect(cards.first).to_contain_text("新河区图书馆")
        steps.go(page, "只出这一张")
        expect(cards).to_have_count(1)
        page.get_by_label("哪一段").select_option("q3")
        page.get_by_role("button", name="看这一段").click()
        expect(cards).to_contain_text("第三季度")
        page.emulate_media(media="print")
        expect(page.get_by_role("link", name="返回")).to_be_hidden()
        expect(cards).to_contain_text("（盖章）")
