"""What becomes of a row of each sort, and the sentence it gets."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.rows import FITTING, Fate
from portal.core.sheets import Line
from portal.imports import actions, sorts
from portal.imports.models import Sort
from portal.people.models import VolunteerState
from portal.posts.rules import Cell
from portal.records import settings
from tests.imports.made import ACTIVITIES, PERSONS, POSTS, judged, kept

NEXT = clock.today() + timedelta(days=7)
DAY = NEXT.isoformat()
SIGNED = "2026-10-01"


@pytest.fixture(autouse=True)
def words(app):
    with app.test_request_context():
        yield


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def actor(make, station):
    return make.actor(make.manager(station))


def sentences(row):
    return [(one.column, one.message) for one in row.findings]


# --- persons ----------------------------------------------------------------------------------------

ZHANG = ("章小北", "13800030001", "1980-05-04", "是", SIGNED)
CHILD = ("章小南", "", "2012-05-04", "否", SIGNED)
ID_NUMBER = "440301198005040011"


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        (("", "", "1980-05-04", "是", SIGNED), "name", "请填写这一项"),
        (("=1+1", "", "1980-05-04", "是", SIGNED), "name", "真实姓名"),
        (("章小北", "1380003000", "1980-05-04", "是", SIGNED), "phone", "11 位"),
        (("章小北", "", "去年", "是", SIGNED), "birth_date", "看不懂“去年”，请写成 2026-12-05"),
        (("章小北", "", "1980-02-30", "是", SIGNED), "birth_date", "没有“1980-02-30”这个日子"),
        (("章小北", "", "2999-02-03", "是", SIGNED), "birth_date", "请检查这个日期"),
        (("章小北", "", "1980-05-04", "也许", SIGNED), "volunteer", "请写“是”或者“否”"),
        (("章小北", "", "1980-05-04", "是", ""), "consented_on", "请选择日期"),
        (("章小北", "", "1980-05-04", "是", "1980-05-03"), "consented_on", "请检查这个日期"),
        (("章小北", "", "2020-05-04", "是", SIGNED, "章大山", "13800030002", "是"), "birth_date", "才能注册志愿者"),
        (CHILD, "guardian_name", "未满 18 岁"),
        ((*CHILD, "章大山", "13800030002", "否"), "guardian_consent", "要监护人同意"),
        ((*CHILD, "章大山", "", "是"), "guardian_phone", "要一起填"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_person_has_its_column(station, actor, cells, column, sentence):
    (row,) = judged(Sort.PERSONS, station, actor, cells)
    assert row.fate == Fate.WRONG
    assert any(name == column and sentence in said for name, said in sentences(row)), sentences(row)


def test_an_adult_and_a_child_with_a_guardian_can_be_taken(station, actor):
    rows = judged(
        Sort.PERSONS, station, actor, ZHANG, (*CHILD, "章大山", "13800030002", "是"),
        ("阿依古丽·买买提", "+86 138-0003-0003", datetime.combine(date(1956, 3, 1), time()), "否", date(2026, 10, 1)),
    )  # fmt: skip
    assert [row.fate for row in rows] == [Fate.NEW] * 3
    assert rows[2].value.birth_on == date(1956, 3, 1)
    assert rows[2].value.phone == "13800030003"


def test_who_is_on_record_is_told_and_never_merged(make, station, actor):
    make.person("章小北", phone="13800030001")  # born as ZHANG
    make.volunteer(station, name="李二示", phone="13800030002", state=VolunteerState.SUBMITTED)
    make.person("王三示", phone="13800030003")
    cells = [
        ZHANG,
        ("李二示", "13800030002", "1980-05-04", "是", SIGNED),
        ("章小北", "13800030009", "1980-05-04", "否", SIGNED),
        ("王三示", "13800030003", "1981-01-01", "否", SIGNED),
        ("王四示", "13800030003", "1981-01-01", "否", SIGNED),
        ("王四示", "", "1981-01-01", "否", SIGNED),
    ]
    rows = [judged(Sort.PERSONS, station, actor, one)[0] for one in cells]
    assert [row.fate for row in rows] == [
        Fate.CHANGED, Fate.SAME, Fate.CHANGED, Fate.CHANGED, Fate.NEW, Fate.NEW,
    ]  # fmt: skip
    assert "代办志愿者登记" in rows[0].findings[0].message
    assert "姓名和出生日期相同" in rows[2].findings[0].message
    assert "不会自己合并" in rows[3].findings[0].message
    assert "一家人可以共用" in rows[4].findings[0].message
    twice = judged(Sort.PERSONS, station, actor, cells[5], cells[4])
    assert "和第 2 行是同一个人" in twice[1].findings[0].message


def test_an_id_number_is_taken_as_the_district_has_it(make, station, actor):
    def one(number, agreed, volunteer="是"):
        cells = ("章小北", "", "1980-05-04", volunteer, SIGNED, "", "", "", number, agreed)
        return judged(Sort.PERSONS, station, actor, cells)[0]

    def want(value):
        write(settings.change, "id_number", value, actor=actor, now=clock.now())

    want("optional")
    number = with_check(ID_NUMBER)
    assert one(number, "是").fate == Fate.NEW
    assert one(number, "是").value.id_number == number
    assert sentences(one(number, "否"))[0][0] == "id_number_consent"
    assert sentences(one(number[:-1], "是"))[0][0] == "id_number"
    assert "只有志愿者" in sentences(one(number, "是", "否"))[0][1]
    want("required")
    assert sentences(one("", ""))[0][0] == "id_number"
    want("off")
    assert one(number, "是").value.id_number == ""


def with_check(number):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    return number[:17] + "10X98765432"[total % 11]


# --- posts ------------------------------------------------------------------------------------------

POST = ("周末引导岗", "和平路口", "路口", "周一至周五 7:30-8:30 2人；周六 14:00-16:00 3人")


@pytest.mark.parametrize(
    ("place", "cell", "column", "sentence"),
    [
        (0, "", "title", "请填写这一项"),
        (0, "岗" * 61, "title", "最多 60 个字"),
        (2, "月球", "venue_type", "没有“月球”这一项"),
        (2, "", "venue_type", "请从列表中选择一项"),
        (3, "", "grid", "请填写这一项"),
        (3, "有空就来", "grid", "看不懂“有空就来”"),
        (3, "周一 9:00-8:00 2人", "grid", "结束时间要在开始之后"),
        (3, "周一 9:00-25:00 2人", "grid", "没有这个时间"),
        (3, "周一 9:00-11:00 201人", "grid", "每班 1 到 200 个人"),
        (3, "周一 9:00-11:00 2人；周一至周三 10:00-12:00 2人", "grid", "周一有两段时间重叠"),
    ],
)
def test_what_is_wrong_with_a_post_has_its_column(station, actor, place, cell, column, sentence):
    cells = [*POST]
    cells[place] = cell
    (row,) = judged(Sort.POSTS, station, actor, cells)
    assert row.fate == Fate.WRONG
    assert [name for name, _said in sentences(row)] == [column]
    assert sentence in sentences(row)[0][1]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("周一 9:00-11:00 2人", [Cell(0, 540, 660, 2)]),
        ("周六、周日 14：00至16：00 3名", [Cell(5, 840, 960, 3), Cell(6, 840, 960, 3)]),
        ("星期二四 9:00—24:00 1", [Cell(1, 540, 1440, 1), Cell(3, 540, 1440, 1)]),
        ("周六至周一 8:00-9:00 1人", [Cell(0, 480, 540, 1), Cell(5, 480, 540, 1), Cell(6, 480, 540, 1)]),
        ("周末 9:00-10:00 2人\n周三 9:00-10:00 2人", [Cell(day, 540, 600, 2) for day in (2, 5, 6)]),
        ("Mon-Tue, Sun 9:00-11:00 2 people", [Cell(0, 540, 660, 2), Cell(1, 540, 660, 2), Cell(6, 540, 660, 2)]),
        ("每天 9:00-11:00 2人", [Cell(day, 540, 660, 2) for day in range(7)]),
    ],
)  # fmt: skip
def test_a_grid_is_read_as_people_write_it(station, actor, text, cells):
    (row,) = judged(Sort.POSTS, station, actor, (*POST[:3], text))
    assert row.fate == Fate.NEW, sentences(row)
    assert list(row.value.cells) == cells


def test_a_post_that_is_there_is_the_same_or_stays_as_it_is(station, actor):
    other = ("周末引导岗", "图书馆路口", *POST[2:])
    upload = kept(Sort.POSTS, station, actor, POST, other)
    assert write(actions.take, upload.id, actor=actor, now=clock.now()) == 2
    changed = (*POST[:3], "周一 9:00-11:00 2人")
    rows = judged(Sort.POSTS, station, actor, POST, changed)
    assert rows[0].fate == Fate.SAME
    assert judged(Sort.POSTS, station, actor, changed)[0].fate == Fate.CHANGED
    assert "导入不改已有的岗" in judged(Sort.POSTS, station, actor, changed)[0].findings[0].message
    new = ("另一个岗", *POST[1:])
    assert (
        "和第 2 行是同一个岗" in judged(Sort.POSTS, station, actor, new, new)[1].findings[0].message
    )


# --- activities -------------------------------------------------------------------------------------

WALK = ("健步走", DAY, "14:30", "16:00", "社区广场", "健身", "2", "30")


@pytest.mark.parametrize(
    ("day", "starts", "ends"),
    [
        (DAY, "14:30", "16:00"),
        (DAY.replace("-", "/"), "14:30:00", "16：00"),
        (f"{NEXT.year}年{NEXT.month}月{NEXT.day}日", "14:30", "16:00"),
        ("", f"{DAY} 14:30", "16:00"),
        ("", f"{DAY}T14:30", f"{DAY} 16:00"),
        (NEXT, time(14, 30), time(16, 0)),
        (datetime.combine(NEXT, time(14, 30)), "", datetime.combine(NEXT, time(16))),
        ("", datetime.combine(NEXT, time(14, 29, 59, 900_000)), time(16)),
    ],
)
def test_days_and_times_are_read_as_people_write_them(station, actor, day, starts, ends):
    (row,) = judged(Sort.ACTIVITIES, station, actor, (WALK[0], day, starts, ends, *WALK[4:]))
    assert row.fate == Fate.NEW, sentences(row)
    assert row.value.span == (clock.at_local(NEXT, time(14, 30)), clock.at_local(NEXT, time(16)))


@pytest.mark.parametrize(
    ("place", "cell", "column", "sentence"),
    [
        (1, "下周六", "day", "看不懂“下周六”，请写成 2026-12-05 或者 14:30 这样"),
        (1, "2026-02-30", "day", "没有“2026-02-30”这个日子"),
        (1, "2020-02-03", "day", "请选择今天起"),
        (1, "", "day", "请选择日期"),
        (2, "下午两点", "starts", "看不懂“下午两点”"),
        (2, "25:00", "starts", "没有“25:00”这个"),
        (2, f"{clock.today().isoformat()} 14:30", "starts", "不是同一天"),
        (3, "14:30", "ends", "结束时间要在开始之后"),
        (3, f"{clock.today().isoformat()} 16:00", "ends", "结束要在开始之后"),
        (4, "", "place", "请填写这一项"),
        (5, "打牌", "kind", "没有“打牌”这一项"),
        (6, "很多", "volunteers", "整数"),
        (6, "5001", "volunteers", "0 到 5000"),
    ],
)
def test_what_is_wrong_with_an_activity_has_its_column(
    station, actor, place, cell, column, sentence
):
    cells = [*WALK]
    cells[place] = cell
    (row,) = judged(Sort.ACTIVITIES, station, actor, cells)
    assert row.fate == Fate.WRONG
    assert [name for name, _said in sentences(row)] == [column]
    assert sentence in sentences(row)[0][1]


def test_rows_of_one_name_are_the_shifts_of_one_activity(station, actor):
    second = (WALK[0], DAY, "18:00", "19:00", "", "", "3", "")
    elsewhere = (WALK[0], DAY, "20:00", "21:00", "河边", "", "3", "")
    rows = judged(Sort.ACTIVITIES, station, actor, WALK, second, elsewhere, WALK)
    assert [row.fate for row in rows] == [Fate.NEW, Fate.NEW, Fate.WRONG, Fate.WRONG]
    assert rows[1].value.details == rows[0].value.details
    assert sentences(rows[2]) == [
        ("place", "第 2 行是同一个活动，这一格写得不一样。请写成一样的，或者空着")
    ]
    assert "和第 2 行是同一场" in sentences(rows[3])[0][1]
    upload = kept(Sort.ACTIVITIES, station, actor, WALK, second)
    write(actions.take, upload.id, actor=actor, now=clock.now())
    more = (WALK[0], DAY, "21:00", "22:00", "", "", "3", "")
    rows = judged(Sort.ACTIVITIES, station, actor, WALK, second, more)
    assert [row.fate for row in rows] == [Fate.SAME, Fate.SAME, Fate.CHANGED]
    assert "加场次" in sentences(rows[2])[0][1]
    (row,) = judged(Sort.ACTIVITIES, station, actor, (*WALK[:6], "5", "30"))
    assert row.fate == Fate.CHANGED
    assert "导入不改已有的活动" in sentences(row)[0][1]
    later = (WALK[0], (NEXT + timedelta(days=7)).isoformat(), *WALK[2:])
    assert judged(Sort.ACTIVITIES, station, actor, later)[0].fate == Fate.NEW


def test_the_headings_and_the_choices_may_be_english(station, actor):
    header = ("Title", "Date", "Starts", "Ends", "Place", "Kind", "Volunteers")
    cells = ("A walk", DAY, "14:30", "16:00", "The square", "fitness", "2")
    (row,) = judged(Sort.ACTIVITIES, station, actor, cells, header=header)
    assert row.fate == Fate.NEW, sentences(row)
    for header in (PERSONS, POSTS, ACTIVITIES):
        assert len(set(header)) == len(header)


WORDS = st.sampled_from(
    ["", "是", "9999-12-31", "23:00", "0:30", "24:00", "２０２６-１２-０５", "周一", "9" * 20, "=1+1",
     "周一 9:00-8:00 1人"]
)  # fmt: skip


@given(st.data())
def test_whatever_stands_in_a_row_is_judged(app, make, data):
    with app.test_request_context():
        station = make.station()
        for sort, rows in sorts.SORTS.items():
            names = [column.name for column in rows.columns()]
            cells = st.fixed_dictionaries(
                {}, optional=dict.fromkeys(names, WORDS | st.text(max_size=8))
            )
            lines = [
                Line(n, one) for n, one in enumerate(data.draw(st.lists(cells, max_size=3)), 2)
            ]
            found = rows.check(lines, station.id, actor=SYSTEM, now=clock.now())
            assert [row.line for row in found] == lines, sort
            assert all(row.findings for row in found if row.fate not in FITTING)
