"""Heads in the figures: beside attendances, the same on page, in API, roll-up and check."""

from datetime import date, timedelta

import pytest

from portal.attendance import actions_headcounts
from portal.attendance.models_headcounts import Method
from portal.attendance.rules_headcounts import Heads
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.figures import behind, catalogue, hooks, outputs, queries, rules, scope
from portal.figures.behind_lines import Asked
from portal.figures.models import FigureCell
from portal.figures.rules import By, Span
from portal.shifts.actions_conditions import Conditions, put_conditions
from tests.closeouts.given import NOON, counter, over, tell

MONTH = Span(date(2026, 11, 1), date(2026, 11, 20))
# (heads, how) of sessions of one day each; None: nobody counted.
DAYS = [Heads(120, Method.ESTIMATED), Heads(30, Method.COUNTED), Heads(0, Method.COUNTED), None]


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def crowd(make):
    activity = make.activity(make.station(), open_crowd=True, kind="reading")
    for number, heads in enumerate(DAYS):
        shift = over(make, activity=activity, ago=timedelta(days=number + 1))
        if heads:
            tell(shift, heads=heads)
    over(make, activity.station, ago=timedelta(days=1))  # not an open crowd
    return activity


def table(by):
    return queries.table(scope.of_district(), MONTH, by, now=NOON)


def words(row):
    return [catalogue.BY_KEY[key].shown(row.figures) for key in ("headcount", "headcount_missing")]


@pytest.mark.parametrize("rolled_up", [False, True])
def test_they_agree_everywhere_and_not_told_is_not_nought(crowd, rolled_up):
    if rolled_up:
        hooks.due(NOON)
        assert hooks.check() == []
        assert db.session.query(FigureCell).filter_by(station_id=crowd.station_id).count()
    for by in By:
        total = table(by).total.figures
        assert (total.heads, total.counted, total.estimated) == (150, 30, 120)
        assert (total.headcounts, total.uncounted, total.attendances) == (3, 1, 0)
    by_day = {row.key: words(row) for row in table(By.DAY).rows}
    assert [by_day[f"2026-11-{day}"] for day in (16, 17, 18, 19, 20)] == [
        ["未填报", "1"], ["0", "0"], ["30", "0"], ["120", "0"], ["—", "—"],
    ]  # fmt: skip
    row = next(row for row in table(By.DAY).rows if row.key == "2026-11-16")
    said = catalogue.as_json(row.figures, By.DAY)
    assert (said["headcount"], said["headcount_missing"]) == (None, 1)
    asked = Asked(scope.of_district(), MONTH, None, NOON)
    found = {
        key: behind.listing(key, asked, 1)
        for key in ("headcount", "estimated", "headcount_missing")
    }
    assert {key: (one.page.total, one.heads) for key, one in found.items()} == {
        "headcount": (3, 150), "estimated": (1, 120), "headcount_missing": (1, None),
    }  # fmt: skip


def test_a_changed_number_shows_at_once_and_the_check_finds_a_wrong_one(crowd, make):
    hooks.due(NOON)
    shift = over(make, activity=crowd, ago=timedelta(days=6))
    write(actions_headcounts.state, shift.id, Heads(7, Method.COUNTED), actor=SYSTEM, now=NOON)
    assert table(By.MONTH).total.figures.heads == 157
    hooks.due(NOON)
    cells = db.session.query(FigureCell).filter_by(station_id=crowd.station_id, kind_id=0)
    cells.filter_by(grain="day", first_on=date(2026, 11, 14)).update({"counted": 8})
    db.session.commit()
    assert any("counted 8 instead of 7" in line for line in hooks.check())


def test_whoever_says_that_it_was_no_open_crowd_changes_the_figures(crowd):
    hooks.due(NOON)
    write(put_conditions, crowd, Conditions(open_crowd=False))
    assert table(By.MONTH).total.figures.uncounted == 0


def test_outputs_are_added_up_by_their_unit_in_the_newest_version(make, browser):
    station, street = make.station(), scope.of_district()
    shift, other = over(make, station), over(make, make.station())
    tell(shift, amounts={counter("waste"): 200, counter("piles"): 700})
    tell(shift, seen=1, amounts={counter("waste"): 1250, counter("piles"): 700})
    tell(other, amounts={counter("waste"): 1950})
    found = [one.text for one in outputs.outputs(street, MONTH, now=NOON)]
    assert found == ["7 处", "32 吨"]
    own = scope.of_subtree(station.id)
    assert [one.as_json["amount"] for one in outputs.outputs(own, MONTH, now=NOON)] == [7, 12.5]
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    assert "32 吨" in browser.get("/office/figures").text


def test_the_pages_print_them_apart(browser, make, crowd):
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    text = browser.get("/office/figures?by=day").text
    assert "未填报</td>" in text
    assert "现场清点里，估计的有：" in text
    assert "合计 150 人次" in browser.get("/office/figures/records?figure=headcount").text
    assert rules.month_so_far(clock.today()) == MONTH
    assert '<td class="num">150</td>' in browser.get("/figures").text
