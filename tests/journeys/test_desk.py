"""A manager's day on a phone without a script: six fields, a number for a reason, papers that fit."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import District

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TITLE = "第三楼栋大扫除"
PEOPLE = 45
MM = 96 / 25.4
# A4 less the margins of the page.
PAGE_MM = 277
BOXES = """() => [...document.querySelectorAll('.paper')].map((paper) => {
  const outer = paper.getBoundingClientRect();
  const inner = [...paper.querySelectorAll('tbody tr, .name-card, .paper-foot')]
    .map((one) => one.getBoundingClientRect());
  return { height: outer.height, rows: paper.querySelectorAll('tbody tr, .name-card').length,
    below: Math.max(0, ...inner.map((one) => one.bottom - outer.bottom)),
    heading: paper.querySelectorAll('thead th').length };
})"""


def _posted(page: Page, title: str) -> str:
    """Post an activity from the template of clean-ups; return the id of its shift."""
    steps.go(page, "新建活动")
    steps.go(page, "清洁家园")
    fields = page.locator("main form[action='/desk/activities/new'] input:not([type=hidden])")
    assert fields.count() == 6
    page.get_by_label("名称").fill(title)
    page.get_by_label("多少人参加").fill("60")
    steps.main_button(page, "发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    steps.go(page, "名单和签到")
    return page.url.rsplit("/", 1)[1]


def _crowd(district: District, shift: str) -> None:
    """Let many be signed up at once."""
    place = "SELECT p.id FROM place p JOIN shift s ON s.id = p.shift_id WHERE s.public_id = ?"
    place_id = district.one(f"{place} AND p.role = 'attendee'", shift)
    district.change(
        "INSERT INTO signup (public_id, shift_id, place_id, person_id, role, participant, state,"
        " created_at, updated_at) SELECT substr(lower(hex(randomblob(9))), 1, 10),"
        " (SELECT id FROM shift WHERE public_id = ?), ?, id, 'attendee', 'guest', 'confirmed',"
        " datetime('now'), datetime('now') FROM person WHERE merged_into_id IS NULL"
        " AND phone IS NOT NULL ORDER BY id LIMIT ?",
        shift, place_id, PEOPLE,
    )  # fmt: skip
    district.change("UPDATE place SET taken = ? WHERE id = ?", PEOPLE, place_id)


def _printed(page: Page, address: str) -> list[dict[str, float]]:
    """Print a page; return its sheets of paper, which are as many as the PDF has pages."""
    page.goto(address)
    page.emulate_media(media="print")
    pdf = page.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    boxes = page.evaluate(BOXES)
    assert pages == len(boxes), address
    for box in boxes:
        assert box["height"] <= PAGE_MM * MM, address
        assert box["below"] <= 0, address
    return boxes


def test_a_shift_from_a_template_to_its_papers(district: District, screens: Screens):
    page = screens.open(district, "manager", width=360, script=False).open("/desk")
    # The first screen answers "what now?": what is on, and its one next action.
    expect(
        page.locator("li[id^=desk-]").first.get_by_role("link", name="签到屏")
    ).to_be_in_viewport()
    shift = _posted(page, TITLE)
    _crowd(district, shift)
    page.reload()
    page.locator("main").get_by_role("searchbox").fill("zzzz")
    steps.main_button(page, "搜索").click()
    expect(page.locator("main")).to_contain_text("没有符合的人")
    steps.go(page, "看全部名单")
    row = page.locator("tr[id^=signup-]").first
    name = row.get_by_role("rowheader").inner_text()
    row.get_by_role("link", name="看号码").click()
    page.get_by_label("现场有急事").check()
    steps.main_button(page, "显示号码").click()
    number = page.locator("main a[href^='tel:']").inner_text()
    assert re.fullmatch(r"1\d{10}", number)
    assert district.one("SELECT count(*) FROM person WHERE name = ? AND phone = ?", name, number)
    steps.go(page, "返回名单")
    steps.go(page, "打印海报")
    page.get_by_label("留几行空白").fill("5")
    steps.main_button(page, "印一份新的签到表").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("签到表")

    # With scripts on: a page is measured while it is printed.
    base = f"{district.base}/desk/shifts/{shift}/print"
    page = screens.open(district, "manager", width=1280).page
    roster = _printed(page, f"{base}/roster")
    assert [box["rows"] for box in roster] == [24, 21]
    assert all(box["heading"] for box in roster)
    assert [box["rows"] for box in _printed(page, f"{base}/sheet")] == [22, 22, 6]
    for size in (8, 10):
        cards = _printed(page, f"{base}/cards?size={size}")
        assert [box["rows"] for box in cards[:-1]] == [size] * (PEOPLE // size)
        assert cards[-1]["rows"] == PEOPLE % size
    assert len(_printed(page, f"{base}/poster")) == 1
    code = page.locator(".qr")
    modules = int((code.get_attribute("viewBox") or "").split()[-1])
    width = code.evaluate("(one) => one.getBoundingClientRect().width") / MM
    # The picture has a margin of four modules on each side: the code itself is meant.
    assert width * (modules - 8) / modules >= 100
    address = page.locator(".poster-address").inner_text()
    assert steps.scanned(page, ".qr") == address
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
