"""The conditions on the way: promotion, the family, the desk, standing places, JSON, the pages."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import family, guardians, trainings
from portal.people.family import NewMember
from portal.people.guardians import Contact
from portal.people.models_consents import Channel, ConsentScope
from portal.people.models_family import Relation
from portal.people.trainings import Held
from portal.posts import actions_standing
from portal.posts import queries as posts
from portal.records.outbox import OutboxRow
from portal.shifts import queries as shifts
from portal.shifts.actions_conditions import Conditions, put_terms
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, party, queries
from portal.signups.asking import Asks
from portal.signups.models import SignupState
from portal.signups.party import Mode
from tests.posts.given import every_day, published
from tests.support.queries import count_queries

SEAT, SERVES = PlaceRole.ATTENDEE, PlaceRole.VOLUNTEER


def years_ago(years):
    return clock.today() - timedelta(days=years * 366)


def first_aid():
    return org.term(Vocabulary.TRAINING, "first_aid")


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def shift(make, station):
    start = clock.now().replace(microsecond=0) + timedelta(days=3)
    return make.shift(station, starts_at=start, places={"attendee": 1})


@pytest.fixture
def child(make, station):
    return make.person("林小苗", birth_on=years_ago(15), station=station)


def agree(child, **scope):
    contact = Contact("林芳", "13800001234")
    wanted = guardians.Scope(**scope)
    return write(
        guardians.put_guardian, child.id, contact, Channel.PAPER, wanted,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip


def sign_up(shift, person, role=SEAT, by=SYSTEM):
    return write(actions.sign_up, shift.id, person.id, role, actor=by, now=clock.now())


def state(row):
    db.session.refresh(row)
    return row.state


def refusal(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return refused.value


def test_whose_consent_was_withdrawn_while_waiting_is_passed_over(make, shift, child):
    holder, after = sign_up(shift, make.person()), make.person()
    consent = agree(child)
    waiting, behind = sign_up(shift, child), sign_up(shift, after)
    write(guardians.withdraw, consent.id, actor=SYSTEM, now=clock.now())
    write(actions.withdraw, holder.id, "", actor=SYSTEM, now=clock.now())
    assert (state(waiting), state(behind)) == (SignupState.WITHDRAWN, SignupState.OFFERED)
    kinds = [
        row.payload["kind"]
        for row in db.session.query(OutboxRow)
        if row.payload.get("person_id") == child.id
    ]
    assert kinds == ["offer_missed"]
    assert hooks.check() == []


def test_an_offer_is_not_accepted_without_the_consent(make, shift, child):
    holder = sign_up(shift, make.person())
    consent = agree(child, kind=ConsentScope.OFFERING, offering_id=shift.offering_id)
    waiting = sign_up(shift, child)
    write(actions.withdraw, holder.id, "", actor=SYSTEM, now=clock.now())
    assert state(waiting) == SignupState.OFFERED
    write(guardians.withdraw, consent.id, actor=SYSTEM, now=clock.now())
    found = refusal(write, actions.accept, waiting.id, actor=make.actor(child), now=clock.now())
    assert found.codes == ("no_guardian_consent",)
    agree(child)
    write(actions.accept, waiting.id, actor=make.actor(child), now=clock.now())
    assert state(waiting) == SignupState.CONFIRMED


def test_a_guardian_agrees_by_signing_the_child_up(make, shift):
    mother = make.person("王芳")
    actor = make.actor(mother)
    said = NewMember("王一", Relation.CHILD, years_ago(9), is_guardian=True)
    row = write(family.add, mother.id, said, actor=actor, now=clock.now())
    (general,) = guardians.live_of(row.person_id)
    wanted = [Asks(shift.id, row.person_id, SEAT)]

    def go():
        return write(party.sign_up_family, wanted, Mode.ALL, actor=actor, now=clock.now())

    go()
    assert guardians.live_of(row.person_id) == [general]  # it covers this one already
    signup = queries.live(shift.id, row.person_id)
    write(actions.withdraw, signup.id, "", actor=actor, now=clock.now())
    write(guardians.withdraw, general.id, actor=actor, now=clock.now())
    go()
    (own,) = guardians.live_of(row.person_id)
    assert (own.scope, own.offering_id) == (ConsentScope.OFFERING, shift.offering_id)
    # Somebody else of the family is no guardian.
    father = make.person("王强")
    other = refusal(
        write, party.sign_up_family, [Asks(make.shift().id, row.person_id, SEAT)], Mode.ALL,
        actor=make.actor(father), now=clock.now(),
    )  # fmt: skip
    assert other.codes == ("no_guardian_consent",)
    assert other.reasons[0].way_url == "/me/family"


def test_the_desk_writes_the_guardian_down_with_the_sign_up(make, browser, station, shift):
    browser.sign_in(make.manager(station))
    path = f"/desk/shifts/{shift.public_id}/signups/new"
    said = {
        "role": "attendee", "name": "赵小宝", "birth_date": years_ago(9).isoformat(),
        "channel": "desk", "consent": "y",
    }  # fmt: skip
    refused = browser.post(path, said)
    assert refused.status_code == 409
    assert "赵小宝" in refused.text
    assert path in refused.text
    given = {**said, "guardian_name": "赵强", "guardian_phone": "13812341234"}
    assert browser.post(path, given).status_code == 303
    (row,) = queries.on_shift(shift.id)
    (consent,) = guardians.live_of(row.person_id)
    assert (consent.scope, consent.offering_id) == (ConsentScope.OFFERING, shift.offering_id)


def test_json_names_all_reasons_each_with_its_way(make, browser, station):
    activity = make.activity(
        station, minimum_age=18, maximum_age=60, community_only=True, team_only=True
    )
    write(put_terms, activity.id, Conditions(trainings=frozenset({first_aid().id})))
    shift = make.shift(activity=activity, places={"volunteer": 1})
    course = make.shift(activity=make.activity(station, gives_training_id=first_aid().id))
    browser.sign_in(make.person(birth_on=years_ago(70)))
    path, headers = f"/shifts/{shift.public_id}/signup", {"Accept": "application/json"}
    assert browser.send_json(path, {"role": "volunteer"}).status_code == 409
    assert browser.post(path, {"role": "volunteer"}).mimetype == "text/html"
    answer = browser.post(path, {"role": "volunteer"}, headers=headers)
    assert answer.status_code == 409
    said = answer.get_json()
    codes = ["team_only", "no_training", "not_volunteer", "too_old", "not_of_community"]
    assert [one["code"] for one in said["reasons"]] == codes
    assert said["error"]["code"] == "team_only"
    assert set(said["error"]) == {"code", "message", "field"}
    assert all(one["way_text"] and one["way_url"] for one in said["reasons"])
    assert said["reasons"][1]["way_url"].endswith(f"#shift-{course.public_id}")


def test_who_has_what_is_asked_for_signs_up_for_one_statement_more(make, browser, station):
    activity = make.activity(station, community_only=True, minimum_age=18, maximum_age=60)
    skill = org.term(Vocabulary.SKILL, "driving")
    asked = Conditions(trainings=frozenset({first_aid().id}), skills_wanted=frozenset({skill.id}))
    write(put_terms, activity.id, asked)
    shift = make.shift(activity=activity, places={"volunteer": 2})
    person = make.volunteer(station)
    expired = Held(first_aid().id, clock.today() - timedelta(days=800))
    write(trainings.record, person.id, expired, actor=SYSTEM, now=clock.now())
    assert refusal(sign_up, shift, person, SERVES).codes == ("no_training",)
    valid = Held(first_aid().id, clock.today())
    record = write(trainings.record, person.id, valid, actor=SYSTEM, now=clock.now())
    browser.sign_in(person)
    fields = {"csrf_token": browser.token(), "role": "volunteer"}
    with count_queries() as seen:
        path = f"/shifts/{shift.public_id}/signup"
        assert browser.client.post(path, data=fields).status_code == 303
    statements = [one for one in seen if "FOR UPDATE" not in one]
    assert len(statements) <= 13
    write(trainings.revoke, record.id, actor=SYSTEM, now=clock.now())
    other = make.volunteer(station)
    assert refusal(sign_up, shift, other, SERVES).codes == ("no_training",)


def test_too_many_open_activities_but_duties_do_not_count(make, station):
    make.set("open_signups_most", 2)
    person = make.volunteer(station)
    post = published(station, cells=every_day(2))
    duties = shifts.coming_of(post.id, clock.now())[-3:]
    for duty in duties:
        sign_up(duty, person, SERVES)
    days = [make.shift(station, starts_at=clock.now() + timedelta(days=n)) for n in (40, 41, 42)]
    first = sign_up(days[0], person)
    sign_up(days[1], person)
    assert refusal(sign_up, days[2], person, by=make.actor(person)).codes == ("too_many_open",)
    write(actions.withdraw, first.id, "", actor=SYSTEM, now=clock.now())
    assert sign_up(days[2], person).state == SignupState.CONFIRMED


def test_a_standing_place_asks_the_same(make, station):
    post = published(station, cells=every_day(2))
    write(put_terms, post.id, Conditions(trainings=frozenset({first_aid().id})))
    person, actor = make.volunteer(station), make.actor(make.manager(station))
    slot = posts.slots_of(post.id)[0]
    found = refusal(write, actions_standing.give, slot.id, person.id, actor=actor, now=clock.now())
    assert found.codes == ("no_training",)
    assert all(reason.way_url for reason in found.reasons)
    held = Held(first_aid().id, clock.today())
    write(trainings.record, person.id, held, actor=SYSTEM, now=clock.now())
    row = write(actions_standing.give, slot.id, person.id, actor=actor, now=clock.now())
    assert row.ended_at is None


# --- pages ---------------------------------------------------------------------------------------


def test_what_stands_against_it_is_shown_before_pressing(make, browser, station, shift):
    activity = shift.offering
    activity.community_only = True
    db.session.commit()
    page = f"/activities/{activity.public_id}"
    assert "报名前请看" not in browser.get(page).text  # nobody is signed in
    person = make.person()
    browser.sign_in(person)
    text = browser.get(page).text
    assert "您现在还不能报名" in text
    assert f"/me/home?next=/activities/{activity.public_id}" in text
    assert f'action="/shifts/{shift.public_id}/signup"' not in text
    to = browser.post("/me/home", {"station": station.public_id, "next": page})
    assert to.location == page
    assert f'action="/shifts/{shift.public_id}/signup"' in browser.get(page).text
    assert f"{station.community}居民" in text


def test_the_list_of_what_one_can_take(make, browser, station, shift):
    trained = make.activity(station, title="要学过急救的")
    write(put_terms, trained.id, Conditions(trainings=frozenset({first_aid().id})))
    make.shift(activity=trained, places={"volunteer": 1})
    person = make.volunteer(station)
    browser.sign_in(person)
    page = browser.get("/me/open").text
    assert f'action="/shifts/{shift.public_id}/signup"' in page
    below = page.index("差一步就能报的")
    assert page.index("要学过急救的") > below
    assert browser.get("/me/open?days=5&role=nobody&station=nowhere").status_code == 200
    assert "要学过急救的" not in browser.get("/me/open?role=attendee").text
    sent = browser.post(f"/shifts/{shift.public_id}/signup", {"role": "attendee"})
    assert sent.status_code == 303
    assert f'action="/shifts/{shift.public_id}/signup"' not in browser.get("/me/open").text
    assert browser.get(f"/me/open?person={make.person().public_id}").status_code == 404


def test_the_desk_sees_what_somebody_can_take(make, browser, station, shift, child):
    agree(child)
    away = make.shift(places={"attendee": 3})
    browser.sign_in(make.manager(station))
    page = browser.get(f"/desk/people/{child.public_id}/open").text
    assert f'value="{child.public_id}"' in page
    assert f'action="/shifts/{shift.public_id}/signup"' in page
    assert away.public_id in page
    assert f'action="/shifts/{away.public_id}/signup"' not in page  # another station's roster
    browser.sign_in(make.manager(make.station()))
    assert browser.get(f"/desk/people/{child.public_id}/open").status_code == 404


def test_the_guardians_form(browser, shift, child):
    browser.sign_in(child)
    text = browser.get(f"/me/guardian-form?for={shift.offering.public_id}").text
    assert child.name in text
    assert shift.offering.title in text
    assert "孩子的姓名" in browser.get("/guardian-form").text
