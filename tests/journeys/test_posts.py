"""A service post on a phone without a script: made, booked, given away, taken, seen on the rota."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TITLE = "花园巡护岗"


def _make(page: Page) -> None:
    steps.go(page, "新建志愿服务岗")
    page.get_by_label("岗位名称").fill(TITLE)
    page.get_by_label("场所类型").select_option(label="公园")
    page.get_by_label("在哪个场所").fill("和平花园")
    for day in range(7):
        page.locator(f"#days-{day}").check()
    page.get_by_label("开始").fill("05:00")
    page.get_by_label("结束").fill("06:00")
    page.get_by_label("每班几个人").fill("1")
    steps.main_button(page, "发布").click()
    expect(page.locator("main")).to_contain_text("每天 05:00-06:00")


def test_a_duty_from_the_grid_to_whoever_takes_it(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        desk = screens.open(district, "manager", width=360, script=False).open("/desk")
        steps.go(desk, "志愿服务岗")
        _make(desk)
        steps.go(desk, "改排班")
        desk.get_by_label("周日").first.fill("2")
        steps.main_button(desk, "看看会改动什么").click()
        expect(desk.locator("main")).to_contain_text("改动")
        steps.main_button(desk, "保存排班").click()
        expect(desk.get_by_role("heading", level=1)).to_contain_text("值班表")

        page = screens.open(district, "volunteer", width=360, script=False).open("/posts")
        page.locator("main").get_by_role("searchbox").fill("巡护")
        steps.main_button(page, "搜索").click()
        steps.go(page, TITLE)
        page.locator("[id^=signup-panel-]").first.get_by_role("button", name="报名").click()
        expect(page.locator("main")).to_contain_text("报名号")
        page.goto(f"{district.base}/me/duties")
        own = page.locator("main li.row", has_text=TITLE)
        own.get_by_text("来不了？").click()
        own.get_by_role("button", name="问问谁能接").click()
        expect(page.locator("main li.row", has_text=TITLE)).to_contain_text("等人接班")

        taker = screens.open(district, "member", width=360, script=False).open("/posts/cover")
        asked = taker.locator("main li.row", has_text=TITLE)
        asked.get_by_role("button", name="我来接").click()
        expect(taker.get_by_role("heading", level=1)).to_have_text("我的值班")
        expect(taker.locator("main")).to_contain_text(TITLE)
        page.goto(f"{district.base}/me/duties")
        expect(page.locator("main li.row", has_text=TITLE)).to_have_count(0)

        name = district.one(
            "SELECT p.name FROM person p JOIN account a ON a.person_id = p.id WHERE a.phone = ?",
            "13900000003",
        )
        desk.goto(f"{district.base}/desk/posts")
        steps.go(desk, TITLE)
        steps.go(desk, "值班表")
        weeks = desk.locator(".rota-days")
        if not weeks.get_by_text(name).count():
            steps.go(desk, "往后")
        expect(desk.locator(".rota-days").get_by_text(name).first).to_be_visible()
