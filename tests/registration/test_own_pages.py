import re
from datetime import date

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.people.models_consents import GuardianConsent
from portal.people.models_teams import Team
from portal.records import settings
from portal.registration import decisions, queries
from tests.registration.forms import id_number, typed


def apply(browser, home, **changes):
    return browser.post("/volunteer/apply", typed(home, **changes))


@pytest.fixture
def signed_in(make, browser):
    station, person = make.station(), make.person("王小明")
    browser.sign_in(person)
    return browser, station, person


def test_a_visitor_is_asked_to_sign_in_and_comes_back(browser, app):
    response = browser.get("/volunteer/apply?next=/activities")
    assert response.status_code == 303
    assert "/login?next=" in response.location
    assert browser.get("/me/volunteer").status_code == 303


def test_the_form_holds_what_is_known(make, browser):
    station = make.station()
    browser.sign_in(make.person("王小明", birth_on=date(1990, 2, 3), station=station))
    page = browser.get("/volunteer/apply").text
    assert 'value="王小明"' in page
    assert 'value="1990-02-03"' in page
    assert f'<option selected value="{station.public_id}">' in page
    assert "身份证号" not in page


def test_a_complete_application(make, signed_in):
    browser, station, person = signed_in
    db.session.add(Team(name="红小帽", station_id=station.id))
    db.session.commit()
    team = people.teams()[0]
    response = apply(
        browser, station, sex="male", skills=["repair", "law"], service_kinds=["traffic"],
        free_times=["0", "20"], emergency_name="赵六", emergency_phone="+86 138 0000 1111",
        teams=[team.public_id], publication="y",
    )  # fmt: skip
    assert (response.status_code, response.location) == (303, "/me/volunteer")
    row = people.volunteer_of(person.id)
    assert {term.code for term in queries.terms_of(row.id)} == {"repair", "law", "traffic"}
    assert (row.free_times, queries.emergency_of(row).phone) == (1 | 1 << 20, "13800001111")
    page = browser.get("/me/volunteer").text
    assert "等待审核" in page
    assert "提交了申请" in page


def test_next_is_kept_through_an_error_and_never_leads_away(make, signed_in):
    browser, station, _person = signed_in
    page = browser.get("/volunteer/apply?next=/activities/abc").text
    assert 'name="next" value="/activities/abc"' in page
    again = apply(browser, station, name="", next="/activities/abc")
    assert again.status_code == 422
    assert 'name="next" value="/activities/abc"' in again.text
    assert apply(browser, station, next="/activities/abc").location == "/activities/abc"


def test_a_foreign_next_is_not_followed(signed_in):
    browser, station, _person = signed_in
    assert apply(browser, station, next="//evil.example/x").location == "/me/volunteer"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"name": "张3"}, "请填写真实姓名"),
        ({"name": "张" * 41}, "最多 40 个字"),
        ({"birth_date": ""}, "请选择日期"),
        ({"birth_date": "2999-01-01"}, "请检查这个日期"),
        ({"birth_date": "0001-01-01"}, "请检查这个日期"),
        ({"station": ""}, "请选择常住社区"),
        ({"station": "nonsense"}, "请从列表中选择一项"),
        ({"consent": None}, "要先同意隐私告知"),
        ({"sex": "x"}, "请从列表中选择一项"),
        ({"emergency_name": "赵六"}, "姓名和手机号要一起填"),
        ({"emergency_phone": "13800001111"}, "姓名和手机号要一起填"),
        ({"emergency_name": "赵六", "emergency_phone": "123"}, "手机号是 11 位数字"),
        ({"free_times": ["99"]}, "error"),
        ({"skills": ["<script>"]}, "error"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence_and_nothing_typed_is_lost(signed_in, changes, words):
    browser, station, person = signed_in
    response = apply(browser, station, **changes)
    assert response.status_code == 422
    assert words in response.text
    assert "错误：" in response.text
    if "birth_date" not in changes:
        assert 'value="1980-05-04"' in response.text
    assert people.volunteer_of(person.id) is None


@pytest.mark.parametrize(
    "name", ["买买提·吐尔逊江•阿卜杜拉", "𠮷野家", "欧阳娜娜", "Ana María d'Ivry"]
)
def test_names_of_all_kinds(signed_in, name):
    browser, station, person = signed_in
    assert apply(browser, station, name=f"  {name} ").status_code == 303
    assert people.person(person.id).name == name
    assert name.replace("'", "&#39;") in browser.get("/me/privacy").text


def test_a_fourteen_year_old_needs_a_guardian(make, browser, time_machine):
    time_machine.move_to("2026-11-28T10:00:00+08:00", tick=False)
    station, person = make.station(), make.person(birth_on=date(2010, 3, 1))
    browser.sign_in(person)
    minor = {"birth_date": "2010-03-01", "name": "小明"}
    assert "请填写监护人" in apply(browser, station, **minor).text
    guardian = {"guardian_name": "王大山", "guardian_phone": "13800000999"}
    assert "要监护人同意" in apply(browser, station, **minor, **guardian).text
    done = apply(browser, station, **minor, **guardian, guardian_consent="y")
    assert done.status_code == 303
    row = db.session.query(GuardianConsent).filter_by(person_id=person.id).one()
    assert (row.channel, row.actor_id) == ("web", person.id)


def test_somebody_younger_is_told_so(make, browser, time_machine):
    time_machine.move_to("2026-11-28T10:00:00+08:00", tick=False)
    station = make.station()
    browser.sign_in(make.person(birth_on=date(2015, 3, 1)))
    page = apply(
        browser, station, birth_date="2015-03-01", guardian_name="王大山",
        guardian_phone="13800000999", guardian_consent="y",
    )  # fmt: skip
    assert page.status_code == 422
    assert "满 14 岁才能注册志愿者" in page.text


# --- ID number -------------------------------------------------------------------------------------


@pytest.fixture
def asks_id(make):
    def set_to(value):
        write(settings.change, "id_number", value, actor=SYSTEM, now=clock.now())

    return set_to


def test_an_optional_id_number(signed_in, asks_id):
    browser, station, person = signed_in
    asks_id("optional")
    number = id_number()
    assert "单独同意" in apply(browser, station, id_number=number).text
    assert people.volunteer_of(person.id) is None
    spaced = f"{number[:6]} {number[6:14]} {number[14:].lower()}"
    assert apply(browser, station, id_number=spaced, id_number_consent="y").status_code == 303
    assert people.volunteer_of(person.id).id_number_last4 == number[-4:]
    for path in ("/me/volunteer", "/me/privacy", "/me/data.json"):
        assert number not in browser.get(path).text


@pytest.mark.parametrize(
    ("number", "words"),
    [("99999919800504001", "身份证号不对"), (id_number()[:-1] + "A", "身份证号不对"),
     (id_number(date(1981, 5, 4)), "生日和上面填的")],
)  # fmt: skip
def test_a_wrong_id_number(signed_in, asks_id, number, words):
    browser, station, _person = signed_in
    asks_id("optional")
    page = apply(browser, station, id_number=number, id_number_consent="y")
    assert page.status_code == 422
    assert words in page.text


def test_a_required_id_number(signed_in, asks_id):
    browser, station, _person = signed_in
    asks_id("required")
    assert "请填写身份证号" in apply(browser, station).text
    done = apply(browser, station, id_number=id_number(), id_number_consent="y")
    assert done.status_code == 303


def test_where_it_is_off_a_number_that_is_sent_is_not_kept(signed_in):
    browser, station, person = signed_in
    apply(browser, station, id_number=id_number(), id_number_consent="y")
    assert people.volunteer_of(person.id).id_number_sealed is None


# --- where it stands -------------------------------------------------------------------------------


def test_without_a_row_the_page_offers_the_form(signed_in):
    browser, _station, _person = signed_in
    assert "/volunteer/apply" in browser.get("/me/volunteer").text
    assert browser.post("/me/volunteer/withdrawal").status_code == 404
    assert browser.get("/me/volunteer/card").status_code == 404


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("submitted", {"withdrawal"}), ("returned", {"withdrawal"}), ("refused", set()),
        ("withdrawn", set()), ("registered", {"pause"}), ("paused", {"resumption"}), ("left", set()),
    ],
)  # fmt: skip
def test_each_state_shows_its_words_and_its_buttons(make, browser, state, buttons):
    browser.sign_in(make.volunteer(make.station(), state=VolunteerState(state)))
    page = browser.get("/me/volunteer").text
    assert set(re.findall(r'action="/me/volunteer/(\w+)"', page)) == buttons
    may_apply = state in {"returned", "refused", "withdrawn", "left"}
    assert ('href="/volunteer/apply"' in page) == may_apply
    form = browser.get("/volunteer/apply")
    assert form.status_code == (200 if may_apply else 303)


