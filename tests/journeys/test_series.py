"""A manager repeats an activity and moves it; a resident misses a date of a course, and leaves it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLE, COURSE = "周三读报会", "毛笔书法班"


def test_a_series_is_made_and_moved_and_a_course_is_missed_and_left(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        _repeat(screens, district)
        screen = screens.open(district, "resident", width=360, script=False)
        page = screen.open("/me/signups")
        steps.go(page, COURSE)
        expect(page.locator("main")).to_contain_text("报名成功")
        page.locator("summary", has_text="这门课的 8 次").click()
        page.get_by_role("button", name="这次来不了").first.click()
        page.locator("summary", has_text="这门课的 7 次").click()
        page.get_by_role("button", name="又能来了").click()
        page.locator("summary", has_text="这门课的 8 次").click()
        page.locator("summary", has_text="不上这门课了").click()
        steps.main_button(page, "退出整门课").click()
        expect(page.locator(".flashes")).to_contain_text("已退出这门课")
        offered = "SELECT count(*) FROM course_signup WHERE state = 'offered'"
        assert district.one(offered) == 1
        district.command("check-data")


def _repeat(screens: Screens, district: District) -> None:
    """Make four weekly dates after a look at them, and let the last three begin an hour later."""
    screen = screens.open(district, "manager", width=360, script=False)
    page = screen.open("/desk/activities/new")
    first = district.local_now() + timedelta(days=3)
    page.get_by_label("名称").fill(TITLE)
    page.get_by_label("日期").fill(f"{first:%Y-%m-%d}")
    page.locator("summary", has_text="重复办").click()
    page.get_by_label("要不要重复办").select_option("WEEKLY")
    page.get_by_label("一共几次").fill("4")
    page.get_by_label("遇到放假不办").uncheck()
    steps.main_button(page, "发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("看看是哪些日子")
    expect(page.locator("main li")).to_have_count(4)
    steps.main_button(page, "就这些日子").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    steps.go(page, "系列的日期")
    page.get_by_role("link", name="改这次").nth(1).click()
    page.get_by_label("开始").fill("10:00")
    page.get_by_label("结束").fill("12:00")
    page.get_by_label("这一次的地点").fill("二楼阅览室")
    page.get_by_label("这一次和以后的都改").check()
    steps.main_button(page, "保存").click()
    rows = page.locator("main li.row")
    expect(rows.filter(has_text="10:00-12:00")).to_have_count(3)
    expect(rows.filter(has_text="二楼阅览室")).to_have_count(3)
