from datetime import timedelta

from sqlalchemy import update

from portal.core import clock
from portal.core.access import VISITOR, Role
from portal.core.db import db, write
from portal.feedback import actions, contact, hooks
from portal.feedback.models import Feedback
from portal.records import notes
from portal.site import personal
from tests.feedback.filed import WORDS, file, fresh, told, verbs_of


def answered(make, person):
    """File something that a station answers after an officer handed it down."""
    station = make.station()
    row = file(make, person=person)
    officer = make.actor(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    now = clock.now()
    write(actions.hand_over, row.id, station.public_id, "内部的话", actor=officer, now=now)
    manager = make.actor(make.manager(station))
    write(actions.answer, row.id, "修好了。", actor=manager, now=now + timedelta(hours=1))
    return row


def test_the_tick_tells_once(make):
    station = make.station()
    manager = make.manager(station)
    row = file(make, station=station)
    hooks.due(clock.now())
    assert told(manager) == []
    for _twice in range(2):
        hooks.due(clock.day_start(row.due_on + timedelta(days=1)))
    assert told(manager) == ["feedback_overdue"]


def test_name_and_phone_are_forgotten_half_a_year_after_the_end(make):
    station = make.station()
    actor = make.actor(make.manager(station))
    done, reopened = file(make, station=station), file(make, station=station)
    for row in (done, reopened):
        write(actions.answer, row.id, "好的。", actor=actor, now=clock.now())
    write(actions.reopen, reopened.id, "不好。", actor=VISITOR, now=clock.now())
    hooks.due(clock.now() + timedelta(days=179))
    assert fresh(done).contact_sealed
    hooks.due(clock.now() + timedelta(days=181))
    assert fresh(done).contact_sealed is None
    assert fresh(reopened).contact_sealed
    assert notes.latest(actions.ref(done), "file") == WORDS


def test_the_check_finds_a_state_that_no_step_led_to(make):
    row = file(make)
    answered(make, make.person())
    assert hooks.check() == []
    db.session.execute(update(Feedback).where(Feedback.id == row.id).values(state="reopened"))
    assert hooks.check() == [f"feedback {row.id}: is reopened, its last step led to filed"]


def test_the_export_holds_words_and_answers(make):
    person = make.person()
    row = answered(make, person)
    file(make)
    (one,) = personal.gathered(person.id)["feedback"]
    assert (one["number"], one["state"], one["kind"]) == (row.number, "answered", "suggestion")
    assert [step["verb"] for step in one["steps"]] == ["file", "hand_over", "answer"]
    said = {note["kind"]: note["text"] for note in one["notes"]}
    assert said == {"file": WORDS, "answer": "修好了。"}


def test_erasing_takes_words_and_contact_and_leaves_the_row(make, browser):
    person = make.person()
    done, waiting = answered(make, person), file(make, person=person, about_path="/activities")
    officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())
    others = file(make)
    write(personal.erase, person.id, actor=make.actor(person), now=clock.now())
    for row, state in ((done, "answered"), (waiting, "withdrawn")):
        now = fresh(row)
        assert (now.state, now.about_path, now.contact_sealed) == (state, "", None)
        assert notes.of(actions.ref(row)) == []
        assert verbs_of(row)[0] == "file"
    assert notes.of(actions.ref(others))
    assert hooks.check() == []
    page = browser.sign_in(officer).get(f"/desk/feedback/{done.public_id}").text
    assert "原话已经按本人的要求删除" in page


def test_the_link_of_a_notice(app):
    with app.test_request_context():
        assert hooks.url_feedback(1) == "/me/feedback"


def test_the_code_hangs_on_the_number_alone(make):
    first, second = file(make, phone="", name=""), file(make, phone="", name="")
    assert contact.code_of(first.number) != contact.code_of(second.number)
    assert contact.proves(first, contact.code_of(first.number))
    assert not contact.proves(first, contact.code_of(second.number))
    write(actions.withdraw, first.id, actor=VISITOR, now=clock.now())
    assert contact.proves(fresh(first), contact.code_of(first.number))
