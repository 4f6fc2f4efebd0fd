"""The pages of posts: what a visitor sees, what the desk does, who is kept out; constant queries."""

import re
from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.people import consents
from portal.people.models_consents import Channel, ConsentKind
from portal.posts import actions_standing, queries
from portal.posts.models import ServicePost
from portal.signups import actions as signups
from portal.signups import cover
from portal.signups import queries as signup_queries
from portal.signups.models_cover import CoverRequest
from tests.posts.given import (
    at,
    details,
    drafted,
    duties,
    every_day,
    first_slot,
    pattern,
    place,
    published,
    signed_up,
)
from tests.support.queries import count_queries


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def manager(make, station):
    return make.manager(station)


@pytest.fixture
def volunteer(make, station):
    return make.volunteer(station)


def scan(shift, person, direction="in", when=None):
    from portal.attendance.actions import ScanInput, record_scan
    from portal.attendance.models import Direction, Way

    when = when or clock.now()
    one = ScanInput(person.id, shift.id, Direction(direction), Way.CODE, when)
    return write(record_scan, one, actor=SYSTEM, now=when)


def on_now(station, **kwargs):
    """Return a post whose first duty began a quarter of an hour ago."""
    post = published(station, **kwargs)
    shift = duties(post)[0]
    start = clock.now().replace(microsecond=0) - timedelta(minutes=15)
    write(signups.move, shift.id, start, start + timedelta(hours=2), actor=SYSTEM, now=clock.now())
    return post, shift


# --- public --------------------------------------------------------------------------------------


def test_the_list_names_each_post_with_its_next_duty(browser, station):
    post = published(station, cells=every_day(2))
    drafted(station, title="还没发布的岗")
    page = browser.get("/posts")
    assert page.status_code == 200
    assert post.title in page.text
    assert "还没发布的岗" not in page.text
    assert "还有 2 个名额" in page.text
    assert "Set-Cookie" not in page.headers
    etag = page.headers["ETag"]
    assert browser.get("/posts", headers={"If-None-Match": etag}).status_code == 304


def test_the_list_is_narrowed(browser, make, station, volunteer):
    here = published(station, title="大厅岗", cells=every_day(1))
    there = published(make.station(), title="图书岗", site_name="南山图书馆")
    from portal.org.models import Vocabulary
    from portal.org.queries import term

    there.venue_type_id = term(Vocabulary.VENUE_TYPE, "library").id
    db.session.commit()
    for query, wanted in (
        (f"station={station.public_id}", here),
        (f"station={make.centre().public_id}&venue=library", there),
        ("q=图书馆", there),
        ("venue=service_hall", here),
    ):
        page = browser.get(f"/posts?{query}").text
        assert (here.title in page, there.title in page) == (wanted is here, wanted is there), query
    for shift in duties(here):
        signed_up(shift, volunteer)
    page = browser.get("/posts?free=1").text
    assert (here.title in page, there.title in page) == (False, True)
    assert "没有找到" in browser.get("/posts?q=没有这样的").text
    assert "没有这种场所" in browser.get("/posts?venue=moon").text


def test_the_list_asks_as_often_for_thirty_as_for_one(browser, station):
    published(station, cells=every_day(1))
    browser.get("/posts")
    with count_queries() as one:
        browser.get("/posts?x=1")
    for _ in range(29):
        published(station, cells=every_day(1)[:1])
    browser.get("/posts")
    with count_queries() as many:
        assert browser.get("/posts?x=2").text.count('class="row"') == 20
    assert len(many) == len(one)


def test_a_post_says_everything_without_signing_in(browser, station):
    post = published(station)
    page = browser.get(f"/posts/{post.public_id}").text
    for words in (
        "政务服务中心",
        "一楼东门",
        "问路引导",
        "来有迎声",
        "tel:07551234567",
        "每天 09:00-11:00",
    ):
        assert words in page
    assert page.count('id="signup-panel-') == 14
    assert f"/login?next=/posts/{post.public_id}" in page
    everything = browser.get(f"/posts/{post.public_id}?all=1").text
    assert everything.count('id="signup-panel-') == len(duties(post))


