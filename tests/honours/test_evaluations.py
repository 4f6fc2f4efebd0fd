"""Evaluation: several at once, never of oneself, in time or marked, seen and answered."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.honours import actions_evaluations as actions
from portal.honours import hooks
from portal.honours import queries_evaluations as queries
from portal.honours.actions_evaluations import Judgement
from portal.records import notes, steps
from portal.records.audit import AuditEntry
from portal.shifts.models import PlaceRole
from tests.honours.given import quality, served
from tests.support.queries import count_queries


def revealed():
    query = select(AuditEntry).where(AuditEntry.verb == "person.reveal")
    return [(row.subject_id, row.details["what"]) for row in db.session.scalars(query)]


def enter(shift, *said, actor=SYSTEM, now=None):
    return write(actions.enter_shift, shift.id, said, actor=actor, now=now or clock.now())


def test_the_desk_evaluates_several_with_one_form(make, browser):
    station = make.station()
    one, other = make.volunteer(station), make.volunteer(station)
    absent, watched = make.volunteer(station), make.person()
    shift = served(make, station, one, other)
    other.birth_on = clock.today() - timedelta(days=15 * 365)
    db.session.commit()
    served(make, station, watched, role=PlaceRole.ATTENDEE)
    address = f"/desk/shifts/{shift.public_id}/evaluations"
    browser.sign_in(make.manager(make.station()))
    assert browser.get(address).status_code == 404
    browser.sign_in(make.manager(station))
    shown = browser.get(address).text
    assert one.name in shown
    assert watched.name not in shown
    assert absent.name not in shown
    assert revealed() == [(other.id, "minor_evaluation")]
    typed = {
        f"quality-{one.public_id}": "excellent", f"remark-{one.public_id}": "主动帮忙",
        f"quality-{other.public_id}": "", f"remark-{other.public_id}": "字" * 301,
    }  # fmt: skip
    assert browser.post(address, typed).status_code == 422
    typed[f"remark-{other.public_id}"] = ""
    assert browser.post(address, typed).status_code == 303
    (row,) = queries.on_shift(shift.id)
    assert (row.person_id, row.quality.code, row.is_late) == (one.id, "excellent", False)
    assert browser.post(address, {**typed, f"quality-{one.public_id}": "good"}).status_code == 303
    moves = [(step.from_state, step.verb, step.to_state) for step in steps.of(actions.ref(row))]
    assert moves == [("", "enter", "excellent"), ("excellent", "change", "good")]
    assert len(queries.on_shift(shift.id)) == 1

    browser.sign_in(other)
    answer = f"/me/record/evaluations/{row.public_id}/answer"
    assert browser.get(answer).status_code == 404
    browser.sign_in(one)
    assert "主动帮忙" in browser.get("/me/record").text
    assert browser.get(answer).status_code == 200
    assert browser.post(answer, {"words": "谢谢"}).status_code == 303
    assert "谢谢" in browser.get("/me/record").text


def test_nobody_evaluates_themselves_nor_before_the_end(make):
    station = make.station()
    person, helper = make.volunteer(station), make.volunteer(station)
    shift = served(make, station, person, helper)
    both = (Judgement(person.id, quality("good")), Judgement(helper.id, quality("good")))
    with pytest.raises(Refused) as refused:
        enter(shift, *both, actor=make.actor(person))
    assert refused.value.codes == ("own_record",)
    assert queries.on_shift(shift.id) == []
    with pytest.raises(Refused) as refused:
        enter(shift, *both, now=shift.ends_at - timedelta(minutes=1))
    assert refused.value.codes == ("not_over",)
    stranger = Judgement(make.volunteer(station).id, quality("good"))
    assert enter(shift, stranger) == []


def test_later_than_ten_working_days_is_marked(make):
    station = make.station()
    person, other = make.volunteer(station), make.volunteer(station)
    shift = served(make, station, person, other)
    (row,) = enter(shift, Judgement(person.id, quality("fair")))
    last = clock.day_span(row.due_on)[1]
    for now, late in ((last - timedelta(minutes=1), False), (last, True)):
        db.session.delete(row)
        db.session.commit()
        (row,) = enter(shift, Judgement(person.id, quality("fair")), now=now)
        assert row.is_late == late
    assert [one.from_on for one in hooks.deadlines(row.due_on)] == [row.last_on]


def test_a_period_is_evaluated_on_the_record_and_a_minors_sight_is_logged(make, browser):
    station = make.station()
    young = make.volunteer(station, birth_on=clock.today() - timedelta(days=15 * 365))
    address = f"/desk/people/{young.public_id}/record"
    browser.sign_in(make.manager(make.station()))
    assert browser.get(address).status_code == 404
    browser.sign_in(make.manager(station))
    assert browser.get(address).status_code == 200
    assert revealed() == [(young.id, "minor")]
    post = f"/desk/people/{young.public_id}/evaluations"
    form = {"first_on": "2026-01-01", "last_on": "2026-03-31", "quality": "good", "remark": "认真"}
    for faulty in ({"last_on": "2025-12-31"}, {"quality": "unknown"}):
        assert browser.post(post, {**form, **faulty}).status_code == 422
    far = date(clock.today().year + 1, 1, 1).isoformat()
    assert browser.post(post, {**form, "last_on": far}).status_code == 409
    assert browser.post(post, form).status_code == 303
    assert browser.post(post, form).status_code == 303
    (row,) = queries.of_person(young.id)
    assert (row.first_on, row.is_late) == (date(2026, 1, 1), True)
    assert hooks.export(young.id)["evaluations"][0]["notes"][0]["text"] == "认真"
    write(hooks.erase, young.id, actor=SYSTEM, now=clock.now())
    assert notes.of(Ref("evaluation", row.id)) == []
    assert hooks.check() == []


def test_the_form_asks_the_same_whatever_its_length(make, browser):
    station = make.station()
    browser.sign_in(make.manager(station))

    def asked(count):
        people = [make.volunteer(station) for _ in range(count)]
        shift = served(make, station, *people, days_ago=count + 1)
        enter(shift, *(Judgement(one.id, quality("good")) for one in people))
        address = f"/desk/shifts/{shift.public_id}/evaluations"
        browser.get(address)
        with count_queries() as seen:
            browser.get(address)
        return len(seen)

    assert asked(1) == asked(30)
