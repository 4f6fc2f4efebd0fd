"""That somebody is a member shows on no page, feed, export or log but the person's and the branch's."""

import json
import re

import pytest

from portal.core import clock
from portal.membership import actions, actions_import, checking, sheets
from portal.people import consents
from portal.people.models_consents import ConsentKind
from portal.people.queries import volunteer_of
from portal.records.audit import SEALED
from tests.membership.made import (
    LONG_AGO,
    act,
    branch,
    keeper,
    kept,
    member,
    report,
    ties,
    workbook,
)

ROLES = ("station_manager", "campaign_officer", "administrator", "auditor", "team_leader")
# What every account has of its own, and pages that differ by what is done on them.
OF_ONESELF = ("/logout", "/me", "/resume", "/office/audit")
RANDOM = re.compile(
    r'(name="csrf[-_]token" (?:value|content)="[^"]*"|name="(?:key|form_key)"[^>]*)'
)


@pytest.fixture
def place(make):
    return make.station("和平社区实践站")


@pytest.fixture
def person(make, place):
    found = make.volunteer(place, name="程启明")
    ties(found, place)
    report(found)
    return found


def open_pages(app):
    """Return every address without a name in it that answers with something to read."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and "<" not in rule.rule and not rule.rule.startswith(OF_ONESELF)
    )


def pages_about(person, place):
    volunteer = _volunteer_id(person)
    return [
        f"/desk/people?q={person.name}",
        f"/desk/people/{person.public_id}",
        f"/desk/people/{person.public_id}/data",
        f"/desk/people/{person.public_id}/consents",
        f"/desk/people/{person.public_id}/erasure",
        f"/desk/volunteers/{volunteer}",
        f"/desk/volunteers/{volunteer}/merge",
        f"/stations/{place.public_id}",
        f"/desk/helpers?q={person.name}",
    ]


def _volunteer_id(person):
    return volunteer_of(person.id).public_id


def seen(browser, paths):
    found = {}
    for path in paths:
        answer = browser.client.get(path)
        found[path] = (answer.status_code, RANDOM.sub("", answer.text))
    return found


@pytest.mark.parametrize("role", [*ROLES, "resident", "visitor", "other_secretary"])
def test_every_page_is_the_same_before_and_after(make, place, person, browser, app, role):
    """Whoever looks finds no difference when somebody becomes a member, or is one no more."""
    row, beside = branch("标记党支部"), branch("另一个党支部")
    if role == "other_secretary":
        browser.sign_in(keeper(make, beside))
    elif role == "resident":
        browser.sign_in(make.person())
    elif role != "visitor":
        browser.sign_in(make.holder(role, make.centre()))
    keeper(make, row)
    paths = [*open_pages(app), *pages_about(person, place), f"/branches/{beside.public_id}"]
    seen(browser, paths)  # what is written once by looking is there from now on
    before = seen(browser, paths)
    member(make, row, person=person)
    during = seen(browser, paths)
    act(actions.withdraw_consent, person.id, actor=make.actor(person))
    after = seen(browser, paths)
    for path in paths:
        assert before[path] == during[path] == after[path], path
    assert any(status == 200 for status, _text in before.values())


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_the_log_names_no_member(make, place, person, browser, role):
    row = branch("标记党支部")
    secretary = keeper(make, row)
    member(make, row, person=person)
    lines = sheets.read(workbook(("程启亮", "13800039999")))
    upload = act(actions_import.keep, kept(row), lines, actor=make.actor(secretary))
    act(actions_import.take, upload.id, kept(row), actor=make.actor(secretary))
    act(actions.withdraw_consent, person.id, actor=make.actor(person))
    browser.sign_in(make.holder(role, make.centre()))
    page = browser.get("/office/audit").text
    assert "导入党员名单" in page
    about = browser.get(f"/office/audit?subject={person.public_id}").text
    table = about.split("<tbody>")[-1]
    for word in ("党", "party", "membership", "标记"):
        assert word not in table
    for verb in sorted(SEALED):
        assert f'value="{verb}"' not in page
        ignored = browser.get(f"/office/audit?verb={verb}").text
        assert "没有这种操作" in ignored
    assert "程启亮" not in page
    assert "程*" not in browser.get("/office/audit?verb=membership.import").text.split("<tbody>")[1]


def test_data_handed_out_at_the_desk_leave_the_membership_out(make, place, person, browser):
    member(make, branch("标记党支部"), person=person)
    browser.sign_in(person)
    own = json.loads(browser.get("/me/data.json").text)
    assert own["party_membership"]["branch"] == "标记党支部"
    assert "party" in {one["kind"] for one in own["consents"]}
    browser.sign_in(make.manager(place))
    answer = browser.post(
        f"/desk/people/{person.public_id}/data.json", {"way": "desk", "identified": "known"}
    )
    assert answer.status_code == 200
    for word in ("party", "标记", "党"):
        assert word not in answer.text
    assert "communities" in json.loads(answer.text)


def test_the_desk_neither_gives_nor_takes_the_consent(make, place, person, browser):
    member(make, branch(), person=person)
    browser.sign_in(make.manager(place))
    path = f"/desk/people/{person.public_id}/consents"
    assert "党" not in browser.get(path).text.split("<main")[1]
    fields = {"kind": "party", "given": "no", "way": "desk", "identified": "known"}
    assert browser.post(path, fields).status_code == 422
    assert consents.holds(person.id, ConsentKind.PARTY)
    assert "党" not in browser.get("/desk/volunteers/paper").text.split("<main")[1]


def test_another_branch_learns_nothing_from_a_phone_number(make, place, person, browser, app):
    """A number tried by a secretary of elsewhere: member, or another name, is one sentence."""
    member(make, branch("标记党支部"), person=person)
    stranger = make.person("周某某")
    beside = branch("另一个党支部")
    browser.sign_in(keeper(make, beside))
    lines = sheets.read(workbook((person.name, person.phone), ("吴某某", stranger.phone)))
    with app.test_request_context():
        rows = checking.check(lines, kept(beside), clock.today())
    assert len({(row.fate, row.sentence, row.person_id) for row in rows}) == 1


def test_the_log_lines_of_the_server_name_nobody(make, person, browser, caplog):
    row = branch("标记党支部")
    browser.sign_in(person)
    with caplog.at_level("INFO", logger="portal"):
        browser.post("/me/party/request", {"branch": row.public_id, "consent": "y"})
        browser.get("/me/party")
        member(make, row, person=person)
        browser.sign_in(keeper(make, row))
        browser.get(f"/branches/{row.public_id}/members/{person.public_id}/ending")
        browser.get(f"/branches/{row.public_id}/cards?member={person.public_id}")
    said = " ".join(str(vars(record)) for record in caplog.records)
    for marker in (person.name, person.public_id, person.phone, row.name, row.public_id):
        assert marker not in said


def test_a_member_of_long_ago_looks_like_nobody(make, place, person, browser):
    row = branch()
    asked = act(actions.ask, person.id, row.id, LONG_AGO, actor=make.actor(person))
    act(actions.refuse, asked.id, "不是")
    browser.sign_in(keeper(make, row))
    assert person.name not in browser.get(f"/branches/{row.public_id}").text