def test_a_refused_person_reads_the_reason_and_where_to_appeal(make, browser):
    station = make.station()
    person = make.volunteer(station, state=VolunteerState.SUBMITTED)
    row, manager = people.volunteer_of(person.id), make.manager(station)
    write(decisions.refuse, row.id, "资料对不上", actor=make.actor(manager), now=clock.now())
    page = browser.sign_in(person).get("/me/volunteer").text
    assert "资料对不上" in page
    assert "区实践中心" in page
    assert manager.name not in page


def test_pause_resume_and_leave_by_the_buttons(make, browser):
    person = make.volunteer(make.station())
    browser.sign_in(person)
    assert browser.post("/me/volunteer/pause").status_code == 303
    assert "已暂停" in browser.get("/me/volunteer").text
    assert browser.get("/me/volunteer/card").status_code == 404
    browser.post("/me/volunteer/resumption")
    assert "退出志愿者？" in browser.get("/me/volunteer/leaving").text
    assert people.volunteer_of(person.id).state == "registered"
    browser.post("/me/volunteer/leaving")
    page = browser.get("/me/volunteer").text
    assert "已退出" in page
    assert people.volunteer_of(person.id).volunteer_no in page
    assert browser.get("/me/volunteer/leaving").status_code == 303


def test_a_step_that_is_none_is_refused(make, browser):
    browser.sign_in(make.volunteer(make.station(), state=VolunteerState.REFUSED))
    assert browser.post("/me/volunteer/pause").status_code == 409


def test_the_card_holds_name_number_and_station_only(make, browser):
    station = make.station("和平社区实践站")
    person = make.volunteer(station, name="古丽·买买提", birth_on=date(1980, 5, 4))
    page = browser.sign_in(person).get("/me/volunteer/card").text
    row = people.volunteer_of(person.id)
    assert "古丽·买买提" in page
    assert row.volunteer_no in page
    assert "和平社区实践站" in page
    assert "1980" not in page
    assert person.phone not in page


def test_what_is_optional_is_folded_until_it_needs_mending(signed_in):
    browser, station, _person = signed_in
    browser.client.set_cookie("view", "elder")
    assert 'class="panel field" open' not in browser.get("/volunteer/apply").text
    assert 'class="panel field" open' not in apply(browser, station, name="").text
    assert 'class="panel field" open' in apply(browser, station, emergency_name="赵六").text


def test_posts_without_token_or_from_elsewhere_change_nothing(make, browser):
    person = make.volunteer(make.station())
    browser.sign_in(person)
    assert browser.post("/me/volunteer/pause", token=False).status_code == 400
    foreign = browser.post("/me/volunteer/pause", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert people.volunteer_of(person.id).state == "registered"
