"""A wish from the telephone to its closing, on phones without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Screen, Screens
from tests.journeys.district import District
from tests.journeys.steps import go, main_button

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TEXT = "想请人修一修家里的纱窗。"
PRIVATE = ("欧阳", "红房子", "13700004321")


def test_from_the_telephone_to_the_closing(district: District, screens: Screens):
    desk = screens.open(district, "manager", script=False)
    wish = filed_by_phone(desk)
    verified_and_published(desk.page)
    number, code = of_the_slip(desk.page)
    helper = screens.open(district, "volunteer", script=False)
    pledged(helper)
    delivered(helper.page, district)
    confirmed(screens.open(district, script=False), number, code)
    closed_and_told(desk, wish, number)
    page = screens.open(district, script=False).open("/wishes/stories")
    says(page, "邻居第二天就来换了新的")
    minutes = district.one(
        "SELECT sum(l.minutes) FROM ledger_entry l JOIN wish_help h ON h.id = l.source_id"
        " JOIN pledge p ON p.id = h.pledge_id JOIN wish w ON w.id = p.wish_id"
        " WHERE l.source_kind = 'wish_help' AND w.public_id = ?",
        wish,
    )
    assert minutes == 60


def says(page: Page, words: str) -> None:
    expect(page.locator("body")).to_contain_text(words)


def tells_nobody(page: Page) -> None:
    assert [word for word in PRIVATE if word in page.content()] == []


def filed_by_phone(desk: Screen) -> str:
    page = desk.open("/desk")
    go(page, "替居民登记心愿")
    page.get_by_label("电话", exact=True).check()
    page.get_by_label("许愿人姓名").fill("欧阳春桃")
    page.get_by_label("许愿人手机号").fill("13700004321")
    page.get_by_label("住址").fill("榕树里红房子")
    page.get_by_label("修修补补").check()
    page.get_by_label("想要什么").fill("纱窗破了，蚊子进来，请人修一修")
    page.get_by_label("已经告诉本人").check()
    main_button(page, "登记").click()
    says(page, "登记好了")
    return page.url.rsplit("/", 1)[1]


def verified_and_published(page: Page) -> None:
    page.get_by_label("打电话核实").check()
    page.get_by_label("核实情况").fill("电话里说清楚了")
    main_button(page, "核实好了").click()
    page.get_by_label("化名").fill("一位独居老人")
    page.get_by_label("公开的内容").fill("欧阳春桃想修纱窗")
    main_button(page, "放上心愿墙").click()
    says(page, "请删去")
    page.get_by_label("公开的内容").fill(TEXT)
    main_button(page, "放上心愿墙").click()
    says(page, "等待认领")


def of_the_slip(page: Page) -> tuple[str, str]:
    go(page, "打印短条")
    expect(page.locator("svg.qr")).to_be_visible()
    tells_nobody(page)
    slip = page.locator("main").inner_text()
    return tuple(re.search(rf"\b\d{{{length}}}\b", slip).group() for length in (14, 6))  # type: ignore[return-value, union-attr]


def pledged(helper: Screen) -> None:
    page = helper.open("/wishes")
    go(page, TEXT)
    tells_nobody(page)
    main_button(page, "认领").click()
    go(page, "联系方式和怎么办理")
    tells_nobody(page)
    main_button(page, "看联系方式").click()
    says(page, "榕树里红房子")


def delivered(page: Page, district: District) -> None:
    # It is forenoon in the district of the journeys.
    began = district.local_now() - timedelta(hours=3)
    page.get_by_label("怎么办的").fill("换了新纱窗")
    page.get_by_label("哪天去的").fill(f"{began:%Y-%m-%d}")
    page.get_by_label("几点开始").fill(f"{began:%H:%M}")
    page.get_by_label("用了多少分钟").fill("60")
    main_button(page, "登记送达").click()
    says(page, "等许愿人确认后，站点销号")


def confirmed(screen: Screen, number: str, code: str) -> None:
    page = screen.open(f"/wishes/track?number={number}")
    page.get_by_label("6 位确认码").fill(code)
    main_button(page, "查询").click()
    says(page, "心愿实现了吗")
    tells_nobody(page)
    page.get_by_label("很满意").check()
    page.get_by_label("可以，只写文字").check()
    main_button(page, "实现了，确认").click()
    says(page, "谢谢您告诉我们")


def closed_and_told(desk: Screen, wish: str, number: str) -> None:
    page = desk.open(f"/desk/wishes/{wish}")
    says(page, "服务时间")
    main_button(page, f"销号 {number}").click()
    says(page, "已销号")
    page.get_by_label("心愿故事").fill("纱窗破了，邻居第二天就来换了新的。")
    main_button(page, "公开故事").click()
    says(page, "故事已经公开")
