from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import VISITOR
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.core.ref import Ref
from portal.hours import hooks as ledger_hooks
from portal.hours import queries as ledger
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.records import notes, steps
from portal.wishes import actions_closing, hooks, numbers
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions import Contact
from portal.wishes.actions_pledges import Help
from portal.wishes.models import ConfirmWay
from tests.wishes.given import close, confirm, deliver, fulfilled, pledge, published
from tests.wishes.test_filing import told

EVENING = "2026-11-28T18:00:00+08:00"


@pytest.fixture
def evening(time_machine):
    time_machine.move_to(EVENING, tick=False)
    return clock.now()


def helped(make, station, person, minutes=90, hours_ago=3):
    start = clock.now() - timedelta(hours=hours_ago)
    return fulfilled(station, person, Help(person.id, start, minutes))


@pytest.mark.parametrize("proof", ["code", "phone", "account", "call"])
def test_the_wishers_word_by_each_way(make, proof):
    wisher = make.person()
    wish = fulfilled(
        make.station(), make.person(), wisher_id=wisher.id, wisher=Contact("李桂兰", "13500001111")
    )
    way, said = {
        "code": (ConfirmWay.CODE, numbers.confirmation_code(wish.number)),
        "phone": (ConfirmWay.NUMBER_AND_PHONE, "13500001111"),
        "account": (ConfirmWay.ACCOUNT, ""),
        "call": (ConfirmWay.CALL_BACK, ""),
    }[proof]
    confirm(wish, 4, way, proof=said, actor=VISITOR)
    confirm(wish, 1, way, proof=said, actor=VISITOR)
    assert (wish.state, wish.satisfaction, wish.confirmed_by) == ("confirmed", 4, way)
    assert steps.of(Ref("wish", wish.id))[-1].reason == way


@pytest.mark.parametrize(
    ("way", "proof"),
    [(ConfirmWay.CODE, "000000"), (ConfirmWay.CODE, ""), (ConfirmWay.NUMBER_AND_PHONE, "13500001112"),
     (ConfirmWay.NUMBER_AND_PHONE, "")],
)  # fmt: skip
def test_a_wrong_code_or_phone_confirms_nothing(make, way, proof):
    wish = fulfilled(make.station(), make.person(), wisher=Contact("李桂兰", "13500001111"))
    with pytest.raises(Refused) as refused:
        confirm(wish, 5, way, proof=proof, actor=VISITOR)
    assert refused.value.codes == ("wrong_proof",)
    assert wish.state == "fulfilled"


@pytest.mark.parametrize("satisfaction", [0, 6])
def test_satisfaction_is_one_to_five(make, satisfaction):
    with pytest.raises(Invalid) as invalid:
        confirm(fulfilled(make.station(), make.person()), satisfaction)
    assert invalid.value.field == "satisfaction"


def test_who_helped_neither_confirms_nor_closes_nor_reopens(make):
    station = make.station()
    manager = make.manager(station)
    wish = fulfilled(station, manager)
    actor = make.actor(manager)
    for act in (
        lambda: confirm(wish, actor=actor),
        lambda: write(actions_closing.reopen, wish.id, "x", actor=actor, now=clock.now()),
        lambda: close(wish, reason="x", actor=actor),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.codes == ("own_pledge",)
    assert wish.state == "fulfilled"


def test_not_satisfied_means_some_more_days_for_those_who_pledged(make):
    person = make.person()
    wish = fulfilled(make.station(), person)
    for _twice in range(2):
        write(actions_closing.reopen, wish.id, "拐杖短了", actor=VISITOR, now=clock.now())
    row = pledges.live(wish.id, person.id)
    assert (wish.state, row.state) == ("pledged", "active")
    assert row.promised_on == clock.today() + timedelta(days=14)
    assert told(person) == ["wish_reopened"]
    assert notes.latest(Ref("wish", wish.id), "reopening") == "拐杖短了"
    deliver(row)
    assert confirm(wish).state == "confirmed"


def test_closing_credits_the_time_with_its_source_and_approver(make, evening):
    station = make.station()
    person, manager = make.volunteer(station), make.manager(station)
    wish = helped(make, station, person)
    confirm(wish)
    for _twice in range(2):
        close(wish, actor=make.actor(manager))
    (entry,) = ledger.entries_of(person.id)
    (given,) = pledges.helps_for(wish.id)
    assert (wish.state, ledger.total(person.id)) == ("closed", 90)
    assert (entry.source, entry.source_kind, entry.source_id) == ("wish", "wish_help", given.id)
    assert (entry.station_id, entry.shift_id, entry.actor_id) == (station.id, None, manager.id)
    assert entry.rule["approved_by"] == manager.id
    assert given.credited_at == evening
    assert told(person) == ["wish_closed"]
    assert ledger_hooks.check() == []


def test_help_at_the_same_hour_counts_once(make, evening):
    station = make.station()
    person, manager = make.volunteer(station), make.manager(station)
    for wish in (helped(make, station, person, 120), helped(make, station, person, 180)):
        confirm(wish)
        close(wish, actor=make.actor(manager))
    assert ledger.total(person.id) == 180
    assert ledger_hooks.check() == []


def test_without_the_wishers_word_closing_needs_a_reason(make):
    station = make.station()
    wish = fulfilled(station, make.person())
    with pytest.raises(Invalid) as invalid:
        close(wish)
    assert invalid.value.field == "reason"
    assert close(wish, reason="许愿人已搬走").state == "closed"
    assert notes.latest(Ref("wish", wish.id), "closing") == "许愿人已搬走"
    assert wish.satisfaction is None


def test_only_what_was_fulfilled_is_closed(make):
    station = make.station()
    wish = published(station)
    pledge(wish, make.person())
    with pytest.raises(Refused) as refused:
        close(wish, reason="x")
    assert refused.value.codes == ("wrong_state",)


def test_minutes_of_who_is_not_registered_wait_for_the_registration(make, evening):
    station = make.station()
    person = make.volunteer(station, state=VolunteerState.SUBMITTED)
    manager = make.manager(station)
    wish = helped(make, station, person, 45)
    close(confirm(wish), actor=make.actor(manager))
    assert (wish.state, ledger.total(person.id)) == ("closed", 0)
    hooks.due(clock.now())
    assert ledger.total(person.id) == 0
    row = people.volunteer_of(person.id)
    row.state, row.volunteer_no, row.registered_at = "registered", "440300009990", clock.now()
    db.session.commit()
    for _twice in range(2):
        hooks.due(clock.now())
    assert ledger.total(person.id) == 45
    assert ledger.entries_of(person.id)[0].rule["approved_by"] == manager.id
