"""Checking in on a phone: scan, sign in or not, one tap; or six digits."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.attendance import codes, queries
from portal.attendance.models import Scan, VisitState
from portal.core import clock
from portal.core.db import db
from portal.hours import queries as ledger
from portal.people.models import VolunteerState
from portal.people.models_family import FamilyMember
from portal.records.audit import AuditEntry
from portal.shifts.models import ShiftState
from tests.attendance.conftest import START
from tests.support.client import Browser
from tests.support.queries import count_queries

WECHAT = "Mozilla/5.0 (Linux; Android 12) MicroMessenger/8.0.49 Language/zh_CN"


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(START, tick=False)


def last_scan() -> Scan:
    return db.session.scalars(select(Scan).order_by(Scan.id.desc())).first()


def test_scan_tap_and_done(scene, browser, time_machine):
    person = scene.volunteer()
    browser.sign_in(person)
    shown = browser.get(f"/check-in/{scene.code()}", headers={"User-Agent": WECHAT})
    assert shown.status_code == 200
    assert scene.shift.offering.title in shown.text
    done = browser.post(f"/check-in/{scene.code()}")
    (visit,) = queries.visits_of(person.id)
    assert (done.status_code, done.location) == (303, f"/check-in/done/{visit.public_id}")
    page = browser.get(done.location)
    for words in ("14:00 已经签到", "18:00", "李队长", "0755-1234567"):
        assert words in page.text
    time_machine.move_to(scene.at(61), tick=False)
    browser.sign_in(person)
    done = browser.post(f"/check-in/{scene.code('out')}")
    assert "15:01 已经签退" in browser.get(done.location).text
    assert ledger.total(person.id) == 61


def test_a_visitor_signs_in_and_comes_back_though_the_code_has_died(scene, browser, time_machine):
    person = scene.volunteer()
    path = f"/check-in/{scene.code()}"
    shown = browser.get(path)
    assert shown.status_code == 200
    assert f"/login?next={path}" in shown.text
    assert f"/register?next={path}" in shown.text
    assert "HttpOnly" in shown.headers["Set-Cookie"]
    assert "Path=/check-in" in shown.headers["Set-Cookie"]
    time_machine.move_to(START + timedelta(minutes=9), tick=False)
    browser.sign_in(person)
    assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 303
    (visit,) = queries.visits_of(person.id)
    assert visit.in_at == START


def test_the_sight_of_a_code_lasts_ten_minutes(scene, browser, time_machine):
    path = f"/check-in/{scene.code()}"
    browser.get(path)
    time_machine.move_to(START + timedelta(minutes=11), tick=False)
    browser.sign_in(scene.volunteer())
    assert browser.get(path).status_code == 409
    assert browser.post(path).status_code == 409
    assert last_scan().reason == "expired_code"


def test_the_sight_of_a_code_is_of_that_code_only(scene, browser, time_machine):
    old = scene.code("out", back=120)
    browser.get(f"/check-in/{scene.code()}")
    browser.sign_in(scene.volunteer())
    assert browser.post(f"/check-in/{old}").status_code == 409


@pytest.mark.parametrize(("back", "status"), [(0, 303), (20, 303), (61, 409), (3600, 409)])
def test_a_replayed_code_is_dead(scene, browser, back, status):
    browser.sign_in(scene.volunteer())
    answer = browser.post(f"/check-in/{scene.code(back=back)}")
    assert answer.status_code == status
    if status == 409:
        assert "每 20 秒换一次" in answer.text
        assert (last_scan().verdict, last_scan().reason) == ("rejected", "expired_code")
        assert queries.on_shift(scene.shift.id) == []


def test_a_dead_code_says_so_before_signing_in(scene, browser):
    page = browser.get(f"/check-in/{scene.code(back=100)}")
    assert page.status_code == 409
    assert "每 20 秒换一次" in page.text


@pytest.mark.parametrize(
    "code",
    ["x", "abcdefghjkmnpq", "0" * 14, "a" * 5000, "签到码", "'; DROP TABLE scan; --", "<b>"],
)
def test_a_foreign_code_gets_a_clear_page(scene, browser, code):
    assert browser.get(f"/check-in/{code}").status_code == 404
    browser.sign_in(scene.volunteer())
    answer = browser.post(f"/check-in/{code}")
    assert answer.status_code == 404
    assert "不认识这个码" in answer.text


def test_the_code_of_another_shift_is_not_this_ones(scene, browser):
    other = scene.make.shift(scene.station, starts_at=START)
    mixed = scene.code()[:6] + scene.code(shift=other)[6:]
    browser.sign_in(scene.volunteer())
    assert browser.post(f"/check-in/{mixed}").status_code == 409


def test_tapping_twice_shows_the_same_success(scene, browser, time_machine):
    browser.sign_in(scene.volunteer())
    first = browser.post(f"/check-in/{scene.code()}")
    time_machine.move_to(START + timedelta(minutes=2), tick=False)
    again = browser.post(f"/check-in/{scene.code()}")
    assert (again.status_code, again.location) == (303, first.location)
    assert "14:00 已经签到" in browser.get(again.location).text


def test_who_has_not_signed_up_is_shown_the_way(scene, browser):
    browser.sign_in(scene.make.person())
    answer = browser.post(f"/check-in/{scene.code()}")
    assert answer.status_code == 409
    assert f"/activities/{scene.shift.offering.public_id}" in answer.text
    assert last_scan().reason == "not_signed_up"


@pytest.mark.parametrize(("minutes", "words"), [(-70, "13:00"), (130, "已经结束")])
def test_too_early_and_too_late(scene, browser, time_machine, minutes, words):
    person = scene.volunteer()
    time_machine.move_to(scene.at(minutes), tick=False)
    browser.sign_in(person)
    answer = browser.post(f"/check-in/{scene.code()}")
    assert answer.status_code == 409
    assert words in answer.text


def test_going_out_first_is_refused_with_the_way(scene, browser):
    browser.sign_in(scene.volunteer())
    answer = browser.post(f"/check-in/{scene.code('out')}")
    assert answer.status_code == 409
    assert "请先签到" in answer.text


def test_a_shift_called_off_says_so(scene, browser):
    person = scene.volunteer()
    scene.shift.state = ShiftState.CALLED_OFF
    db.session.commit()
    browser.sign_in(person)
    answer = browser.post(f"/check-in/{scene.code()}")
    assert (answer.status_code, "已经取消" in answer.text) == (409, True)


def test_not_signed_in_a_tap_leads_to_the_sign_in(scene, browser):
    answer = browser.post(f"/check-in/{scene.code()}")
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")


def test_a_foreign_origin_and_a_missing_token_are_refused(scene, browser):
    browser.sign_in(scene.volunteer())
    path = f"/check-in/{scene.code()}"
    assert browser.post(path, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post(path, token=False).status_code == 400
    assert queries.on_shift(scene.shift.id) == []


def test_thirty_scans_a_minute_are_enough(scene, browser, time_machine):
    browser.sign_in(scene.volunteer())
    path = f"/check-in/{scene.code()}"
    answers = [browser.post(path).status_code for _ in range(31)]
    assert answers == [303] * 30 + [429]
    time_machine.move_to(START + timedelta(seconds=61), tick=False)
    assert browser.post(f"/check-in/{scene.code()}").status_code == 303


def test_the_result_is_shown_to_its_person_only(scene, browser, app):
    browser.sign_in(scene.volunteer())
    done = browser.post(f"/check-in/{scene.code()}").location
    other = Browser(app).sign_in(scene.make.person())
    assert other.get(done).status_code == 404
    assert Browser(app).get(done).status_code == 303
    assert browser.get("/check-in/done/nosuchvisi").status_code == 404


def test_an_applicant_is_told_that_nothing_is_lost(scene, browser, time_machine):
    browser.sign_in(scene.volunteer(state=VolunteerState.SUBMITTED))
    browser.post(f"/check-in/{scene.code()}")
    time_machine.move_to(scene.at(60), tick=False)
    done = browser.post(f"/check-in/{scene.code('out')}").location
    assert "1 小时 已经记下" in browser.get(done).text


# --- digits --------------------------------------------------------------------------------------


def test_digits_do_the_same(scene, browser, time_machine):
    person = scene.volunteer()
    browser.sign_in(person)
    assert browser.get("/check-in").status_code == 200
    done = browser.post("/check-in", {"digits": scene.digits()})
    assert done.status_code == 303
    assert last_scan().way == "digits"
    time_machine.move_to(scene.at(30), tick=False)
    spaced = " " + scene.digits("out")[:3] + " " + scene.digits("out")[3:]
    assert browser.post("/check-in", {"digits": spaced}).status_code == 303
    (visit,) = queries.visits_of(person.id)
    assert visit.state == VisitState.CLOSED


def test_digits_of_a_shift_one_has_not_signed_up_for(scene, browser):
    browser.sign_in(scene.make.person())
    answer = browser.post("/check-in", {"digits": scene.digits()})
    assert (answer.status_code, last_scan().reason) == (409, "not_signed_up")


def test_digits_of_a_named_shift(scene, browser):
    person = scene.volunteer()
    other = scene.make.shift(scene.station, starts_at=START)
    browser.sign_in(person)
    wrong = browser.post("/check-in", {"digits": scene.digits(), "shift": other.public_id})
    assert wrong.status_code == 409
    right = browser.post("/check-in", {"digits": scene.digits(), "shift": scene.shift.public_id})
    assert right.status_code == 303


def wrong_digits(scene) -> str:
    return f"{(int(scene.digits()) + 1) % 10**6:06d}"


def test_five_wrong_digits_void_them_for_the_person(scene, browser, time_machine):
    browser.sign_in(scene.volunteer())
    for _ in range(5):
        assert browser.post("/check-in", {"digits": wrong_digits(scene)}).status_code == 409
    void = browser.post("/check-in", {"digits": scene.digits()})
    assert void.status_code == 429
    assert int(void.headers["Retry-After"]) > 500
    assert "输错太多次" in void.text
    assert browser.post(f"/check-in/{scene.code()}").status_code == 303
    time_machine.move_to(START + timedelta(minutes=11), tick=False)
    assert browser.post("/check-in", {"digits": scene.digits()}).status_code == 303


def test_fifty_wrong_digits_void_them_for_the_shift(scene, app):
    people = [scene.volunteer() for _ in range(5)]
    guessers = [scene.make.person() for _ in range(10)]
    for guesser in guessers:
        browser = Browser(app).sign_in(guesser)
        values = {"digits": wrong_digits(scene), "shift": scene.shift.public_id}
        assert [browser.post("/check-in", values).status_code for _ in range(5)] == [409] * 5
    browser = Browser(app).sign_in(people[0])
    assert browser.post("/check-in", {"digits": scene.digits()}).status_code == 429


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "1" * 10_000])
def test_what_is_not_six_digits_gets_a_sentence(scene, browser, digits):
    browser.sign_in(scene.volunteer())
    answer = browser.post("/check-in", {"digits": digits})
    assert (answer.status_code, "六位数字" in answer.text) == (422, True)


@pytest.mark.parametrize("shift", ["nosuchone2", "x" * 9999, "签到"])
def test_a_strange_shift_is_none(scene, browser, shift):
    browser.sign_in(scene.volunteer())
    values = {"digits": scene.digits(), "shift": shift}
    assert browser.post("/check-in", values).status_code == 303


def test_full_width_digits_are_digits(scene, browser):
    browser.sign_in(scene.volunteer())
    wide = scene.digits().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert browser.post("/check-in", {"digits": wide}).status_code == 303


def test_digits_ask_for_a_sign_in(browser):
    assert browser.get("/check-in").location == "/login?next=/check-in"


# --- own pages -----------------------------------------------------------------------------------


def test_my_hours_when_there_is_nothing(scene, browser):
    browser.sign_in(scene.make.person())
    page = browser.get("/me/hours")
    assert "还没有记录" in page.text


def test_my_hours_say_for_each_record_why(scene, browser, time_machine):
    person = scene.volunteer()
    missed = scene.make.shift(scene.station, starts_at=scene.at(-24 * 60))
    from tests.attendance.conftest import sign_up

    sign_up(missed, person)
    scene.scan(person, "in", 0)
    browser.sign_in(person)
    assert "还没有签退" in browser.get("/me/hours").text
    assert "没有签到记录" in browser.get("/me/hours").text
    scene.scan(person, "out", 0.4)
    assert "不到一个计时单位" in browser.get("/me/hours").text
    scene.scan(person, "in", 5)
    scene.scan(person, "out", 65)
    page = browser.get("/me/hours").text
    assert "1 小时" in page
    assert "来源：签到" in page


def test_an_attendee_and_an_applicant_see_why_nothing_counts(scene, browser, app):
    attendee, applicant = scene.attendee(), scene.volunteer(state=VolunteerState.SUBMITTED)
    for person in (attendee, applicant):
        scene.scan(person, "in", 0)
        scene.scan(person, "out", 60)
    assert "不计志愿时长" in browser.sign_in(attendee).get("/me/hours").text
    page = Browser(app).sign_in(applicant).get("/me/hours").text
    assert "登记通过后自动计入" in page
    assert "/me/volunteer" in page


def test_one_tap_confirms_the_own_forgotten_visit(scene, browser, time_machine):
    from portal.attendance import hooks

    person = scene.volunteer()
    scene.scan(person, "in", 0)
    hooks.due(scene.at(240))
    time_machine.move_to(scene.at(300), tick=False)
    browser.sign_in(person)
    page = browser.get("/me/hours")
    assert "确认 2 小时" in page.text
    (visit,) = queries.visits_of(person.id)
    path = f"/me/hours/{visit.public_id}/confirmation"
    stranger = Browser(browser.app).sign_in(scene.make.person())
    assert stranger.post(path).status_code == 404
    assert browser.post(path).location == "/me/hours"
    assert browser.post(path).status_code == 303
    assert ledger.total(person.id) == 120


def test_my_hours_ask_the_same_for_one_row_and_for_thirty(scene, browser):
    person = scene.volunteer()
    scene.scan(person, "in", 0)
    scene.scan(person, "out", 10)
    browser.sign_in(person)
    browser.get("/me/hours")
    with count_queries() as one:
        browser.get("/me/hours")
    from tests.attendance.conftest import sign_up

    for number in range(1, 30):
        shift = scene.make.shift(scene.make.station(), starts_at=scene.at(-24 * 60 * number))
        sign_up(shift, person)
        scene.scan(person, "in", -24 * 60 * number, shift=shift)
        scene.scan(person, "out", -24 * 60 * number + 30, shift=shift)
    browser.get("/me/hours")  # small tables kept by the process are read again after a write
    with count_queries() as many:
        assert browser.get("/me/hours").text.count("来源：签到") == 30
    assert len(many) <= len(one)


def test_my_code(scene, browser):
    assert browser.get("/me/code").status_code == 303
    browser.sign_in(scene.volunteer())
    assert "<svg" in browser.get("/me/code").text
    picture = browser.get("/me/code.svg")
    assert (picture.mimetype, picture.text.startswith("<svg")) == ("image/svg+xml", True)


def test_who_lost_the_card_replaces_the_code(scene, browser):
    browser.sign_in(scene.volunteer())
    before = browser.get("/me/code.svg").text
    assert "都不能再用" in browser.get("/me/code/replacement").text
    done = browser.post("/me/code/replacement")
    assert "换好了" in browser.get(done.location).text
    assert browser.get("/me/code.svg").text != before


def test_cards_of_the_family_stand_on_one_page(scene, browser):
    person = scene.volunteer(name="许妈妈")
    child = scene.make.person("许小宝", account=False)
    db.session.add(
        FamilyMember(holder_id=person.id, person_id=child.id, relation="child", added_at=START)
    )
    db.session.commit()
    browser.sign_in(person)
    sheet = browser.get("/me/code/cards").text
    assert [sheet.count(name) for name in ('class="code-card"', "许妈妈</p>", "许小宝</p>")] == [
        2,
        1,
        1,
    ]


def test_the_desk_prints_the_card_of_who_has_no_phone_and_it_is_logged(scene, browser):
    person = scene.make.person("郝奶奶", station=scene.station)
    path = f"/desk/people/{person.public_id}"
    browser.sign_in(scene.manager)
    assert "打印签到码卡片" in browser.get(path).text
    assert "郝奶奶" in browser.post(f"{path}/code-card").text
    first = codes.spoken_code(person.public_id, 1).upper()
    card = browser.post(f"{path}/code-replacement").text
    assert f"{first[:3]} {first[3:]}" not in card
    verbs = db.session.scalars(
        select(AuditEntry.verb).where(AuditEntry.subject_id == person.id).order_by(AuditEntry.id)
    ).all()
    assert verbs[-2:] == ["code.print", "code.replace"]


def test_another_stations_manager_prints_nobodys_card(scene, browser):
    person = scene.make.person(station=scene.station)
    browser.sign_in(scene.make.manager(scene.make.station()))
    assert browser.post(f"/desk/people/{person.public_id}/code-card").status_code == 404


# --- cost ----------------------------------------------------------------------------------------


def test_checking_in_costs_few_statements(scene, browser, time_machine):
    browser.sign_in(scene.volunteer())
    token = browser.token()
    path = f"/check-in/{scene.code()}"
    with count_queries() as coming:
        assert browser.client.post(path, data={"csrf_token": token}).status_code == 303
    time_machine.move_to(scene.at(60), tick=False)
    path = f"/check-in/{scene.code('out')}"
    with count_queries() as going:
        assert browser.client.post(path, data={"csrf_token": token}).status_code == 303
    assert len(coming) <= 15  # the settings' one read of each request included
    assert len(going) <= 22
    assert clock.now() == scene.at(60)
