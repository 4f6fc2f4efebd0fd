"""What yesterday's scans left open, settled without a script on a phone; and rules seen in advance."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_one_tap_of_person_and_leader_and_a_rule_for_tomorrow(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        page = screens.open(district, "volunteer", width=360, script=False).open("/me")
        steps.main_button(page, "19:00 到的，确认 夜市文明劝导").click()
        expect(page.get_by_text("时长确认好了。")).to_be_visible()
        expect(page.get_by_text("等您确认")).to_have_count(0)
        steps.go(page, "怎么来的")
        expect(page.get_by_role("heading", name="夜市文明劝导")).to_be_visible()
        steps.go(page, "夜市文明劝导")
        expect(page.get_by_text("本人确认")).to_have_count(0)
        expect(page.get_by_text("签到：按确认的时间；签退：工作人员扫码")).to_be_visible()
        expect(page.get_by_role("cell", name="1 小时 30 分钟").first).to_be_visible()

        desk = screens.open(district, "manager", width=360, script=False).open("/desk")
        steps.go(desk, "去决定")
        name = _who_forgot(district)
        steps.go(desk, f"改时间 {name}")
        desk.get_by_label("几点").fill("20:00")
        steps.main_button(desk, "确认").click()
        expect(desk.get_by_text("时长确认好了。")).to_be_visible()
        expect(desk.get_by_role("heading", name=name)).to_have_count(0)
        desk.get_by_role("button", name="时间没错").click()
        expect(desk.get_by_text("时间核对好了。")).to_be_visible()

        office = screens.open(district, "officer", width=1280, script=False).open("/office")
        steps.go(office, "时长规则")
        steps.go(office, "改规则")
        office.get_by_label("按几分钟取整").fill("30")
        office.get_by_label("为什么改").fill("区里的通知")
        steps.main_button(office, "看看会改变什么").click()
        expect(office.get_by_text("没有改动任何记录")).to_be_visible()
        steps.main_button(office, "就用这些规则").click()
        expect(office.get_by_text("第 3 版从")).to_be_visible()
        expect(office.locator("#version-3 .badge")).to_have_text("还没开始")


def _who_forgot(district: District) -> str:
    return str(
        district.one(
            "SELECT p.name FROM visit v JOIN person p ON p.id = v.person_id"
            " JOIN shift s ON s.id = v.shift_id JOIN offering o ON o.id = s.offering_id"
            " WHERE o.title = '夜市文明劝导' AND v.pending = 'no_check_out'"
        )
    )
