"""Signing up at the desk for somebody on record: the question who it is, in every look."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Screens
from tests.journeys.district import PHONES, District
from tests.journeys.test_every_page import LOOKS, Look, holds, ids

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
__all__ = ["ids"]  # the fixture


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_who_is_known_is_asked_about(
    look: Look, shared_district: District, ids: dict[str, str], screens: Screens
):
    screen = screens.look(shared_district, "manager", view=look.view, width=look.width)
    page = screen.open(f"/desk/shifts/{ids['coming_shift']}")
    page.get_by_role("link", name="代报名").click()
    page.locator("#name").fill("没有人")
    page.locator("#phone").fill(PHONES["volunteer"])
    page.locator("#consent").check()
    page.get_by_role("button", name="报名").click()
    page.get_by_role("heading", name="是这个人吗").wait_for()
    page.get_by_text("139****0002").wait_for()
    holds(page, look)
    page.get_by_role("button", name="回去改").click()
    assert page.locator("#name").input_value() == "没有人"
