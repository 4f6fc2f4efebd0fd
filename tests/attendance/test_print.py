"""What is printed for a shift: whose names stand on it, what is logged, codes that can be checked."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.attendance import queries_sheets as sheets
from portal.attendance.rules_sheets import read_code, row_code
from portal.core.access import Role
from portal.core.db import db
from portal.core.ids import ALPHABET, public_id
from portal.records.audit import AuditEntry
from portal.shifts.models import OfferingState
from portal.signups import queries as signups
from portal.signups.models import SignupState
from tests.attendance.conftest import START, sign_up
from tests.support.client import Browser
from tests.support.queries import count_queries

SHIFT_IDS = st.text(ALPHABET, min_size=10, max_size=10)


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


@pytest.fixture
def path(scene) -> str:
    return f"/desk/shifts/{scene.shift.public_id}/print"


@pytest.fixture
def desk(scene, browser) -> Browser:
    return browser.sign_in(scene.manager)


def exports():
    rows = db.session.query(AuditEntry).filter_by(verb="roster.export").order_by(AuditEntry.id)
    return [row.details["part"] for row in rows]


def names_of(page):
    return re.findall(r'<th scope="row">([^<]*)</th>', page.text)


# --- codes ---------------------------------------------------------------------------------------


@given(SHIFT_IDS, st.integers(1, 99), st.integers(1, 999))
def test_a_code_is_read_back_however_it_is_typed(shift, sheet, row):
    code = row_code(shift, sheet, row)
    for typed in (code, code.lower(), f" {code} ", code.replace("-", " ")):
        assert read_code(shift, typed) == (sheet, row)


@given(SHIFT_IDS, st.integers(1, 99), st.integers(1, 999), st.data())
def test_one_wrong_digit_or_two_that_changed_places_are_found_out(shift, sheet, row, data):
    code = row_code(shift, sheet, row)
    spots = [place for place, character in enumerate(code[:-1]) if character.isdigit()]
    place = data.draw(st.sampled_from(spots))
    digit = data.draw(st.sampled_from("0123456789".replace(code[place], "")))
    assert read_code(shift, code[:place] + digit + code[place + 1 :]) is None
    row_at = code.index("-") + 1
    for place in range(row_at, len(code) - 2):
        if code[place] != code[place + 1]:
            turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert read_code(shift, turned) is None


def test_rows_of_other_shifts_are_nearly_all_found_out():
    code = row_code("aaaaaaaaaa", 1, 7)
    taken = sum(read_code(public_id(), code) is not None for _ in range(1000))
    assert taken < 150  # one in nineteen


@pytest.mark.parametrize(
    "typed", ["", "1", "1-0", "1-00A", "0-01A", "100-01A", "1-01", "x" * 999, "１-01A"]
)
def test_what_is_no_code_is_none(typed):
    assert read_code("aaaaaaaaaa", typed) is None


# --- pages ---------------------------------------------------------------------------------------


def test_the_roster_on_paper_is_masked_unless_asked_in_full(scene, desk, path):
    scene.volunteer(name="周大山", phone="13912345678")
    scene.volunteer(name="安小河", phone="13912345679")
    waits = scene.make.volunteer(scene.station, name="曾等等")
    sign_up(scene.shift, waits, state=SignupState.WAITLISTED)
    page = desk.get(f"{path}/roster")
    assert names_of(page) == ["安*", "周*", "曾*"]  # by name, and then who waits
    assert "13912345678" not in page.text
    assert exports() == []
    full = desk.get(f"{path}/roster?names=full")
    assert names_of(full) == ["安小河", "周大山", "曾等等"]
    assert "13912345678" not in full.text
    assert exports() == ["roster"]


def test_a_sheet_stays_as_it_was_printed(scene, desk, path):
    first = scene.volunteer(name="周大山")
    second = scene.attendee()
    answer = desk.post(f"{path}/sheet", {"blank": "5"})
    assert (answer.status_code, answer.location) == (303, f"{path}/sheet?number=1")
    page = desk.get(answer.location)
    assert set(names_of(page)) == {first.name, second.name}
    codes = re.findall(r'<td class="paper-code">([^<]+)</td>', page.text)
    assert [read_code(scene.shift.public_id, code) for code in codes] == [
        (1, row) for row in range(1, 8)
    ]
    signups.live(scene.shift.id, first.id).state = SignupState.WITHDRAWN
    db.session.commit()
    scene.volunteer(name="后来的")
    desk.post(f"{path}/sheet", {"blank": "0"})
    assert set(names_of(desk.get(f"{path}/sheet"))) == {second.name, "后来的"}
    assert set(names_of(desk.get(f"{path}/sheet?number=1"))) == {first.name, second.name}
    rows = sheets.rows_of(sheets.sheet(scene.shift.id, 1).id)
    assert [row.signup is None for row in rows] == [False] * 2 + [True] * 5
    chooser = desk.get(path).text
    assert "第 1 份" in chooser
    assert "第 2 份" in chooser
    assert exports() == ["sheet"] * 3


def test_no_sheet_yet_and_none_of_this_number(desk, path):
    assert desk.get(f"{path}/sheet").location == path
    for number in ("1", "0", "x", "９", "1" * 400):
        assert desk.get(f"{path}/sheet?number={number}").status_code == 404


@pytest.mark.parametrize("blank", ["", "-1", "201", "many"])
def test_a_sheet_that_cannot_be_drawn_up(scene, desk, path, blank):
    page = desk.post(f"{path}/sheet", {"blank": blank})
    assert page.status_code == 422
    assert "请填 0 到 200 之间的整数" in page.text
    assert sheets.sheets_of(scene.shift.id) == []


def test_cards_have_no_telephone_and_eight_or_ten_stand_on_a_page(scene, desk, path):
    person = scene.volunteer(name="周大山", phone="13912345678")
    for _ in range(8):
        scene.attendee()
    page = desk.get(f"{path}/cards?size=8").text
    assert "周大山" in page
    assert "440300000" in page
    for number in ("13912345678", "5678"):
        assert number not in page
    assert page.count('<li class="name-card">') == 9
    assert page.count('class="paper ') == 2
    assert desk.get(f"{path}/cards?size=10").text.count('class="paper ') == 1
    only = desk.get(f"{path}/cards?size=3&role=volunteer").text
    assert only.count('<li class="name-card">') == 1
    assert person.name in only
    assert exports() == ["cards"] * 3


def test_a_poster_leads_to_the_public_page(scene, desk, path):
    page = desk.get(f"{path}/poster").text
    offering = scene.shift.offering
    for words in (offering.title, "14:00-16:00", scene.station.name, "0755-1234567"):
        assert words in page
    assert f"http://localhost/activities/{offering.public_id}" in page
    assert "今天" not in page
    offering.state = OfferingState.DRAFT
    db.session.commit()
    assert desk.get(f"{path}/poster").status_code == 404
    assert "发布以后才能印海报" in desk.get(path).text


def test_of_nobody_there_are_papers_too(desk, path):
    for part in ("roster", "cards", "poster"):
        assert desk.get(f"{path}/{part}").status_code == 200
    assert desk.post(f"{path}/sheet", {"blank": "0"}).status_code == 303
    assert "还没有人报名" in desk.get(f"{path}/sheet").text


def test_who_prints(scene, app, path):
    other, officer = scene.make.station(), scene.make.centre()
    kept_out = (scene.make.manager(other), scene.make.holder(Role.CAMPAIGN_OFFICER, officer))
    for person in kept_out:
        browser = Browser(app).sign_in(person)
        for part in ("", "/poster", "/roster", "/sheet", "/cards"):
            assert browser.get(path + part).status_code == 404
        assert browser.post(f"{path}/sheet", {"blank": "1"}).status_code == 404
    assert sheets.sheets_of(scene.shift.id) == []
    assert exports() == []


def test_papers_ask_the_same_for_one_and_for_many(scene, desk, path):
    costs = {}
    for number in (1, 9):
        for _ in range(number):
            scene.attendee()
        desk.post(f"{path}/sheet", {"blank": "0"})
        for part in ("/roster", "/sheet", "/cards"):
            desk.get(path + part)
            with count_queries() as seen:
                desk.get(path + part)
            costs.setdefault(part, []).append(len(seen))
    assert {part: one for part, (one, many) in costs.items() if one != many} == {}
