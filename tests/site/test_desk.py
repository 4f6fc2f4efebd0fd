"""The desk: a day, not a menu; for each role what it has to do, and nothing of other stations."""

import re
from datetime import datetime, timedelta

import pytest

from portal.activities import actions as activities
from portal.attendance import hooks as attendance_hooks
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.people import actions as people
from portal.people.models import VolunteerState
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions as signups
from portal.signups import cover
from portal.signups import queries as signup_queries
from portal.signups.models import SignupState
from tests.attendance.conftest import Scene, sign_up
from tests.posts.given import duties, every_day, published, signed_up
from tests.support.queries import count_queries

# 2026-05-08 is a Friday; two in the afternoon in Shanghai.
NOW = datetime.fromisoformat("2026-05-08T14:00:00+08:00")


@pytest.fixture(autouse=True)
def _at_two(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def station(make):
    return make.station("幸福社区实践站")


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def add(make, station, title, hours, places=None, **columns):
    activity = make.activity(station, title=title, **columns)
    starts_at = clock.now() + timedelta(hours=hours)
    return make.shift(activity=activity, starts_at=starts_at, places=places)


def part(page, name):
    """Return the part of the page below the heading of this id, as text."""
    found = re.search(
        rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', page.text, re.DOTALL
    )
    assert found, f"no section {name}"
    # Dates and spans do not break: what stands between them is no blank to a reader.
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).replace("\u00a0", " ")


def later(browser, make, station, time_machine, moment):
    """Move the clock, and return the desk as it is then."""
    time_machine.move_to(moment, tick=False)
    return browser.sign_in(make.manager(station)).get("/desk")