def test_a_volunteer_signs_up_on_the_page(browser, station, volunteer):
    post = published(station)
    shift = duties(post)[0]
    browser.sign_in(volunteer)
    page = browser.get(f"/posts/{post.public_id}").text
    form = re.search(
        rf'<form[^>]*action="/shifts/{shift.public_id}/signup".*?</form>', page, re.DOTALL
    )
    assert 'name="role" value="volunteer"' in form.group()
    done = browser.post(f"/shifts/{shift.public_id}/signup", {"role": "volunteer"})
    assert done.location.startswith(f"/posts/{post.public_id}#shift-")
    assert place(shift).taken == 1
    assert "报名号" in browser.get(f"/posts/{post.public_id}").text


def test_an_id_alone_leads_to_the_right_page(browser, station):
    post = published(station)
    shift = duties(post)[0]
    assert browser.get(f"/activities/{post.public_id}").location == f"/posts/{post.public_id}"
    assert browser.get(f"/shifts/{shift.public_id}").location.startswith(post.path)
    assert post.title not in browser.get("/activities").text


def test_a_draft_is_shown_to_its_desk_only(browser, make, station, manager):
    post = drafted(station)
    path = f"/posts/{post.public_id}"
    assert browser.get(path).status_code == 404
    assert browser.get(f"{path}/sign").status_code == 404
    browser.sign_in(make.manager(make.station()))
    assert browser.get(path).status_code == 404
    browser.sign_in(manager)
    assert "还没有发布" in browser.get(path).text


def test_the_sign_has_what_a_passer_by_needs(browser, station):
    post = published(station)
    page = browser.get(f"/posts/{post.public_id}/sign").text
    for words in ("来有迎声", "0755-1234567", "问路引导", "<svg"):
        assert words in page


def test_on_duty_names_only_whoever_agreed(browser, make, station):
    _post, shift = on_now(station, cells=every_day(3))
    page = browser.get("/posts/on-duty").text
    assert "这会儿没有人" in page
    people = [make.volunteer(station, name=name) for name in ("甄有名", "卜公开", "迟没来")]
    for person in people:
        signed_up(shift, person)
    assert "还没签到" in browser.get("/posts/on-duty").text
    for person in people[:2]:
        scan(shift, person)
    write(
        consents.give, people[0].id, ConsentKind.PUBLICATION, Channel.WEB,
        actor=make.actor(people[0]), now=clock.now(),
    )  # fmt: skip
    page = browser.get("/posts/on-duty").text
    assert "有人值守 · 2 人" in page
    assert "甄*" in page
    assert not any(words in page for words in ("卜", "甄有名", "迟"))


def test_the_first_check_in_opens_the_post_for_the_day(browser, make, station, manager):
    post, shift = on_now(station)
    person = make.volunteer(station)
    signed_up(shift, person)
    page = browser.get(f"/stations/{station.public_id}").text
    assert "已开岗" not in page
    came = clock.now() - timedelta(minutes=3)
    scan(shift, person, when=came)
    opened = f"今天已开岗 {clock.local(came):%H:%M}"
    if clock.local_day(shift.starts_at) == clock.today():
        assert opened in browser.get(f"/stations/{station.public_id}").text
    browser.sign_in(manager)
    rota = browser.get(f"/desk/posts/{post.public_id}/rota").text
    assert f"{clock.local(came):%H:%M} 开岗" in rota


def test_the_calendar_of_a_post(browser, station):
    post = published(station)
    feed = browser.get(f"/cal/posts/{post.public_id}.ics")
    assert feed.text.count("BEGIN:VEVENT") == len(duties(post))
    assert f"/posts/{post.public_id}" in feed.text.replace("\r\n ", "")
    assert browser.get(f"/cal/posts/{drafted(station).public_id}.ics").status_code == 404
    assert "BEGIN:VEVENT" not in browser.get("/cal/all.ics").text
    assert "BEGIN:VEVENT" not in browser.get(f"/cal/stations/{station.public_id}.ics").text


