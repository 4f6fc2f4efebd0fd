"""The waiting list: parties, declining, hands with reasons, and why nobody moves up."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.people import queries as people
from portal.records import steps
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import (
    actions,
    hooks,
    party,
    queries,
    queries_waiting,
    rules,
    waiting,
    words,
)
from portal.signups.asking import Asks
from portal.signups.party import Mode
from tests.people.relatives import added

SEAT = PlaceRole.ATTENDEE


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def shift(make, now):
    return make.shift(starts_at=now + timedelta(days=3), places={"attendee": 2})


@pytest.fixture
def mother(make):
    return make.person("李梅")


@pytest.fixture
def family(mother):
    return [mother, *(added(mother, name).person for name in ("小明", "小红"))]


def sign_up(shift, person, now):
    return write(actions.sign_up, shift.id, person.id, SEAT, actor=SYSTEM, now=now)


def together(shift, family, now):
    wanted = [Asks(shift.id, one.id, SEAT) for one in family]
    actor = people.actor_of(family[0])
    found = write(party.sign_up_family, wanted, Mode.ALL, actor=actor, now=now)
    return [queries_signup(one.signup_id) for one in found]


def queries_signup(signup_id):
    return db.session.get(queries.Signup, signup_id)


def place(shift):
    row = shifts.place_of(shift.id, SEAT)
    db.session.refresh(row)
    return row


def states(rows):
    return [str(row.state) for row in rows]


@pytest.fixture
def full(make, shift, now):
    return [sign_up(shift, make.person(), now) for _ in range(2)]


def why(shift, now):
    return words.queues(shift, now)[0].why


def test_a_party_is_offered_all_at_once_or_stands_and_nobody_passes(make, shift, full, family, now):
    three, single = together(shift, family, now), sign_up(shift, make.person(), now)
    assert [queries.position(row) for row in (*three, single)] == [1, 2, 3, 4]
    assert "满了" in why(shift, now)
    write(actions.withdraw, full[0].id, "", actor=SYSTEM, now=now)
    write(actions.withdraw, full[1].id, "", actor=SYSTEM, now=now)
    assert states([*three, single]) == ["waitlisted"] * 4
    assert "要 3 个，现在空 2 个" in why(shift, now)
    assert hooks.check() == []
    assert sign_up(shift, make.person(), now).state == "waitlisted"
    write(actions.set_capacity, place(shift).id, 3, actor=SYSTEM, now=now)
    assert states([*three, single]) == ["offered"] * 3 + ["waitlisted"]
    assert len({row.offered_until for row in three}) == 1
    assert "在等本人确认" in why(shift, now)
    write(waiting.accept_all, [row.id for row in three], actor=SYSTEM, now=now)
    assert (states(three), place(shift).taken) == (["confirmed"] * 3, 3)


def test_a_party_that_splits_goes_as_far_as_there_are_places(shift, full, family, now):
    three = together(shift, family, now)
    write(actions.withdraw, full[0].id, "", actor=SYSTEM, now=now)
    for _ in range(2):
        write(waiting.split, three[1].id, actor=SYSTEM, now=now)
    assert states(three) == ["offered", "waitlisted", "waitlisted"]
    assert place(shift).taken == 2


def test_who_leaves_a_party_may_let_the_others_in(shift, full, family, now):
    three = together(shift, family, now)
    for row in full:
        write(actions.withdraw, row.id, "", actor=SYSTEM, now=now)
    write(actions.withdraw, three[2].id, "", actor=SYSTEM, now=now)
    assert states(three) == ["offered", "offered", "withdrawn"]


def test_declining_is_a_word_of_its_own_and_passes_on(make, shift, full, now):
    first, second = sign_up(shift, make.person(), now), sign_up(shift, make.person(), now)
    write(actions.withdraw, full[0].id, "", actor=SYSTEM, now=now)
    for _ in range(2):
        write(waiting.decline, first.id, actor=SYSTEM, now=now)
    assert states([first, second]) == ["withdrawn", "offered"]
    assert [row.verb for row in steps.of(Ref("signup", first.id))][-1] == "decline"
    with pytest.raises(Refused):
        write(waiting.decline, full[1].id, actor=SYSTEM, now=now)
    assert place(shift).taken == 2


@pytest.mark.usefixtures("full")
def test_a_holder_answers_for_all_a_member_for_nobody_else(browser, make, shift, family, now):
    mother = family[0]
    three = together(shift, family, now)
    write(actions.set_capacity, place(shift).id, 5, actor=SYSTEM, now=now)
    other = browser.sign_in(make.person())
    assert other.post(f"/signups/{three[0].public_id}/declining", {}).status_code == 404
    mine = browser.sign_in(mother)
    assert "3 个名额都要" in mine.get(shift.offering.path).text
    assert mine.post(f"/signups/{three[1].public_id}/acceptance", {}).status_code == 303
    assert states(three) == ["confirmed"] * 3


def test_a_hand_needs_a_reason_that_the_log_and_the_person_see(browser, make, shift, full, now):
    manager = make.manager(shift.offering.station)
    rows = [sign_up(shift, make.person(), now) for _ in range(3)]
    desk = browser.sign_in(manager)
    base = f"/desk/shifts/{shift.public_id}/waiting"
    assert desk.post(f"{base}/{rows[2].public_id}", {"where": "move_up"}).status_code == 422
    form = {"where": "move_first", "reason": "要照顾病人"}
    assert desk.post(f"{base}/{rows[2].public_id}", form).status_code == 303
    assert [queries.position(row) for row in rows] == [2, 3, 1]
    assert "要照顾病人" in desk.get(base).text
    late = sign_up(shift, make.person(), now)
    assert queries.position(late) == 4
    assert desk.post(f"{base}/{rows[0].public_id}", {**form, "where": "give"}).status_code == 409
    write(actions.withdraw, full[0].id, "", actor=SYSTEM, now=now)
    assert states(rows) == ["waitlisted", "waitlisted", "offered"]
    assert "要照顾病人" in browser.sign_in(rows[2].person).get("/me/signups").text
    elsewhere = browser.sign_in(make.manager(make.station()))
    assert elsewhere.get(base).status_code == 404


def test_out_of_turn_only_where_there_is_a_place_and_the_queue_is_open(
    make, shift, full, family, now
):
    three, single = together(shift, family, now), sign_up(shift, make.person(), now)
    write(actions.withdraw, full[0].id, "", actor=SYSTEM, now=now)
    write(waiting.move_by_hand, single.id, rules.Hand.GIVE, "一个人来得了", actor=SYSTEM, now=now)
    assert states([*three, single]) == ["waitlisted"] * 3 + ["offered"]
    late = shift.starts_at - timedelta(hours=1)
    with pytest.raises(Refused) as refused:
        write(waiting.move_by_hand, three[0].id, rules.Hand.UP, "晚了", actor=SYSTEM, now=late)
    assert refused.value.codes == ("queue_closed",)
    assert "候补已经关了" in why(shift, late)


def test_a_place_that_nobody_was_offered_is_found_and_healed(make, shift, full, now):
    first = sign_up(shift, make.person(), now)
    # As if whoever freed it had died between two transactions.
    full[0].state = "withdrawn"
    place(shift).taken = 1
    db.session.commit()
    assert len(hooks.check()) == 1
    assert "nobody was offered" in hooks.check()[0]
    for _ in range(2):
        hooks.due(now)
    assert (first.state, place(shift).taken, hooks.check()) == ("offered", 2, [])
    offers = [row for row in steps.of(Ref("signup", first.id)) if row.verb == "offer"]
    assert len(offers) == 1
    assert queries_waiting.offers_of(place(shift).id) == [first]
