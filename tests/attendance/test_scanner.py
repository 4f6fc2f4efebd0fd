"""The scan page without a script, the sealed roster, and phones whose clocks are off."""

import base64
import json
import re
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from portal.attendance import codes, queries, snapshot
from portal.attendance.models import Scan
from portal.core.db import db
from portal.signups import queries as signups
from tests.attendance.conftest import START
from tests.attendance.test_scans import Desk
from tests.support.client import Browser
from tests.support.queries import count_queries


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


@pytest.fixture
def path(scene) -> str:
    return f"/desk/shifts/{scene.shift.public_id}/scan"


def opened(told: dict, code: str) -> dict | None:
    """Open the row of a code, as the phone does."""
    salt = base64.b64decode(told["salt"])
    derive = snapshot._from_long if len(code) > 6 else snapshot._from_short
    material = derive(code, salt)
    rows = [row for row in told["people"] if row["find"] == material[:32].hex()]
    if not rows:
        return None
    sealed = base64.b64decode(rows[0]["sealed"])
    return json.loads(AESGCM(material[32:]).decrypt(sealed[:12], sealed[12:], None))


def test_the_snapshot_opens_with_a_persons_codes_alone(scene, browser, path):
    person, other = scene.volunteer(name="王小明"), scene.volunteer(name="李大力")
    scene.scan(person, "in", 0)
    answer = browser.sign_in(scene.manager).get(f"{path}/snapshot")
    told = answer.get_json()
    signup = signups.latest(scene.shift.id, person.id).public_id
    scanned, spoken = (
        codes.personal_code(person.public_id, 1),
        codes.spoken_code(person.public_id, 1),
    )
    for hidden in ("王", "\\u738b", signup, person.public_id, scanned, spoken, '"role"'):
        assert hidden not in answer.text
    wanted = {"signup_id": signup, "name": "王*", "role": "做志愿者", "state": "in"}
    assert opened(told, scanned) == wanted
    assert opened(told, spoken) == wanted
    assert opened(told, codes.personal_code(person.public_id, 2)) is None
    assert len(told["people"]) == 4
    assert (told["expected"], told["came"], told["csrf"] is not None) == (2, 1, True)
    assert told["expires_at"] == "2026-05-09T04:00:00+08:00"
    sealed = base64.b64decode(told["people"][0]["sealed"])
    key = AESGCM(snapshot._from_long(codes.personal_code(other.public_id, 2), b"")[32:])
    with pytest.raises(InvalidTag):
        key.decrypt(sealed[:12], sealed[12:], None)


def test_a_snapshot_that_the_phone_has_is_not_sent_again(scene, browser, path):
    person = scene.volunteer()
    browser.sign_in(scene.manager)
    have = browser.get(f"{path}/snapshot").get_json()["version"]
    assert browser.get(f"{path}/snapshot?have={have}").get_json()["people"] is None
    scene.scan(person, "in", 0)
    assert browser.get(f"{path}/snapshot?have={have}").get_json()["people"]


def test_the_snapshot_ends_with_what_is_still_taken(scene, browser, path, time_machine):
    browser.sign_in(scene.manager)
    time_machine.move_to(START + timedelta(hours=14, seconds=1), tick=False)
    answer = browser.sign_in(scene.manager).get(f"{path}/snapshot")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (410, "gone")


def test_who_gets_page_and_snapshot(scene, app, path):
    other = scene.make.manager(scene.make.station())
    for person, status in ((scene.manager, 200), (other, 404), (scene.make.person(), 403)):
        for address in (path, f"{path}/snapshot"):
            assert Browser(app).sign_in(person).get(address).status_code == status
    visitor = Browser(app).client
    asked = {"Content-Type": "application/json"}
    assert visitor.get(f"{path}/snapshot", headers=asked).status_code == 401
    assert visitor.get(path).status_code == 303


def test_page_and_snapshot_ask_the_same_for_one_and_for_fifteen(scene, browser, path):
    browser.sign_in(scene.manager)
    counted = []
    for volunteers, guests in ((1, 0), (4, 10)):
        for _number in range(volunteers):
            scene.volunteer(name="王小明")
        for _number in range(guests):
            scene.attendee()
        for address in (f"{path}?q=王", f"{path}/snapshot"):
            browser.get(address)  # small tables kept by the process are read again after a write
            with count_queries() as seen:
                assert browser.get(address).status_code == 200
            counted.append(len(seen))
    assert counted[:2] == counted[2:]


def test_the_camera_is_allowed_on_this_page_only(scene, browser, path):
    browser.sign_in(scene.manager)
    policy = "Permissions-Policy"
    assert browser.get(path).headers[policy].startswith("camera=(self),")
    assert (
        browser.get(f"/desk/shifts/{scene.shift.public_id}").headers[policy].startswith("camera=()")
    )
    worker = browser.client.get("/desk/shifts/scan-sw.js")
    assert worker.mimetype == "text/javascript"
    assert "Service-Worker-Allowed" not in worker.headers


def test_without_a_script_a_code_is_typed(scene, browser, path):
    person = scene.volunteer(name="王小明")
    spoken = codes.spoken_code(person.public_id, 1).upper()
    page = browser.sign_in(scene.manager).get(path).text
    scan_id = re.search(r'name="scan_id" value="([^"]+)"', page).group(1)
    form = {"scan_id": scan_id, "code": f"{spoken[:3]} {spoken[3:]}", "direction": "in"}
    sent = browser.post(path, form)
    assert sent.status_code == 303
    assert "王*：已签到" in browser.get(sent.location).text
    # The same form once more, as a double tap sends it.
    assert browser.post(path, form).status_code == 303
    assert len(queries.visits_of(person.id)) == 1
    refused = browser.post(path, {"code": "ABC234", "direction": "in"})
    assert refused.status_code == 409
    assert "没有认出这个码" in refused.text
    assert 'value="ABC234"' in refused.text
    assert browser.post(path, {"code": " ", "direction": "in"}).status_code == 422


def test_without_a_script_somebody_is_found_by_name(scene, browser, path):
    person, _other = scene.volunteer(name="王小明"), scene.volunteer(name="李大力")
    browser.sign_in(scene.manager)
    page = browser.get(f"{path}?q=小明")
    assert "王小明" in page.text
    assert "李大力" not in page.text
    signup = signups.latest(scene.shift.id, person.id).public_id
    sent = browser.post(path, {"signup": signup, "direction": "in"})
    assert sent.status_code == 303
    assert "名单里没有「赵」" in browser.get(f"{path}?q=赵").text


@pytest.mark.parametrize(
    ("skew", "verdict", "claimed", "judged"),
    [
        (2400, ("stored", "clock_skew"), 40, 0),
        (-86400, ("stored", "clock_skew"), -1440, 0),
        (200, ("stored", "ok"), -10, -10),
        (None, ("rejected", "future"), 40, 40),
        (True, ("rejected", "future"), 40, 40),
        (10**12, ("rejected", "future"), 40, 40),
    ],
)
def test_a_clock_that_is_off_is_set_right_and_flagged(
    scene, browser, skew, verdict, claimed, judged
):
    desk = Desk(scene, browser)
    at = scene.at(claimed).isoformat()
    person = scene.volunteer()
    assert desk.verdict(person, occurred_at=at, skew_seconds=skew) == verdict
    row = db.session.scalars(select(Scan)).one()
    assert row.occurred_at == scene.at(judged)
    assert row.skew_seconds == (skew if verdict[0] == "stored" else None)
    assert len(queries.visits_of(person.id)) == (verdict[0] == "stored")
