"""What scans leave open is settled by one tap, of the person or of a leader, within bounds."""

import pytest
from sqlalchemy import select

from portal.attendance import actions_settling, decisions, hooks, queries
from portal.attendance.models import VisitState, Way
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.hours import hooks as hour_hooks
from portal.hours import queries as ledger
from portal.people import queries as people
from portal.records.audit import AuditEntry
from portal.signups import queries as signups
from tests.attendance.conftest import START, sign_up
from tests.support.client import Browser
from tests.support.queries import count_queries


def nothing_wrong() -> bool:
    return hooks.check() == [] and hour_hooks.check() == []


@pytest.fixture
def later(scene, time_machine):
    time_machine.move_to(scene.at(300), tick=False)


def who_forgot(scene):
    """Somebody came at ten past and never went out."""
    person = scene.volunteer()
    scene.scan(person, "in", 10)
    hooks.due(scene.at(240))
    return person


def who_only_left(scene):
    """The desk's phone saw somebody go whom nobody saw come."""
    person = scene.volunteer()
    scene.scan(person, "out", 115, way=Way.CAMERA)
    return person


@pytest.fixture
def forgotten(scene, later):
    return who_forgot(scene)


@pytest.fixture
def only_out(scene, later):
    return who_only_left(scene)


def settled(scene, browser, person, who, time, minutes):
    """Give a time for the person: `who` may or may not."""
    answer = browser.sign_in(who).post(of(scene, person)[who is person], {"time": time})
    assert answer.status_code == (422 if minutes is None else 303), answer.text
    assert ledger.total(person.id) == (minutes or 0)
    assert nothing_wrong()


def of(scene, person) -> tuple[str, str]:
    """Return the desk's and the own address that settle what waits of a person."""
    visits = queries.visits_of(person.id)
    if visits:
        public_id = visits[-1].public_id
        desk = f"/desk/shifts/{scene.shift.public_id}/visits/{public_id}/confirmation"
        return desk, f"/me/hours/{public_id}/confirmation"
    public_id = signups.live(scene.shift.id, person.id).public_id
    desk = f"/desk/shifts/{scene.shift.public_id}/signups/{public_id}/arrival"
    return desk, f"/me/hours/arrivals/{public_id}"


# --- who went without going out ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "by_leader", "by_person"),
    [
        ("", 110, 110),
        ("16:00", 110, 110),
        ("15:30", 80, 80),
        ("14:10", 0, 0),
        # What counts ends with the grace; nobody says of themselves that they stayed longer.
        ("17:30", 125, None),
        ("18:01", None, None),
        ("14:09", None, None),
        ("25:00", None, None),
    ],
)
def test_another_time_within_bounds(scene, browser, later, time, by_leader, by_person):
    settled(scene, browser, who_forgot(scene), scene.manager, time, by_leader)
    person = who_forgot(scene)
    settled(scene, browser, person, person, time, by_person)
    is_open = by_person is None
    assert queries.visits_of(person.id)[0].state == (
        VisitState.PROVISIONAL if is_open else VisitState.CLOSED
    )


def test_the_form_proposes_and_says_what_was_scanned(scene, browser, forgotten):
    desk, own = of(scene, forgotten)
    page = browser.sign_in(scene.manager).get(desk).text
    assert 'value="16:00"' in page
    assert "14:10" in page
    assert forgotten.name in page
    assert 'value="16:00"' in browser.sign_in(forgotten).get(own).text


# --- who went out without coming -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "by_leader", "by_person"),
    [
        ("", 115, 115),
        ("14:20", 95, 95),
        ("13:50", 125, None),
        ("12:59", None, None),
        ("15:56", None, None),
    ],
)
def test_when_somebody_came(scene, browser, later, time, by_leader, by_person):
    settled(scene, browser, who_only_left(scene), scene.manager, time, by_leader)
    person = who_only_left(scene)
    settled(scene, browser, person, person, time, by_person)


def test_it_stands_in_the_inboxes_until_it_is_settled(scene, browser, only_out):
    mine = Browser(browser.app).sign_in(only_out)
    browser.sign_in(scene.manager)
    pages = [
        (browser, "/desk/decisions"),
        (browser, f"/desk/shifts/{scene.shift.public_id}"),
        (mine, "/me"),
        (mine, "/me/hours"),
    ]
    for who, path in pages:
        assert "14:00 到的，确认" in who.get(path).text
    assert 'href="/desk/decisions"' in browser.get("/desk").text
    answer = browser.post(of(scene, only_out)[0], {"next": "/desk/decisions"})
    assert answer.location == "/desk/decisions"
    for who, path in pages:
        assert "14:00 到的，确认" not in who.get(path).text
    assert signups.live(scene.shift.id, only_out.id).state == "attended"
    # Nothing is left to say.
    assert db.session.scalars(select(AuditEntry).filter_by(verb="visit.arrive")).one()