# --- desk ----------------------------------------------------------------------------------------

NEW = {
    "title": "图书馆整理岗",
    "venue_type": "library",
    "site_name": "社区图书馆",
    "place": "二楼",
    "days": ["1", "3"],
    "starts": "09:00",
    "ends": "11:00",
    "volunteers": "2",
    "kind": "reading",
    "field": "welfare",
    "then": "publish",
}


def new(browser, station, **changes):
    return browser.post("/desk/posts/new", {**NEW, "station": station.public_id, **changes})


def test_a_manager_makes_a_post_in_one_form(browser, station, manager):
    browser.sign_in(manager)
    page = browser.get("/desk/posts/new").text
    shown = page.split("novalidate>")[1].split("<details")[0]
    names = set(re.findall(r'<(?:input|select|textarea)[^>]*name="(\w+)"', shown)) - {"csrf_token"}
    assert len(names - {"station"}) <= 8
    done = new(browser, station)
    assert done.status_code == 303
    post = db.session.query(ServicePost).one()
    assert post.state == "published"
    assert {slot.weekday for slot in queries.slots_of(post.id)} == {1, 3}
    assert duties(post)


def test_what_is_missing_is_said_beside_the_field(browser, station, manager):
    browser.sign_in(manager)
    page = new(browser, station, days=[], title="", volunteers="0", ends="08:00")
    assert page.status_code == 422
    for words in ("请至少选一天", "请填写这一项", "1 到 200", "结束时间要在开始之后"):
        assert words in page.text
    assert "社区图书馆" in page.text


def test_a_copy_begins_as_the_earlier_one(browser, make, station, manager):
    post = published(station, title="早班岗")
    browser.sign_in(manager)
    assert "早班岗" in browser.get(f"/desk/posts/new?copy={post.public_id}").text
    browser.sign_in(make.manager(make.station()))
    assert "早班岗" not in browser.get(f"/desk/posts/new?copy={post.public_id}").text


def test_a_risky_post_is_reviewed_by_the_office(browser, make, station, manager):
    officer = make.holder("campaign_officer", make.centre())
    browser.sign_in(manager)
    new(browser, station, is_risky="y", insurance_note="当日意外险")
    post = db.session.query(ServicePost).one()
    assert post.state == "in_review"
    assert browser.post(f"/desk/posts/{post.public_id}/approval").status_code == 404
    browser.sign_in(officer)
    assert "审核志愿服务岗" in browser.get("/desk").text
    assert post.title in browser.get("/desk/posts?state=in_review").text
    page = browser.post(f"/desk/posts/{post.public_id}/return", {"reason": ""})
    assert page.status_code == 422
    browser.post(f"/desk/posts/{post.public_id}/return", {"reason": "写清楚路口"})
    browser.sign_in(manager)
    assert "写清楚路口" in browser.get(f"/desk/posts/{post.public_id}").text
    browser.post(f"/desk/posts/{post.public_id}/publication")
    browser.sign_in(officer)
    browser.post(f"/desk/posts/{post.public_id}/approval")
    db.session.expire_all()
    assert post.state == "published"


def grid(*lines, **fields):
    """Return a form with these spans: (starts, ends, {weekday: number})."""
    form = {"from_on": clock.today().isoformat(), **fields}
    for n, (starts, ends, days) in enumerate(lines):
        form |= {f"line{n}-starts": starts, f"line{n}-ends": ends}
        form |= {f"line{n}-day{day}": str(number) for day, number in days.items()}
    return form


