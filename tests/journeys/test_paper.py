"""A paper sheet typed with the keyboard alone and released by another; a kiosk and a poster without scripts."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.attendance.rules_sheets import row_code
from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
OF_SHEET = (
    "FROM paper_batch b JOIN paper_sheet p ON p.id = b.sheet_id JOIN shift s ON s.id = p.shift_id"
)


def _types(page: Page, *keys: str) -> None:
    """Type and press Enter after each, as who reads from paper does."""
    for text in keys:
        page.keyboard.type(text)
        page.keyboard.press("Enter")


def _typed_by_keyboard(page: Page, shift: str) -> None:
    """Correct the second row by its code, then the one after it; hand in without the mouse."""
    page.locator("#code").focus()
    _types(page, row_code(shift, 1, 2).lower(), "9:05", "1105")
    expect(page.locator("[name=came-3]")).to_be_focused()
    _types(page, "0910", "11:10")
    page.get_by_role("button", name="存成草稿").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("等放行")


def _released(page: Page, district: District) -> None:
    """Look at what was typed, and release it: without a script."""
    expect(page.locator("main")).to_contain_text("09:05-11:05")
    steps.main_button(page, "核对过了，放行").click()
    expect(page.locator("main")).to_contain_text("记上了")
    minutes = [
        row[0] for row in district.ask("SELECT minutes FROM ledger_entry WHERE source = 'paper'")
    ]
    assert len(minutes) == 4
    assert 120 in minutes


def _on_now(district: District) -> str:
    """Return a shift of the same station that is on now and has a free place."""
    now = district.local_now().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return str(
        district.one(
            "SELECT n.public_id FROM shift n JOIN place f ON f.shift_id = n.id"
            " WHERE f.taken < f.capacity AND n.state = 'planned' AND n.starts_at <= ?"
            f" AND n.ends_at > ? AND n.station_id = (SELECT s.station_id {OF_SHEET})",
            now, now,
        )
    )  # fmt: skip


def test_paper_kiosk_and_poster(loaded_demo: Path, tmp_path: Path, screens: Screens):
    with served(loaded_demo, tmp_path / "district") as district:
        shift = district.one(f"SELECT s.public_id {OF_SHEET}")
        path = f"/desk/shifts/{shift}/paper/1"
        desk = screens.open(district, "manager", width=1280).open(path)
        expect(desk.locator("main")).to_contain_text("要由另一个人放行")
        steps.main_button(desk, "收回来改").click()
        _typed_by_keyboard(desk, shift)
        office = screens.open(district, "officer", width=360, script=False)
        _released(office.open(path), district)

        on_now = _on_now(district)
        desk.goto(f"{district.base}/desk/shifts/{on_now}/kiosk/link")
        address = desk.locator("main p.wrap").inner_text()
        tablet = screens.open(district, "visitor", width=1280, view="elder", script=False)
        tablet.page.goto(address)
        steps.go(tablet.page, "我没有报名")
        tablet.page.get_by_role("textbox", name="姓名").fill("新小来")
        tablet.page.get_by_role("radio").first.check()
        tablet.page.get_by_label("我同意").check()
        steps.main_button(tablet.page, "登记").click()
        expect(tablet.page.get_by_role("heading", level=1)).to_have_text("欢迎您")

        post = district.one("SELECT o.public_id FROM claim c JOIN shift s ON s.id = c.shift_id"
                            " JOIN offering o ON o.id = s.offering_id")  # fmt: skip
        desk.goto(f"{district.base}/desk/posts/{post}/claim-poster")
        code = desk.locator(".poster-code").bounding_box()
        assert code is not None
        assert code["width"] >= 100 / 25.4 * 96
        phone = screens.open(district, "volunteer", width=360, script=False)
        phone.page.goto(desk.locator(".poster-address").inner_text())
        expect(phone.page.locator("main")).to_contain_text("负责人确认以后才计时长")
