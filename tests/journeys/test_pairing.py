"""A pairing on a phone without a script: suggested, paired, worked at by both sides, told to all."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.conftest import Screen, Screens
from tests.journeys.district import PHONES, District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

UNIT = "新河数据服务公司"


NEED, RESOURCE = "老人想学用手机挂号", "两名工程师教手机"


def test_from_a_suggestion_to_the_page_of_the_station(
    loaded_demo: Path, tmp_path: Path, screens: Screens
):
    with served(loaded_demo, tmp_path / "district") as district:
        station, community = _station_of_manager(district)
        phone = partial(screens.open, district, width=360, script=False)
        _is_placed_and_gets_a_liaison(phone("administrator"), community)
        _is_paired_as_suggested(phone("officer"), community)
        liaison = _offers_a_resource(phone("member"), community)
        _makes_a_project_of_a_need(phone("manager"), district)

        liaison.reload()
        steps.go(liaison, NEED)
        liaison.get_by_label("办成了什么").fill("教会了十二位老人。")
        steps.main_button(liaison, "办成了").click()
        expect(liaison.locator("main .badge").first).to_have_text("已完成")

        told = phone().open(f"/stations/{station}").locator("#paired-units")
        expect(told).to_contain_text(UNIT)
        expect(told).to_contain_text(NEED)
        expect(told).not_to_contain_text("教会了十二位老人")


def _is_placed_and_gets_a_liaison(screen: Screen, community: str) -> None:
    page = screen.open("/admin/units")
    steps.go(page, UNIT)
    page.get_by_label("在哪个社区或者街道").select_option(label=f"{community}文明实践站")
    steps.main_button(page, "保存").click()
    page.locator(f"li:has-text('{UNIT}')").get_by_role("link", name="联络员").click()
    page.get_by_label("联络员的手机号").fill(PHONES["member"])
    steps.main_button(page, "指定").click()
    expect(page.get_by_text("已指定。")).to_be_visible()


def _is_paired_as_suggested(screen: Screen, community: str) -> None:
    page = screen.open("/office")
    steps.go(page, "结对共建")
    steps.go(page, "就近结对")
    steps.go(page, UNIT)
    first = page.locator("main li[id^=candidate-]").first
    expect(first).to_contain_text(community)
    expect(first).to_contain_text("就在这个社区")
    first.get_by_role("button").click()
    expect(page.get_by_text(f"{UNIT}与{community}")).to_be_visible()


def _offers_a_resource(screen: Screen, community: str) -> Page:
    page = screen.open("/me")
    steps.go(page, UNIT)
    steps.go(page, community)
    page.get_by_label("一句话说清楚").fill(RESOURCE)
    steps.main_button(page, "写进清单").click()
    expect(page.locator("#resources")).to_contain_text(RESOURCE)
    return page


def _makes_a_project_of_a_need(screen: Screen, district: District) -> None:
    page = screen.open("/desk")
    steps.go(page, "结对共建")
    steps.go(page, UNIT)
    page.get_by_label("一句话说清楚").fill(NEED)
    steps.main_button(page, "写进清单").click()
    needs = page.locator("#needs")
    expect(needs).to_contain_text("等待对接")
    needs.get_by_role("link", name=f"用它定项目：{NEED}").click()
    expect(page.get_by_label("项目名称")).to_have_value(NEED)
    page.get_by_label("用哪项资源").select_option(label=RESOURCE)
    page.get_by_label("谁负责").select_option(index=1)
    day = district.local_now() + timedelta(days=14)
    page.get_by_label("计划哪天完成").fill(f"{day:%Y-%m-%d}")
    steps.main_button(page, "定下来").click()
    expect(page.locator("#projects")).to_contain_text("计划中")
    expect(page.locator("#resources")).to_contain_text("已对接")


def _station_of_manager(district: District) -> tuple[str, str]:
    found = [
        str(
            district.one(
                f"SELECT s.{column} FROM station s JOIN role_grant g ON g.station_id = s.id"
                " JOIN account a ON a.person_id = g.person_id WHERE a.phone = ?",
                PHONES["manager"],
            )
        )
        for column in ("public_id", "community")
    ]
    return found[0], found[1]
