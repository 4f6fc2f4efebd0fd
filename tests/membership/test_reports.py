"""Reporting to a community: open to everybody, once a period, welcomed at the desk; reminders."""

from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.db import db
from portal.core.errors import Refused
from portal.membership import actions_reports, hooks
from portal.membership import queries_members as members
from portal.membership.models import CommunityReport, CommunityTie, ReportReminder
from portal.notices.hooks import deliver_notice
from portal.notices.models import Notice
from portal.records import outbox
from portal.records.audit import AuditEntry
from tests.membership.made import act, branch, keeper, member, report, setting, ties
from tests.support.queries import count_queries


@pytest.fixture
def place(make):
    return make.station("和平社区实践站")


def test_everybody_with_an_account_chooses_a_community_and_reports(make, place, browser):
    person = make.person()
    browser.sign_in(person)
    assert browser.post("/me/community", {"station": ""}).status_code == 422
    fields = {"station": place.public_id, "skills": ["law", "repair"], "shown": "y"}
    assert browser.post("/me/community", fields).status_code == 303
    page = browser.get("/me/community").text
    assert "本月报到" in page
    assert browser.post("/me/community/report", {"next": "/me/community"}).status_code == 303
    assert "已报到" in browser.get("/me/community").text
    tie = members.tie_of(person.id)
    assert {term.code for term in members.terms_of([tie.id])[tie.id]} == {"law", "repair"}


def test_reporting_twice_is_one_report(make, place):
    person = make.person()
    ties(person, place)
    assert report(person).id == report(person).id
    assert db.session.query(CommunityReport).count() == 1


def test_reporting_needs_a_community(make):
    with pytest.raises(Refused) as caught:
        report(make.person())
    assert caught.value.codes == ("no_community",)


def test_another_community_ends_the_one_before(make, place):
    person, other = make.person(), make.station()
    ties(person, place)
    ties(person, other)
    assert members.tie_of(person.id).station_id == other.id
    assert db.session.query(CommunityTie).count() == 2
    for _twice in range(2):
        act(actions_reports.leave, person.id)
    assert members.tie_of(person.id) is None


def test_a_wrong_way_back_is_not_followed(make, place, browser):
    person = make.person()
    ties(person, place)
    browser.sign_in(person)
    answer = browser.post("/me/community/report", {"next": "https://elsewhere.example/"})
    assert answer.location == "/me/community"


# --- the desk --------------------------------------------------------------------------------------


def test_the_desk_sees_who_agreed_masked_and_how_many_report(make, place, browser):
    shown, hidden = make.person("钱小云"), make.person("孙大河")
    ties(shown, place, terms=("law",))
    ties(hidden, place, shown=False)
    ties(make.person("李外人"), make.station())
    browser.sign_in(make.manager(place))
    page = browser.get("/desk/helpers").text
    assert "有 2 人到本社区报到" in page
    assert "钱*" in page
    assert "法律咨询" in page
    for word in ("钱小云", "孙", "李*", shown.phone, hidden.phone):
        assert word not in page


def test_a_reveal_is_written_down(make, place, browser):
    person = make.person("钱小云")
    tie = ties(person, place)
    manager = make.manager(place)
    browser.sign_in(manager)
    page = browser.post(f"/desk/helpers/{tie.public_id}/reveal")
    assert person.phone in page.text
    assert "钱小云" in page.text
    entry = db.session.query(AuditEntry).filter_by(verb="person.reveal").one()
    assert (entry.subject_id, entry.actor_id) == (person.id, manager.id)
    assert entry.station_id == place.id


def test_the_desk_takes_a_report_once(make, place, browser):
    person = make.person("钱小云")
    tie = ties(person, place)
    browser.sign_in(make.manager(place))
    for _twice in range(2):
        assert browser.post(f"/desk/helpers/{tie.public_id}/report").status_code == 303
    assert db.session.query(CommunityReport).one().way == "desk"
    assert "来报到过" in browser.get("/desk/helpers").text


