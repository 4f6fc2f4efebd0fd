from datetime import UTC, datetime, timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.people import consents
from portal.people.models_consents import Channel, ConsentKind
from portal.records import notes
from portal.records.audit import AuditEntry
from portal.services import actions, actions_desk, actions_menu, hooks, moves, queries
from portal.services.actions import Asker, Rating
from portal.services.models import ServicePlace
from portal.services.models_orders import RatingWay, VisitStep
from portal.shifts import queries as shifts
from tests.services.given import (
    ADDRESS,
    NAME,
    NOTE,
    PHONE,
    a_leader,
    a_team,
    accept,
    asking,
    close,
    done,
    filed,
    finish,
    fresh,
    holding,
    offered,
    order_of,
    rate,
    reviewed,
    send,
    sent,
    told,
    verbs_of,
)

FRIDAY = datetime(2026, 11, 27, 2, tzinfo=UTC)


def codes(action, *args, actor=SYSTEM, now=None):
    with pytest.raises(Refused) as caught:
        write(action, *args, actor=actor, now=now or clock.now())
    return caught.value.codes


def field(action, *args, actor=SYSTEM, now=None):
    with pytest.raises(Invalid) as caught:
        write(action, *args, actor=actor, now=now or clock.now())
    return caught.value.field


@pytest.fixture
def service(make):
    return offered(make.station())


# --- filing --------------------------------------------------------------------------------------


def test_an_order_is_filed_under_a_number_with_all_that_is_private_apart(service):
    row = filed(service, now=FRIDAY)
    private = queries.private_of(row.id)
    assert (row.state, row.station_id) == ("filed", service.station_id)
    assert (private.name, private.phone, private.address, private.note) == (
        NAME, PHONE, ADDRESS, NOTE,
    )  # fmt: skip
    assert row.due_on.isoformat() == "2026-12-01"  # two working days after a Friday
    assert verbs_of(row) == ["file"]
    assert hooks.check() == []


def test_the_same_form_sent_twice_is_one_order(service):
    given = asking(service)
    first = write(actions.file, given, actor=SYSTEM, now=clock.now())
    again = write(actions.file, given, actor=SYSTEM, now=clock.now())
    assert first.id == again.id
    assert filed(service).id != first.id


def test_at_home_needs_an_address_and_a_day_to_come(service):
    homeless = asking(service, asker=Asker(NAME, PHONE))
    assert field(actions.file, homeless) == "address"
    over = asking(service, wished_on=clock.today() - timedelta(days=1))
    assert field(actions.file, over) == "wished_on"


def test_who_comes_to_the_station_gives_no_address(make):
    there = offered(make.station(), place=ServicePlace.STATION)
    row = filed(there)
    assert not row.at_home
    assert queries.private_of(row.id).address == ""
    either = offered(make.station(), place=ServicePlace.EITHER)
    assert filed(either, at_home=True).at_home
    assert not filed(either, at_home=False).at_home


@pytest.mark.parametrize("how", ["closed", "over", "not_yet"])
def test_what_is_not_on_the_menu_cannot_be_ordered(make, how):
    days = {
        "over": {"in_use_until": clock.today() - timedelta(days=1)},
        "not_yet": {"in_use_from": clock.today() + timedelta(days=1)},
    }
    service = offered(make.station(), **days.get(how, {}))
    if how == "closed":
        write(actions_menu.close, service.id, actor=SYSTEM, now=clock.now())
    assert codes(actions.file, asking(service)) == ("not_on_menu",)


def test_who_withdrew_the_consent_cannot_order_for_themselves(make, service):
    person = make.person()
    now = clock.now()
    write(
        consents.withdraw, person.id, ConsentKind.NOTICE, Channel.WEB,
        actor=make.actor(person), now=now,
    )  # fmt: skip
    given = asking(service, asker_id=person.id)
    assert codes(actions.file, given, actor=make.actor(person)) == ("consent_withdrawn",)
    assert filed(service, asker_id=person.id).state == "filed"  # staff take it down


# --- the desk's first steps ----------------------------------------------------------------------


def test_review_and_refusal_are_told_and_nobody_decides_on_their_own(make, service):
    person = make.person()
    row = filed(service, asker_id=person.id, actor=make.actor(person))
    assert codes(actions_desk.review, row.id, actor=make.actor(person)) == ("own_order",)
    write(actions_desk.review, row.id, actor=SYSTEM, now=clock.now())
    write(actions_desk.review, row.id, actor=SYSTEM, now=clock.now())
    assert verbs_of(row) == ["file", "review"]
    write(actions_desk.refuse, row.id, "没有人手", actor=SYSTEM, now=clock.now())
    assert fresh(row).state == "refused"
    assert fresh(row).due_on is None
    assert notes.latest(moves.ref(row), "refuse") == "没有人手"
    assert told(person) == ["order_reviewed", "order_refused"]
    assert codes(actions_desk.review, row.id) == ("wrong_state",)


def test_a_service_is_open_to_claim_only_if_its_menu_says_so(make):
    closed = offered(make.station(), open_to_claim=False)
    row = reviewed(closed)
    assert field(actions_desk.dispatch, row.id, actions_desk.Target(), "") == "target"
    assert fresh(row).state == "reviewed"


def test_another_one_is_sent_to_only_with_a_reason_and_the_first_is_told(make, service):
    station = make.station()
    team, other = a_team(station), a_team(station)
    leader = a_leader(make, team, station)
    held = sent(service, team=team)
    row = order_of(held)
    assert send(row, team=team).id == held.id  # the same once more
    target = actions_desk.Target(other.id)
    assert field(actions_desk.dispatch, row.id, target, "") == "words"
    accept(held, actor=make.actor(leader))
    send(row, team=other, words="他们没有空")
    assert fresh(held).state == "recalled"
    assert [one.team_id for one in holding(row)] == [other.id]
    assert fresh(row).state == "dispatched"
    assert told(leader) == ["order_dispatched", "order_recalled"]
    assert verbs_of(row)[-2:] == ["recall", "dispatch"]
    assert hooks.check() == []