def test_an_own_phones_going_out_waits_until_the_shift_is_over(scene, later):
    person = scene.volunteer()
    scene.scan(person, "out", 90)
    actor = scene.make.actor(scene.manager)
    assert decisions.at_stations([scene.station.id], actor, scene.at(119)) == []
    (one,) = decisions.at_stations([scene.station.id], actor, scene.at(120))
    assert (one.kind, one.name) == ("arrive", person.name)


def test_what_nobody_says_in_time_counts_nothing(scene, only_out):
    actor = scene.make.actor(only_out)
    long_after = scene.at(60 * 24 * 30)
    assert decisions.of_person(only_out.id, actor, long_after) == []
    signup = signups.live(scene.shift.id, only_out.id)
    with pytest.raises(Refused) as refused:
        write(actions_settling.arrive, signup.id, actor=actor, now=long_after)
    assert refused.value.codes == ("wrong_state",)


@pytest.mark.parametrize(("pairs", "code"), [(1, "overlap"), (3, "too_many_pairs")])
def test_nobody_is_said_to_have_been_in_two_places(scene, only_out, pairs, code):
    for number in range(pairs):
        start = -10 if pairs == 1 else -300 + 60 * number
        other = scene.make.shift(scene.station, starts_at=scene.at(start))
        sign_up(other, only_out)
        scene.scan(only_out, "in", start, shift=other)
        scene.scan(only_out, "out", start + 40, shift=other)
    signup = signups.live(scene.shift.id, only_out.id)
    with pytest.raises(Refused) as refused:
        write(actions_settling.arrive, signup.id, actor=SYSTEM, now=scene.at(300))
    assert refused.value.codes == (code,)


# --- doubtful clocks -----------------------------------------------------------------------------


def test_a_doubtful_clock_is_looked_at(scene, browser, later):
    person = scene.volunteer()
    for direction, minutes in (("in", 0), ("out", 100)):
        now = scene.at(minutes + 60)
        scene.scan(person, direction, minutes + 60, way=Way.CAMERA, skew_seconds=3600, now=now)
    browser.sign_in(scene.manager)
    signup = signups.live(scene.shift.id, person.id)
    roster = f"/desk/shifts/{scene.shift.public_id}"
    for path in (roster, "/desk/decisions"):
        assert "14:00、15:40" in browser.get(path).text
    stranger = Browser(browser.app).sign_in(scene.make.manager(scene.make.station()))
    path = f"{roster}/signups/{signup.public_id}/clock"
    assert stranger.post(path).status_code == 404
    assert browser.post(path).status_code == 303
    assert "14:00、15:40" not in browser.get(roster).text
    assert ledger.total(person.id) == 100
    assert nothing_wrong()


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["leave", "arrive"])
def test_who_keeps_the_roster_does_not_settle_what_is_their_own(scene, browser, later, kind):
    manager = scene.manager
    sign_up(scene.shift, manager)
    manager_is_volunteer(scene, manager)
    if kind == "leave":
        scene.scan(manager, "in", 0)
        hooks.due(scene.at(240))
    else:
        scene.scan(manager, "out", 110, way=Way.CAMERA)
    desk, own = of(scene, manager)
    browser.sign_in(manager)
    for path in (desk, own):
        refused = browser.post(path)
        assert refused.status_code == 409
        assert "别的负责人" in refused.text
    for path in ("/desk/decisions", "/me/hours", "/me"):
        page = browser.get(path).text
        assert "要请别的负责人确认" in page
        assert f'action="{desk}"' not in page
        assert f'action="{own}"' not in page
    other = Browser(browser.app).sign_in(scene.make.manager(scene.station))
    assert other.post(desk).status_code == 303
    assert ledger.total(manager.id) > 0


def manager_is_volunteer(scene, manager):
    row = people.volunteer_of(scene.make.volunteer(scene.station).id)
    row.person_id = manager.id
    db.session.commit()


def test_another_stations_inbox_says_nothing(scene, browser, forgotten):
    stranger = scene.make.manager(scene.make.station())
    desk, own = of(scene, forgotten)
    browser.sign_in(stranger)
    assert forgotten.name not in browser.get("/desk/decisions").text
    for path in (desk, own):
        assert browser.get(path).status_code == 404
        assert browser.post(path).status_code == 404
    assert Browser(browser.app).sign_in(forgotten).get("/desk/decisions").status_code == 403


def test_one_or_thirty_cost_the_same(scene, browser, later):
    def add(count: int) -> None:
        for _ in range(count):
            shift = scene.make.shift(scene.station, starts_at=START)
            for way_to, minutes in (("in", 0), ("out", 100)):
                person = scene.make.volunteer(scene.station)
                sign_up(shift, person)
                scene.scan(person, way_to, minutes, shift=shift, way=Way.CAMERA)
        hooks.due(scene.at(240))

    browser.sign_in(scene.manager)
    add(1)
    browser.get("/desk/decisions")
    with count_queries() as one:
        browser.get("/desk/decisions")
    add(14)
    browser.get("/desk/decisions")
    with count_queries() as many:
        page = browser.get("/desk/decisions")
    assert page.text.count("改时间") == 60
    assert len(many) == len(one)
