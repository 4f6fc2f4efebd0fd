"""Who takes back the consent to the privacy notice: told before, asked again after, free to return."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import consents
from portal.people import queries as people
from portal.people.models_consents import Channel, ConsentKind
from portal.registration import actions as registration
from portal.shifts.models import PlaceRole
from portal.signups import actions, queries
from portal.signups.models import SignupState
from tests.registration.forms import given, typed
from tests.support.queries import count_queries

WITHDRAWAL = "/me/privacy/consents/notice/withdrawal"
CONSENT = "/me/privacy/consents/notice"


@pytest.fixture
def shift(make):
    start = clock.now().replace(microsecond=0) + timedelta(days=3)
    return make.shift(starts_at=start, places={"attendee": 1, "volunteer": 2})


@pytest.fixture
def resident(make, browser):
    person = make.person()
    browser.sign_in(person)
    return person


def withdraw(person):
    write(
        registration.withdraw_consent, person.id, ConsentKind.NOTICE, Channel.WEB, actor=SYSTEM,
        now=clock.now(),
    )  # fmt: skip


def sign_up(shift, person, role=PlaceRole.ATTENDEE, actor=SYSTEM):
    return write(actions.sign_up, shift.id, person.id, role, actor=actor, now=clock.now())


def test_what_follows_is_said_before_and_after(browser, resident, shift):
    sign_up(shift, resident)
    page = browser.get("/me/privacy").text
    assert page.index("不能新报名，也不能申请做志愿者") < page.index(f'action="{WITHDRAWAL}"')
    assert "1 个报名" in page
    assert "依法保留" in page
    browser.post(WITHDRAWAL)
    page = browser.get("/me/privacy").text
    assert "已经报上的名照样有效。" in page
    assert "点“同意”就恢复" in page
    browser.post(CONSENT)
    assert "点“同意”就恢复" not in browser.get("/me/privacy").text


@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_a_new_sign_up_is_refused_and_leads_to_the_consent(browser, resident, shift, htmx):
    path = f"/shifts/{shift.public_id}/signup"
    browser.post(WITHDRAWAL)
    refused = browser.post(path, {"role": "attendee"}, headers=htmx)
    assert refused.status_code == 409
    assert "您撤回了隐私告知的同意" in refused.text
    assert 'href="/me/privacy"' in refused.text
    assert queries.live(shift.id, resident.id) is None
    browser.post(CONSENT)
    assert browser.post(path, {"role": "attendee"}, headers=htmx).status_code in {200, 303}
    assert queries.live(shift.id, resident.id).state == SignupState.CONFIRMED


def test_a_place_to_serve_is_refused_too_with_all_other_reasons(make, shift, resident):
    withdraw(resident)
    with pytest.raises(Refused) as refused:
        sign_up(shift, resident, PlaceRole.VOLUNTEER, make.actor(resident))
    assert refused.value.codes == ("consent_withdrawn", "not_volunteer")


def test_what_stands_already_is_left_alone(make, browser, resident, shift):
    first = sign_up(shift, make.person())
    waiting = sign_up(shift, resident)
    browser.post(WITHDRAWAL)
    assert sign_up(shift, resident).id == waiting.id
    write(actions.withdraw, first.id, "", actor=SYSTEM, now=clock.now())
    db.session.refresh(waiting)
    assert waiting.state == SignupState.OFFERED
    assert browser.post(f"/signups/{waiting.public_id}/acceptance").status_code == 303
    db.session.refresh(waiting)
    assert waiting.state == SignupState.CONFIRMED


def test_nobody_is_signed_up_on_their_behalf_either(make, browser, shift):
    person = make.person()
    withdraw(person)
    browser.sign_in(make.manager(shift.offering.station))
    path = f"/shifts/{shift.public_id}/signup"
    refused = browser.post(path, {"role": "attendee", "person": person.public_id})
    assert refused.status_code == 409
    assert "不能替他报名" in refused.text
    assert 'href="/me/privacy"' not in refused.text


def test_an_application_waits_for_the_consent(make, browser, resident):
    station = make.station()
    browser.post(WITHDRAWAL)
    page = browser.get("/volunteer/apply").text
    assert "重新同意以后就可以申请" in page
    assert 'action="/volunteer/apply"' not in page
    refused = browser.post("/volunteer/apply", typed(station))
    assert refused.status_code == 409
    assert 'href="/me/privacy"' in refused.text
    assert people.volunteer_of(resident.id) is None
    browser.post(CONSENT)
    assert browser.post("/volunteer/apply", typed(station)).status_code == 303


def test_on_paper_at_the_desk_the_persons_word_is_the_consent(make, resident):
    station = make.station()
    withdraw(resident)
    desk = make.actor(make.manager(station))
    asked = given(station, channel=Channel.PAPER)
    write(registration.apply, resident.id, asked, actor=desk, now=clock.now())
    newest = consents.of_person(resident.id)[-1]
    assert (newest.kind, newest.given, newest.actor_id) == ("notice", True, desk.person_id)
    assert not consents.standing(resident.id).withdrew_notice


def test_who_was_put_on_record_by_staff_has_withdrawn_nothing(make, shift):
    person = make.person(account=False)
    assert consents.of_person(person.id) == []
    assert consents.standing(person.id) == (None, False)
    assert sign_up(shift, person).state == SignupState.CONFIRMED


def test_the_newest_word_counts_whichever_record_it_was_given_under(make, shift):
    kept, merged = make.person(account=False), make.person()
    withdraw(merged)
    merged.merged_into_id = kept.id
    db.session.commit()
    with pytest.raises(Refused, match="consent_withdrawn"):
        sign_up(shift, kept)
    write(consents.give, kept.id, ConsentKind.NOTICE, Channel.DESK, actor=SYSTEM, now=clock.now())
    assert sign_up(shift, kept).state == SignupState.CONFIRMED


def test_volunteering_and_consent_are_one_question(make):
    person = make.volunteer(make.station())
    with count_queries() as seen:
        standing = consents.standing(person.id)
    assert (standing, len(seen)) == (("registered", False), 1)


def test_other_consents_hold_nobody_back(make, shift):
    person = make.person()
    for verb in (consents.give, consents.withdraw):
        write(verb, person.id, ConsentKind.PUBLICATION, Channel.WEB, actor=SYSTEM, now=clock.now())
    assert sign_up(shift, person).state == SignupState.CONFIRMED
