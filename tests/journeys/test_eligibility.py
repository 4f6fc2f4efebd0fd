"""A volunteer lacks a training, is led to the course, has it recorded, and takes what was closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Screens
from tests.journeys.district import PHONES, District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CLOSED, COURSE = "敬老院午间陪护", "急救培训班"


def test_from_a_missing_training_to_the_place(loaded_demo: Path, tmp_path: Path, screens: Screens):
    with served(loaded_demo, tmp_path / "district") as district:
        volunteer = screens.open(district, "volunteer", width=360, script=False)
        page = volunteer.open(f"/activities/{_offering(district)}")
        expect(page.locator("#signup")).to_contain_text("您现在还不能报名")
        page.locator("#signup").get_by_role("link", name="有一场培训").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(COURSE)
        steps.main_button(page, "报名").click()
        expect(page.locator("main")).to_contain_text("报名成功")
        page = volunteer.open("/me/open?days=31&role=volunteer")
        group = page.locator("section.panel", has_text="要先参加“急救”培训")
        expect(group).to_contain_text(CLOSED)

        manager = screens.open(district, "manager", width=360, script=False)
        desk = manager.open(f"/desk/people/{_person(district)}")
        desk.get_by_text("登记一次培训").click()
        desk.get_by_label("哪种培训").select_option(label="急救")
        desk.get_by_label("哪天参加的").fill(district.local_now().date().isoformat())
        desk.get_by_label("凭什么知道").fill("看过红十字会的证书")
        steps.main_button(desk, "登记培训").click()
        expect(desk.locator("#trainings")).to_contain_text("急救")

        page = volunteer.open(f"/activities/{_offering(district)}")
        steps.main_button(page, "报名").click()
        expect(page.locator("main")).to_contain_text("报名成功")


def _offering(district: District) -> str:
    return str(district.one("SELECT public_id FROM offering WHERE title = ?", CLOSED))


def _person(district: District) -> str:
    query = (
        "SELECT p.public_id FROM person p JOIN account a ON a.person_id = p.id WHERE a.phone = ?"
    )
    return str(district.one(query, PHONES["volunteer"]))