def test_a_change_of_the_grid_is_shown_before_it_is_saved(browser, station, manager, volunteer):
    post = published(station)
    taken = duties(post)[2]
    signed_up(taken, volunteer)
    path = f"/desk/posts/{post.public_id}/pattern"
    browser.sign_in(manager)
    assert 'value="09:00"' in browser.get(path).text
    form = grid(("14:00", "16:00", dict.fromkeys(range(7), 1)))
    before = [row.id for row in duties(post)]
    shown = browser.post(path, form)
    assert shown.status_code == 200
    assert "新的排班里没有" in shown.text
    assert "1 人报名" in shown.text
    assert [row.id for row in duties(post)] == before
    assert 'value="14:00"' in browser.post(path, {**form, "edit": "1"}).text
    done = browser.post(path, {**form, "sure": "1", "others": "keep"})
    assert done.location == f"/desk/posts/{post.public_id}/rota"
    assert [r.id for r in duties(post) if clock.local(r.starts_at).hour == 9] == [taken.id]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((("09:00", "11:00", {0: 1}), ("10:00", "12:00", {0: 1})), "周一有两段时间重叠"),
        ((("11:00", "09:00", {0: 1}),), "结束时间要在开始之后"),
        ((("", "", {0: 1}),), "请写这一段从几点到几点"),
        ((("09:00", "11:00", {0: 999}),), "0 到 200"),
        ((("09:00", "11:00", {}),), "请至少写一段"),
    ],
)
def test_a_grid_that_cannot_be_is_not_taken(browser, station, manager, lines, words):
    post = published(station)
    browser.sign_in(manager)
    page = browser.post(f"/desk/posts/{post.public_id}/pattern", grid(*lines, sure="1"))
    assert page.status_code == 422
    assert words in page.text
    assert len(queries.slots_of(post.id)) == 7


def test_a_standing_place_at_the_desk(browser, make, station, manager, volunteer):
    post = published(station)
    slot = first_slot(post)
    browser.sign_in(manager)
    path = f"/desk/posts/{post.public_id}/standing"
    assert volunteer.name in browser.get(path).text
    assert browser.post(path, {"slot": slot.public_id, "person": ""}).status_code == 422
    browser.post(path, {"slot": slot.public_id, "person": volunteer.public_id})
    assert volunteer.name in browser.get(f"/desk/posts/{post.public_id}").text
    other = make.volunteer(make.station())
    from portal.people.queries import volunteer_of

    number = volunteer_of(other.id).volunteer_no
    browser.post(path, {"slot": slot.public_id, "person": "", "volunteer_no": number})
    rows = queries.standing_on(slot.id)
    assert [row.person_id for row in rows] == [volunteer.id, other.id]
    full = browser.post(path, {"slot": slot.public_id, "person": make.volunteer(station).public_id})
    assert full.status_code in {409, 422}
    end = f"{path}/{rows[0].public_id}/end"
    assert volunteer.name in browser.get(end).text
    browser.post(end, {"frees": "y"})
    assert [row.person_id for row in queries.standing_on(slot.id)] == [other.id]


def test_the_desk_notes_an_absence_for_somebody(browser, make, station, manager, volunteer):
    from portal.posts import queries_duty

    def away():
        return queries_duty.absences_of({volunteer.id}, clock.now())[volunteer.id]

    post = published(station)
    row = write(
        actions_standing.give, first_slot(post).id, volunteer.id, actor=SYSTEM, now=clock.now()
    )
    path = f"/desk/posts/{post.public_id}/standing/{row.public_id}/absence"
    browser.sign_in(make.manager(make.station()))
    assert browser.get(path).status_code == 404
    browser.sign_in(manager)
    assert volunteer.name in browser.get(path).text
    assert browser.post(path, {"first_on": ""}).status_code == 422
    day = (clock.today() + timedelta(days=3)).isoformat()
    browser.post(path, {"first_on": day, "last_on": day})
    [absence] = away()
    browser.post(path, {"ended": absence.public_id})
    assert away() == []


