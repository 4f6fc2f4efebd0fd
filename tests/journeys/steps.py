"""What people do on their screens, in the words of the pages."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import PATIENCE, Screen
from tests.journeys.district import PASSWORD, PHONES, District
from tests.journeys.picture import code_in

expect.set_options(timeout=PATIENCE)
PIXELS = 300


def main_button(page: Page, name: str) -> Locator:
    """Return a button of the page's content."""
    return page.locator("main").get_by_role("button", name=name, exact=True)


def go(page: Page, name: str) -> None:
    """Follow a link of the page's content, and wait until the page behind it is there whole.

    What is read at once (`all_inner_texts`) does not wait: half a page has cells and no headers yet.
    """
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def publish(screen: Screen, district: District, title: str, *, minutes_ahead: int = 30) -> str:
    """Publish an activity of today and return its id: what a manager does in under a minute."""
    page = screen.open("/desk")
    go(page, "新建活动")
    starts = district.local_now() + timedelta(minutes=minutes_ahead)
    starts -= timedelta(minutes=starts.minute % 5)
    page.get_by_label("名称").fill(title)
    page.get_by_label("日期").fill(f"{starts:%Y-%m-%d}")
    page.get_by_label("开始").fill(f"{starts:%H:%M}")
    page.get_by_label("结束").fill(f"{starts + timedelta(hours=2):%H:%M}")
    page.get_by_label("要几名志愿者").fill("3")
    page.get_by_label("多少人参加").fill("5")
    main_button(page, "发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("main")).to_contain_text("已发布")
    return page.url.rsplit("/", 1)[1]


def find(screen: Screen, title: str) -> Page:
    """Find an activity by the search of the list, and open it."""
    page = screen.open("/activities")
    page.locator("main").get_by_role("searchbox").fill(title)
    main_button(page, "搜索").click()
    go(page, title)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return page


def sign_up(page: Page, *, volunteer: bool) -> None:
    """Take a place on the first shift of the open activity page."""
    panel = page.locator("[id^=signup-panel-]").first
    panel.get_by_role("radio", name="做志愿者" if volunteer else "参加活动").check()
    panel.get_by_role("button", name="报名").click()
    expect(page.locator("[id^=signup-panel-]").first).to_contain_text("报名号")


def register(screen: Screen, name: str, phone: str) -> Page:
    """Make an account; it signs in."""
    page = screen.open("/register")
    page.get_by_label("姓名").fill(name)
    page.get_by_label("手机号").fill(phone)
    page.get_by_label("设一个密码").fill(PASSWORD)
    page.get_by_label("出生日期").fill("1988-05-06")
    page.get_by_label("我看过并同意隐私告知").check()
    main_button(page, "注册").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return page


def apply(screen: Screen, community: str) -> Page:
    """Apply to be a volunteer, with what has to be filled in."""
    page = screen.open("/volunteer/apply")
    page.get_by_label("常住社区").select_option(label=community)
    page.get_by_label("我看过并同意隐私告知").check()
    main_button(page, "提交申请").click()
    expect(page.locator("main")).to_contain_text("等待审核")
    return page


def approve(screen: Screen, name: str) -> None:
    """Approve an application that waits at the desk."""
    page = screen.open("/desk")
    go(page, "去处理")
    go(page, name)
    page.get_by_label("当面看过证件").check()
    main_button(page, "通过").click()
    expect(page.locator("main")).to_contain_text("注册志愿者")


def community_of_manager(district: District) -> str:
    """Return the community whose station the demo's manager keeps."""
    return district.one(
        "SELECT s.community FROM station s JOIN role_grant g ON g.station_id = s.id"
        " JOIN account a ON a.person_id = g.person_id WHERE a.phone = ?",
        PHONES["manager"],
    )


def shift_of(district: District, activity: str) -> str:
    """Return the id of an activity's first shift."""
    return district.one(
        "SELECT s.public_id FROM shift s JOIN offering o ON o.id = s.offering_id"
        " WHERE o.public_id = ? ORDER BY s.starts_at",
        activity,
    )


def shift_on_now(district: District) -> tuple[str, str]:
    """Return id and activity of the shift that is on at the manager's station."""
    return district.ask(
        "SELECT s.public_id, o.public_id FROM shift s JOIN offering o ON o.id = s.offering_id"
        " JOIN role_grant g ON g.station_id = s.station_id"
        " JOIN account a ON a.person_id = g.person_id"
        " WHERE a.phone = ? AND s.starts_at <= datetime('now') AND s.ends_at > datetime('now')"
        " AND o.type = 'activity'",
        PHONES["manager"],
    )[0]


def digits_of(board: Page) -> str:
    """Return the six digits on a board."""
    return re.sub(r"\D", "", board.locator(".board-digits").inner_text())


def scanned(board: Page, picture: str = ".board-qr") -> str:
    """Return the address that a phone reads from the board's code, or from another picture."""
    code = board.locator(picture)
    code.scroll_into_view_if_needed()
    box = code.evaluate(
        "(one) => { const { x, y, width, height } = one.getBoundingClientRect();"
        " return { x: x + scrollX, y: y + scrollY, width, height } }"
    )
    # A few hundred pixels are enough to read it, and much faster than all of them.
    clip = {**box, "scale": PIXELS / box["width"]}
    wire = board.context.new_cdp_session(board)
    shot = wire.send("Page.captureScreenshot", {"format": "png", "clip": clip})
    wire.detach()
    return code_in(base64.b64decode(shot["data"]))


def live_signups(district: District, phone: str, shift: str) -> int:
    """Count a person's live sign-ups on a shift."""
    return district.one(
        "SELECT count(*) FROM signup u JOIN shift s ON s.id = u.shift_id"
        " JOIN account a ON a.person_id = u.person_id"
        " WHERE a.phone = ? AND s.public_id = ? AND u.state IN"
        " ('confirmed', 'waitlisted', 'offered', 'attended')",
        phone,
        shift,
    )


def digits_of_number(screen: Screen) -> str:
    """Return the volunteer's number as the own page shows it."""
    page = screen.open("/me/volunteer")
    expect(page.locator("main")).to_contain_text("志愿者编号")
    return page.locator("main .reference").inner_text()
