"""A month's activities come in from a table on a phone: mended once, then all of them as drafts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.imports.made import ACTIVITIES, workbook
from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served
from tests.journeys.test_every_page import Look, holds

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_table_is_mended_and_becomes_drafts(loaded_demo: Path, tmp_path: Path, screens: Screens):
    with served(loaded_demo, tmp_path / "district") as district:
        day = (district.local_now().date() + timedelta(days=9)).isoformat()
        good = (
            ("邻里厨房", day, "9:00", "11:00", "社区食堂", "邻里关爱", "6", "20"),
            ("邻里厨房", day, "14:00", "16:00", "", "", "6", "20"),
        )
        page = screens.open(district, "manager", width=360).open("/desk")
        steps.go(page, "导入表格")
        steps.go(page, "活动")
        send(page, tmp_path, good[0], ("邻里厨房", "下周", *good[1][2:]))
        expect(page.locator("main")).to_contain_text("第 3 行 邻里厨房")
        expect(page.locator("main")).to_contain_text("看不懂“下周”")
        expect(page.get_by_role("button", name="导入这")).to_have_count(0)
        holds(page, Look("normal", 360))
        steps.go(page, "导入活动")
        send(page, tmp_path, *good)
        holds(page, Look("normal", 360))
        steps.main_button(page, "导入这 2 行").click()
        expect(page.locator("main")).to_contain_text("导入了 2 行")
        holds(page, Look("normal", 360))
        steps.go(page, "去看草稿")
        steps.go(page, "邻里厨房")
        steps.main_button(page, "发布").click()
        expect(page.get_by_text("已发布，大家现在就能看到。")).to_be_visible()


def send(page: Page, folder: Path, *rows: tuple[str, ...]) -> None:
    """Upload a table of these rows."""
    file = folder / "activities.xlsx"
    file.write_bytes(workbook(ACTIVITIES, *rows))
    page.get_by_label("填好的表格").set_input_files(file)
    with page.expect_navigation():
        steps.main_button(page, "上传核对").click()