# --- the asker's word ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["filed", "reviewed", "dispatched", "open", "accepted"])
def test_an_order_can_be_taken_back_until_it_is_done(make, service, state):
    team = a_team(make.station())
    row = filed(service)
    if state != "filed":
        write(actions_desk.review, row.id, actor=SYSTEM, now=clock.now())
    if state in {"dispatched", "accepted"}:
        held = send(row, team=team)
    if state == "open":
        send(row)
    if state == "accepted":
        accept(held)
    assert fresh(row).state == state
    write(actions.withdraw, row.id, "不用了", actor=SYSTEM, now=clock.now())
    write(actions.withdraw, row.id, "不用了", actor=SYSTEM, now=clock.now())
    assert fresh(row).state == "withdrawn"
    assert holding(row) == []
    assert hooks.check() == []


def test_a_rating_stands_once_given(make, service):
    row, _held = done(service, a_team(make.station()))
    assert field(actions.rate, row.id, Rating(RatingWay.NUMBER, 6)) == "satisfaction"
    rate(row, 2)
    rate(row, 5)
    assert (fresh(row).satisfaction, fresh(row).state) == (2, "rated")
    assert codes(actions.withdraw, row.id, "") == ("wrong_state",)
    assert codes(actions.reopen, row.id, "还差一点") == ("wrong_state",)


def test_what_is_not_done_goes_back_to_those_who_did_it_for_a_week(make, service):
    row, held = done(service, a_team(make.station()))
    write(actions.reopen, row.id, "后面没剪", actor=SYSTEM, now=clock.now())
    week = clock.today() + timedelta(days=7)
    assert (fresh(row).state, fresh(row).due_on, fresh(row).done_at) == ("accepted", week, None)
    assert (fresh(held).state, fresh(held).promised_on) == ("accepted", week)
    finish(held)
    assert fresh(row).state == "done"
    assert hooks.check() == []


def test_who_carried_it_out_neither_rates_nor_closes_it(make, service):
    station = make.station()
    person = make.volunteer(station)
    row, held = done(service, a_team(station))
    fresh(held).person_id = person.id
    db.session.commit()
    given = Rating(RatingWay.CALL_BACK, 5)
    actor = make.actor(person)
    assert codes(actions.rate, row.id, given, actor=actor) == ("own_help",)
    assert codes(actions.reopen, row.id, "", actor=actor) == ("own_help",)
    rate(row)
    with pytest.raises(Refused):
        close(row, actor=actor)
    assert close(row).state == "closed"


# --- home visits ---------------------------------------------------------------------------------


def test_a_home_visit_is_done_only_when_the_papers_are_back(make):
    service = offered(make.station(), category="papers", home_visit=True)
    held = sent(service, team=a_team(make.station()))
    row = order_of(held)
    assert set(queries.visits_of(row.id)) == {VisitStep.RECEIVED}
    assert codes(actions_desk.note_visit, row.id, VisitStep.VISITED) == ("wrong_step",)
    accept(held)
    assert codes(actions_desk.note_visit, row.id, VisitStep.RETURNED) == ("wrong_step",)
    with pytest.raises(Refused) as caught:
        finish(held)
    assert caught.value.codes == ("visit_open",)
    for step in (VisitStep.VISITED, VisitStep.VISITED, VisitStep.RETURNED):
        write(actions_desk.note_visit, row.id, step, actor=SYSTEM, now=clock.now())
    finish(held)
    assert set(queries.visits_of(row.id)) == set(VisitStep)
    seen = db.session.query(AuditEntry).filter_by(verb="order.visit", subject_id=row.id).count()
    assert seen == 3


def test_other_orders_have_no_visits(make, service):
    held = sent(service, team=a_team(make.station()))
    accept(held)
    row = order_of(held)
    assert codes(actions_desk.note_visit, row.id, VisitStep.RECEIVED) == ("wrong_step",)


# --- an activity of it ---------------------------------------------------------------------------


def test_an_order_becomes_one_draft_activity_that_names_nobody(make, service):
    day = clock.today() + timedelta(days=4)
    row = reviewed(service, wished_on=day)
    made = write(actions_desk.draft_activity, row.id, actor=SYSTEM, now=clock.now())
    again = write(actions_desk.draft_activity, row.id, actor=SYSTEM, now=clock.now())
    assert made.id == again.id == fresh(row).activity_id
    assert (made.state, made.title) == ("draft", service.title)
    told_of = f"{made.title}{made.summary}{made.place}{made.bring}{made.contact_phone}"
    assert not any(secret in told_of for secret in (NAME, PHONE, ADDRESS, NOTE))
    (shift,) = shifts.shifts_of(made.id)
    assert clock.local_day(shift.starts_at) == day


def test_what_ended_or_was_not_reviewed_becomes_no_activity(service):
    row = filed(service)
    assert codes(actions_desk.draft_activity, row.id) == ("wrong_state",)
    write(actions.withdraw, row.id, "", actor=SYSTEM, now=clock.now())
    assert codes(actions_desk.draft_activity, row.id) == ("wrong_state",)


def test_a_day_of_the_past_makes_no_shift(service):
    row = reviewed(service, wished_on=clock.today())
    made = write(actions_desk.draft_activity, row.id, actor=SYSTEM, now=clock.now())
    assert list(shifts.shifts_of(made.id)) == []
