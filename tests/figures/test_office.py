from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import db
from portal.figures import hooks, present, queries, rules, scope
from portal.figures.rules import By, Span
from portal.hours.models import LedgerEntry
from portal.people.models import Person, Volunteer, VolunteerState
from portal.shifts.models import OfferingState
from tests.figures.written import NOW, TODAY
from tests.support.queries import count_queries

PAGES = ("/office", "/office/figures", "/office/figures/records?figure=sessions")


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_officers_administrators_and_auditors_read_figures(make, browser, street, path, role):
    assert browser.sign_in(make.holder(role, street.institute)).get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_others_do_not(make, browser, street, path):
    assert browser.get(path).status_code == 303
    assert browser.sign_in(make.person()).get(path).status_code == 403
    assert browser.sign_in(make.manager(street.institute)).get(path).status_code == 403


def test_an_officer_sees_the_own_subtree_and_nothing_beside_it(browser, street, officer):
    browser.sign_in(officer)
    for station in (street.institute, street.inside):
        assert browser.get(f"/office/figures?station={station.public_id}").status_code == 200
    for path in ("/office/figures?", "/office/figures.csv?", f"{PAGES[2]}&"):
        for public_id in (street.outside.public_id, "nonsense22"):
            assert browser.get(f"{path}station={public_id}").status_code == 404
    text = browser.get("/office/figures").text
    assert street.inside.name in text
    assert street.outside.name not in text


# --- the table -----------------------------------------------------------------------------------


