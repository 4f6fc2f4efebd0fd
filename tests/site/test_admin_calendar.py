"""The administrator imports a year: checked first, deadlines recounted, and nobody is dropped."""

from datetime import date

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.feedback.models import Feedback
from portal.org import calendar_text
from portal.org import queries as org
from portal.org.queries import add_working_days
from portal.shifts.models_series import Holidays
from tests.activities.given_series import series, shifts_of
from tests.feedback.filed import file

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
