"""The desk's JSON: a batch of scans, each judged alone, each stored once for ever."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portal.attendance import actions, codes, own_codes, queries
from portal.attendance.models import Scan
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.hours import queries as ledger
from portal.signups import queries as signups
from portal.signups.models import SignupState
from tests.attendance.conftest import START, sign_up
from tests.support.client import Browser


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


class Desk:
    """A manager's phone at the shift of a scene."""

    def __init__(self, scene, browser) -> None:
        self.scene, self.browser = scene, browser.sign_in(scene.manager)
        self.path = f"/desk/shifts/{scene.shift.public_id}/scans"

    def record(self, person=None, **changes) -> dict:
        signup = signups.latest(self.scene.shift.id, person.id) if person else None
        values = {
            "scan_id": str(uuid4()),
            "signup_id": signup.public_id if signup else None,
            "direction": "in",
            "occurred_at": clock.local(clock.now()).isoformat(),
            "entry": "manual",
        }
        merged = {**values, **changes}
        return {key: value for key, value in merged.items() if value is not None}

    def send(self, *records) -> list[dict]:
        answer = self.browser.send_json(self.path, {"scans": list(records)})
        assert answer.status_code == 200, answer.text
        return answer.get_json()["results"]

    def verdict(self, *args, **changes) -> tuple[str, str]:
        (result,) = self.send(self.record(*args, **changes))
        assert result["message"]
        return result["verdict"], result["reason"]


@pytest.fixture
def desk(scene, browser) -> Desk:
    return Desk(scene, browser)


def stored() -> int:
    return db.session.scalar(select(func.count()).select_from(Scan))


def test_a_scan_is_stored_and_answered(scene, desk):
    person = scene.volunteer(name="王小明")
    record = desk.record(person, note="unknown keys are ignored")
    (result,) = desk.send(record)
    (visit,) = queries.visits_of(person.id)
    assert result == {
        "scan_id": record["scan_id"],
        "verdict": "stored",
        "reason": "ok",
        "message": "已签到",
        "visit": {
            "id": visit.public_id,
            "person": "王*",
            "in_at": "2026-05-08T14:00:00+08:00",
            "out_at": None,
            "state": "open",
        },
        "first": None,
    }


def test_a_replay_gets_the_verdict_given_then(scene, desk):
    person, stranger = scene.volunteer(), scene.make.person()
    sign_up(scene.shift, stranger, "attendee", state=SignupState.WITHDRAWN)
    good, bad = desk.record(person), desk.record(stranger)
    desk.send(good, bad)
    again = desk.send(good, bad, {**good, "direction": "out"})
    assert [(one["verdict"], one["first"], one["reason"]) for one in again] == [
        ("duplicate", "stored", "ok"),
        ("duplicate", "rejected", "withdrawn"),
        ("duplicate", "stored", "ok"),
    ]
    assert stored() == 2


def test_a_scan_id_twice_in_one_batch(scene, desk):
    record = desk.record(scene.volunteer())
    first, second = desk.send(record, record)
    assert (first["verdict"], second["verdict"], second["first"]) == (
        "stored",
        "duplicate",
        "stored",
    )


def test_a_scan_id_belongs_to_its_first_shift(scene, desk, browser):
    record = desk.record(scene.volunteer())
    desk.send(record)
    other = scene.make.shift(scene.station, starts_at=START)
    path = f"/desk/shifts/{other.public_id}/scans"
    (result,) = browser.send_json(path, {"scans": [record]}).get_json()["results"]
    assert (result["verdict"], result["visit"]) == ("duplicate", None)


def test_each_record_is_judged_alone_and_in_order(scene, desk):
    person = scene.volunteer()
    later = (START + timedelta(minutes=4)).isoformat()
    results = desk.send(
        desk.record(person),
        {"scan_id": "nonsense"},
        desk.record(person),
        desk.record(person, direction="out", occurred_at=later),
        desk.record(),
    )
    assert [(one["verdict"], one["reason"]) for one in results] == [
        ("stored", "ok"),
        ("rejected", "malformed"),
        ("rejected", "already_in"),
        ("stored", "ok"),
        ("rejected", "malformed"),
    ]
    assert results[1]["scan_id"] is None


