"""A certificate from the own page to who checks it, and taken back; on a phone, without a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_volunteer_certifies_and_somebody_checks(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        page = screens.open(district, "volunteer", width=360, script=False).open("/me/hours")
        steps.go(page, "开志愿服务证明")
        steps.go(page, "开一份证明")
        page.get_by_label("哪里的服务").select_option(label="和平社区文明实践站")
        steps.main_button(page, "看看证明上写什么").click()
        expect(page.locator("#preview")).to_contain_text("共")
        steps.main_button(page, "开证明").click()
        expect(page.get_by_text("这份证明有效")).to_be_visible()
        facts = page.locator("main").inner_text()
        number = re.search(r"编号\s+([\d ]+)", facts)[1].strip()
        code = page.locator("main li b").last.inner_text()

        visitor = screens.open(district, width=360, script=False).open("/")
        steps.go(visitor, "查验志愿服务证明")
        visitor.get_by_label("编号").fill(number)
        visitor.get_by_label("查验码").fill(code)
        steps.main_button(visitor, "查验").click()
        expect(visitor.get_by_text("这份证明有效")).to_be_visible()
        expect(visitor.locator("main")).to_contain_text("陈*")
        expect(visitor.locator("main")).not_to_contain_text("陈乐群")

        desk = screens.open(district, "manager", width=360, script=False).open("/desk")
        steps.go(desk, "志愿服务证明")
        steps.go(desk, number)
        steps.go(desk, "撤销这份证明")
        desk.get_by_label("开错了").check()
        desk.get_by_label("写给本人的话").fill("请再开一次。")
        steps.main_button(desk, "撤销").click()
        expect(desk.get_by_text("已经撤销，查验的人马上能看到。")).to_be_visible()
        visitor.reload()
        expect(visitor.get_by_text("原因：开错了")).to_be_visible()
