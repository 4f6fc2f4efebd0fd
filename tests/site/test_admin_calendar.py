"""The administrator imports a year: checked first, deadlines recounted, and nobody is dropped."""

import io
from datetime import date, timedelta

import pytest

from portal.core import clock, workbooks
from portal.core.access import Role
from portal.core.db import db
from portal.feedback.models import Feedback
from portal.org import calendar_text
from portal.org import queries as org
from portal.org.queries import add_working_days
from portal.shifts.models_series import Holidays
from tests.activities.given_series import series, shifts_of
from tests.feedback.filed import file
from tests.posts.given import duties, every_day, pattern, published

YEAR = clock.today().year + 1


@pytest.fixture
def admin(make, browser):
    return browser.sign_in(make.holder(Role.ADMINISTRATOR, make.centre()))


@pytest.mark.parametrize(
    ("text", "days", "works"),
    [
        ("2027-01-01 放假 元旦", 1, 0),
        ("2027年2月5日至2027年2月11日 放假 春节", 7, 0),
        ("2.5~2.11, 放假, 春节\n2027/2/14 上班", 7, 1),
        ("# 一月\n\n1月1日 放假", 1, 0),
    ],
)
def test_a_list_is_read_as_people_write_it(text, days, works):
    found = calendar_text.read(text, 2027)
    assert (found.faults, found.holidays, found.swapped) == ([], days, works)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "没有读到"),
        ("元旦放假", "看不懂"),
        ("2027-02-30 放假", "没有这一天"),
        ("2026-01-01 放假", "不是 2027"),
        ("2027-02-11~2027-02-05 放假", "写反"),
        ("2027-01-01 放假\n2027-01-01 放假", "两次"),
        ("2027-01-04 上班", "本来就上班"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_by_line(text, fault):
    assert fault in " ".join(calendar_text.read(text, 2027).faults)


def test_an_import_is_checked_and_lists_what_has_to_be_decided(make, admin):
    assert f"{YEAR} 年还没有放假安排" in admin.get("/admin/calendar").text
    first = date(YEAR, 3, 3)
    row = series(make, first=first, holidays=Holidays.SKIP)
    asked = {"year": str(YEAR), "source": "通知", "days": f"{first:%Y-%m-%d} 放假 新假"}
    assert admin.post("/admin/calendar/new", {**asked, "days": "明天放假"}).status_code == 422
    assert "检查安排" in admin.post("/admin/calendar/new", asked).text
    assert YEAR not in org.published_years()
    assert admin.post("/admin/calendar/new", {**asked, "sure": "1"}).status_code == 303
    page = admin.get("/admin/calendar").text
    assert row.offering.title in page
    assert "新假" in page
    assert "通知" in page
    assert [shift.state for shift in shifts_of(row)] == ["planned"] * 5


def test_deadlines_keep_their_working_days(make, admin):
    """A new holiday before the day moves it by as much, wherever it is stored."""
    row = file(make)
    due = row.due_on
    free = add_working_days(clock.today(), 1)
    listed = [(one.day, one.is_working, one.name) for one in org.listed_days(free.year)]
    days = "\n".join(
        f"{day:%Y-%m-%d} {'上班' if works else '放假'} {name}"
        for day, works, name in [*listed, (free, False, "临时")]
    )
    asked = {"year": str(free.year), "source": "通知", "days": days, "sure": "1"}
    assert admin.post("/admin/calendar/new", asked).status_code == 303
    db.session.expire_all()
    assert db.session.get(Feedback, row.id).due_on == add_working_days(due, 1)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_file_is_put_where_it_can_be_mended_and_checked(admin, kind):
    header, rows = ("从", "到", "安排", "名称"), [("2027-02-05", "2027/2/11", "放假", "春节")]
    rows.append(("2027-02-14", "", "上班", ""))
    said = "\n".join(",".join(row) for row in (header, *rows))
    content = workbooks.table("安排", header, rows) if kind == "xlsx" else said.encode("gb18030")
    asked = {"year": "2027", "source": "通知", "file": (io.BytesIO(content), f"安排.{kind}")}
    page = admin.post("/admin/calendar/new", asked).text
    assert "放假 7 天，调休上班 1 天" in page
    assert "2027-02-05~2027/2/11 放假 春节" in page
    asked["file"] = (io.BytesIO(b"PK\3\4x"), "安排.xlsx")
    answer = admin.post("/admin/calendar/new", asked)
    assert answer.status_code == 422
    assert "打不开这个文件" in answer.text


def test_duties_on_a_new_holiday_are_listed_before_and_after(make, admin):
    """A post that skips holidays; one that stands on them too is not concerned."""
    station = make.station()
    grid = pattern(every_day(), skips=True)
    post, other = published(station, grid=grid, title="引导岗"), published(station, title="夜间岗")
    duty = next(one for one in duties(post) if clock.local_day(one.starts_at) > clock.today())
    day = clock.local_day(duty.starts_at)
    asked = {"year": str(day.year), "source": "通知", "days": f"{day:%Y-%m-%d} 放假 新假"}
    page = admin.post("/admin/calendar/new", asked).text
    assert f"/desk/shifts/{duty.public_id}" in page
    assert other.title not in page
    assert admin.post("/admin/calendar/new", {**asked, "sure": "1"}).status_code == 303
    page = admin.get("/admin/calendar").text
    assert f"/desk/shifts/{duty.public_id}/call-off" in page
    assert admin.get(f"/desk/shifts/{duty.public_id}/call-off").status_code == 200
    assert other.title not in page


def test_a_duty_on_a_weekend_worked_in_exchange_is_listed(make, admin):
    post = published(make.station(), title="引导岗")
    saturday = clock.today() + timedelta(days=12 - clock.today().weekday())
    assert saturday in {clock.local_day(one.starts_at) for one in duties(post)}
    asked = {"year": str(saturday.year), "source": "通知", "days": f"{saturday:%Y-%m-%d} 上班"}
    assert admin.post("/admin/calendar/new", {**asked, "sure": "1"}).status_code == 303
    page = admin.get("/admin/calendar").text
    assert "引导岗" in page
    assert "调休上班" in page
