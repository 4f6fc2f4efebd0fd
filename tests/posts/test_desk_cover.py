"""Staff find somebody else for a duty: they ask on its holder's behalf, or hand it over."""

import pytest

from portal.core.db import db
from portal.people.models import Volunteer, VolunteerState
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow
from portal.signups import hooks, queries_cover
from portal.signups import queries as signups
from portal.signups.models_cover import CoverRequest
from tests.posts.given import duties, every_day, place, published, signed_up
from tests.support.queries import count_queries


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def shift(station):
    return duties(published(station, cells=every_day(1)))[0]


@pytest.fixture
def giver(make, station):
    return make.volunteer(station)


def told(person):
    rows = db.session.query(OutboxRow).all()
    return [row.payload["kind"] for row in rows if row.payload.get("person_id") == person.id]


def cover_page(shift, row):
    return f"/desk/shifts/{shift.public_id}/signups/{row.public_id}/cover"


def test_asking_on_behalf_from_roster_and_rota(browser, make, station, shift, giver):
    row, manager = signed_up(shift, giver), make.manager(station)
    address = cover_page(shift, row)
    browser.sign_in(manager)
    assert address in browser.get(f"/desk/shifts/{shift.public_id}").text
    assert address in browser.get("/desk/rota?weeks=2").text
    assert "替他问问谁能接" in browser.get(address).text
    assert browser.post(address).status_code == 303
    assert browser.post(address).status_code == 303  # twice is one request
    request = db.session.query(CoverRequest).one()
    assert (request.person_id, row.state, place(shift).taken) == (giver.id, "confirmed", 1)
    entry = db.session.query(AuditEntry).filter_by(verb="cover.ask").one()
    assert (entry.actor_id, entry.details["person"]) == (manager.id, giver.id)
    assert told(giver) == ["cover_asked_for"]
    assert "收回，还是本人来" in browser.get(address).text


def test_handed_over_directly(browser, make, station, shift, giver):
    row, manager, taker = signed_up(shift, giver), make.manager(station), make.volunteer(station)
    browser.sign_in(manager)
    address = f"{cover_page(shift, row)}/assignment"
    for _twice in range(2):
        done = browser.post(address, {"person": taker.public_id})
        assert done.status_code == 303
    taken = signups.live(shift.id, taker.id)
    db.session.refresh(row)
    assert (row.state, taken.state, place(shift).taken) == ("withdrawn", "confirmed", 1)
    assert (taken.actor_id, taken.is_on_behalf) == (manager.id, True)
    link = queries_cover.chain(shift.id)[0]
    assert (link.from_person_id, link.to_person_id, link.actor_id) == (
        giver.id, taker.id, manager.id,
    )  # fmt: skip
    assert (told(giver), told(taker)) == (["cover_given"], ["cover_assigned"])
    assert hooks.check() == []


def test_why_it_cannot_be_is_said(browser, make, station, shift, giver):
    row = signed_up(shift, giver)
    browser.sign_in(make.manager(station))
    address = f"{cover_page(shift, row)}/assignment"
    busy, gone = make.volunteer(station), make.volunteer(station)
    signed_up(duties(published(station))[0], busy)
    numbers = {one.person_id: one.volunteer_no for one in db.session.query(Volunteer).all()}
    gone_row = db.session.query(Volunteer).filter_by(person_id=gone.id).one()
    gone_row.state = VolunteerState.LEFT
    db.session.commit()
    cases = [
        ({}, 422, "请选一位志愿者"),
        ({"volunteer_no": numbers[giver.id]}, 409, "这一班本来就是他的"),
        ({"person": busy.public_id}, 409, "本人在这段时间已经报了别的场次"),
        ({"volunteer_no": numbers[gone.id]}, 409, "本人现在不是注册志愿者"),
    ]
    for sent, status, words in cases:
        answer = browser.post(address, sent)
        assert (answer.status_code, words in answer.text) == (status, True), words
    assert (row.state, place(shift).taken) == ("confirmed", 1)


@pytest.mark.parametrize("who", ["other", "volunteer"])
def test_nobody_else_may(browser, make, station, shift, giver, who):
    row = signed_up(shift, giver)
    browser.sign_in(make.manager(make.station()) if who == "other" else giver)
    assert browser.get(cover_page(shift, row)).status_code in {403, 404}
    assert browser.post(cover_page(shift, row)).status_code in {403, 404}


def test_an_activity_has_none(browser, make, station):
    shift = make.shift(station)
    row = signed_up(shift, make.volunteer(station))
    browser.sign_in(make.manager(station))
    assert browser.get(cover_page(shift, row)).status_code == 404


def test_one_candidate_and_thirty_ask_the_same_number_of_statements(
    browser, make, station, shift, giver
):
    address = cover_page(shift, signed_up(shift, giver))
    browser.sign_in(make.manager(station))
    counts = []
    for more in (1, 29):
        for _ in range(more):
            make.volunteer(station)
        browser.get(address)  # small tables kept by the process are read again after a write
        with count_queries() as seen:
            assert browser.get(address).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
