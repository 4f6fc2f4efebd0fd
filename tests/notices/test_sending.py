"""From the outbox to real servers: once where it can be, again where it must, never in the way."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest

from portal.cli import doctor, outgoing, worker
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.notices import actions, choosing, rules, sending
from portal.notices.models import Notice
from portal.notices.models_reach import Channel, Delivery, NoticePreference
from portal.records import outbox
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from portal.site import personal, told
from tests.notices import conftest as given
from tests.notices.conftest import deliveries, mails_to, relay, send, tell, texts_to
from tests.notices.servers import free_port, silent_server
from tests.support.factory import Factory


def sign_up(shift, person):
    write(signups.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=clock.now())


def states():
    return [(row.channel, row.state, row.attempts) for row in deliveries()]


def choose(person, **columns):
    db.session.add(NoticePreference(person_id=person.id, **columns))
    db.session.commit()


@pytest.fixture
def person(make):
    return make.person("张三", phone="13712340000")


def test_what_was_called_off_is_told_by_every_way_that_was_chosen(
    sends, at, make, person, mailbox, gateway
):
    activity = make.activity(make.station(), title="社区义诊", place="社区广场")
    shift = make.shift(activity=activity, starts_at=at(12) + timedelta(days=2))
    sign_up(shift, person)
    mails_to(person)
    texts_to(person)
    texts_to(person, Channel.WECHAT)
    write(signups.call_off, shift.id, "下雨", actor=SYSTEM, now=clock.now(), tell_now=True)
    assert send() == dict.fromkeys(Channel, 0)  # still in the outbox: it can be taken back
    relay()
    assert send() == dict.fromkeys(Channel, 1)
    assert send() == dict.fromkeys(Channel, 0)
    (mail,) = mailbox.mails
    path = f"/activities/{shift.offering.public_id}"
    when = told.shown(db.session.query(Notice).all())[0].when
    assert mail["Subject"] == "【文明实践门户】您报名的一场活动取消了。"
    for words in ("社区义诊", "社区广场", when, f"http://localhost{path}", "/me/notices/choices"):
        assert words in mail.get_content()
    assert mailbox.recipients == ["own@example.org"]
    assert "张三" not in mail.as_string()
    assert sorted(body["channel"] for body in gateway.bodies) == ["sms", "wechat"]
    for body in gateway.bodies:
        assert body["to"] == "13712340000"
        assert body["text"] == f"您报名的一场活动取消了。 社区义诊 {when} 社区广场"
        assert body["url"] == f"http://localhost{path}"
    assert {state for _channel, state, _n in states()} == {"sent"}


def test_it_speaks_the_persons_language(sends, at, person, mailbox):
    mails_to(person)
    choose(person, lang="en")
    tell(person)
    relay()
    send()
    assert "申请" not in mailbox.mails[0]["Subject"]
    assert mailbox.mails[0]["Content-Language"] == "en"
    assert "不想再收" not in mailbox.mails[0].get_content()


def test_only_what_was_chosen_and_can_be_reached(sends, at, make, person, mailbox, gateway):
    reach = mails_to(person)
    reach.topics = ["wishes"]
    db.session.commit()
    without = make.person(account=False)
    for one in (person, without):
        tell(one)
    for kind in ("membership_confirmed", "report_due"):  # stays inside, whatever was chosen
        tell(person, kind, Ref("membership", person.id))
    tell(person, "pledge_due", Ref("something", 1))
    relay()
    send()
    assert len(mailbox.mails) == 1
    assert "认领" in mailbox.mails[0]["Subject"]
    assert gateway.bodies == []
    assert db.session.query(Notice).count() == 5


def test_what_was_undone_in_time_leaves_by_no_way(sends, at, person, mailbox):
    mails_to(person)
    write(
        lambda: actions.tell(
            person.id, "shift_moved", Ref("shift", 7), now=clock.now(), wait=timedelta(minutes=10)
        )
    )
    write(outbox.recall, Ref("shift", 7))
    at(minutes=11)
    relay()
    send()
    assert (mailbox.mails, db.session.query(Notice).count()) == ([], 0)


def test_a_gateway_that_failed_is_asked_again_with_the_same_key(sends, at, person, gateway):
    texts_to(person)
    tell(person)
    relay()
    gateway.answers = [500]
    assert send(Channel.SMS) == {Channel.SMS: 0}
    assert send(Channel.SMS) == {Channel.SMS: 0}  # not at once
    assert doctor.senders().level == doctor.Level.WARN
    at(minutes=1)
    assert send(Channel.SMS) == {Channel.SMS: 1}
    keys = {headers["Idempotency-Key"] for headers in gateway.headers}
    assert len(gateway.bodies) == 2
    assert keys == {deliveries()[0].public_id}
    assert states() == [("sms", "sent", 2)]
    assert doctor.senders().level == doctor.Level.OK


def test_who_is_down_holds_up_nobody(sends, app, at, make, browser, monkeypatch):
    """The sign-up, the tray and the other ways go on; the message waits longer and longer."""
    nobody = replace(app.config["PORTAL"], smtp_url=f"smtp://127.0.0.1:{free_port()}")
    monkeypatch.setitem(app.config, "PORTAL", nobody)
    person = make.person()
    for one in (person, make.person()):
        mails_to(one)
        texts_to(one)
    shift = make.shift()
    browser.sign_in(person)
    signup = f"/shifts/{shift.public_id}/signup"
    assert browser.post(signup, {"role": "attendee"}).status_code == 303
    tell(person)
    relay()
    assert send() == {Channel.EMAIL: 0, Channel.SMS: 1, Channel.WECHAT: 0}
    assert "您的志愿者申请通过了。" in browser.get("/me/notices").text
    assert [state for channel, state, _n in states() if channel == "email"] == ["waiting"]
    waits = []
    while deliveries()[0].state == "waiting":
        waits.append(deliveries()[0].not_before - clock.now())
        at(seconds=waits[-1].total_seconds())
        send(Channel.EMAIL)
    assert waits[:3] == [timedelta(minutes=n) for n in (1, 5, 15)]
    assert states()[0] == ("email", "gave_up", len(rules.AGAIN_AFTER) + 1)
    assert (
        browser.post(f"/shifts/{make.shift().public_id}/signup", {"role": "attendee"}).status_code
        == 303
    )


def test_a_server_that_says_nothing_is_left_after_a_while(app, at, make, monkeypatch):
    with silent_server() as port:
        given.set_up(app, monkeypatch, mail=port)
        monkeypatch.setattr("portal.notices.smtp.Smtp.__init__.__defaults__", (0.2,))
        for person in (make.person(), make.person()):
            mails_to(person)
            tell(person)
        relay()
        send(Channel.EMAIL)
    # The first attempt told that nobody speaks; the second was not made.
    assert sorted(states()) == [("email", "waiting", 0), ("email", "waiting", 1)]


def test_refused_for_good_is_not_asked_again(sends, at, person, mailbox):
    mails_to(person)
    tell(person)
    relay()
    mailbox.to_recipient = ["550 nobody here"]
    send()
    assert states() == [("email", "refused", 1)]
    assert deliveries()[0].error == "recipient 550"
    at(minutes=30)
    send()
    assert mailbox.mails == []


class Crash(BaseException):
    """The process is gone."""


class CrashesAfterwards:
    def __init__(self, sender):
        self.sender = sender

    def send(self, message):
        self.sender.send(message)
        raise Crash


def test_a_crash_between_sending_and_marking_sends_once_more(sends, at, app, person, gateway):
    texts_to(person)
    tell(person)
    relay()
    config = app.config["PORTAL"]
    sender = outgoing.sender_of(Channel.SMS, config)
    of = sending.Round(told.outward, config.public_url, clock.now)
    with app.test_request_context(), pytest.raises(Crash):
        sending.send_due(Channel.SMS, CrashesAfterwards(sender), of)
    assert send(Channel.SMS) == {Channel.SMS: 0}  # whoever claimed it might still be at it
    at(minutes=5)
    gateway.answers = [409]  # the gateway has it already
    assert send(Channel.SMS) == {Channel.SMS: 1}
    assert states() == [("sms", "sent", 2)]
    assert len({headers["Idempotency-Key"] for headers in gateway.headers}) == 1


def test_two_workers_send_nothing_twice(own_app, gateway, monkeypatch):
    given.set_up(own_app, monkeypatch, http=gateway.port)
    person = Factory().person()
    choose(person, quiet_from=0, quiet_until=0)
    texts_to(person)
    for _ in range(12):
        tell(person)
    relay()
    barrier, counts = Barrier(3), []

    def work():
        with own_app.app_context():
            barrier.wait()
            counts.append(outgoing.once(Channel.SMS, lambda: False))
            db.session.remove()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == len(gateway.bodies) == 12
    assert len({body["id"] for body in gateway.bodies}) == 12
    assert {row.state for row in deliveries()} == {"sent"}


def test_the_worker_sends_until_it_is_told_to_stop(own_app, gateway, monkeypatch):
    given.set_up(own_app, monkeypatch, http=gateway.port)
    person = Factory().person()
    choose(person, quiet_from=0, quiet_until=0)
    texts_to(person)
    tell(person)
    relay()
    stop, arrived = Event(), Event()
    gateway.on_message = arrived.set
    thread = Thread(target=worker._send, args=(own_app, Channel.SMS, stop))
    thread.start()
    assert arrived.wait(20)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    db.session.rollback()
    assert [row.state for row in deliveries()] == ["sent"]


def test_the_night_is_quiet_but_for_what_cannot_wait(sends, at, make, person, mailbox):
    at(22)
    mails_to(person)
    tell(person)
    shift = make.shift(starts_at=at(22) + timedelta(hours=11))
    sign_up(shift, person)
    write(signups.call_off, shift.id, "", actor=SYSTEM, now=clock.now(), tell_now=True)
    relay()
    send()
    assert [mail["Subject"][-4:] for mail in mailbox.mails] == ["取消了。"]
    at(7, 59, days=1)
    send()
    assert len(mailbox.mails) == 1
    at(8)
    send()
    assert len(mailbox.mails) == 2


def test_what_is_tried_again_keeps_the_night_quiet_too(sends, at, person, mailbox):
    at(20, 50)
    mails_to(person)
    tell(person)
    relay()
    mailbox.to_data = ["451 later"]
    send()
    at(21, 1)
    send()
    assert states() == [("email", "waiting", 1)]  # the night counts as no attempt
    at(8, days=1)
    send()
    assert states() == [("email", "sent", 2)]


def test_own_quiet_hours_go_before_the_districts(sends, at, person, mailbox):
    mails_to(person)
    choose(person, quiet_from=11, quiet_until=14)
    at(12)
    tell(person)
    relay()
    send()
    assert mailbox.mails == []
    at(14)
    send()
    assert len(mailbox.mails) == 1


def test_what_is_not_needed_any_more_does_not_go(sends, at, make, person, mailbox, gateway):
    """Read meanwhile, past its time, taken back, too old: each is put away."""
    mails_to(person)
    texts_to(person)
    at(22)
    tell(person)
    relay()
    write(actions.read_all, person.id, actor=SYSTEM, now=clock.now())
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    tell(person, "offer", Ref("shift", 1), until=soon)
    relay()
    tell(person)
    relay()
    write(choosing.withdraw, person.id, Channel.SMS, actor=SYSTEM, now=clock.now())
    at(9, days=1)
    send()
    assert (len(mailbox.mails), gateway.bodies) == (1, [])
    tell(person)
    relay()
    at(hours=49)
    send()
    assert len(mailbox.mails) == 1
    assert {state for _channel, state, _n in states()} == {"skipped", "sent"}


def test_a_reminder_of_what_was_called_off_meanwhile_does_not_go(sends, at, make, person, mailbox):
    mails_to(person)
    choose(person, quiet_from=0, quiet_until=0)
    shift = make.shift(starts_at=at(12) + timedelta(hours=5))
    for _ in range(2):
        tell(person, "reminder_hours", Ref("shift", shift.id), until=shift.starts_at.isoformat())
        relay()
        send()
        write(signups.call_off, shift.id, "", actor=SYSTEM, now=clock.now(), tell_now=True)
    assert [row.state for row in deliveries()] == ["sent", "skipped"]


def test_one_message_that_cannot_be_made_waits_and_holds_up_nobody(sends, at, make, mailbox):
    broken, sound = make.person(), make.person()
    row = mails_to(broken)
    row.address_sealed = b"not sealed by us at all"
    db.session.commit()
    mails_to(sound)
    for person in (broken, sound):
        tell(person)
    relay()
    send()
    assert len(mailbox.mails) == 1
    assert sorted(row.error for row in deliveries()) == ["", "InvalidTag"]


def test_who_is_not_on_record_any_more_is_told_nothing(sends, make, person):
    mails_to(person)
    tell(person)
    write(personal.erase, person.id, actor=make.actor(person), now=clock.now())
    relay()
    assert db.session.query(Notice).count() == 0


def test_channels_that_are_not_set_up_are_not_used(app, at, person, monkeypatch):
    given.set_up(app, monkeypatch)
    mails_to(person)
    tell(person)
    relay()
    assert db.session.query(Delivery).count() == 0
    assert outgoing.all_once(seconds=1) == []
    assert "off: email, sms, wechat" in str(doctor.senders())
