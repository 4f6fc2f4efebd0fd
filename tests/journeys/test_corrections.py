"""Service that nobody planned, told with a photo on a phone, until it counts and says what it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served
from tests.wishes import pictures

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_mended_drain_is_recorded_as_a_make_up(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(pictures.jpeg(size=(640, 480)))
    with served(loaded_demo, tmp_path / "district") as district:
        own = screens.open(district, "volunteer", width=360, script=False)
        page = own.open("/me/hours")
        steps.go(page, "少了一条，申请补录")
        steps.go(page, "写下这次服务")
        page.get_by_label("做了什么").fill("清理楼下堵住的水沟")
        page.get_by_label("哪个站点的服务").select_option(index=3)
        page.get_by_label("在哪里").fill("和平路 8 号院")
        page.get_by_label("属于哪一类").select_option(index=1)
        page.get_by_label("哪一天").fill(f"{district.local_now() - timedelta(days=2):%Y-%m-%d}")
        page.get_by_label("从几点").fill("05:00")
        page.get_by_label("到几点").fill("05:50")
        page.get_by_label("经过").fill("水沟堵了，掏出半桶落叶，水通了。")
        page.get_by_label("为什么没有事先安排").fill("下雨才发现。")
        steps.main_button(page, "交上去").click()
        expect(page.get_by_role("alert")).to_contain_text("要有材料")
        page.get_by_label("材料").set_input_files(photo)
        steps.main_button(page, "交上去").click()
        expect(page.locator("main .badge").first).to_have_text("等待答复")

        desk = screens.open(district, "officer", width=360, script=False)
        page = desk.open("/office/corrections?show=submitted")
        rows = page.locator("tbody tr", has_text="清理楼下堵住的水沟")
        with page.expect_navigation():
            rows.get_by_role("link").click()
        expect(page.get_by_text("掏出半桶落叶")).to_be_visible()
        steps.main_button(page, "通过，记上时长").click()
        expect(page.locator("main .badge").first).to_have_text("通过")

        page = own.open("/me/hours")
        row = page.locator("main li.row", has_text="清理楼下堵住的水沟")
        expect(row).to_contain_text("来源：补录")
        expect(row).to_contain_text("50 分钟")