def test_the_persons_own_code(scene, desk):
    person = scene.volunteer()
    code = codes.personal_code(person.public_id, 1)
    by_code = {"code": code, "signup_id": None, "entry": "camera"}
    assert desk.verdict(**by_code) == ("stored", "ok")
    spoken = codes.spoken_code(person.public_id, 1).upper()
    assert desk.verdict(code=spoken, direction="out") == ("stored", "ok")
    assert desk.verdict(code=code[:-1] + ("2" if code[-1] != "2" else "3"))[1] == "malformed"
    assert desk.verdict(code=scene.code())[1] == "malformed"
    stranger = codes.personal_code(scene.make.person().public_id, 1)
    assert desk.verdict(code=stranger) == ("rejected", "not_signed_up")


def test_whoever_comes_without_a_sign_up_is_told_what_stands_against_one(scene, desk):
    """The same engine that decides about signing up is asked, by the desk's hand."""
    child = scene.make.person(birth_on=START.date().replace(year=START.year - 12))
    record = desk.record(code=codes.personal_code(child.public_id, 1))
    offering = scene.shift.offering
    for conditions, words in (
        ({"is_risky": True}, "未满 18 岁不能参加"),
        ({"is_risky": False, "minimum_age": 16}, "要满 16 岁"),
    ):
        for name, value in conditions.items():
            setattr(offering, name, value)
        db.session.commit()
        (answer,) = desk.send({**record, "scan_id": str(uuid4())})
        assert (answer["verdict"], answer["reason"]) == ("rejected", "not_signed_up")
        assert "现在也报不了" in answer["message"]
        assert words in answer["message"]
    grown = scene.make.person(birth_on=START.date().replace(year=START.year - 30))
    (answer,) = desk.send(desk.record(code=codes.personal_code(grown.public_id, 1)))
    assert answer["message"] == "还没有报名这一场。报上名就可以签到。"


def test_a_replaced_code_says_since_when(scene, desk):
    person = scene.volunteer()
    assert write(own_codes.replace, person.id, actor=SYSTEM, now=START) == 2
    [answer] = desk.send(desk.record(code=codes.personal_code(person.public_id, 1)))
    assert (answer["verdict"], answer["reason"]) == ("rejected", "replaced_code")
    assert f"{clock.local(START):%-m月%-d日}" in answer["message"]
    old = codes.spoken_code(person.public_id, 1)
    assert desk.verdict(code=old) == ("rejected", "malformed")
    assert desk.verdict(code=codes.spoken_code(person.public_id, 2)) == ("stored", "ok")
    assert desk.verdict(code=codes.personal_code(person.public_id, 2), direction="out")[1] == "ok"


def test_the_card_of_a_record_merged_since_stands_for_who_was_kept(scene, desk):
    kept, doubled = scene.volunteer(), scene.make.person()
    doubled.merged_into_id = kept.id
    db.session.commit()
    assert desk.verdict(code=codes.personal_code(doubled.public_id, 1)) == ("stored", "ok")


def test_refusals_at_the_desk(scene, desk):
    person = scene.volunteer()
    future = (START + timedelta(hours=1)).isoformat()
    early = (START - timedelta(minutes=61)).isoformat()
    assert desk.verdict(person, occurred_at=future) == ("rejected", "future")
    assert desk.verdict(person, occurred_at=early) == ("rejected", "too_early")
    assert desk.verdict(person, direction="out") == ("conflict", "already_out")
    assert desk.verdict(signup_id="nosuchone2") == ("rejected", "not_signed_up")
    here = scene.make.shift(scene.station, starts_at=START + timedelta(days=1))
    there = scene.make.shift(scene.make.station(), starts_at=START)
    for shift, reason in ((here, "wrong_shift"), (there, "wrong_station")):
        other = sign_up(shift, scene.make.volunteer(scene.station))
        assert desk.verdict(signup_id=other.public_id) == ("rejected", reason)
    assert stored() == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"scan_id": None},
        {"scan_id": 7},
        {"scan_id": "x" * 36},
        {"scan_id": "{12345678-1234-5678-1234-56781234567}"},
        {"direction": "up"},
        {"direction": ["in"]},
        {"direction": {}},
        {"entry": "telepathy"},
        {"entry": None},
        {"entry": []},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-05-08T14:00:00"},
        {"occurred_at": 1778220000},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"occurred_at": "9999-12-31T23:59:59-12:00"},
        {"code": "ABC234"},
        {"signup_id": None},
        {"signup_id": "x" * 10_000},
        {"signup_id": ["a"]},
        {"signup_id": "a\x00b"},
        {"signup_id": "a\ud800b"},
        {"signup_id": "签到"},
    ],
)
def test_a_malformed_record_is_not_stored(scene, desk, changes):
    assert desk.verdict(scene.volunteer(), **changes) == ("rejected", "malformed")
    assert stored() == 0


