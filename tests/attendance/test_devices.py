"""The browser's number of a day: the same for all who check in on one phone, gone the day after."""

from datetime import timedelta

import pytest

from portal.attendance.models_devices import ScanDevice
from portal.core.db import db
from tests.attendance.conftest import START
from tests.support.client import Browser


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


def devices():
    return [row.device for row in db.session.query(ScanDevice).order_by(ScanDevice.scan_id)]


def test_one_phone_is_one_number_for_a_day_and_no_longer(scene, app, browser, time_machine):
    people = [scene.volunteer() for _n in range(4)]
    done = browser.sign_in(people[0]).post(f"/check-in/{scene.code()}")
    (cookie,) = [one for one in done.headers.getlist("Set-Cookie") if one.startswith("device=")]
    for part in ("HttpOnly", "Path=/check-in", "Max-Age=86400", "SameSite=Lax"):
        assert part in cookie
    again = browser.sign_in(people[1]).post("/check-in", {"digits": scene.digits()})
    assert not [one for one in again.headers.getlist("Set-Cookie") if one.startswith("device=")]
    Browser(app).sign_in(people[2]).post(f"/check-in/{scene.code()}")
    first, same, other = devices()
    assert first == same != other
    assert len(first) == 64
    assert first not in cookie
    time_machine.move_to(START + timedelta(days=1, seconds=1), tick=False)
    browser.sign_in(people[3]).post(f"/check-in/{scene.code()}")
    assert devices()[-1] not in {first, other}


def test_a_number_that_is_not_ours_is_replaced(scene, browser):
    browser.client.set_cookie("device", "made-up", path="/check-in")
    done = browser.sign_in(scene.volunteer()).post(f"/check-in/{scene.code()}")
    assert any(one.startswith("device=") for one in done.headers.getlist("Set-Cookie"))
    assert len(devices()) == 1


def test_looking_at_a_code_sets_no_number(scene, browser):
    cookies = browser.get(f"/check-in/{scene.code()}").headers.getlist("Set-Cookie")
    assert not [one for one in cookies if one.startswith("device=")]