def test_another_station_sees_and_does_nothing(make, place, browser):
    tie = ties(make.person("钱小云"), place)
    hidden = ties(make.person("孙大河"), place, shown=False)
    gone = make.person("周去了")
    left = ties(gone, place)
    act(actions_reports.leave, gone.id)
    browser.sign_in(make.manager(make.station()))
    assert "钱*" not in browser.get("/desk/helpers").text
    assert browser.post(f"/desk/helpers/{tie.public_id}/reveal").status_code == 404
    assert browser.post(f"/desk/helpers/{tie.public_id}/report").status_code == 404
    browser.sign_in(make.manager(place))
    for row in (hidden, left):
        assert browser.post(f"/desk/helpers/{row.public_id}/reveal").status_code == 404
    browser.sign_in(make.holder("campaign_officer", make.centre()))
    assert browser.get("/desk/helpers").status_code == 403


def test_a_member_and_another_look_the_same_at_the_desk(make, place, browser):
    """Reports of members alone would tell the desk who is one."""
    row = branch()
    one, other = member(make, row, name="钱小云"), make.person("钱小雨")
    for person in (one, other):
        ties(person, place)
        report(person)
    browser.sign_in(make.manager(place))
    page = browser.get("/desk/helpers").text
    first, second = page.split('<li class="row" id="helper-')[1:]
    shown = [
        part.split("</li>")[0]
        .replace(members.tie_of(person.id).public_id, "…")
        .replace(person.phone[-4:], "…")
        for person, part in ((one, first), (other, second))
    ]
    assert shown[0] == shown[1]


def test_the_list_asks_the_same_number_of_statements(make, place, browser):
    browser.sign_in(make.manager(place))
    seen = []
    for size in (1, 18):
        for _n in range(size):
            person = make.person()
            ties(person, place, terms=("law",))
            report(person)
        with count_queries() as asked:
            browser.get("/desk/helpers")
        seen.append(len(asked))
    assert seen[0] == seen[1]


def test_search_and_empty_states(make, place, browser):
    browser.sign_in(make.manager(place))
    assert "还没有愿意让社区联系的人" in browser.get("/desk/helpers").text
    ties(make.person("钱小云"), place)
    assert "钱*" in browser.get("/desk/helpers?q=钱小云").text
    assert "没有找到这个人" in browser.get("/desk/helpers?q=钱").text


# --- reminders -------------------------------------------------------------------------------------


def end_of_month(days=2):
    today = clock.today()
    last = date(today.year + today.month // 12, today.month % 12 + 1, 1) - timedelta(days=1)
    return clock.day_start(last - timedelta(days=days)) + timedelta(hours=10)


def told():
    outbox.relay({"notice": deliver_notice}, now=clock.now() + timedelta(days=60))
    return db.session.query(Notice).filter_by(kind="report_due").count()


@pytest.fixture
def late(make, place):
    row = branch()
    person = member(make, row, now=clock.now() - timedelta(days=40))
    ties(person, place)
    return person


def test_who_has_not_reported_is_reminded_once(late):
    for _twice in range(3):
        hooks.due(end_of_month())
    assert told() == 1
    assert db.session.query(ReportReminder).one().person_id == late.id


def test_nobody_is_reminded_early(late):
    hooks.due(end_of_month(days=6))
    assert told() == 0


def test_who_reported_is_not_reminded(late):
    report(late, end_of_month(days=4))
    hooks.due(end_of_month())
    assert told() == 0


def test_who_came_late_in_the_period_is_not_reminded(make, place):
    member(make, branch(), now=end_of_month(days=5))
    hooks.due(end_of_month())
    assert told() == 0


def test_two_workers_side_by_side_remind_once(late):
    at = end_of_month()
    period = at.date().replace(day=1)
    counts = [act(actions_reports.remind, period, [late.id], now=at) for _worker in "ab"]
    assert counts == [1, 0]


def test_the_setting_moves_the_reminder(late):
    setting("party_remind_days", 10)
    hooks.due(end_of_month(days=8))
    assert told() == 1


def test_a_secretary_learns_nothing_of_the_desk(make, place, browser):
    """Keeping a branch opens no desk."""
    browser.sign_in(keeper(make, branch()))
    assert browser.get("/desk/helpers").status_code == 403
