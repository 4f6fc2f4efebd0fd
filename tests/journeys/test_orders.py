"""An order by telephone, on phones without a script, until it is closed and the hours stand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.conftest import Screen, Screens
from tests.journeys.district import PHONES, District, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLE = "修水龙头、换灯泡"
PHONE = "13800018888"


def test_somebody_telephones_and_a_team_comes(loaded_demo: Path, tmp_path: Path, screens: Screens):
    with served(loaded_demo, tmp_path / "district") as district:
        _may_sign_in(district)
        desk = screens.open(district, "manager", width=360, script=False)
        leader = screens.open(district, "leader", width=360, script=False)
        visitor = screens.open(district, width=360, script=False)
        order = _taken_down(desk)
        number = district.one("SELECT number FROM service_order WHERE public_id = ?", order)
        _sent(desk.page, _team_of_leader(district))
        _accepted(leader, district)
        _done(leader, district)
        _rated(visitor, number)
        page = desk.open(f"/desk/orders/{order}")
        steps.main_button(page, "办结").click()
        expect(page.locator("main")).to_contain_text("已办结")
        expect(leader.open("/me/hours").locator("main")).to_contain_text("50 分钟")
        assert _minutes(district) == 50


def _may_sign_in(district: District) -> None:
    """Give the leader of the demo's team an account, with the password of the others."""
    district.change(
        "INSERT INTO account (person_id, phone, password_hash, created_at)"
        " SELECT p.id, p.phone, a.password_hash, a.created_at FROM person p, account a"
        " WHERE p.phone = ? AND a.phone = ?",
        PHONES["leader"],
        PHONES["resident"],
    )


def _taken_down(desk: Screen) -> str:
    """Order for somebody on the telephone; return the order's id."""
    page = desk.open("/desk/orders")
    steps.go(page, "替居民点单")
    page.get_by_label("打电话来的").check()
    page.get_by_label("点哪一项").select_option(label=TITLE)
    page.get_by_label("点单人姓名").fill("戚奶奶")
    page.get_by_label("点单人手机号").fill(PHONE)
    page.get_by_label("住址").fill("和平里 2 栋 301")
    page.get_by_label("已经告诉本人这些信息怎么用，本人同意").check()
    steps.main_button(page, "登记").click()
    expect(page.locator(".notice").first).to_contain_text("已经登记，编号")
    return page.url.rsplit("/", 1)[1]


def _sent(page: Page, team: str) -> None:
    steps.main_button(page, "审单通过").click()
    page.get_by_label("派给谁").select_option(label=f"队伍：{team}")
    page.get_by_label("说明").fill("带上扳手")
    steps.main_button(page, "派单").click()
    expect(page.locator("main")).to_contain_text("已派单，等接单")


def _accepted(leader: Screen, district: District) -> None:
    """Take it on; who asked is read only after that."""
    page = leader.open("/me")
    steps.go(page, "1 单要接或者要办")
    steps.go(page, TITLE)
    expect(page.locator("main")).to_contain_text("带上扳手")
    expect(page.locator("main")).not_to_contain_text("戚奶奶")
    tomorrow = district.local_now() + timedelta(days=1)
    page.get_by_label("哪天以前办好").fill(f"{tomorrow:%Y-%m-%d}")
    steps.main_button(page, "接单").click()
    steps.main_button(page, "看联系方式").click()
    expect(page.locator("main")).to_contain_text("和平里 2 栋 301")


def _done(leader: Screen, district: District) -> None:
    began = district.local_now()
    district.later(hours=2)
    page = leader.open("/me/orders?tab=theirs")
    steps.go(page, TITLE)
    page.get_by_label("怎么办的").fill("换了一个垫圈")
    page.get_by_label("哪天去的").fill(f"{began:%Y-%m-%d}")
    page.get_by_label("几点开始").fill(f"{began:%H:%M}")
    page.get_by_label("石队长用了多少分钟").fill("50")
    steps.main_button(page, "办好了").click()
    expect(page.get_by_text("记下了，谢谢您。")).to_be_visible()


def _rated(visitor: Screen, number: str) -> None:
    page = visitor.open("/services")
    steps.go(page, "已经点过，查办得怎么样")
    page.get_by_label("点单编号").fill(number)
    page.get_by_label("手机号，或者 6 位查询码").fill(PHONE)
    steps.main_button(page, "查询").click()
    page.get_by_label("很满意").check()
    steps.main_button(page, "评单").click()
    expect(page.get_by_text("谢谢您的评价。", exact=True)).to_be_visible()


def _team_of_leader(district: District) -> str:
    return str(
        district.one(
            "SELECT t.name FROM team t JOIN team_member m ON m.team_id = t.id"
            " JOIN account a ON a.person_id = m.person_id WHERE a.phone = ?",
            PHONES["leader"],
        )
    )


def _minutes(district: District) -> int:
    """Return the minutes of the newest entry of the leader's ledger."""
    return int(
        district.one(
            "SELECT l.minutes FROM ledger_entry l JOIN account a ON a.person_id = l.person_id"
            " WHERE a.phone = ? AND l.source = 'wish' ORDER BY l.id DESC",
            PHONES["leader"],
        )
    )
