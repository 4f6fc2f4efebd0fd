"""The core path under hard conditions: no script, no mouse, two tabs, an ended sign-in, a late scan."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import PROFILE
from tests.journeys import steps
from tests.journeys.conftest import Screens, sign_in
from tests.journeys.district import PASSWORD, PHONES, District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MOST_BYTES, MOST_REQUESTS = 60 * 1024, 8


@pytest.fixture(scope="module")
def playground(loaded_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """A district that these journeys may change; its clock stays."""
    with served(loaded_demo, tmp_path_factory.mktemp("playground")) as district:
        yield district


# --- without JavaScript --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280] if PROFILE == "full" else [1280])
def test_without_a_script(playground: District, screens: Screens, width: int):
    title, name, phone = (
        f"旧物交换{width}",
        f"石竹{'青' if width > 400 else '白'}",
        f"1370000{width:04d}",
    )
    manager = screens.open(playground, "manager", width=width, script=False)
    newcomer = screens.open(playground, width=width, script=False)
    activity = steps.publish(manager, playground, title, minutes_ahead=10)

    steps.register(newcomer, name, phone)
    steps.apply(newcomer, steps.community_of_manager(playground))
    page = steps.find(newcomer, title)
    steps.sign_up(page, volunteer=True)

    page.get_by_text("来不了？").click()
    page.get_by_label("原因").fill("临时有事")
    steps.main_button(page, "取消报名").click()
    expect(page.get_by_text("已取消报名。")).to_be_visible()
    steps.sign_up(page, volunteer=True)
    steps.approve(manager, name)
    assert steps.digits_of_number(newcomer)

    shift = steps.shift_of(playground, activity)
    board = manager.open(f"/desk/shifts/{shift}/board")
    expect(board.get_by_role("link", name="刷新")).to_be_visible()
    page = newcomer.open(f"/check-in?shift={shift}")
    page.get_by_label("现场屏幕上的六位数字").fill(steps.digits_of(board))
    steps.main_button(page, "确定").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经签到")


# --- with the keyboard alone ---------------------------------------------------------------------

FOCUS = """() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const x = box.left + Math.min(box.width / 2, 40), y = box.top + Math.min(box.height / 2, 40);
  const top = document.elementFromPoint(x, y);
  const after = getComputedStyle(element, "::after");
  return {
    ring: Math.max(parseFloat(style.outlineWidth) || 0, parseFloat(after.outlineWidth) || 0),
    free: Boolean(top) && (element.contains(top) || top.contains(element)),
    what: element.outerHTML.slice(0, 100),
  };
}"""


def tab_to(page: Page, goal: Locator) -> None:
    """Press the tab key until the goal has the focus; on the way each focus must be seen."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        focus = page.evaluate(FOCUS)
        assert focus["ring"] >= 2, focus
        assert focus["free"], focus
        if goal.evaluate("(one) => one === document.activeElement"):
            return
    pytest.fail(f"the tab key does not reach {goal}")


@pytest.mark.parametrize("view", ["normal", "elder"])
def test_with_the_keyboard_alone(playground: District, screens: Screens, view: str):
    title = "手机课堂" if view == "normal" else "健步走"
    person = "administrator" if view == "normal" else "officer"  # whom no demo sign-up keeps away
    screen = screens.open(playground, width=360, view=view)
    page, press = screen.open("/login"), screen.page.keyboard.press

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    tab_to(page, page.get_by_label("手机号"))
    page.keyboard.type(PHONES[person])
    tab_to(page, page.get_by_label("密码", exact=True))
    page.keyboard.type(PASSWORD)
    press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)

    tab_to(page, page.get_by_role("navigation").get_by_role("link", name="活动"))
    press("Enter")
    page.wait_for_url("**/activities")
    tab_to(page, page.locator("main").get_by_role("searchbox"))
    page.keyboard.type(title)
    press("Enter")
    page.wait_for_url("**q=*")
    tab_to(page, page.locator("main").get_by_role("link", name=title).first)
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    tab_to(page, steps.main_button(page, "报名").first)
    press("Enter")
    panel = page.locator("[id^=signup-panel-]", has_text="报名号")
    expect(panel).to_be_visible()
    holds_focus = "(one) => one.contains(document.activeElement)"
    for _ in range(50):  # the focus follows when the new panel has settled
        if panel.evaluate(holds_focus):
            break
        page.wait_for_timeout(100)
    assert panel.evaluate(holds_focus)


# --- twice, and back -----------------------------------------------------------------------------


def test_two_tabs_have_one_effect(playground: District, screens: Screens):
    shift, activity = steps.shift_on_now(playground)
    screen = screens.open(playground, "member")
    first, second = screen.open(f"/activities/{activity}"), screen.context.new_page()
    second.goto(first.url)
    steps.sign_up(first, volunteer=True)
    panel = second.locator(f"#signup-panel-{shift}")
    panel.get_by_role("radio", name="做志愿者").check()
    panel.get_by_role("button", name="报名").click()
    expect(second.locator(f"#signup-panel-{shift}")).to_contain_text("报名号")
    assert steps.live_signups(playground, PHONES["member"], shift) == 1


