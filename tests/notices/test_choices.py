"""The page of choices: a proved mail address, consent for the phone, hours, topics; and back again."""

import re

import pytest

from portal.core import clock
from portal.core.db import db, write
from portal.notices import hooks, queries
from portal.notices.models_reach import Channel, Delivery, NoticePreference, NoticeReach
from portal.records.audit import AuditEntry
from portal.site import personal
from tests.notices import conftest as given
from tests.notices.conftest import deliveries, mails_to, relay, send, tell, texts_to

PAGE = "/me/notices/choices"


@pytest.fixture
def person(make, browser):
    row = make.person("张三", phone="13712340000")
    browser.sign_in(row)
    return row


def reaches():
    db.session.expire_all()
    return {row.channel: row for row in db.session.query(NoticeReach)}


def verbs():
    found = db.session.query(AuditEntry).filter(AuditEntry.verb.like("notice.%"))
    return [(row.verb, row.details["channel"]) for row in found.order_by(AuditEntry.id)]


def code_in(mail):
    return re.search(r"\d{6}", mail.get_content()).group()


def ask(browser, address="own@example.org"):
    return browser.post("/me/notices/email", {"address": address})


def test_a_district_without_senders_offers_none(app, browser, person, monkeypatch):
    given.set_up(app, monkeypatch)
    page = browser.get(PAGE).text
    assert "只有站内通知" in page
    for words in ("发验证码", "同意用", "什么时候不要发"):
        assert words not in page
    assert ask(browser).status_code == 404
    assert browser.post("/me/notices/channels/sms").status_code == 404
    assert browser.post(PAGE, {"reminders": ""}).status_code == 303
    assert db.session.query(NoticePreference).one().reminders is False


def test_an_address_counts_when_its_code_came_back(sends, at, browser, person, mailbox):
    assert ask(browser, " Own@Example.org ").status_code == 303
    row = reaches()[Channel.EMAIL]
    assert row.agreed_at is None
    for secret in (b"example", b"Own"):
        assert secret not in row.pending_sealed
    tell(person)
    relay()
    send()
    (mail,) = mailbox.mails  # the code, and no notice yet
    assert mailbox.recipients == ["Own@Example.org"]
    code = code_in(mail)
    assert "O***@Example.org" in browser.get(PAGE).text
    wrong = "000000" if code != "000000" else "111111"
    for typed, status in (("12345", 422), (wrong, 409), (code, 303)):
        assert browser.post("/me/notices/email/code", {"code": typed}).status_code == status
    assert reaches()[Channel.EMAIL].agreed_at == clock.now()
    assert browser.post("/me/notices/email/code", {"code": code}).status_code == 409  # used up
    tell(person)
    relay()
    send()
    assert len(mailbox.mails) == 2
    assert verbs() == [("notice.agree", "email")]


def test_an_old_code_a_strangers_and_that_of_another_address_do_not_fit(
    sends, at, browser, make, person, mailbox
):
    ask(browser)
    send()
    first = code_in(mailbox.mails[0])
    ask(browser, "other@example.org")
    assert browser.post("/me/notices/email/code", {"code": first}).status_code == 409
    send()
    second = code_in(mailbox.mails[1])
    stranger = make.person()
    browser.sign_in(stranger)
    ask(browser, "other@example.org")
    assert browser.post("/me/notices/email/code", {"code": second}).status_code == 409
    browser.sign_in(person)
    at(minutes=30)
    assert browser.post("/me/notices/email/code", {"code": second}).status_code == 409
    send()
    assert deliveries()[-1].state == "skipped"  # a code that is over is not mailed any more
    assert all(row.agreed_at is None for row in db.session.query(NoticeReach))


def test_codes_and_guesses_are_limited(sends, at, browser, make, person):
    for number in range(5):
        assert ask(browser, f"box{number}@example.org").status_code == 303
    assert ask(browser).status_code == 409
    for _ in range(10):
        browser.post("/me/notices/email/code", {"code": "000000"})
    response = browser.post("/me/notices/email/code", {"code": "000000"})
    assert "试的次数太多了" in response.text
    # Nobody's box is filled by many.
    for _ in range(6):
        browser.sign_in(make.person())
        response = ask(browser, "one@example.org")
    assert response.status_code == 409
    at(minutes=61)
    assert ask(browser, "one@example.org").status_code == 303


@pytest.mark.parametrize(
    "address",
    ["", "own", "own@", "a b@c", "own@example.org\r\nBcc: x@example.org", "own@-", "x@y.z" * 60,
     "own@example.org,other@example.org", "张@example.org", "own@[127.0.0.1]"],
)  # fmt: skip
def test_what_is_no_address(sends, browser, person, address):
    assert ask(browser, address).status_code == 422
    assert reaches() == {}


