"""The public list: what stands on it, how it is narrowed, and what it costs."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.org.models import Level
from portal.records import search
from portal.shifts import actions as shift_actions
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions as signups
from tests.support.queries import count_queries

# A Sunday morning in Shanghai, so that weeks and weekends are known.
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sunday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def station(make):
    return make.station()


def add(make, station, title, *, days=1, hours=0, places=None, **columns):
    activity = make.activity(station, title=title, **columns)
    write(
        search.put, Ref("offering", activity.id), f"{title}\n{activity.summary}\n{activity.place}"
    )
    return make.shift(
        activity=activity, starts_at=NOW + timedelta(days=days, hours=hours), places=places
    )


def titles(browser, **query):
    """Return the titles of the cards, in their order."""
    query = {name.rstrip("_"): value for name, value in query.items()}
    response = browser.get("/activities", query_string=query)
    assert response.status_code == 200
    part = response.text.partition('id="activity-list"')[2].partition("</section>")[0]
    return re.findall(r'<a[^>]*href="/activities/\w+#shift-\w+"[^>]*>([^<]*)</a>', part)


def ignored(browser, **query):
    query = {name.rstrip("_"): value for name, value in query.items()}
    return browser.get("/activities", query_string=query).text


# --- what stands there ---------------------------------------------------------------------------


def test_the_next_stands_first(browser, make, station):
    add(make, station, "后天的", days=2)
    add(make, station, "明天的", days=1)
    add(make, station, "正在进行的", days=0, hours=-1)
    add(make, station, "昨天的", days=-1)
    assert titles(browser) == ["正在进行的", "明天的", "后天的"]


def test_what_is_not_public_does_not_stand_there(browser, make, station):
    add(make, station, "公开的")
    for state in (OfferingState.DRAFT, OfferingState.IN_REVIEW, OfferingState.CALLED_OFF):
        add(make, station, str(state), state=state)
    shift = add(make, station, "取消的一场")
    write(signups.call_off, shift.id, "下雨", actor=SYSTEM, now=NOW)
    assert titles(browser) == ["公开的"]


def test_a_card_says_what_one_needs(browser, make):
    station = make.station("幸福社区实践站")
    add(make, station, "清洁家园", days=1, place="东门广场", places={"volunteer": 5, "attendee": 3})
    page = browser.get("/activities").text
    for word in (
        "清洁家园", "东门广场 · 幸福社区", "11月", "周一", "09:00-11:00", "环境清洁", "明天",
        "志愿者：还有 5 个名额", "参加：还有 3 个名额", "共 1 场",
    ):  # fmt: skip
        assert word in page


def test_each_shift_is_a_card(browser, make, station):
    activity = make.activity(station, title="每周读书会")
    for week in range(3):
        make.shift(activity=activity, starts_at=NOW + timedelta(days=1 + 7 * week))
    assert titles(browser) == ["每周读书会"] * 3


# --- narrowing -----------------------------------------------------------------------------------


def test_by_station_and_what_is_below_it(browser, make):
    institute = make.station("甲所", level=Level.INSTITUTE)
    below, beside = make.station(parent=institute), make.station()
    add(make, institute, "所里的", days=1)
    add(make, below, "站里的", days=2)
    add(make, beside, "别处的", days=3)
    assert titles(browser, station=institute.public_id) == ["所里的", "站里的"]
    assert titles(browser, station=below.public_id) == ["站里的"]
    assert titles(browser, station=make.centre().public_id) == ["所里的", "站里的", "别处的"]


def test_by_kind(browser, make, station):
    add(make, station, "义诊", kind="care")
    add(make, station, "扫地", kind="environment")
    assert titles(browser, kind="care") == ["义诊"]
    assert titles(browser, kind="reading") == []


def test_by_days_of_the_district_both_included(browser, make, station):
    first = clock.day_start(date(2026, 11, 25))
    for title, at in (
        ("前一晚", first - timedelta(minutes=30)),
        ("零点", first),
        ("深夜", first + timedelta(hours=23, minutes=55)),
        ("次日零点", first + timedelta(days=1)),
    ):
        add(make, station, title, days=0, hours=(at - NOW).total_seconds() / 3600)
    assert titles(browser, from_="2026-11-25", to="2026-11-25") == ["零点", "深夜"]
    assert titles(browser, from_="2026-11-25") == ["零点", "深夜", "次日零点"]
    assert titles(browser, to="2026-11-24") == ["前一晚"]
    assert titles(browser, from_="2026-11-26", to="2026-11-25") == []


def test_what_is_past_is_found_by_its_day(browser, make, station):
    add(make, station, "上周的", days=-7)
    assert titles(browser) == []
    assert titles(browser, from_="2026-11-15", to="2026-11-15") == ["上周的"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("清洁", ["周六清洁家园"]),
        ("家园 清洁", ["周六清洁家园"]),
        ("洁家", ["周六清洁家园"]),
        ("义诊", ["社区义诊", "健康讲座"]),
        ("东门", ["社区义诊"]),
        ("诊", ["社区义诊", "健康讲座"]),
        ("ｔａｉ", []),
        ("没有的", []),
        ("%", ["周六清洁家园", "社区义诊", "健康讲座"]),
        ("' OR 1=1 --", []),
    ],
)
def test_by_words(browser, make, station, query, found):
    add(make, station, "周六清洁家园", days=1)
    add(make, station, "社区义诊", days=2, place="东门广场")
    add(make, station, "健康讲座", days=3, summary="讲座之后有义诊。")
    assert titles(browser, q=query) == found


def test_by_role_and_free_places(browser, make, station):
    add(make, station, "只要志愿者", days=1, places={"volunteer": 2})
    add(make, station, "只能参加", days=2, places={"attendee": 2})
    full = add(make, station, "满了", days=3, places={"attendee": 1})
    queue = add(make, station, "有人候补", days=4, places={"attendee": 1, "volunteer": 1})
    for shift, number in ((full, 1), (queue, 2)):
        for _ in range(number):
            write(
                signups.sign_up, shift.id, make.person().id, PlaceRole.ATTENDEE, actor=SYSTEM,
                now=NOW,
            )  # fmt: skip
    assert titles(browser, role="volunteer") == ["只要志愿者", "有人候补"]
    assert titles(browser, role="attendee") == ["只能参加", "满了", "有人候补"]
    assert titles(browser, free="1") == ["只要志愿者", "只能参加", "有人候补"]
    assert titles(browser, free="1", role="attendee") == ["只能参加"]


def test_filters_hold_together(browser, make):
    station, beside = make.station(), make.station()
    add(make, station, "清洁一", days=1, kind="environment")
    add(make, station, "清洁二", days=9, kind="environment")
    add(make, station, "清洁三", days=1, kind="care")
    add(make, beside, "清洁四", days=1, kind="environment")
    query = {"station": station.public_id, "kind": "environment", "q": "清洁", "to": "2026-11-30"}
    assert titles(browser, **query, from_="2026-11-22", free="1") == ["清洁一"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"station": "zzzzzzzzzz"}, "没有这个站点，已显示全部站点。"),
        ({"station": "1"}, "没有这个站点，已显示全部站点。"),
        ({"kind": "none"}, "没有这个类别，已显示全部类别。"),
        ({"role": "boss"}, "没有这种名额，已显示全部。"),
        ({"from_": "gestern"}, "日期看不懂，已忽略。"),
        ({"to": "2026-13-01"}, "日期看不懂，已忽略。"),
        ({"from_": "0001-01-01"}, "日期看不懂，已忽略。"),
        ({"to": "9999-12-31"}, "日期看不懂，已忽略。"),
        ({"from_": "2" * 5000}, "日期看不懂，已忽略。"),
    ],
)
def test_what_is_not_known_is_ignored_with_a_sentence(browser, make, station, query, sentence):
    add(make, station, "清洁家园")
    assert titles(browser, **query) == ["清洁家园"]
    assert sentence in ignored(browser, **query)


def test_what_is_not_asked_is_not_spoken_of(browser, make, station):
    add(make, station, "清洁家园")
    assert titles(browser, free="yes", unknown="x") == ["清洁家园"]
    assert "已忽略" not in ignored(browser, station="", kind="", role="", from_="", to="")


@pytest.mark.parametrize(
    "query",
    [
        {"q": "<script>alert(1)</script>"},
        {"q": '"><img src=x onerror=alert(1)>'},
        {"q": "长" * 20_000},
        {"q": "\u202e\u0000x".replace("\u0000", "")},
        {"station": "'; DROP TABLE shift; --"},
        {"kind": "<b>"},
        {"page": "-1"},
        {"page": "9" * 5000},
    ],
)
def test_strange_and_huge_input_is_answered(browser, make, station, query):
    add(make, station, "清洁家园")
    page = ignored(browser, **query)
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_filter_stands_in_the_form_again(browser, make, station):
    page = ignored(
        browser, q="清洁", station=station.public_id, kind="care", role="volunteer", free="1"
    )
    assert 'value="清洁"' in page
    assert f'value="{station.public_id}" selected' in page
    assert 'value="care" selected' in page
    assert 'value="volunteer" selected' in page
    assert re.search(r'name="free" value="1" checked', page)
    assert "<details open" in page


def test_the_usual_spans(browser, make, station):
    add(make, station, "今天的", hours=1, days=0)
    add(make, station, "周一的", days=1)
    page = browser.get("/activities").text
    spans = re.findall(r'class="chip" href="([^"]*)"[^>]*>([^<]*)<', page)
    by_word = {word: href.replace("&amp;", "&") for href, word in spans}
    assert by_word["今天"] == "/activities?from=2026-11-22&to=2026-11-22"
    assert by_word["本周"] == "/activities?from=2026-11-22&to=2026-11-22"  # it is Sunday
    assert by_word["全部"] == "/activities"
    kept = browser.get("/activities?q=清洁").text
    assert "from=2026-11-22&amp;to=2026-11-22&amp;q=" in kept


def test_the_list_has_its_feed_with_the_same_filter(browser, make, station):
    page = ignored(browser, q="清洁", kind="care")
    assert "/cal/all.ics?kind=care&amp;q=%E6%B8%85%E6%B4%81" in page


# --- pages ---------------------------------------------------------------------------------------


def many(make, station, number):
    activity = make.activity(station, title="很多场")
    for n in range(number):
        make.shift(activity=activity, starts_at=NOW + timedelta(days=1, hours=3 * n))
    return activity


def test_pages_of_twenty(browser, make, station):
    many(make, station, 45)
    assert [len(titles(browser, page=number)) for number in (1, 2, 3)] == [20, 20, 5]
    assert "共 45 场" in browser.get("/activities?page=2").text
    first = browser.get("/activities?q=&free=1").text
    assert 'href="/activities?q=&amp;free=1&amp;page=2"' in first
    assert len(titles(browser, page=4)) == 5
    assert len(titles(browser, page=5000)) == 5
    assert len(titles(browser, page="x")) == 20


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_page_costs_the_same_for_one_thirty_and_two_hundred(browser, make, station, signed_in):
    if signed_in:
        browser.sign_in(make.person())
    costs = []
    added = 0
    for number in (1, 30, 200):
        many(make, station, number - added)
        added = number
        browser.get("/activities")  # what is remembered of a session is read now
        with count_queries() as seen:
            assert browser.get(f"/activities?free=1&x={number}").status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1] == costs[2] <= 12


def test_nothing_there(browser, make):
    page = browser.get("/activities").text
    assert "近期还没有活动" in page
    assert 'href="/stations"' in page
    page = browser.get("/activities?q=清洁").text
    assert "没有找到符合条件的活动" in page
    assert 'href="/activities"' in page


# --- the activity's page -------------------------------------------------------------------------


def test_the_page_says_everything_without_signing_in(browser, make):
    station = make.station("幸福社区实践站")
    activity = make.activity(
        station, title="清洁家园", place="东门广场", summary="带孩子一起来。\n下雨改期。", bring="手套",
        leader_name="李队长", contact_phone="0755-7654321", minimum_age=14, is_risky=True,
        risk_note="要爬梯子", insurance_note="已投保",
    )  # fmt: skip
    shift = make.shift(activity=activity, starts_at=NOW + timedelta(days=1))
    page = browser.get(f"/activities/{activity.public_id}").text
    for word in (
        "清洁家园", "东门广场", "带孩子一起来。", "下雨改期。", "手套", "李队长", "0755-7654321",
        'href="tel:07557654321"', "满 14 岁", "要爬梯子", "已投保", "所有居民", "环境清洁",
        f"/stations/{station.public_id}", "还有 5 个名额", "还有 10 个名额", "09:00-11:00",
        f"/login?next=/activities/{activity.public_id}", f'id="shift-{shift.public_id}"',
    ):  # fmt: skip
        assert word in page, word


def test_the_way_there_is_text_to_copy_and_a_link_that_tells_the_map_nothing(browser, make):
    station = make.station("幸福社区实践站")
    activity = make.activity(station, place='东门 & "广场"')
    page = browser.get(f"/activities/{activity.public_id}").text
    assert "<br>和平路 1 号 " in page
    assert 'data-copy="和平路 1 号"' in page
    asked = quote('和平路 1 号 东门 & "广场"')
    address = f"https://uri.amap.com/search?keyword={asked}"
    assert f'<a href="{address}" rel="noopener noreferrer">查看地图</a>' in page
    assert page.count("uri.amap.com") == 1
    station.address = ""
    db.session.commit()
    page = browser.get(f"/activities/{activity.public_id}?anew=1").text
    assert f"keyword={quote('东门')}" in page
    assert "data-copy" not in page


def test_a_shifts_own_address_leads_to_its_panel(browser, make, station):
    shift = make.shift(station)
    response = browser.get(f"/shifts/{shift.public_id}")
    assert response.status_code == 302
    assert response.location == (f"/activities/{shift.offering.public_id}#shift-{shift.public_id}")


def test_past_shifts_are_put_away(browser, make, station):
    activity = make.activity(station)
    for days in (-9, -8, -7, -6, -5, -4, 1):
        make.shift(activity=activity, starts_at=NOW + timedelta(days=days))
    page = browser.get(f"/activities/{activity.public_id}").text
    coming, _, past = page.partition("已经结束的场次")
    assert coming.count('id="signup-panel-') == 1
    assert past.count('id="signup-panel-') == 5
    last = shifts.shifts_of(activity.id)[-1]
    write(shift_actions.call_off_shift, last.id, "有雷雨", actor=SYSTEM, now=NOW)
    page = browser.get(f"/activities/{activity.public_id}").text
    assert "取消原因：有雷雨" in page


@pytest.mark.parametrize("state", [OfferingState.DRAFT, OfferingState.IN_REVIEW])
def test_a_draft_is_seen_by_its_desk_alone(browser, make, station, state):
    activity = make.activity(station, title="还没好", state=state)
    path = f"/activities/{activity.public_id}"
    assert browser.get(path).status_code == 404
    browser.sign_in(make.person())
    assert browser.get(path).status_code == 404
    browser.sign_in(make.manager(make.station()))
    assert browser.get(path).status_code == 404
    browser.sign_in(make.manager(station))
    page = browser.get(path).text
    assert "这是预览，还没有发布" in page
    assert "/signup" not in page


def test_a_called_off_activity_says_so(browser, make, station):
    activity = make.activity(station, state=OfferingState.CALLED_OFF)
    assert "这项活动取消了" in browser.get(f"/activities/{activity.public_id}").text


def test_english_names_of_kinds(browser, make, station):
    add(make, station, "清洁家园")
    browser.client.set_cookie("lang", "en")
    page = browser.get("/activities").text
    assert "Environment" in page
    assert "Mon" in page


def test_search_follows_a_change(browser, make, station):
    shift = add(make, station, "清洁家园")
    write(search.put, Ref("offering", shift.offering_id), "义诊")
    assert titles(browser, q="清洁") == []
    assert titles(browser, q="义诊") == ["清洁家园"]
    write(search.drop, Ref("offering", shift.offering_id))
    assert titles(browser, q="义诊") == []
    assert db.session.query(search.SearchEntry).filter_by(kind="offering").count() == 0


def test_a_hurried_search_is_asked_to_wait(own_app):
    """Searching costs most; whoever asks for no words is not counted."""
    visitor = own_app.test_client()
    answers = [visitor.get(f"/activities?q=清洁{n}").status_code for n in range(60)]
    assert answers[:20] == [200] * 20
    assert 429 in answers
    assert visitor.get("/activities").status_code == 200
