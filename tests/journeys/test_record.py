"""From the roster to the record and on to the national system, on a phone and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_volunteer_is_evaluated_answers_and_the_office_hands_the_hours_on(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        desk = screens.open(district, "manager", width=360, script=False)
        page = desk.open(f"/desk/shifts/{_evaluated_shift(district)}")
        steps.go(page, "评价志愿者")
        expect(page.get_by_text("谢谢，以后还来。")).to_be_visible()
        page.get_by_label("评语").first.fill("一直站到最后。")
        steps.main_button(page, "保存评价").click()
        expect(page.get_by_text("的评价。").first).to_be_visible()

        own = screens.open(district, "volunteer", width=360, script=False).open("/me")
        steps.go(own, "我的志愿服务档案")
        expect(own.get_by_text("1 星志愿者").first).to_be_visible()
        steps.go(own, "改回应")
        own.get_by_label("想说的话").fill("下周还来。")
        steps.main_button(own, "提交").click()
        expect(own.get_by_text("下周还来。")).to_be_visible()

        office = screens.open(district, "officer", width=360, script=False)
        page = office.open("/office/export-upstream")
        steps.main_button(page, "导出成一批").click()
        expect(page.get_by_text("批次做好了，请下载文件去上报。")).to_be_visible()
        with page.expect_download() as begun:
            steps.main_button(page, "下载 CSV").click()
        rows = Path(begun.value.path()).read_text("utf-8-sig").splitlines()
        assert rows[0].startswith("序号,类型,姓名,志愿者编号")
        assert len(rows) > 1
        steps.main_button(page, "登记已上报").click()
        expect(page.locator("main .badge").first).to_have_text("已上报，等确认")
        page.goto(page.url.rpartition("/")[0])
        expect(page.get_by_text("没有新的记录要上报。")).to_be_visible()


def _evaluated_shift(district: District) -> str:
    return str(
        district.one("SELECT s.public_id FROM shift s JOIN evaluation e ON e.shift_id = s.id")
    )