def cells(text):
    """The table as rows of (words, link)."""
    body = text[text.index("<tbody>") : text.index("</table>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    pattern = re.compile(r'<td class="num">(?:<a href="([^"]*)">)?([^<]*)')
    return [[(words, unescape(href)) for href, words in pattern.findall(row)] for row in rows]


def shown_number(text):
    total = re.search(r'id="records-total">共 ([\d,]+) 条', text).group(1)
    hours = re.search(r'id="records-hours">合计 ([\d,.-]+) 小时', text)
    return total, hours.group(1) if hours else None


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("rolled_up", [False, True])
def test_each_number_opens_a_list_of_as_many_records(browser, street, officer, by, rolled_up):
    if rolled_up:
        hooks.due(NOW)
    browser.sign_in(officer)
    page = browser.get(f"/office/figures?by={by}&from=2026-11-01&to=2026-11-20")
    columns = present.catalogue.columns(by)
    rows = cells(page.text)
    assert len(rows) > 1
    for row in rows:
        for figure, (words, href) in zip(columns, row, strict=True):
            if not href:
                assert words == "—"
                continue
            total, hours = shown_number(browser.get(href).text)
            if figure.key == "hours":
                assert hours == words
            elif figure.key not in {"registration_rate", "hours_per_active"}:
                assert total == words


def test_provisional_hours_are_printed_apart_and_open_their_records(make, browser, street):
    browser.sign_in(make.holder(Role.AUDITOR, make.centre()))
    text = browser.get("/office/figures").text
    href, words = re.search(r'待确认时长（不计入上面）：<a href="([^"]*)">([^<]*)', text).groups()
    assert words == "0.8"
    assert shown_number(browser.get(unescape(href)).text) == ("1", "0.8")


def test_the_total_counts_a_person_once(browser, street, officer):
    browser.sign_in(officer)
    rows = cells(browser.get("/office/figures?by=station").text)
    words = [[one[0] for one in row] for row in rows]
    assert words == [
        # sessions, attendances, heads, uncounted, applications, registered, rate, active, hours, a head
        ["1", "4", "—", "—", "0", "0", "—", "3", "1.7", "0.6"],
        ["2", "5", "—", "—", "3", "2", "0.20%", "2", "3.6", "1.8"],
        ["3", "9", "—", "—", "3", "2", "0.20%", "3", "5.2", "1.7"],
    ]


@pytest.mark.parametrize("rolled_up", [False, True])
def test_two_records_of_one_person_are_one_volunteer_who_served(browser, officer, rolled_up):
    if rolled_up:
        hooks.due(NOW)
    served = sorted(set(db.session.scalars(select(LedgerEntry.person_id))))
    keeper, merged = (db.session.get_one(Person, served[number]) for number in (0, -1))
    merged.merged_into_id = keeper.id
    db.session.commit()
    assert hooks.check() == []
    browser.sign_in(officer)
    total = cells(browser.get("/office/figures?by=station").text)[-1]
    words, href = total[7]
    assert words == "2"
    assert shown_number(browser.get(href).text)[0] == "2"


def test_a_station_with_others_below_it_lists_its_own_records(browser, street, officer):
    browser.sign_in(officer)
    own, _inside, _total = cells(browser.get("/office/figures?by=station").text)
    words, href = own[0]
    assert (words, "only=1" in href) == ("1", True)
    assert shown_number(browser.get(href).text)[0] == "1"
    without = browser.get(href.replace("&only=1", ""))
    assert shown_number(without.text)[0] == "3"


def test_what_cannot_be_used_is_ignored_with_a_sentence(browser, street, officer):
    browser.sign_in(officer)
    page = browser.get("/office/figures?from=soon&by=colour&page=x")
    assert page.status_code == 200
    assert page.text.count("没有用上") == 2
    assert 'value="2026-11-01"' in page.text
    page = browser.get(f"{PAGES[2]}&kind=nothing")
    assert "没有这种类别" in page.text
    assert browser.get("/office/figures/records?figure=likes").status_code == 404


def test_the_definitions_stand_below_the_table(browser, street, officer):
    text = browser.sign_in(officer).get("/office/figures").text
    for one in present.definitions():
        assert one["definition"] in text


def test_stretches_of_time_have_a_chart_and_stations_none(browser, street, officer):
    browser.sign_in(officer)
    assert "<rect" in browser.get("/office/figures?by=day").text
    assert "<rect" not in browser.get("/office/figures?by=station").text


def test_the_download_holds_the_same_numbers(browser, street, officer):
    browser.sign_in(officer)
    answer = browser.get("/office/figures.csv?by=kind&from=2026-11-01&to=2026-11-20")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:4] == ["类别", "开始", "结束", "场次(场)"]
    by_name = {row[0]: row for row in rows}
    assert by_name["文化文艺"][3:] == ["1", "2", "—", "—", "1", "1.6", "1.6", "0.0", "—"]
    page = cells(browser.get("/office/figures?by=kind&from=2026-11-01&to=2026-11-20").text)
    assert [one[0] for one in page[-1]] == by_name["合计"][3:-2]


def test_names_are_masked_in_the_records(make, browser, street, officer):
    browser.sign_in(officer)
    for key in ("attendances", "hours", "active", "registered", "applications"):
        text = browser.get(f"/office/figures/records?figure={key}&from=2026-11-01").text
        assert "测*" in text
        assert not any(person.name in text for person in street.people)


def test_records_come_twenty_a_page(browser, street, officer):
    for number in range(21):
        street.day(street.inside, date(2026, 10, 1) + timedelta(days=number), persons=1)
    browser.sign_in(officer)
    path = "/office/figures/records?figure=sessions&from=2026-10-01&to=2026-10-31"
    first = browser.get(path)
    assert (shown_number(first.text)[0], first.text.count("<tr>")) == ("21", 21)
    assert browser.get(f"{path}&page=2").text.count("<tr>") == 2


@pytest.mark.parametrize(
    "path",
    [
        "/office",
        *(f"/office/figures?by={by}&from=2026-10-01&to=2026-11-20" for by in By),
        *(
            f"/office/figures/records?figure={key}&from=2026-10-01"
            for key in ("sessions", "attendances", "registered", "active", "hours", "provisional")
        ),
        "/figures",
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_data(browser, street, officer, path):
    browser.sign_in(officer)
    hooks.due(NOW)
    browser.get(path)
    with count_queries() as few:
        browser.get(path)
    for number in range(30):
        street.day(street.inside, date(2026, 10, 1) + timedelta(days=number), persons=2)
    street.make.station(parent=street.institute)
    hooks.due(NOW)
    browser.get(path)  # what is kept of small tables is read anew after a change
    with count_queries() as many:
        browser.get(path)
    assert len(many) == len(few)
    assert len(many) <= 30


# --- the day at a glance -------------------------------------------------------------------------


def test_the_office_shows_yesterday_today_and_what_waits(make, browser, street):
    applicant = make.volunteer(street.inside, state=VolunteerState.SUBMITTED)
    db.session.query(Volunteer).filter_by(person_id=applicant.id).update(
        {"due_on": TODAY - timedelta(days=1)}
    )
    db.session.commit()
    make.activity(street.inside, title="夜间巡河", state=OfferingState.IN_REVIEW)
    make.activity(street.outside, title="别处的活动", state=OfferingState.IN_REVIEW)
    district = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    text = browser.sign_in(district).get("/office").text
    assert re.findall(r'class="count">(\d+)', text) == ["2", "1", "2", "1"]
    assert "别处的活动" in text
    own = make.holder(Role.CAMPAIGN_OFFICER, street.institute)
    text = browser.sign_in(own).get("/office").text
    assert re.findall(r'class="count">(\d+)', text) == [
        "2",
        "1",
        "1",
    ]  # the visit is of another station
    assert "夜间巡河" in text
    assert "别处的活动" not in text


def test_the_office_counts_yesterday(make, browser, street):
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    text = browser.get("/office").text
    today, yesterday = (cells(part)[0] for part in text.split("<section")[1:3])
    assert [one[0] for one in today[:2]] == ["0", "0"]
    assert [one[0] for one in yesterday[:2]] == ["1", "4"]


# --- open figures --------------------------------------------------------------------------------


def test_everybody_reads_the_open_figures(browser, street):
    text = browser.get("/figures").text
    total = queries.table(
        scope.of_district(), Span(date(2026, 11, 1), TODAY), By.DAY, now=NOW
    ).total.figures
    assert f'<td class="num">{total.attendances}</td>' in text
    assert f'<td class="num">{rules.hours_text(total.minutes)}</td>' in text
    for one in present.definitions():
        assert f'id="{one["key"]}"' in text
