"""The board: by a manager or its own token, never older than its step, and for nothing else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.attendance import codes
from portal.attendance.models import Direction
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.records import settings
from portal.records.audit import AuditEntry
from tests.attendance.conftest import START
from tests.support.client import Browser
from tests.support.queries import count_queries


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


@pytest.fixture
def path(scene) -> str:
    return f"/desk/shifts/{scene.shift.public_id}/board"


def openings() -> int:
    query = select(func.count()).where(AuditEntry.verb == "board.open")
    return db.session.scalar(query)


def digits_on(page) -> str:
    found = re.search(r"board-digits[^>]*><span>(\d{3})</span><span>(\d{3})", page.text)
    return found[1] + found[2]


def test_a_manager_opens_the_board(scene, browser, path, time_machine):
    person = scene.volunteer()
    scene.volunteer()
    scene.scan(person, "in", -1)
    time_machine.move_to(START + timedelta(seconds=7), tick=False)
    page = browser.sign_in(scene.manager).get(path)
    assert page.status_code == 200
    for words in (scene.shift.offering.title, scene.station.name, "签到", "已到 1 / 2", "<svg"):
        assert words in page.text
    assert digits_on(page) == scene.digits()
    assert "bar-7" in page.text
    assert person.name not in page.text
    out = browser.get(path + "?direction=out")
    assert digits_on(out) == scene.digits("out")
    assert "已签退 0 / 1" in out.text
    assert openings() == 1


def test_it_goes_on_after_the_manager_has_signed_out(scene, browser, path, time_machine):
    browser.sign_in(scene.manager).get(path)
    with browser.client.session_transaction() as session:
        session.clear()
    time_machine.move_to(scene.at(120 + 119), tick=False)
    page = browser.get(path)
    assert (page.status_code, digits_on(page)) == (200, scene.digits())
    assert browser.get(path + "/code").status_code == 200
    for other in ("/desk", f"/desk/shifts/{scene.shift.public_id}", path + "/link", "/me/hours"):
        assert browser.get(other).status_code == 303
    time_machine.move_to(scene.at(120 + 121), tick=False)
    browser.sign_in(scene.manager)
    over = browser.get(path)
    assert "已经结束" in over.text
    assert '<svg class="qr' not in over.text


def test_the_token_opens_no_other_board(scene, browser, path):
    other = scene.make.shift(scene.station, starts_at=START)
    browser.sign_in(scene.manager).get(path)
    token = browser.client.get_cookie("board", path=path).value
    stranger = Browser(browser.app)
    other_path = f"/desk/shifts/{other.public_id}/board"
    stranger.client.set_cookie("board", token, path=other_path)
    assert stranger.get(other_path).status_code == 303
    stranger.client.set_cookie("board", token, path=path)
    assert stranger.get(path).status_code == 200
    stranger.client.set_cookie("board", token[:-2] + "xx", path=path)
    assert stranger.get(path).status_code == 303


def test_its_cookie_is_for_this_path_alone(scene, browser, path):
    cookie = browser.sign_in(scene.manager).get(path).headers["Set-Cookie"]
    assert f"Path={path}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_link_opens_it_on_another_tablet(scene, browser, path, time_machine):
    page = browser.sign_in(scene.manager).get(path + "/link")
    address = re.search(r"http://localhost(/[^\s<&]+)(?:&amp;([^\s<]+))?", page.text)
    link = address[1] + ("&" + address[2] if address[2] else "")
    tablet = Browser(browser.app)
    opened = tablet.get(link)
    assert (opened.status_code, opened.location) == (303, f"{path}?direction=in")
    assert tablet.get(opened.location).status_code == 200
    assert openings() == 1
    time_machine.move_to(START + timedelta(minutes=61), tick=False)
    assert Browser(browser.app).get(link).status_code == 303
    assert Browser(browser.app).get(link).location.startswith("/login")


def test_who_may_not_open_it(scene, app, path):
    for extra in ("", "/code"):
        assert Browser(app).get(path + extra).location.startswith("/login?next=")
        resident = Browser(app).sign_in(scene.make.person())
        assert resident.get(path + extra).status_code == 403
        other = Browser(app).sign_in(scene.make.manager(scene.make.station()))
        assert other.get(path + extra).status_code == 404
    above = scene.make.holder(Role.ADMINISTRATOR, scene.make.centre())
    assert Browser(app).sign_in(above).get(path).status_code == 200
    assert Browser(app).sign_in(above).get("/desk/shifts/nosuchshif/board").status_code == 404


def test_the_fragment_comes_only_when_something_changed(scene, browser, path, time_machine):
    page = browser.sign_in(scene.manager).get(path)
    url = re.search(r'hx-get="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert browser.get(url).status_code == 204
    scene.scan(scene.volunteer(), "in", 0)
    assert "已到 1 / 1" in browser.get(url).text
    time_machine.move_to(START + timedelta(seconds=20), tick=False)
    fragment = browser.get(url)
    assert fragment.status_code == 200
    assert "<html" not in fragment.text
    assert digits_on(fragment) == scene.digits()
    assert 'id="board"' in fragment.text


def test_what_the_code_holds_is_short(scene, browser, path):
    browser.sign_in(scene.manager)
    write(settings.change, "is_demo", True, actor=SYSTEM, now=clock.now())
    page = browser.get(path)
    code = codes.shown(scene.shift.check_in_key, Direction.IN, clock.now()).code
    assert f'<a href="http://localhost/check-in/{code}">' in page.text
    assert len("http://localhost/check-in/" + code) <= 60


def test_outside_the_demo_the_address_is_no_link(scene, browser, path):
    page = browser.sign_in(scene.manager).get(path)
    assert scene.code() not in page.text
    assert "http://localhost/check-in" in page.text


def test_without_a_script_the_page_fetches_itself(scene, browser, path):
    page = browser.sign_in(scene.manager).get(path)
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page.text


@pytest.mark.parametrize("direction", ["", "IN", "x" * 5000, "out'--", "签退"])
def test_a_strange_direction_is_coming(scene, browser, path, direction):
    page = browser.sign_in(scene.manager).get(path, query_string={"direction": direction})
    assert digits_on(page) == scene.digits()


def test_a_quiet_poll_costs_little(scene, browser, path):
    page = browser.sign_in(scene.manager).get(path)
    url = re.search(r'hx-get="([^"]+)"', page.text)[1].replace("&amp;", "&")
    tablet = Browser(browser.app)
    tablet.client.set_cookie(
        "board", browser.client.get_cookie("board", path=path).value, path=path
    )
    with count_queries() as seen:
        assert tablet.get(url).status_code == 204
    assert len(seen) <= 4