@pytest.mark.parametrize("record", [None, 7, "text", [], {}, {"scan_id": None}, [[[]]]])
def test_what_is_no_record_is_answered_too(scene, desk, record):
    (result,) = desk.send(record)
    assert (result["verdict"], result["reason"]) == ("rejected", "malformed")


def test_fifty_are_enough(scene, desk):
    assert len(desk.send(*[desk.record(signup_id="nosuchone2") for _ in range(50)])) == 50
    answer = desk.browser.send_json(desk.path, {"scans": [{}] * 51})
    assert answer.status_code == 413
    assert answer.get_json()["error"]["code"] == "too_large"


@pytest.mark.parametrize("body", [None, [], "scans", 7, {}, {"scans": None}, {"scans": {}}])
def test_what_is_no_batch_is_refused_whole(scene, desk, body):
    answer = desk.browser.send_json(desk.path, body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"]


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"", b"[" * 100_000])
def test_what_is_no_json_is_refused_whole(scene, desk, data):
    token = {"X-CSRFToken": desk.browser.token(), "Content-Type": "application/json"}
    answer = desk.browser.client.post(desk.path, data=data, headers=token)
    assert answer.status_code == 400
    assert answer.is_json


def test_who_may_send(scene, app, desk):
    body = {"scans": [desk.record(scene.volunteer())]}
    assert Browser(app).send_json(desk.path, body).status_code in {400, 401}
    without_token = Browser(app).client.post(desk.path, json=body)
    assert (without_token.status_code, without_token.is_json) == (401, True)
    assert Browser(app).sign_in(scene.make.person()).send_json(desk.path, body).status_code == 403
    assert desk.browser.client.post(desk.path, json=body).status_code == 400
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert desk.browser.send_json(desk.path, body, headers=headers).status_code == 403
    assert stored() == 0


def test_a_fault_in_one_record_leaves_the_others(scene, desk, monkeypatch):
    people = [scene.volunteer() for _ in range(3)]
    faulty = signups.live(scene.shift.id, people[1].id).id
    mark = actions.signup_actions.mark

    def stumble(signup_id, *args, **kwargs):
        if signup_id == faulty:
            raise RuntimeError("a fault of ours")
        return mark(signup_id, *args, **kwargs)

    monkeypatch.setattr(actions.signup_actions, "mark", stumble)
    results = desk.send(*[desk.record(person) for person in people])
    assert [one["reason"] for one in results] == ["ok", "internal", "ok"]
    assert len(queries.on_shift(scene.shift.id)) == 2
    assert stored() == 2


def test_what_a_phone_kept_reaches_us_late(scene, desk, time_machine):
    person = scene.volunteer()
    came, went = (START + timedelta(minutes=minutes) for minutes in (1, 61))
    time_machine.move_to(START + timedelta(hours=6), tick=False)
    desk.browser.sign_in(scene.manager)
    results = desk.send(
        desk.record(person, occurred_at=came.isoformat()),
        desk.record(person, occurred_at=went.isoformat(), direction="out"),
    )
    assert [one["verdict"] for one in results] == ["stored", "stored"]
    assert results[1]["visit"]["out_at"] == "2026-05-08T15:01:00+08:00"
    assert ledger.total(person.id) == 60
