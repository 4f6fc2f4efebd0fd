"""After the reading room closes: heads counted on a phone, offline too, and told once without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_heads_are_counted_once_and_told_once(loaded_demo: Path, tmp_path: Path, screens: Screens):
    with served(loaded_demo, tmp_path / "district") as district:
        desk = screens.open(district, "manager", width=360, script=False).open("/desk")
        row = desk.locator("main li.row", has_text="场还没有收尾")
        row.get_by_role("link", name="去填").click()
        # The first is overdue; the last is of these days.
        desk.get_by_role("link", name="去填：品读书香").last.click()
        form = desk.url

        phone = screens.open(district, "manager", width=360)
        phone.on_purpose = ("ERR_INTERNET_DISCONNECTED",)
        tally = phone.open(form.replace(district.base, "").replace("closeout", "tally"))
        total = tally.locator("#tally-total")
        steps.main_button(tally, "+1").click()
        expect(tally.locator("#tally-line")).to_have_text("都交了。")
        phone.context.set_offline(True)
        for _tap in range(3):
            steps.main_button(tally, "+5").click()
        expect(total).to_have_text("16")
        expect(tally.locator("#tally-line")).to_contain_text("没有网络")
        phone.context.set_offline(False)
        expect(tally.locator("#tally-line")).to_have_text("都交了。")

        desk.goto(form.replace("closeout", "tally"))
        expect(desk.locator("#tally-total")).to_have_text("16")
        steps.main_button(desk, "−1").click()
        desk.goto(form)
        expect(desk.get_by_label("来了多少人")).to_have_value("15")
        desk.get_by_label("借阅图书（本）").fill("12")
        desk.get_by_label("很好").check()
        steps.main_button(desk, "存好").click()
        expect(desk.locator("main")).to_contain_text("现场清点 15 人次")
        expect(desk.locator("main")).to_contain_text("12 本")