def test_calling_off_asks_first(browser, station, manager):
    post = published(station)
    browser.sign_in(manager)
    path = f"/desk/posts/{post.public_id}/call-off"
    assert "不能恢复" in browser.get(path).text
    assert browser.post(path, {"reason": ""}).status_code == 422
    browser.post(path, {"reason": "大厅装修"})
    assert duties(post) == []
    assert "这个岗撤下了" in browser.get(f"/posts/{post.public_id}").text


def test_a_single_duty_is_moved_and_called_off_like_any_shift(browser, station, manager):
    post = published(station)
    shift = duties(post)[1]
    browser.sign_in(manager)
    for path in ("change", "call-off"):
        assert post.title in browser.get(f"/desk/shifts/{shift.public_id}/{path}").text
    done = browser.post(f"/desk/shifts/{shift.public_id}/call-off", {"reason": "停电"})
    assert done.location == f"/desk/posts/{post.public_id}"


DESK = ("", "/edit", "/pattern", "/standing", "/rota", "/call-off")


@pytest.mark.parametrize("path", DESK)
def test_another_stations_manager_finds_nothing(browser, make, station, manager, path):
    post = published(station)
    address = f"/desk/posts/{post.public_id}{path}"
    browser.sign_in(make.manager(make.station()))
    assert browser.get(address).status_code == 404
    browser.sign_in(make.volunteer(station))
    assert browser.get(address).status_code == 403
    browser.sign_in(manager)
    assert browser.get(address).status_code == 200


def test_the_desks_list_holds_the_own_posts_only(browser, make, station, manager):
    published(station, title="本站岗")
    published(make.station(), title="别站岗")
    browser.sign_in(manager)
    page = browser.get("/desk/posts").text
    assert ("本站岗" in page, "别站岗" in page) == (True, False)
    page = browser.get("/desk/rota").text
    assert ("本站岗" in page, "别站岗" in page) == (True, False)


# --- rota ----------------------------------------------------------------------------------------


def test_the_rota_shows_gaps_and_names_to_staff(browser, make, station, manager, volunteer):
    post = published(station)
    first, second = duties(post)[:2]
    signed_up(first, volunteer)
    write(
        actions_standing.give, first_slot(post, clock.local(second.starts_at).weekday()).id,
        make.volunteer(station, name="常客").id, actor=SYSTEM, now=clock.now(),
    )  # fmt: skip
    row = signup_queries.live(first.id, volunteer.id)
    write(cover.ask, row.id, None, actor=SYSTEM, now=clock.now())
    browser.sign_in(manager)
    page = browser.get(f"/desk/posts/{post.public_id}/rota?weeks=4").text
    for words in (volunteer.name, "等人接", "常客", "固定", "缺 1 人", "is-short", ">缺<"):
        assert words in page
    assert volunteer.name not in browser.get(f"/posts/{post.public_id}").text
    weeks = re.findall(r'<table class="rota">', page)
    assert len(weeks) == 4


def test_the_rota_of_fifty_posts_asks_as_often_as_of_one(browser, make, station, manager):
    people = [make.volunteer(station) for _ in range(2)]
    post = published(station, cells=every_day(2))
    for person in people:
        signed_up(duties(post)[0], person)
    browser.sign_in(manager)
    browser.get("/desk/rota?weeks=4")
    with count_queries() as one:
        browser.get("/desk/rota?weeks=4")
    for n in range(49):
        other = published(station, title=f"岗位{n}", cells=every_day(2)[:3])
        signed_up(duties(other)[n % 3 + 3], people[n % 2]) if n < 2 else None
    browser.get("/desk/rota?weeks=4")
    with count_queries() as many:
        page = browser.get("/desk/rota?weeks=4")
    assert page.text.count("岗位") > 49
    assert len(many) == len(one)


def test_the_rota_takes_any_address(browser, station, manager):
    published(station)
    browser.sign_in(manager)
    for query in ("from=2026-13-40", "from=0001-01-01", "weeks=99", "weeks=x", "station=none"):
        assert browser.get(f"/desk/rota?{query}").status_code == 200


# --- coverage ------------------------------------------------------------------------------------


