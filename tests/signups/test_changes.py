"""Changing and calling off: who is told, what becomes of the sign-ups, and undoing it in time."""

from dataclasses import fields
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.activities import actions as activities
from portal.activities import queries as activity_queries
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.notices.models import Notice
from portal.records.outbox import OutboxRow
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import (
    actions,
    changes,
    hooks,
    queries,
    queries_changes,
    queries_missed,
    undoing,
)
from portal.signups.rules_changes import NOTICE_WAIT, Over, People, Wanted

SEAT = PlaceRole.ATTENDEE
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def shift(make, now):
    return make.shift(starts_at=now + timedelta(days=3), places={"attendee": 3})


@pytest.fixture
def rows(make, shift, now):
    """Three with a place and one who waits."""
    return [sign_up(shift, make.person(), now) for _ in range(4)]


def sign_up(shift, person, now):
    return write(actions.sign_up, shift.id, person.id, SEAT, actor=SYSTEM, now=now)


def change(shift, now, hours=0, **kwargs):
    start, end = shift.starts_at + hours * HOUR, shift.ends_at + hours * HOUR
    return write(changes.change, shift.id, Wanted(start, end, **kwargs), actor=SYSTEM, now=now)


def undo(row, now):
    write(undoing.undo, row.id, actor=SYSTEM, now=now)


def place(shift):
    row = shifts.place_of(shift.id, SEAT)
    db.session.refresh(row)
    return row


def waiting_words():
    """Return (person, what, when) of each notice that has not gone out."""
    query = select(OutboxRow).where(OutboxRow.done_at.is_(None), OutboxRow.kind == "notice")
    found = db.session.scalars(query.order_by(OutboxRow.id))
    return [(row.payload["person_id"], row.payload["kind"], row.not_before) for row in found]


def facts(shift, rows):
    row = place(shift)
    return (
        shift.starts_at, shift.ends_at, shift.state, shift.offering.place, shift.moved_from_at,
        row.capacity, row.taken,
        [(one.state, one.offered_until, one.rank, one.party_id) for one in rows],
    )  # fmt: skip


WHAT = {
    "time": {"hours": 5},
    "time, asked again": {"hours": 5, "people": People.ASK},
    "time, all let go": {"hours": 5, "people": People.LEAVE},
    "place": {"place": "二楼会议室"},
    "fewer, back in the queue": {"capacities": 1, "over": Over.QUEUE},
    "fewer, called off": {"capacities": 2, "over": Over.CALL_OFF},
    "fewer, kept": {"capacities": 1, "over": Over.KEEP, "hours": 1},
    "more": {"capacities": 9},
}
AFTER = {
    "time": ["confirmed"] * 3 + ["waitlisted"],
    "time, asked again": ["offered"] * 3 + ["waitlisted"],
    "time, all let go": ["withdrawn"] * 4,
    "place": ["confirmed"] * 3 + ["waitlisted"],
    "fewer, back in the queue": ["confirmed", "waitlisted", "waitlisted", "waitlisted"],
    "fewer, called off": ["confirmed", "confirmed", "called_off", "waitlisted"],
    "fewer, kept": ["confirmed"] * 3 + ["waitlisted"],
    "more": ["confirmed"] * 3 + ["offered"],
}


@pytest.mark.parametrize("what", WHAT)
def test_a_change_and_its_undoing(shift, rows, now, what):
    """People are told in ten minutes; until then everything can be put back, and nobody is told."""
    wanted = dict(WHAT[what])
    if "capacities" in wanted:
        wanted["capacities"] = {place(shift).id: wanted["capacities"]}
    before, revision = facts(shift, rows), shift.revision
    row = change(shift, now, **wanted)
    assert [str(one.state) for one in rows] == AFTER[what]
    assert hooks.check() == []
    told = waiting_words()
    assert told
    assert {at for _person, _what, at in told} == {now + NOTICE_WAIT}
    if what.startswith(("time", "place")):
        assert {person for person, _what, _at in told} == {one.person_id for one in rows}
        assert shift.revision > revision
    if what == "fewer, back in the queue":
        assert [queries.position(one) for one in rows] == [None, 1, 2, 3]
    revision = shift.revision
    for _ in range(2):
        undo(row, now + NOTICE_WAIT - timedelta(seconds=1))
    assert facts(shift, rows) == before
    assert waiting_words() == []
    assert shift.revision == revision + (2 if what == "place" else 1)
    assert hooks.check() == []


def test_calling_off_and_its_undoing(shift, rows, now):
    before = facts(shift, rows)
    write(actions.call_off, shift.id, "下雨", actor=SYSTEM, now=now)
    assert {str(one.state) for one in rows} == {"called_off"}
    (row,) = queries_changes.undoable_of_shift(shift.id, now)
    undo(row, now)
    assert (facts(shift, rows), shift.called_off_reason) == (before, "")
    assert (waiting_words(), hooks.check()) == ([], [])


def test_only_the_notices_of_that_change_are_recalled(make, shift, rows, now):
    write(actions.withdraw, rows[0].id, "", actor=SYSTEM, now=now)
    other = [word for word in waiting_words() if word[1] == "offer"]
    row = change(shift, now, 5)
    undo(row, now)
    assert waiting_words() == other


@pytest.mark.parametrize(("starts", "tell_now"), [(timedelta(hours=20), False), (None, True)])
def test_near_the_start_or_on_demand_people_are_told_at_once(make, now, starts, tell_now):
    shift = make.shift(starts_at=now + (starts or timedelta(days=3)), places={"attendee": 1})
    sign_up(shift, make.person(), now)
    row = change(shift, now, 5, tell_now=tell_now)
    assert waiting_words()[-1][2] == now
    assert queries_changes.undoable_of_shift(shift.id, now) == []
    with pytest.raises(Refused) as refused:
        undo(row, now)
    assert refused.value.codes == ("told",)


