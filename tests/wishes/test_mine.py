"""One's own wishes and pledges, the wall's filters, and following a wish by its code."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.org.models import Level
from portal.people.models_teams import MemberState, Team, TeamMember
from portal.wishes import actions_desk, actions_stories, numbers, queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions import Contact
from portal.wishes.models import Filer
from portal.wishes.models_stories import WishStory
from tests.support.queries import count_queries
from tests.wishes.given import deliver, filed, fulfilled, pledge, published, wanted

PHONE = "13500001111"


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


# --- own wishes --------------------------------------------------------------------------------------


def test_own_wishes_and_those_of_the_family_with_what_to_do_next(make, browser, station):
    person = make.person()
    own = filed(station, wisher_id=person.id, wanted=wanted(what="想要一把伞"))
    family = filed(
        station,
        actor=make.actor(person),
        filer=Filer.RELATIVE,
        wanted=wanted(what="替妈妈要助听器"),
    )
    filed(station, wanted=wanted(what="别人的心愿"))
    browser.sign_in(person)
    page = browser.get("/me/wishes").text
    assert own.number in page
    assert family.number in page
    assert "替家人提出" in page
    assert "站点会打电话核实" in page
    assert "别人的心愿" not in page
    assert "/me/wishes" in browser.get("/me").text


def test_the_own_list_is_empty_with_a_way_on(make, browser):
    assert "您还没有提过心愿" in browser.sign_in(make.person()).get("/me/wishes").text


def test_what_the_station_asked_to_change_is_changed_by_the_wisher(make, browser, station):
    person = make.person()
    wish = filed(station, wisher_id=person.id)
    write(actions_desk.send_back, wish.id, "请写尺寸", actor=SYSTEM, now=clock.now())
    browser.sign_in(person)
    assert "请您改一改" in browser.get("/me/wishes").text
    path = f"/me/wishes/{wish.public_id}/change"
    fields = {"kind": "things", "what": "一米高的拐杖", "amount": "100", "urgency": "normal"}
    assert browser.post(path, {**fields, "amount": "7"}).status_code == 422
    response = browser.post(path, fields)
    assert (response.status_code, response.location) == (303, "/me/wishes")
    assert queries.private_of(wish.id).what == "一米高的拐杖"
    assert wish.returned_at is None


def test_withdrawing_needs_a_reason_and_is_for_the_wisher_alone(make, browser, station):
    person = make.person()
    wish = published(station, wisher_id=person.id)
    path = f"/me/wishes/{wish.public_id}/withdrawal"
    browser.sign_in(make.person())
    assert browser.post(path, {"withdraw_reason": "买了"}).status_code == 404
    assert browser.get(f"/me/wishes/{wish.public_id}/change").status_code == 404
    browser.sign_in(person)
    assert browser.post(path, {}).status_code == 422
    assert browser.post(path, {"withdraw_reason": "买了"}).status_code == 303
    assert wish.state == "withdrawn"


def test_the_wisher_confirms_agrees_to_be_told_of_and_takes_it_back(make, browser, station):
    person = make.person()
    wish = fulfilled(station, make.person(), wisher_id=person.id)
    browser.sign_in(person)
    assert "去确认" in browser.get("/me/wishes").text
    fields = {"satisfaction": "5", "may_tell": "photo"}
    assert browser.post(f"/wishes/{wish.public_id}/confirmation", fields).status_code == 303
    assert db.session.get(WishStory, wish.id).with_photo is True
    write(
        actions_stories.tell, wish.id, "想要拐杖，送来了。", looked_over=True,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip
    assert "想要拐杖，送来了。" in browser.get("/wishes/stories").text
    assert browser.post(f"/me/wishes/{wish.public_id}/story/removal").status_code == 303
    assert "想要拐杖，送来了。" not in browser.get("/wishes/stories").text


def test_who_does_not_say_so_is_not_told_of(make, browser, station):
    person = make.person()
    wish = fulfilled(station, make.person(), wisher_id=person.id)
    browser.sign_in(person)
    browser.post(f"/wishes/{wish.public_id}/confirmation", {"satisfaction": "5"})
    assert (wish.state, db.session.get(WishStory, wish.id)) == ("confirmed", None)


def test_own_pledges_to_do_and_past(make, browser, station):
    person = make.person()
    browser.sign_in(person)
    assert "您还没有认领过心愿" in browser.get("/me/pledges").text
    now_held, done = published(station), published(station)
    pledge(now_held, person)
    deliver(pledge(done, person))
    page = browser.get("/me/pledges").text
    assert page.index("要办的") < page.index("以前的")
    assert "已送达" in page
    for _ in range(20):
        deliver(pledge(published(station), person))
    browser.get("/me/pledges")
    with count_queries() as many:
        browser.get("/me/pledges")
    assert len(many) <= 5


# --- by number and code ------------------------------------------------------------------------------


def test_the_code_from_the_desk_follows_and_confirms_without_an_account(make, browser, station):
    wish = fulfilled(station, make.person(), wisher=Contact("李桂兰", PHONE))
    asked = {"number": wish.number, "phone": numbers.confirmation_code(wish.number)}
    page = browser.post("/wishes/track", asked).text
    assert "心愿实现了吗" in page
    assert "李桂兰" not in page
    path = "/wishes/track/confirmation"
    assert browser.post(path, asked).status_code == 422
    assert browser.post(path, {**asked, "satisfaction": "5"}).status_code == 303
    assert (wish.state, wish.confirmed_by) == ("confirmed", "code")


def test_a_wrong_code_neither_follows_nor_confirms_and_tries_are_counted(make, browser, station):
    wish = fulfilled(station, make.person())
    right = numbers.confirmation_code(wish.number)
    wrong = {"number": wish.number, "phone": f"{(int(right) + 1) % 10**6:06d}", "satisfaction": "5"}
    for path in ("/wishes/track", "/wishes/track/confirmation", "/wishes/track/reopening"):
        assert browser.post(path, wrong).status_code == 422
    for _ in range(7):
        browser.post("/wishes/track", wrong)
    assert browser.post("/wishes/track", {**wrong, "phone": right}).status_code == 429
    assert wish.state == "fulfilled"


@pytest.mark.parametrize("proof", ["phone", "code"])
def test_not_done_is_said_by_number_too(make, browser, station, proof):
    wish = fulfilled(station, make.person(), wisher=Contact("李桂兰", PHONE))
    known = PHONE if proof == "phone" else numbers.confirmation_code(wish.number)
    asked = {"number": wish.number, "phone": known}
    path = "/wishes/track/reopening"
    assert browser.post(path, asked).status_code == 422
    assert browser.post(path, {**asked, "shortfall": "还漏水"}).status_code == 303
    assert wish.state == "pledged"


# --- the wall ----------------------------------------------------------------------------------------


def numbers_on(page, *wishes):
    return [one for one in wishes if one.public_id in page]


def test_the_wall_is_filtered_by_band_and_by_age(browser, station):
    old = published(station, now=clock.now() - timedelta(days=31))
    week = published(station, now=clock.now() - timedelta(days=8), wanted=wanted(amount=0))
    fresh = published(station)
    every = (old, week, fresh)
    for query, shown in (
        ("amount=0", [week]), ("amount=100", [old, fresh]), ("waiting=7", [old, week]),
        ("waiting=30", [old]), ("waiting=7&amount=100", [old]),
    ):  # fmt: skip
        assert numbers_on(browser.get(f"/wishes?{query}").text, *every) == shown
    page = browser.get("/wishes?amount=7&waiting=8").text
    assert numbers_on(page, *every) == list(every)
    assert "没有这一档金额" in page
    assert "只能选 7 天或者 30 天" in page


def test_ones_own_community_comes_first_then_its_street(make, browser):
    street, beside = make.station(level=Level.INSTITUTE), make.station(level=Level.INSTITUTE)
    home, near, far = (make.station(parent=one) for one in (street, street, beside))
    wishes = [published(one) for one in (far, near, home)]
    order = lambda page: sorted(  # noqa: E731
        wishes, key=lambda one: page.index(f"wish-{one.public_id}")
    )
    assert order(browser.get("/wishes").text) == wishes
    assert order(browser.get(f"/wishes?near={home.public_id}").text) == wishes[::-1]
    browser.sign_in(make.person(station=home))
    page = browser.get("/wishes").text
    assert order(page) == wishes[::-1]
    assert "的排在前面" in page
    assert order(browser.get(f"/wishes?near={far.public_id}").text)[0] == wishes[0]


# --- who comes second --------------------------------------------------------------------------------


def test_who_comes_second_is_told_who_has_it_and_offered_three_alike(make, browser, station):
    first, second = make.person("张三丰"), make.person()
    wish = published(station, wanted=wanted("repair"))
    beside = make.station()
    same_kind = published(beside, wanted=wanted("repair"))
    same_place = published(station, wanted=wanted("study"))
    other, last = published(beside), published(beside)
    own = published(station, wanted=wanted("repair"), wisher_id=second.id)
    pledge(wish, first)
    browser.sign_in(second)
    day = (clock.today() + timedelta(days=3)).isoformat()
    fields = {"promised_on": day, "part": "0", "team": ""}
    response = browser.post(f"/wishes/{wish.public_id}/pledge", fields)
    assert response.status_code == 409
    assert "张*" in response.text
    assert "张三丰" not in response.text
    shown = numbers_on(response.text, same_kind, same_place, other, last, own)
    assert shown == [same_kind, same_place, other]


def test_a_team_pledges_and_tells_who_went_along(make, browser, station):
    team = Team(name="帮帮团", station_id=station.id)
    db.session.add(team)
    db.session.commit()
    leader, member, stranger = make.volunteer(station), make.volunteer(station), make.person()
    for person in (leader, member):
        db.session.add(
            TeamMember(
                team_id=team.id, person_id=person.id, state=MemberState.MEMBER, at=clock.now()
            )
        )
    db.session.commit()
    wish = published(station, parts=("一袋米", "陪诊 2 小时"), now=clock.now() - timedelta(days=3))
    browser.sign_in(leader)
    page = browser.get(f"/wishes/{wish.public_id}").text
    assert "一袋米" in page
    assert "陪诊 2 小时" in page
    assert "帮帮团" in page
    day = (clock.today() + timedelta(days=3)).isoformat()
    fields = {"promised_on": day, "part": "2", "team": team.public_id}
    assert browser.post(f"/wishes/{wish.public_id}/pledge", fields).status_code == 303
    row = pledges.holding(wish.id)[0]
    row.pledged_at = clock.now() - timedelta(days=2)
    db.session.commit()
    assert (row.part.label, row.team_id, wish.state) == ("陪诊 2 小时", team.id, "published")
    yesterday = clock.today() - timedelta(days=1)
    fields = {
        "helped_on": yesterday.isoformat(), "helped_from": "09:00", "minutes": "120",
        "helpers": [member.public_id],
    }  # fmt: skip
    path = f"/pledges/{row.public_id}/delivery"
    assert browser.post(path, {**fields, "helpers": [stranger.public_id]}).status_code == 422
    assert browser.post(path, fields).status_code == 303
    assert {one.person_id for one in pledges.helps_of(row.id)} == {leader.id, member.id}