def test_going_back_and_on_again_has_one_effect(playground: District, screens: Screens):
    shift, activity = steps.shift_on_now(playground)
    screen = screens.open(playground, "resident", script=False)
    page = screen.open(f"/activities/{activity}")
    steps.sign_up(page, volunteer=False)
    page.go_back()
    expect(page.locator(f"#signup-panel-{shift}")).to_contain_text("报名号")
    page.go_forward()
    page.reload()
    expect(page.locator(f"#signup-panel-{shift}")).to_contain_text("报名号")
    assert steps.live_signups(playground, PHONES["resident"], shift) == 1


def test_a_double_click_has_one_effect(playground: District, screens: Screens):
    title = "楼道清理"
    page = screens.open(playground, "manager").open("/desk/activities/new")
    page.get_by_label("名称").fill(title)
    page.get_by_label("要几名志愿者").fill("4")
    steps.main_button(page, "发布").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert playground.one("SELECT count(*) FROM offering WHERE title = ?", title) == 1


# --- a sign-in that ended ------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_a_form_outlives_the_sign_in(playground: District, screens: Screens, script: bool):
    title = f"社区电影夜{'一' if script else '二'}"
    screen = screens.open(playground, "manager", script=script)
    page = screen.open("/desk/activities/new")
    page.get_by_label("名称").fill(title)
    page.get_by_label("具体地点").fill("小广场东侧")
    page.get_by_label("要几名志愿者").fill("7")
    screen.context.clear_cookies(name="session")
    steps.main_button(page, "发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    sign_in(page, page.url, PHONES["manager"])
    steps.main_button(page, "接着提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("main")).to_contain_text("小广场东侧")
    expect(page.locator("main")).to_contain_text("还有 7 个名额")


def test_a_sign_up_outlives_the_sign_in(playground: District, screens: Screens):
    shift, activity = steps.shift_on_now(playground)
    screen = screens.open(playground, "volunteer")
    page = screen.open(f"/activities/{activity}")
    screen.context.clear_cookies(name="session")
    panel = page.locator(f"#signup-panel-{shift}")
    panel.get_by_role("radio", name="做志愿者").check()
    panel.get_by_role("button", name="报名").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    sign_in(page, page.url, PHONES["volunteer"])
    steps.main_button(page, "接着提交").click()
    expect(page.locator(f"#signup-panel-{shift}")).to_contain_text("报名号")


# --- reading preferences -------------------------------------------------------------------------


def test_the_elder_view_is_remembered(playground: District, screens: Screens):
    screen = screens.open(playground)
    page = screen.open("/activities?q=课")
    page.get_by_role("button", name="长辈版").click()
    expect(page.locator("html")).to_have_class("view-elder")
    assert page.url == f"{screen.base}/activities?q=%E8%AF%BE"
    page.goto(screen.base + "/stations")
    expect(page.locator("html")).to_have_class("view-elder")
    kept = next(one for one in screen.context.cookies() if one["name"] == "view")
    assert kept["expires"] > time.time() + 180 * 24 * 3600
    other = screen.context.new_page()
    other.goto(screen.base + "/login")
    expect(other.locator("html")).to_have_class("view-elder")
    other.get_by_role("button", name="普通版").click()
    expect(other.locator("html")).to_have_class("view-normal")


def test_english_and_back(playground: District, screens: Screens):
    page = screens.open(playground).open("/stations")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("站点")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("heading", level=1)).to_have_text("站点")


# --- a scan before the sign-in -------------------------------------------------------------------


def test_a_scan_outlives_its_code_while_one_signs_in(district: District, screens: Screens):
    shift, activity = steps.shift_on_now(district)
    steps.sign_up(screens.open(district, "member").open(f"/activities/{activity}"), volunteer=True)
    board = screens.open(district, "manager", width=1280).open(f"/desk/shifts/{shift}/board")
    phone = screens.open(district)
    phone.page.goto(steps.scanned(board))
    seen_at = district.local_now()
    expect(phone.page.locator("main")).to_contain_text("扫码成功")
    district.later(minutes=4)
    steps.go(phone.page, "登录")
    sign_in(phone.page, phone.page.url, PHONES["member"])
    steps.main_button(phone.page, "我到了，签到").click()
    heading = phone.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("已经签到")
    said = re.search(r"(\d\d):(\d\d)", heading.inner_text())
    assert said
    minutes = int(said[1]) * 60 + int(said[2])
    assert abs(minutes - seen_at.hour * 60 - seen_at.minute) <= 1


# --- weight --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/activities", "/stations", "/wishes"])
def test_the_first_view_is_light(path: str, shared_district: District, screens: Screens):
    screen = screens.open(shared_district)
    wire = screen.context.new_cdp_session(screen.page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    screen.page.goto(screen.base + path, wait_until="networkidle")
    html = len(gzip.compress(screen.page.content().encode()))
    print(
        f"{len(sizes)} requests, {sum(sizes):.0f} bytes on the wire; the page itself {html} zipped"
    )
    assert 4 <= len(sizes) <= MOST_REQUESTS
    assert sum(sizes) <= MOST_BYTES
