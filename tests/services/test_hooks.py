import json
from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.services import actions, actions_desk, hooks, queries
from portal.services.models_orders import Order
from tests.services.given import (
    ADDRESS,
    NAME,
    NOTE,
    PHONE,
    a_leader,
    a_team,
    accept,
    claim,
    done,
    filed,
    fresh,
    holding,
    offered,
    order_of,
    rate,
    reviewed,
    sent,
    told,
)

DAY = timedelta(days=1)


@pytest.fixture
def street(make):
    return make.station("东湾实践所", level="institute")


@pytest.fixture
def station(make, street):
    return make.station(parent=street)


# --- deadlines -----------------------------------------------------------------------------------


def test_the_desk_is_told_of_what_waits_then_the_station_above(make, street, station):
    manager, above = make.manager(station), make.manager(street)
    row = filed(offered(station))
    due = fresh(row).due_on
    at = clock.day_start(due)
    hooks.due(at)
    assert told(manager) == []
    hooks.due(at + DAY)
    hooks.due(at + DAY)
    assert (told(manager), told(above)) == (["order_waits"], [])
    hooks.due(at + 3 * DAY)
    hooks.due(at + 4 * DAY)
    assert told(manager) == ["order_waits"]
    assert told(above) == ["order_waits_below"]
    write(actions_desk.review, row.id, actor=SYSTEM, now=at + 5 * DAY)
    assert fresh(row).told == 0


def test_those_to_whom_it_was_sent_are_told_then_the_desk(make, station):
    team, manager = a_team(station), make.manager(station)
    leader = a_leader(make, team, station)
    held = sent(offered(station), team=team)
    at = clock.day_start(order_of(held).due_on)
    hooks.due(at + DAY)
    assert told(leader)[1:] == ["order_overdue"]
    assert told(manager) == []
    hooks.due(at + 3 * DAY)
    assert told(leader)[1:] == ["order_overdue"]
    assert told(manager) == ["order_waits"]


def test_after_a_long_stop_all_are_told_at_once(make, street, station):
    manager, above = make.manager(station), make.manager(street)
    filed(offered(station))
    hooks.due(clock.now() + 20 * DAY)
    assert (told(manager), told(above)) == (["order_waits"], ["order_waits_below"])


def test_where_nobody_manages_the_office_is_told(make, station):
    officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    filed(offered(station))
    hooks.due(clock.now() + 6 * DAY)
    assert "order_waits" in told(officer)


@pytest.mark.parametrize("state", ["filed", "reviewed", "open", "dispatched", "accepted", "done"])
def test_what_nobody_can_do_expires_and_what_is_being_done_does_not(make, station, state):
    service, team, asker = offered(station), a_team(station), make.person()
    if state in {"filed", "reviewed"}:
        row = (filed if state == "filed" else reviewed)(service, asker_id=asker.id)
    elif state == "done":
        row, _held = done(service, team, asker_id=asker.id)
    else:
        held = sent(service, team=None if state == "open" else team, asker_id=asker.id)
        if state == "accepted":
            accept(held)
        row = order_of(held)
    hooks.due(clock.now() + 59 * DAY)
    assert fresh(row).state == state
    hooks.due(clock.now() + 61 * DAY)
    if state in {"accepted", "done"}:
        assert fresh(row).state == state
    else:
        assert (fresh(row).state, holding(row)) == ("expired", [])
        assert told(asker)[-1] == "order_expired"
    assert hooks.check() == []


# --- what is private -----------------------------------------------------------------------------


def test_who_asked_without_an_account_is_forgotten_half_a_year_after_the_end(make, station):
    service = offered(station)
    gone, mine, waits = filed(service), filed(service, asker_id=make.person().id), filed(service)
    for row in (gone, mine):
        write(actions.withdraw, row.id, "改天再说", actor=SYSTEM, now=clock.now())
    hooks.due(clock.now() + 179 * DAY)
    assert queries.private_of(gone.id) is not None
    hooks.due(clock.now() + 181 * DAY)
    assert queries.private_of(gone.id) is None
    assert queries.private_of(mine.id) is not None
    assert fresh(waits).state == "expired"


def test_the_export_holds_what_the_person_said_and_not_what_others_told_each_other(make, station):
    person, helper = make.person(), make.volunteer(station)
    held = sent(offered(station), asker_id=person.id)
    claim(held, make.actor(helper))
    write(actions.withdraw, held.order_id, "家人来了", actor=SYSTEM, now=clock.now())
    found = hooks.export(person.id)
    text = json.dumps(found, ensure_ascii=False)
    assert all(word in text for word in (NAME, PHONE, ADDRESS, NOTE, "家人来了"))
    assert found["dispatches"] == []
    other = hooks.export(helper.id)
    assert other["orders"] == []
    assert PHONE not in json.dumps(other, ensure_ascii=False)
    assert hooks.export(make.person().id) == {"orders": [], "dispatches": [], "order_helps": []}


def test_erasing_withdraws_deletes_and_gives_back(make, station):
    service, person = offered(station), make.volunteer(station)
    own = filed(service, asker_id=person.id)
    finished, _held = done(service, a_team(station), asker_id=person.id)
    rate(finished)
    claimed = sent(service)
    claim(claimed, make.actor(person))
    write(hooks.erase, person.id, actor=SYSTEM, now=clock.now())
    assert fresh(own).state == "withdrawn"
    assert fresh(finished).state == "rated"
    assert queries.private_of(own.id) is None
    assert queries.private_of(finished.id) is None
    assert (fresh(claimed).state, order_of(claimed).state) == ("declined", "reviewed")
    assert hooks.export(person.id)["orders"][0]["notes"] == []
    assert hooks.check() == []


# --- the check -----------------------------------------------------------------------------------


def test_the_check_names_an_order_that_does_not_fit_its_dispatch_or_steps(make, station):
    held = sent(offered(station), team=a_team(station))
    assert hooks.check() == []
    db.session.query(Order).filter_by(id=held.order_id).update({"state": "reviewed"})
    db.session.commit()
    lines = hooks.check()
    assert any("its dispatch is offered" in line for line in lines)
    assert any("last step led to dispatched" in line for line in lines)


def test_where_a_notice_leads_is_by_whom_it_tells(app, make, station):
    row = filed(offered(station))
    with app.test_request_context():
        assert hooks.url_order(row.id, "order_done") == f"/me/orders/{row.public_id}"
        assert hooks.url_order(row.id, "order_waits") == f"/desk/orders/{row.public_id}"
        assert hooks.url_order(row.id, "order_dispatched") == "/me/orders?tab=theirs"