def test_an_empty_day(desk):
    page = desk.get("/desk")
    assert "现在没有正在进行的场次。 一周内没有安排。" in re.sub(r"<[^>]+>", "", page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert "今天没有别的场次了。" in part(page, "today")
    assert "没有要处理的场次。" in part(page, "needs")
    assert "没有要办的事。" in part(page, "tasks")
    assert "往后一周没有安排。" in part(page, "week")
    assert "没有人在候补。" in part(page, "queues")
    assert "没有草稿。" in part(page, "drafts")
    assert "幸福社区实践站" in page.text
    assert 'href="/desk/activities/new"' in page.text
    assert 'id="station"' not in page.text


def test_today_in_the_order_of_time_and_the_week_day_by_day(desk, make, station):
    over = add(make, station, "早上的", -5)
    on_now = add(make, station, "进行中的", -1)
    soon = add(make, station, "四点的", 2, {"volunteer": 5})
    tomorrow = add(make, station, "明天的", 26, {"volunteer": 3, "attendee": 10})
    add(make, station, "下个月的", 24 * 30)
    add(make, station, "别日的", 24 * 7)
    add(make, make.station(), "别站的", -1)
    page = desk.get("/desk")
    lead = "现在有 1 场正在进行。 下一场 16:00：四点的。"
    assert lead in re.sub(r"<[^>]+>", "", page.text)
    today = part(page, "today")
    assert today.index("进行中的") < today.index("四点的") < today.index("今天已经结束 1 场")
    assert "2 小时后开始" in today
    assert f"/desk/shifts/{on_now.public_id}/board?direction=in" in page.text
    week = part(page, "week")
    assert "明天 5月9日 周六 · 1 场 缺 3 人" in week
    assert "参加 0/10 · 志愿者 0/3" in week
    for title in ("下个月的", "别日的", "别站的"):
        assert title not in page.text
    for shift in (over, on_now, soon, tomorrow):
        assert page.text.count(f'id="desk-{shift.public_id}"') == 1


def test_duties_of_posts_stand_beside_activities(desk, make, station):
    post = published(station, cells=every_day(2, (15 * 60, 17 * 60)), now=clock.now())
    first = duties(post)[0]
    signed_up(first, make.volunteer(station))
    page = desk.get("/desk")
    assert "志愿者 1/2" in part(page, "today")
    assert "缺 1 名志愿者" in part(page, "needs")
    assert part(page, "week").count("大厅引导岗") == 6
    assert f"/desk/shifts/{first.public_id}" in page.text


def test_what_needs_a_person(desk, make, station, browser, time_machine):
    """Gaps of today and tomorrow, nobody there, stays left open, offers, cover: each in words."""
    add(make, station, "明天缺人", 22, {"volunteer": 2})
    add(make, station, "后天缺人", 46, {"volunteer": 2})
    add(make, station, "只有座位", 22, {"attendee": 20})
    queue = add(make, station, "候补快到期", 8, {"volunteer": 1})
    holder, waits = make.volunteer(station), make.volunteer(station)
    for person in (holder, waits):
        write(signups.sign_up, queue.id, person.id, PlaceRole.VOLUNTEER, actor=SYSTEM, now=NOW)
    row = signup_queries.live(queue.id, holder.id)
    write(signups.withdraw, row.id, "", actor=SYSTEM, now=NOW)
    post = published(station, cells=every_day(1, (18 * 60, 20 * 60)), now=NOW)
    mine = signed_up(duties(post)[2], make.volunteer(station))
    write(cover.ask, mine.id, None, actor=SYSTEM, now=NOW)
    quiet = add(make, station, "没人来", -0.5, {"volunteer": 3})
    sign_up(quiet, make.volunteer(station))
    scene = Scene(make)
    scene.station, scene.shift = station, add(make, station, "忘了签退", -1)
    scene.scan(scene.volunteer(), "in", 0)

    needs = part(desk.get("/desk"), "needs")
    assert "明天缺人" in needs
    assert "缺 2 名志愿者" in needs
    assert "后天缺人" not in needs
    assert "只有座位" not in needs
    assert "开始了，还没有人签到" in needs
    assert "1 人请人接班，还没人接" in needs
    assert "候补快到期" not in needs  # there are hours left to answer
    assert "忘了签退" not in needs

    page = later(browser, make, station, time_machine, NOW + timedelta(hours=3, minutes=10))
    needs = part(page, "needs")
    assert "1 个候补名额等确认，最晚 20:00" in needs
    assert "1 人没有签退" in needs
    assert needs.index("1 人没有签退") < needs.index("缺 2 名志愿者")  # what presses comes first
    attendance_hooks.due(clock.now())
    needs = part(later(browser, make, station, time_machine, clock.now()), "needs")
    assert "没有签退" not in needs
    assert "1 人的时长等您确认，最晚 5月" in needs


@pytest.mark.parametrize(
    ("hours", "steps", "why"),
    [
        (30, (), "1 个名额都有人了，有人退出就递补。"),
        (30, ("withdraw",), "有 1 个名额在等前面的人确认，最晚 5月9日 周六 13:00。"),
        (1.5, (), "离开始不到 2 小时，不再递补；空出的名额谁先报谁得。"),
    ],
)
def test_why_nobody_moves_up(desk, make, station, hours, steps, why):
    shift = add(make, station, "修家电", hours, {"volunteer": 1})
    holder, *waiting = (make.volunteer(station) for _ in range(8))
    sign_up(shift, holder)
    for person in waiting:
        sign_up(shift, person, state=SignupState.WAITLISTED)
    if steps:
        row = signup_queries.live(shift.id, holder.id)
        write(signups.withdraw, row.id, "", actor=SYSTEM, now=clock.now())
    queues = part(desk.get("/desk"), "queues")
    assert why in queues
    left = len(waiting) - len(steps)
    assert f"{left} 人在等" in queues
    assert f"等 {left} 人" in queues
    assert waiting[-1].name not in queues  # the first five are named


def test_drafts_are_mine_and_the_stations_and_say_why_they_came_back(browser, make, station):
    manager, officer = make.manager(station), make.holder("campaign_officer", make.centre())
    add(make, station, "别人的草稿", 48, state=OfferingState.DRAFT)
    mine = make.activity(station, title="我的草稿", state=OfferingState.DRAFT)
    back = make.activity(station, title="退回的", state=OfferingState.IN_REVIEW)
    make.activity(station, title="在审的", state=OfferingState.IN_REVIEW)
    make.activity(make.station(), title="别站的草稿", state=OfferingState.DRAFT)
    mine.created_by_id = manager.id
    db.session.commit()
    write(
        activities.give_back, back.id, "请写明集合地点", actor=make.actor(officer), now=clock.now()
    )
    page = browser.sign_in(manager).get("/desk")
    drafts = part(page, "drafts")
    assert drafts.index("退回的") < drafts.index("我的草稿") < drafts.index("别人的草稿")
    assert "被退回 请写明集合地点" in drafts
    assert drafts.count("我写的") == 1
    assert "在审核中的 1 项" in drafts
    assert "别站的草稿" not in page.text


def test_who_keeps_several_stations_looks_at_all_or_at_one(browser, make, station):
    other, strange = make.station("平安社区实践站"), make.station("别人的站")
    for one in (station, other, strange):
        add(make, one, f"{one.name}的活动", -1)
    person = make.manager(station)
    write(people.grant_role, person.id, "station_manager", other.id, actor=SYSTEM, now=NOW)
    page = browser.sign_in(person).get("/desk")
    assert "全部 2 个站点" in page.text
    assert "平安社区实践站的活动" in part(page, "today")
    page = browser.get(f"/desk?station={station.public_id}")
    assert "幸福社区实践站的活动" in part(page, "today")
    assert "平安社区实践站的活动" not in part(page, "today")
    assert f"/desk/activities/new?station={station.public_id}" in page.text
    for asked in (strange.public_id, "zzz"):
        page = browser.get(f"/desk?station={asked}")
        assert "没有这个站点，或者不归您管" in page.text
        assert "别人的站的活动" not in page.text
        assert "平安社区实践站的活动" in page.text


def test_what_waits_for_a_decision(desk, make, station, browser):
    for _ in range(3):
        make.volunteer(station, state=VolunteerState.SUBMITTED)
    make.volunteer(make.station(), state=VolunteerState.SUBMITTED)
    add(make, station, "待审的", 5, state=OfferingState.IN_REVIEW)
    page = desk.get("/desk").text
    assert "3 份等待处理" in page
    assert "项等待审核" not in page  # of the own station others decide
    browser.sign_in(make.manager(make.centre()))
    page = browser.get("/desk").text
    assert "4 份等待处理" in page
    assert "1 项等待审核" in page


@pytest.mark.parametrize(
    ("role", "status", "plans"),
    [("station_manager", 200, True), ("administrator", 200, True),
     ("campaign_officer", 200, False), ("team_leader", 200, False), ("auditor", 403, False)],
)  # fmt: skip
def test_who_has_a_desk(browser, make, role, status, plans):
    browser.sign_in(make.holder(role, make.centre()))
    response = browser.get("/desk")
    assert response.status_code == status
    assert ('href="/desk/activities/new"' in response.text) is plans
    assert ('href="/desk/people"' in response.text) is plans
    assert ('id="week"' in response.text) is plans


def test_the_desk_asks_the_same_for_one_row_and_for_thirty(desk, make, station):
    def more(number):
        for _ in range(number):
            shift = add(make, station, "有人等的", 30, {"volunteer": 1})
            sign_up(shift, make.person(), "volunteer")
            sign_up(shift, make.person(), "volunteer", state=SignupState.WAITLISTED)
            add(make, station, "在进行的", -0.5, {"volunteer": 2})
            add(make, station, "草稿", 5, state=OfferingState.DRAFT)

    costs = []
    for number in (1, 29):
        more(number)
        desk.get("/desk")
        with count_queries() as seen:
            page = desk.get("/desk").text
        costs.append(len(seen))
    assert page.count("人在等") == 30
    assert costs[0] == costs[1]