def test_another_address_counts_only_when_it_is_proved(sends, at, browser, person, mailbox):
    mails_to(person)
    ask(browser, "new@example.org")
    tell(person)
    relay()
    send()
    assert sorted(mailbox.recipients) == ["new@example.org", "own@example.org"]


def test_text_and_wechat_need_consent_and_go_as_easily(sends, at, browser, make, person, gateway):
    page = browser.get(PAGE).text
    assert "137****0000" in page
    assert "13712340000" not in page
    for channel in ("sms", "wechat"):
        for _ in range(2):
            assert browser.post(f"/me/notices/channels/{channel}").status_code == 303
    tell(person)
    relay()
    for _ in range(2):
        browser.post("/me/notices/channels/sms/withdrawal")
    send()
    assert [body["channel"] for body in gateway.bodies] == ["wechat"]
    assert [row.state for row in deliveries()] == ["skipped", "sent"]
    assert set(reaches()) == {Channel.WECHAT}
    assert verbs() == [
        ("notice.agree", "sms"), ("notice.agree", "wechat"), ("notice.withdraw", "sms")
    ]  # fmt: skip
    for path in ("pigeon", "pigeon/withdrawal", "email"):
        assert browser.post(f"/me/notices/channels/{path}").status_code == 404


def test_mail_is_taken_back_with_its_address(sends, at, browser, person):
    mails_to(person)
    assert "o***@example.org" in browser.get(PAGE).text
    browser.post("/me/notices/channels/email/withdrawal")
    assert reaches() == {}
    assert "example.org" not in browser.get(PAGE).text


OWN = {"quiet": "own", "quiet_from": "22", "quiet_until": "6", "lang": "en", "reminders": "y"}


def test_topics_hours_and_language(sends, at, browser, person):
    texts_to(person)
    assert "21:00-08:00" in browser.get(PAGE).text
    typed = {**OWN, "sms": ["signups", "reminders"]}
    assert browser.post(PAGE, typed).status_code == 303
    assert reaches()[Channel.SMS].topics == ["reminders", "signups"]
    row = queries.preference(person.id)
    assert (row.lang, row.reminders, queries.quiet_hours(row)) == (
        "en",
        True,
        (queries.Quiet(22, 6)),
    )
    page = browser.get(PAGE).text
    assert re.search(r'value="22"[^>]*selected|selected[^>]*value="22"', page)
    for changes, quiet in (({"quiet": "never"}, (0, 0)), ({"quiet": "district"}, (21, 8))):
        browser.post(PAGE, {**OWN, **changes})
        db.session.expire_all()
        found = queries.quiet_hours(queries.preference(person.id))
        assert (found.first, found.until) == quiet
    assert reaches()[Channel.SMS].topics == []


@pytest.mark.parametrize(
    "changes",
    [{"quiet_until": "22"}, {"quiet": "sometimes"}, {"quiet_from": "24"}, {"lang": "fr"},
     {"sms": ["everything"]}],
)  # fmt: skip
def test_what_cannot_be_chosen_is_said_and_nothing_is_kept(sends, browser, person, changes):
    texts_to(person)
    response = browser.post(PAGE, {**OWN, **changes})
    assert response.status_code == 422
    assert db.session.query(NoticePreference).count() == 0


def test_who_wants_no_reminders_gets_none_anywhere(sends, at, browser, person, gateway):
    texts_to(person)
    browser.post(PAGE, {"quiet": "district", "quiet_from": "1", "quiet_until": "2", "lang": "zh",
                        "sms": ["reminders"]})  # fmt: skip
    tell(person, "reminder_day")
    relay()
    send()
    assert gateway.bodies == []
    assert queries.count_unread(person.id) == 0


def test_all_of_it_is_handed_out_and_erased(sends, at, make, browser, person):
    mails_to(person)
    tell(person)
    relay()
    send()
    browser.post(PAGE, OWN)
    data = hooks.export(person.id)
    assert data["notices"][0]["kind"] == "volunteer_registered"
    assert data["deliveries"][0]["channel"] == "email"
    assert data["notice_choices"]["channels"][0]["address"] == "own@example.org"
    write(personal.erase, person.id, actor=make.actor(person), now=clock.now())
    for table in (NoticeReach, NoticePreference, Delivery):
        assert db.session.query(table).count() == 0


def test_choices_follow_the_account_in_a_merge(sends, at, make, person, mailbox):
    from portal.notices import actions

    survivor = make.person(account=False)
    mails_to(person)
    mails_to(survivor, "left@example.org")
    texts_to(person)
    tell(person)
    relay()
    write(actions.join, survivor.id, person.id)
    write(lambda: setattr(db.session.get(type(person), person.id), "merged_into_id", survivor.id))
    assert {row.person_id for row in reaches().values()} == {survivor.id}
    assert queries.count_unread(survivor.id) == 1
    tell(person)  # what is told to the old record is told to the one that was kept
    relay()
    assert queries.count_unread(survivor.id) == 2
