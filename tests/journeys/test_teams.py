"""Somebody joins a team, and its leader fills a shift with it, on phones without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import PHONES, District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TEAM, TITLE = "金牌帮帮团", "敬老餐厅送餐日"


def test_somebody_joins_and_the_leader_fills_a_shift(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        _may_sign_in(district)
        member = screens.open(district, "member", width=360, script=False)
        page = member.open("/teams")
        steps.go(page, TEAM)
        steps.main_button(page, "申请入队").click()
        expect(page.locator("main")).to_contain_text("等队长答复")
        leader = screens.open(district, "leader", width=360, script=False)
        page = leader.open("/desk")
        steps.go(page, "去答复")
        steps.go(page, TEAM)
        page.get_by_role("button", name="同意 周向明").click()
        expect(page.locator(".notice").first).to_contain_text("周向明 入队了")
        steps.go(page, "给队员报名")
        page.locator("li", has_text=TITLE).get_by_role("link").click()
        steps.main_button(page, "给他们报名").click()
        expect(page.get_by_role("alert")).to_contain_text("请勾选要报名的队员")
        for name in ("陈乐群", "周向明", "石队长"):
            page.get_by_label(name).check()
        steps.main_button(page, "给他们报名").click()
        expect(page.locator(".notice").first).to_contain_text("报好了 3 位队员")
        assert district.one(_TAKEN, TITLE) == 6
        page = member.open("/me/signups")
        expect(page.locator("main")).to_contain_text(TITLE)
        page = leader.open("/me/teams")
        expect(page.locator("main")).to_contain_text("队长")


_TAKEN = (
    "SELECT p.taken FROM place p JOIN shift s ON s.id = p.shift_id"
    " JOIN offering o ON o.id = s.offering_id WHERE o.title = ? AND p.role = 'volunteer'"
)


def _may_sign_in(district: District) -> None:
    """Give the leader of the demo's team an account, with the password of the others."""
    district.change(
        "INSERT INTO account (person_id, phone, password_hash, created_at)"
        " SELECT p.id, p.phone, a.password_hash, a.created_at FROM person p, account a"
        " WHERE p.phone = ? AND a.phone = ?",
        PHONES["leader"],
        PHONES["resident"],
    )
