"""From an activity at the desk to the hours in the office's figures, before everybody's screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PROFILE
from tests.journeys import steps
from tests.journeys.conftest import Screen, Screens
from tests.journeys.district import District

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLE = "河岸净滩"
NAME, PHONE = "白小荷", "13700001234"


def check(screen: Screen, board: Page, way: str, answer: str) -> Page:
    """Scan what the board shows, and tap once."""
    address = steps.scanned(board)
    assert address.startswith(screen.base + "/check-in/")
    page = screen.page
    page.goto(address)
    steps.main_button(page, way).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(answer)
    return page


def next_code(board: Page, district: District) -> None:
    """Wait until the board shows a new code by itself."""
    before = steps.digits_of(board)
    district.later(seconds=21)
    digits = board.locator(".board-digits")
    expect(digits).not_to_have_text(re.compile(rf"{before[:3]}\s*{before[3:]}"))


def figures_of_today(screen: Screen, station: str) -> tuple[int, float]:
    """Return attendances and hours of a station as the office reads them."""
    page = screen.open("/office/figures")
    steps.go(page, "今天")
    row = page.locator("tbody tr", has_text=station)
    headers = page.locator("thead th").all_inner_texts()
    cells = row.locator("td").all_inner_texts()
    by_name = dict(zip(headers[1:], cells, strict=True))
    return int(by_name["人次"]), float(by_name["服务时长"])


@pytest.mark.parametrize("width", [360, 1280] if PROFILE == "full" else [360])
def test_from_publishing_to_the_figures(district: District, screens: Screens, width: int):
    def window(role: str = "visitor") -> Screen:
        return screens.open(district, role, width=width)

    manager, officer, newcomer = window("manager"), window("officer"), window()
    station = district.one(
        "SELECT s.name FROM station s WHERE s.community = ? AND s.level = 'station'",
        steps.community_of_manager(district),
    )
    came_before, hours_before = figures_of_today(officer, station)

    activity = steps.publish(manager, district, TITLE)
    steps.sign_up(steps.find(window("resident"), TITLE), volunteer=False)

    steps.register(newcomer, NAME, PHONE)
    steps.apply(newcomer, steps.community_of_manager(district))
    steps.sign_up(steps.find(newcomer, TITLE), volunteer=True)
    steps.approve(manager, NAME)
    assert steps.digits_of_number(newcomer) != ""

    district.later(minutes=30)
    shift = steps.shift_of(district, activity)
    board = window("manager").open(f"/desk/shifts/{shift}/board?direction=in")
    next_code(board, district)
    expect(board.locator(".board-count")).to_contain_text("0 / 2")
    page = check(newcomer, board, "我到了，签到", "已经签到")
    expect(page.locator("main")).to_contain_text("离开时请签退")
    expect(board.locator(".board-count")).to_contain_text("1 / 2")

    district.later(minutes=90)
    board.get_by_role("link", name="换成签退").click()
    expect(board.locator(".board-way")).to_contain_text("签退")
    page = check(newcomer, board, "我要走了，签退", "已经签退")
    expect(page.locator("main")).to_contain_text("1 小时 3")
    steps.go(page, "看我的时长")
    record = page.locator("main .row", has_text=TITLE)
    expect(record).to_contain_text("已计入")
    expect(record).to_contain_text("1 小时 3")

    district.command("tick")
    came, hours = figures_of_today(officer, station)
    assert came == came_before + 1
    assert hours_before + 1.4 < hours < hours_before + 1.7
