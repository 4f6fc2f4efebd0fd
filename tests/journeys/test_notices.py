"""From a moved shift to the mail about it and to the call, on a phone without a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served
from tests.notices.servers import mail_server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TITLE = "社区露天电影"
ADDRESS = "own@example.org"


def test_a_moved_shift_is_mailed_and_told_by_phone(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district, mail_server() as box:
        district.mail_port = box.port
        page = screens.open(district, "volunteer", width=360, script=False).open("/me")
        steps.go(page, "全部通知和通知设置")
        expect(page.locator("main")).to_contain_text(TITLE)
        steps.go(page, "通知设置")
        page.get_by_label("邮箱地址").fill(ADDRESS)
        steps.main_button(page, "发验证码").click()
        expect(page.locator(".flashes")).to_contain_text("验证码已经发出")
        district.command("tick")
        code = re.search(r"\d{6}", box.mails[0].get_content())
        assert code is not None
        page.get_by_label("邮件里的 6 位验证码").fill(code.group())
        steps.main_button(page, "确认这个邮箱").click()
        expect(page.locator(".flashes")).to_contain_text("邮箱确认好了")

        desk = screens.open(district, "manager", width=360, script=False).open("/desk/calls")
        steps.go(desk, "去打电话")
        steps.main_button(desk, "显示姓名和电话").click()
        expect(desk.locator("main a[href^='tel:1']")).to_be_visible()
        before = desk.locator("main a[href^='tel:1']").inner_text()
        steps.main_button(desk, "已经告诉").click()
        expect(desk.locator(".flashes")).to_contain_text("已经记下：告诉了本人。")
        expect(desk.locator("main")).not_to_contain_text(f"****{before[-4:]}")

        shift = district.one(
            "SELECT s.public_id FROM shift s JOIN offering o ON o.id = s.offering_id"
            " WHERE o.title = ?",
            TITLE,
        )
        desk.goto(f"{district.base}/desk/shifts/{shift}/call-off")
        desk.locator("main textarea, main input[type=text], main input:not([type])").first.fill(
            "放映机坏了"
        )
        desk.get_by_label("马上通知").check()
        desk.locator("main form[method=post] button[type=submit]").last.click()
        expect(desk.locator("main")).to_contain_text("取消")
        for _ in range(2):
            district.command("tick")
        (mail,) = [one for one in box.mails if "取消" in one["Subject"]]
        assert mail["To"] == ADDRESS
        assert TITLE in mail.get_content()
        page.goto(f"{district.base}/me/notices?show=unread")
        expect(page.locator("main")).to_contain_text("您报名的一场活动取消了。")
        steps.main_button(page, "全部知道了").click()
        expect(page.locator(".tab-count")).to_have_count(0)