def test_what_has_happened_since_stands_against_undoing(make, shift, rows, now):
    row = change(shift, now, 5, people=People.ASK)
    write(actions.accept, rows[0].id, actor=SYSTEM, now=now)
    with pytest.raises(Refused) as refused:
        undo(row, now)
    assert refused.value.codes == ("people_moved",)
    change(shift, now, 1)
    with pytest.raises(Refused) as refused:
        undo(row, now)
    assert "changed_since" in refused.value.codes


def test_undoing_puts_nobody_at_two_places_at_once(make, shift, rows, now):
    row = change(shift, now, 5)
    beside = make.shift(starts_at=shift.starts_at - 5 * HOUR, places={"attendee": 1})
    sign_up(beside, rows[0].person, now)
    with pytest.raises(Refused) as refused:
        undo(row, now)
    assert refused.value.codes == ("clash",)


def test_who_would_be_at_two_places_is_asked_again(make, shift, rows, now):
    beside = make.shift(starts_at=shift.starts_at + 5 * HOUR, places={"attendee": 1})
    sign_up(beside, rows[0].person, now)
    change(shift, now, 5)
    assert [str(one.state) for one in rows] == ["offered", "confirmed", "confirmed", "waitlisted"]
    assert [what for person, what, _at in waiting_words() if person == rows[0].person_id] == [
        "shift_ask_again"
    ]
    with pytest.raises(Refused):
        write(actions.accept, rows[0].id, actor=SYSTEM, now=now)


def test_fewer_places_than_people_never_silently(browser, make, shift, rows, now):
    with pytest.raises(Refused) as refused:
        change(shift, now, capacities={place(shift).id: 1})
    assert refused.value.codes == ("below_taken",)
    desk = browser.sign_in(make.manager(shift.offering.station))
    local = clock.local(shift.starts_at)
    form = {
        "day": local.date().isoformat(), "starts": f"{local:%H:%M}",
        "ends": f"{clock.local(shift.ends_at):%H:%M}", "place": "社区广场", "places_0": "1",
        "reason": "换小房间",
    }  # fmt: skip
    address = f"/desk/shifts/{shift.public_id}/change"
    assert desk.post(address, {**form, "reason": ""}).status_code == 422
    shown = desk.post(address, form).text
    assert f"{rows[2].person.name[:1]}*" in shown
    assert rows[2].person.name not in shown
    asked = desk.post(address, {**form, "confirm": "1"})
    assert (asked.status_code, place(shift).capacity) == (409, 3)
    done = desk.post(address, {**form, "confirm": "1", "over": "queue"})
    assert (done.status_code, place(shift).capacity) == (303, 1)
    page = desk.get(f"/desk/shifts/{shift.public_id}").text
    assert "撤销（还有 10 分钟）" in page
    assert "撤销（还有 10 分钟）" in desk.get("/desk").text
    (row,) = queries_changes.undoable_of_shift(shift.id, clock.now())
    stranger = browser.sign_in(make.manager(make.station()))
    assert stranger.post(f"/desk/changes/{row.public_id}/undo", {}).status_code == 404
    desk = browser.sign_in(make.manager(shift.offering.station))
    assert desk.post(f"/desk/changes/{row.public_id}/undo", {}).status_code == 303
    assert place(shift).capacity == 3


def test_a_whole_activity_comes_back(browser, make, shift, rows, now):
    desk = browser.sign_in(make.manager(shift.offering.station))
    path = f"/desk/activities/{shift.offering.public_id}"
    assert desk.post(f"{path}/call-off", {"reason": "下雨"}).status_code == 303
    (row,) = queries_changes.undoable_of_offering(shift.offering_id, clock.now())
    assert "撤销（还有" in desk.get(path).text
    assert desk.post(f"/desk/changes/{row.public_id}/undo", {}).status_code == 303
    db.session.expire_all()
    assert (shift.offering.state, shift.state) == ("published", "planned")
    assert [str(one.state) for one in rows] == ["confirmed"] * 3 + ["waitlisted"]
    assert db.session.scalars(select(Notice)).all() == []


def test_people_see_why_once_they_are_told(browser, make, shift, rows, now, time_machine):
    change(shift, now, 5, reason="场地停电")
    mine = browser.sign_in(rows[0].person)
    assert "场地停电" not in mine.get("/me/signups").text
    time_machine.move_to(now + NOTICE_WAIT)
    assert "场地停电" in mine.get("/me/signups").text
    assert "场地停电" in mine.get(shift.offering.path).text
    assert "场地停电" not in browser.sign_in(make.person()).get(shift.offering.path).text


def test_another_place_of_the_activity_is_told_to_all_its_shifts(make, shift, rows, now):
    other = make.shift(
        activity=shift.offering, starts_at=shift.starts_at + 24 * HOUR, places={"attendee": 1}
    )
    guest = sign_up(other, make.person(), now)
    activity = activity_queries.activity(shift.offering_id)
    columns = {one.name: getattr(activity, one.name) for one in fields(activities.Details)}
    details = activities.Details(**{**columns, "place": "二楼会议室"})
    write(activities.change, activity.id, details, actor=SYSTEM, now=now)
    told = {person for person, what, _at in waiting_words() if what == "shift_moved"}
    assert told == {row.person_id for row in (*rows, guest)}
    late = other.starts_at - HOUR
    write(actions.withdraw, guest.id, "", actor=SYSTEM, now=late)
    assert queries_missed.of([guest.person_id]) == []