def test_the_office_sees_how_posts_are_covered(browser, make, station, volunteer):
    post, shift = on_now(station, cells=every_day(2))
    signed_up(shift, volunteer)
    scan(shift, volunteer)
    browser.sign_in(make.holder("campaign_officer", make.centre()))
    page = browser.get("/office/posts").text
    assert post.title in page
    assert "到岗 1" in page
    browser.sign_in(make.person())
    assert browser.get("/office/posts").status_code == 403


def test_the_office_asks_as_often_for_twenty_posts(browser, make, station):
    published(station)
    browser.sign_in(make.holder("campaign_officer", make.centre()))
    browser.get("/office/posts")
    with count_queries() as one:
        browser.get("/office/posts")
    for _ in range(29):
        published(station, cells=every_day(1)[:1])
    browser.get("/office/posts")
    with count_queries() as many:
        browser.get("/office/posts")
    assert len(many) == len(one)


def test_coverage_counts_what_is_planned_taken_and_attended(make, station, volunteer):
    from portal.posts import queries_rota

    post, shift = on_now(station, cells=every_day(2))
    signed_up(shift, volunteer)
    scan(shift, volunteer)
    gone = duties(post)[3]
    write(signups.call_off, gone.id, "停电", actor=SYSTEM, now=clock.now())
    first, last = clock.today() - timedelta(days=7), clock.today() + timedelta(days=40)
    rows = queries_rota.coverage([post.id], first, last)
    assert sum(row.planned for row in rows) == 2 * len(duties(post))
    assert (sum(row.taken for row in rows), sum(row.attended for row in rows)) == (1, 1)


# --- the own duties ------------------------------------------------------------------------------


def test_cover_from_asking_to_taking(browser, make, station, volunteer):
    post = published(station, cells=every_day(1))
    shift = duties(post)[0]
    row = signed_up(shift, volunteer)
    taker = make.volunteer(station)
    browser.sign_in(volunteer)
    assert "问问谁能接" in browser.get("/me/duties").text
    browser.post(f"/signups/{row.public_id}/cover", {"wanted": ""})
    assert "等人接班" in browser.get("/me/duties").text
    request = db.session.query(CoverRequest).one()
    browser.sign_in(make.person())
    page = browser.get("/posts/cover").text
    assert "接班要先登记" in page
    assert "我来接" not in page
    refused = browser.post(f"/covers/{request.public_id}/acceptance")
    assert refused.status_code == 409
    browser.sign_in(taker)
    page = browser.get("/posts/cover").text
    assert "我来接" in page
    assert f"{volunteer.name[0]}*" in page
    assert volunteer.name not in page
    done = browser.post(f"/covers/{request.public_id}/acceptance")
    assert done.location == "/me/duties"
    assert post.title in browser.get("/me/duties").text
    assert place(shift).taken == 1


def test_nobody_asks_for_somebody_else(browser, make, station, volunteer, manager):
    row = signed_up(duties(published(station))[0], volunteer)
    browser.sign_in(make.volunteer(station))
    assert browser.post(f"/signups/{row.public_id}/cover", {}).status_code == 404
    browser.sign_in(manager)
    assert browser.post(f"/signups/{row.public_id}/cover", {}).status_code == 303
    request = db.session.query(CoverRequest).one()
    browser.sign_in(make.volunteer(station))
    assert browser.post(f"/covers/{request.public_id}/return").status_code == 403
    browser.sign_in(volunteer)
    assert browser.post(f"/covers/{request.public_id}/return").status_code == 303


def test_an_activity_has_no_cover(browser, make, station, volunteer):
    shift = make.shift(station)
    row = signed_up(shift, volunteer)
    browser.sign_in(volunteer)
    assert browser.post(f"/signups/{row.public_id}/cover", {}).status_code == 404


