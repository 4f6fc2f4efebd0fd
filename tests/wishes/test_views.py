from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.people import actions as people_actions
from portal.wishes import actions_desk
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions import Contact
from portal.wishes.models import Filer
from tests.support.queries import count_queries
from tests.wishes.given import (
    WORDS,
    close,
    confirm,
    filed,
    fulfilled,
    pledge,
    published,
    verified,
    wanted,
)


def path_of(wish, rest=""):
    return f"/wishes/{wish.public_id}{rest}"


def post(browser, path, **fields):
    return browser.post(path, fields)


# --- the wall --------------------------------------------------------------------------------------

SECRETS = (
    "李桂兰",
    "13500001111",
    "榕树里红房子",
    "腿脚不好",
    "李小妹",
    "13600001111",
    "放在家门口",
)


@pytest.fixture
def everywhere(make):
    """A wish in every state, all of one wisher."""
    station, person = make.station(), make.person()
    about = {
        "wisher": Contact("李桂兰", "13500001111"),
        "wanted": wanted(address="榕树里红房子"),
        "filer": Filer.RELATIVE,
        "filer_contact": Contact("李小妹", "13600001111"),
    }
    free = published(station, **about)
    taken = published(station, **about)
    pledge(taken, person)
    done = fulfilled(station, person, **about)
    ended = fulfilled(station, person, **about)
    close(confirm(ended))
    return {"hidden": [verified(station, **about), filed(station, **about)],
            "shown": [free, taken, done, ended]}  # fmt: skip


def test_no_address_shows_who_wishes(browser, everywhere):
    everything = [*everywhere["hidden"], *everywhere["shown"]]
    paths = ["/wishes", "/wishes?free=1", "/wishes?q=拐杖", "/", "/stations"]
    for path in [*paths, *(path_of(wish) for wish in everything)]:
        response = browser.get(path)
        assert response.status_code == (404 if path[8:] in {
            wish.public_id for wish in everywhere["hidden"]
        } else 200)  # fmt: skip
        assert not [word for word in SECRETS if word in response.text]


def test_a_stranger_and_the_pledger_read_no_more_on_the_public_page(browser, make, everywhere):
    browser.sign_in(make.person())
    for wish in everywhere["shown"]:
        page = browser.get(path_of(wish)).text
        assert not [word for word in SECRETS if word in page]
    assert [browser.get(path_of(one)).status_code for one in everywhere["hidden"]] == [404, 404]


def test_the_wall_is_narrowed_and_unknown_values_are_named(browser, make):
    station = make.station("桥头社区实践站")
    here, elsewhere = published(station), published(make.station())
    page = browser.get(f"/wishes?station={station.public_id}").text
    assert here.public_id in page
    assert elsewhere.public_id not in page
    page = browser.get("/wishes?kind=nothing&station=nowhere").text
    assert "没有这个类别" in page
    assert "没有这个站点" in page
    assert here.public_id in page
    assert "没有找到" in browser.get("/wishes?kind=repair").text


def test_the_wall_asks_as_much_for_thirty_wishes_as_for_one(browser, make):
    station = make.station()
    published(station)
    browser.get("/wishes")
    with count_queries() as one:
        browser.get("/wishes?page=1")
    for _n in range(29):
        published(station)
    browser.get("/wishes")
    with count_queries() as many:
        browser.get("/wishes?page=1")
    assert len(many) <= len(one)
    assert "第 1 页，共 2 页" in browser.get("/wishes").text


# --- pledging --------------------------------------------------------------------------------------


def test_a_visitor_is_led_to_the_sign_in(browser, make):
    wish = published(make.station())
    assert f"/login?next=/wishes/{wish.public_id}" in browser.get(path_of(wish)).text
    browser.get("/login")
    response = browser.client.post(path_of(wish, "/pledge"))
    assert response.status_code in {303, 400}


def test_pledging_from_the_page_of_the_wish(browser, make):
    person, wish = make.person(), published(make.station())
    browser.sign_in(person)
    page = browser.get(path_of(wish)).text
    assert 'name="promised_on"' in page
    until = clock.today() + timedelta(days=5)
    response = post(browser, path_of(wish, "/pledge"), promised_on=until.isoformat())
    assert (response.status_code, response.location) == (303, path_of(wish))
    row = pledges.live(wish.id, person.id)
    assert row.promised_on == until
    page = browser.get(path_of(wish)).text
    assert f"/pledges/{row.public_id}" in page
    assert f"/pledges/{row.public_id}/return" in browser.get("/me").text


@pytest.mark.parametrize("day", ["", "yesterday", "2020-01-01", "2099-01-01"])
def test_a_day_that_cannot_be_promised_is_said_beside_the_field(browser, make, day):
    wish = published(make.station())
    browser.sign_in(make.person())
    response = post(browser, path_of(wish, "/pledge"), promised_on=day)
    assert response.status_code == 422
    assert "promised_on-error" in response.text
    assert wish.state == "published"


