from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.records.audit import AuditEntry
from tests.services.given import (
    ADDRESS,
    NAME,
    NOTE,
    PHONE,
    a_leader,
    a_team,
    a_unit,
    accept,
    claim,
    close,
    done,
    filed,
    fresh,
    offered,
    order_of,
    rate,
    sent,
)
from tests.support.queries import count_queries

SECRETS = (NAME, PHONE, ADDRESS, NOTE)


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def service(station):
    return offered(station, title="上门理发")


def path(held, part=""):
    return f"/me/dispatches/{held.public_id}{part}"


def soon():
    return (clock.today() + timedelta(days=2)).isoformat()


def test_the_three_tabs(make, browser, station, service):
    person = make.volunteer(station)
    browser.sign_in(person)
    assert "您还没有点过服务" in browser.get("/me/orders").text
    assert "现在没有派给您的单" in browser.get("/me/orders?tab=theirs").text
    assert "现在没有等人接的单" in browser.get("/me/orders?tab=open").text
    filed(service, asker_id=person.id)
    held = sent(service)
    assert "上门理发" in browser.get("/me/orders?tab=nonsense").text
    assert path(held) in browser.get("/me/orders?tab=open").text
    claim(held, make.actor(person))
    assert path(held) in browser.get("/me/orders?tab=theirs").text
    assert path(held) not in browser.get("/me/orders?tab=open").text
    assert "1 单要接或者要办" in browser.get("/me").text


@pytest.mark.parametrize("tab", ["mine", "theirs", "open"])
def test_the_tabs_ask_as_often_for_thirty_as_for_one(make, browser, station, service, tab):
    team = a_team(station)
    person = a_leader(make, team, station)
    browser.sign_in(person)

    def one_more():
        filed(service, asker_id=person.id)
        sent(service, team=team)
        sent(service)

    browser.get(f"/me/orders?tab={tab}")
    counts = []
    for more in (1, 29):
        for _n in range(more):
            one_more()
        with count_queries() as seen:
            browser.get(f"/me/orders?tab={tab}")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_ones_own_order_is_nobody_elses(make, browser, station, service):
    person = make.person()
    row = filed(service, asker_id=person.id)
    here = f"/me/orders/{row.public_id}"
    browser.sign_in(make.manager(station))
    for part in ("/withdrawal", "/rating", "/reopening"):
        assert browser.post(here + part, {"satisfaction": "5"}).status_code == 404
    assert browser.get(here).status_code == 404
    browser.sign_in(person)
    assert browser.get(here).status_code == 200
    assert browser.post(f"{here}/withdrawal").status_code == 303
    assert fresh(row).state == "withdrawn"


def test_the_asker_rates_on_the_own_page(make, browser, station, service):
    person = make.person()
    row, _held = done(service, a_team(station), asker_id=person.id)
    here = f"/me/orders/{row.public_id}"
    browser.sign_in(person)
    assert browser.post(f"{here}/rating", {}).status_code == 422
    assert browser.post(f"{here}/rating", {"satisfaction": "3"}).status_code == 303
    assert (fresh(row).satisfaction, fresh(row).rated_by) == (3, "account")


def test_a_leader_takes_an_order_through_to_the_end(make, browser, station, service):
    team = a_team(station)
    leader = a_leader(make, team, station)
    held = sent(service, team=team)
    browser.sign_in(leader)
    page = browser.get(path(held)).text
    assert not any(secret in page for secret in SECRETS)
    assert browser.post(path(held, "/acceptance"), {"promised_on": ""}).status_code == 422
    assert browser.post(path(held, "/acceptance"), {"promised_on": "2001-01-01"}).status_code == 422
    assert browser.post(path(held, "/acceptance"), {"promised_on": soon()}).status_code == 303
    page = browser.get(path(held)).text
    assert not any(secret in page for secret in SECRETS)
    page = browser.post(path(held, "/contact")).text
    assert all(secret in page for secret in SECRETS)
    assert db.session.query(AuditEntry).filter_by(verb="order.reveal").count() == 1
    began = clock.local(clock.now() - timedelta(minutes=45))
    fields = {
        "finish_note": "剪好了",
        "helped_on": began.date().isoformat(),
        "helped_from": f"{began:%H:%M}",
        f"minutes_{leader.public_id}": "999",
    }
    assert browser.post(path(held, "/completion"), fields).status_code == 422
    fields[f"minutes_{leader.public_id}"] = "30"
    assert browser.post(path(held, "/completion"), fields).status_code == 303
    row = order_of(held)
    assert row.state == "done"
    assert browser.post(path(held, "/contact")).status_code == 409
    rate(row)
    close(row, actor=make.actor(make.manager(station)))
    # A leader who is not a registered volunteer: the minutes wait.
    assert db.session.query(LedgerEntry).count() == 0


def test_a_liaison_declines_with_a_reason(make, browser, service):
    liaison = make.person()
    held = sent(service, unit=a_unit(liaison=liaison))
    browser.sign_in(liaison)
    assert browser.post(path(held, "/decline"), {"decline_reason": ""}).status_code == 422
    assert browser.post(path(held, "/decline"), {"decline_reason": "不归我们"}).status_code == 303
    assert order_of(held).state == "reviewed"


def test_a_volunteer_claims_and_others_read_who_has_it(make, browser, station, service):
    held = sent(service)
    person, other = make.volunteer(station), make.volunteer(station, name="陈乐群")
    browser.sign_in(person)
    page = browser.get(path(held)).text
    assert not any(secret in page for secret in SECRETS)
    assert browser.post(path(held, "/claim"), {"promised_on": "", "team": ""}).status_code == 422
    claim(held, make.actor(other))
    answer = browser.post(path(held, "/claim"), {"promised_on": soon(), "team": ""})
    assert answer.status_code == 404
    free = sent(service)
    assert browser.post(path(free, "/claim"), {"promised_on": soon(), "team": ""}).location == path(
        free
    )
    assert fresh(free).person_id == person.id
    assert browser.get(path(free)).status_code == 200


def test_who_is_no_volunteer_hears_how_to_become_one(make, browser, service):
    held = sent(service)
    browser.sign_in(make.person())
    answer = browser.post(path(held, "/claim"), {"promised_on": soon(), "team": ""})
    assert answer.status_code == 409
    assert "/volunteer/apply" in answer.text


PARTS = ("/acceptance", "/decline", "/contact", "/visit", "/completion")


@pytest.mark.parametrize("part", ["", *PARTS])
def test_a_dispatch_is_nobody_elses(make, browser, station, service, part):
    team = a_team(station)
    held = sent(service, team=team)
    accept(held)
    strangers = (
        make.person(), make.volunteer(station), make.manager(station),
        a_leader(make, a_team(station), station),
    )  # fmt: skip
    for person in strangers:
        browser.sign_in(person)
        answer = browser.post(path(held, part)) if part else browser.get(path(held))
        assert answer.status_code == 404
    free = sent(service)
    if part:
        assert browser.post(path(free, part)).status_code == 404
    assert order_of(held).state == "accepted"


def test_papers_are_fetched_and_returned_by_those_who_accepted(make, browser, station):
    liaison = make.person()
    held = sent(offered(station, category="papers", home_visit=True), unit=a_unit(liaison=liaison))
    accept(held)
    browser.sign_in(liaison)
    assert "/completion" not in browser.get(path(held)).text
    for _step in range(2):
        browser.post(path(held, "/visit"))
    assert "/completion" in browser.get(path(held)).text
    assert browser.post(path(held, "/completion"), {}).status_code == 303
    assert order_of(held).state == "done"
