"""An officer looks into something unusual on a phone, without a script, and says what it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_an_officer_looks_into_a_phone_of_several_people(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        page = screens.open(district, "officer", width=360, script=False).open("/office")
        steps.go(page, "异常线索")
        steps.go(page, "一部手机签了几个人")
        expect(page.get_by_text("家人帮老人、孩子签到，这很正常")).to_be_visible()
        first = page.locator("#records tbody tr").first
        expect(first).to_contain_text("*")
        steps.main_button(page, "显示全名").click()
        expect(page.locator("#records tbody tr").first).not_to_contain_text("*")
        steps.main_button(page, "记下").click()
        expect(page.get_by_text("请选一项").first).to_be_visible()
        page.get_by_label("没问题，有正当的原因").check()
        page.get_by_label("说明").fill("四位邻居里只有一位有手机，站长认得。")
        steps.main_button(page, "记下").click()
        expect(page.get_by_text("已经记下。时长和人员都没有变。")).to_be_visible()
        expect(page.locator("main .badge").first).to_have_text("看过，没问题")
        district_minutes = district.one(
            "SELECT count(*) FROM ledger_entry WHERE reverses_id IS NOT NULL"
        )
        assert int(district_minutes) == 0