def test_who_comes_second_gets_the_reason(browser, make):
    wish = published(make.station())
    pledge(wish, make.person("张小明"))
    browser.sign_in(make.person())
    response = post(browser, path_of(wish, "/pledge"), promised_on=clock.today().isoformat())
    assert response.status_code == 409
    assert "张*" in response.text
    assert "张小明" not in response.text


def test_one_part_of_several_is_chosen(browser, make):
    person, wish = make.person(), published(make.station(), parts=("书包", "文具"))
    browser.sign_in(person)
    day = clock.today().isoformat()
    assert post(browser, path_of(wish, "/pledge"), promised_on=day, part="2").status_code == 303
    assert pledges.live(wish.id, person.id).part.label == "文具"
    assert "还差 1 份" in browser.get("/wishes").text


# --- one's own pledge ------------------------------------------------------------------------------


@pytest.fixture
def own(browser, make):
    person = make.person()
    wish = published(make.station(), wisher=Contact("李桂兰", "13500001111"))
    row = pledge(wish, person)
    browser.sign_in(person)
    return row


def test_a_pledge_is_its_pledgers_alone(browser, make, own):
    browser.sign_in(make.person())
    path = f"/pledges/{own.public_id}"
    assert browser.get(path).status_code == 404
    for rest in ("/return", "/delivery", "/extension", "/contact"):
        assert post(browser, path + rest, reason="x").status_code == 404
    assert own.state == "active"


def test_the_contact_stands_behind_a_button(browser, own):
    path = f"/pledges/{own.public_id}"
    assert "13500001111" not in browser.get(path).text
    assert post(browser, path + "/contact").status_code == 409
    write(people_actions.confirm_phone, own.person_id, actor=SYSTEM, now=clock.now())
    response = post(browser, path + "/contact")
    assert "13500001111" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "13500001111" not in browser.get(path).text


def test_giving_back_needs_a_reason(browser, own):
    path = f"/pledges/{own.public_id}/return"
    assert post(browser, path, reason=" ").status_code == 422
    response = post(browser, path, reason="出差")
    assert (response.status_code, response.location) == (303, "/me")
    assert (own.state, own.wish.state) == ("returned", "published")


def test_a_delivery_with_and_without_time(browser, own):
    path = f"/pledges/{own.public_id}/delivery"
    assert post(browser, path, minutes="60").status_code == 422
    assert post(browser, path, minutes="many").status_code == 422
    response = post(browser, path, note="送到了")
    assert (response.status_code, own.state) == (303, "fulfilled")
    assert pledges.helps_of(own.id) == []


def test_putting_off_once(browser, own):
    path = f"/pledges/{own.public_id}/extension"
    day = own.promised_on + timedelta(days=3)
    assert post(browser, path, promised_on="2099-01-01").status_code == 422
    assert post(browser, path, promised_on=day.isoformat()).status_code == 303
    assert own.promised_on == day
    assert post(browser, path, promised_on=day.isoformat()).status_code == 409


# --- the wisher ------------------------------------------------------------------------------------


def test_the_wisher_reads_the_story_also_before_it_is_public(browser, make):
    station, wisher = make.station(), make.person()
    wish = filed(station, wisher_id=wisher.id)
    manager = make.manager(station)
    write(actions_desk.send_back, wish.id, "请写尺寸", actor=make.actor(manager), now=clock.now())
    browser.sign_in(wisher)
    page = browser.get(path_of(wish)).text
    assert "请写尺寸" in page
    assert wish.number in page


def test_the_wisher_confirms_with_a_grade(browser, make):
    wisher = make.person()
    wish = fulfilled(make.station(), make.person(), wisher_id=wisher.id)
    browser.sign_in(wisher)
    assert 'name="satisfaction"' in browser.get(path_of(wish)).text
    path = path_of(wish, "/confirmation")
    for wrong in ("", "0", "6", "good"):
        assert post(browser, path, satisfaction=wrong).status_code == 422
    assert post(browser, path, satisfaction="5", note="谢谢").status_code == 303
    assert (wish.state, wish.satisfaction, wish.confirmed_by) == ("confirmed", 5, "account")


def test_not_done_goes_back_to_who_pledged(browser, make):
    wisher = make.person()
    wish = fulfilled(make.station(), make.person(), wisher_id=wisher.id)
    browser.sign_in(wisher)
    assert post(browser, path_of(wish, "/reopening"), shortfall="").status_code == 422
    assert post(browser, path_of(wish, "/reopening"), shortfall="还漏水").status_code == 303
    assert wish.state == "pledged"


def test_nobody_else_confirms_but_the_station_by_calling_back(browser, make):
    station = make.station()
    wish = fulfilled(station, make.person())
    browser.sign_in(make.person())
    path = path_of(wish, "/confirmation")
    assert post(browser, path, satisfaction="5").status_code == 403
    browser.sign_in(make.manager(station))
    assert post(browser, path, satisfaction="4").status_code == 303
    assert wish.confirmed_by == "call_back"


def test_the_words_of_the_wall_are_the_public_ones(browser, make):
    published(make.station())
    page = browser.get("/wishes").text
    assert WORDS.text in page
    assert WORDS.alias in page