def test_a_swap_is_offered_to_who_holds_the_duty(browser, make, station, volunteer):
    post = published(station, cells=every_day(1))
    here, there = duties(post)[:2]
    row = signed_up(here, volunteer)
    other = make.volunteer(station)
    signed_up(there, other)
    browser.sign_in(volunteer)
    assert f'value="{there.public_id}"' in browser.get("/me/duties").text
    browser.post(f"/signups/{row.public_id}/cover", {"wanted": there.public_id})
    browser.sign_in(other)
    assert "我来换" in browser.get("/posts/cover").text
    request = db.session.query(CoverRequest).one()
    browser.post(f"/covers/{request.public_id}/acceptance")
    assert signup_queries.live(there.id, volunteer.id).state == "confirmed"


def test_absences_are_the_own(browser, make, station, volunteer):
    from portal.posts.models import Absence

    browser.sign_in(volunteer)
    first = clock.today() + timedelta(days=2)
    form = {"first_on": first.isoformat(), "last_on": (first - timedelta(days=1)).isoformat()}
    page = browser.post("/me/absences", form)
    assert (page.status_code, "不能早于" in page.text) == (422, True)
    browser.post("/me/absences", {**form, "last_on": first.isoformat()})
    row = db.session.query(Absence).one()
    assert "取消请假" in browser.get("/me/duties").text
    browser.sign_in(make.volunteer(station))
    assert browser.post(f"/me/absences/{row.public_id}/end").status_code == 404
    browser.sign_in(volunteer)
    browser.post(f"/me/absences/{row.public_id}/end")
    assert db.session.query(Absence).count() == 0


def test_the_own_duties_ask_as_often_for_many(browser, station, volunteer):
    post = published(station)
    signed_up(duties(post)[0], volunteer)
    browser.sign_in(volunteer)
    browser.get("/me/duties")
    with count_queries() as one:
        browser.get("/me/duties")
    for shift in duties(post)[1:]:
        signed_up(shift, volunteer)
    browser.get("/me/duties")
    with count_queries() as many:
        browser.get("/me/duties")
    assert len(many) == len(one)


def test_the_market_asks_as_often_for_many(browser, make, station, volunteer):
    def asked(count):
        for shift in duties(post)[:count]:
            row = signed_up(shift, giver)
            write(cover.ask, row.id, None, actor=SYSTEM, now=clock.now())

    post, giver = published(station, cells=every_day(3)), make.volunteer(station)
    asked(1)
    browser.sign_in(volunteer)
    browser.get("/posts/cover")
    with count_queries() as one:
        browser.get("/posts/cover")
    asked(25)
    browser.get("/posts/cover")
    with count_queries() as many:
        assert browser.get("/posts/cover").text.count("我来接") == 20
    assert len(many) == len(one)


# --- changing ------------------------------------------------------------------------------------


def test_a_change_is_found_under_its_new_words(browser, station, manager):
    from portal.posts import actions

    post = published(station)
    write(actions.change, post.id, details(title="河边巡护岗"), actor=SYSTEM, now=clock.now())
    assert "河边巡护岗" in browser.get("/posts?q=巡护").text
    assert "河边巡护岗" not in browser.get("/posts?q=引导岗").text
    browser.sign_in(manager)
    page = browser.get(f"/desk/posts/{post.public_id}/edit").text
    assert 'value="河边巡护岗"' in page
    fields = {
        "title": "桥头岗", "venue_type": "square", "site_name": "桥头", "kind": "care",
        "field": "welfare",
    }  # fmt: skip
    assert (
        browser.post(f"/desk/posts/{post.public_id}/edit", {**fields, "title": ""}).status_code
        == 422
    )
    browser.post(f"/desk/posts/{post.public_id}/edit", fields)
    assert "桥头岗" in browser.get("/posts").text


def test_given_until_a_day_the_rota_ends_there(browser, station, manager):
    until = clock.today() + timedelta(days=3)
    post = published(station, grid=pattern(until_on=until))
    assert max(clock.local_day(row.starts_at) for row in duties(post)) == until
    assert at(until, 9) == duties(post)[-1].starts_at
