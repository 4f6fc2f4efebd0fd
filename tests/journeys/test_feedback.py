"""Saying something without an account and without a script, on a phone, until it is answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import PHONES, District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_visitor_is_answered_and_asks_once_more(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        visitor = screens.open(district, width=360, script=False)
        page = visitor.open(f"/stations/{_station_of_manager(district)}")
        steps.go(page, "给这个站提意见建议")
        page.get_by_label("建议", exact=True).check()
        page.get_by_label("想说的话").fill("门口的长椅坏了一条腿。")
        steps.main_button(page, "提交").click()
        expect(page.get_by_text("已经收到")).to_be_visible()
        expect(page.locator("main .reference")).to_have_count(2)
        number, code = page.locator("main .reference").all_inner_texts()

        desk = screens.open(district, "manager", width=360, script=False).open("/desk")
        steps.go(desk, "去答复")
        steps.go(desk, "门口的长椅坏了一条腿。")
        desk.get_by_label("答复", exact=True).fill("明天请师傅来修。")
        steps.main_button(desk, "答复").click()
        expect(desk.get_by_text("已经答复，本人会看到。")).to_be_visible()

        page = visitor.open("/feedback")
        steps.go(page, "已经提过，查办得怎么样")
        page.get_by_label("编号").fill(number)
        page.get_by_label("手机号，或者 6 位查询码").fill(code)
        steps.main_button(page, "查询").click()
        expect(page.get_by_text("明天请师傅来修。")).to_be_visible()
        page.get_by_text("不满意这个结果？").click()
        page.get_by_label("哪里还不满意").fill("还没有来。")
        steps.main_button(page, "要求重新办").click()
        expect(page.locator("main .badge")).to_have_text("不满意，重新办")


def _station_of_manager(district: District) -> str:
    return str(
        district.one(
            "SELECT s.public_id FROM station s JOIN role_grant g ON g.station_id = s.id"
            " JOIN account a ON a.person_id = g.person_id WHERE a.phone = ?",
            PHONES["manager"],
        )
    )
