"""Several at once: all or nothing, as many as fit, waiting together, each with their own reasons."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import queries as people
from portal.records.outbox import OutboxRow
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, party, queries
from portal.signups.asking import Asks
from portal.signups.models import ParticipantKind, Signup, SignupState
from portal.signups.party import Mode
from tests.people.relatives import added, linked
from tests.support.queries import count_queries

SEAT, SERVES = PlaceRole.ATTENDEE, PlaceRole.VOLUNTEER


@pytest.fixture
def mother(make):
    return make.person("李梅")


@pytest.fixture
def children(mother):
    return [added(mother, name).person for name in ("小明", "小红")]


@pytest.fixture
def shift_with(make):
    def make_shift(seats=10, days=3, **columns):
        station = make.station()
        activity = make.activity(station, **columns)
        start = clock.now().replace(microsecond=0) + timedelta(days=days)
        return make.shift(
            activity=activity, starts_at=start, places={"attendee": seats, "volunteer": 2}
        )

    return make_shift


def sign_up(shift, persons, mode=Mode.ALL, *, by, role=SEAT, now=None):
    wanted = [Asks(shift.id, person.id, role) for person in persons]
    actor = people.actor_of(by)
    return write(party.sign_up_family, wanted, mode, actor=actor, now=now or clock.now())


def standing(shift):
    return [(row.person.name, row.state) for row in queries.on_shift(shift.id)]


def taken(shift, role=SEAT):
    place = shifts.place_of(shift.id, role)
    db.session.refresh(place)
    return place.taken


def fill(make, shift, count, role=SEAT):
    for _ in range(count):
        person = make.person(account=False)
        write(actions.sign_up, shift.id, person.id, role, actor=people.actor_of(person),
              now=clock.now())  # fmt: skip


def test_a_family_is_signed_up_in_one_go(mother, children, shift_with):
    shift = shift_with()
    found = sign_up(shift, [mother, *children], by=mother)
    assert [one.is_new for one in found] == [True, True, True]
    assert standing(shift) == [(name, "confirmed") for name in ("李梅", "小明", "小红")]
    assert taken(shift) == 3
    rows = queries.on_shift(shift.id)
    assert {row.actor_id for row in rows} == {mother.id}
    assert [row.is_on_behalf for row in rows] == [False, True, True]
    assert hooks.check() == []


def test_twice_is_harmless(mother, children, shift_with):
    shift = shift_with()
    first = sign_up(shift, [mother, *children], by=mother)
    again = sign_up(shift, [mother, *children], by=mother)
    assert [one.signup_id for one in again] == [one.signup_id for one in first]
    assert not any(one.is_new for one in again)
    assert taken(shift) == 3


def test_too_few_places_leave_nobody_on_it(mother, children, shift_with):
    shift = shift_with(seats=2)
    with pytest.raises(Refused) as refused:
        sign_up(shift, [mother, *children], by=mother)
    assert refused.value.codes == ("not_enough",)
    assert standing(shift) == []
    assert taken(shift) == 0


def test_as_many_as_fit_take_the_places_and_the_rest_wait(mother, children, shift_with):
    shift = shift_with(seats=2)
    sign_up(shift, [mother, *children], Mode.FIT, by=mother)
    assert standing(shift) == [
        ("李梅", "confirmed"), ("小明", "confirmed"), ("小红", "waitlisted"),
    ]  # fmt: skip
    assert hooks.check() == []


def test_a_full_shift_lets_the_party_wait_together(make, mother, children, shift_with):
    shift = shift_with(seats=1)
    fill(make, shift, 2)
    sign_up(shift, [mother, *children], by=mother)
    waiting = [row for row in queries.on_shift(shift.id) if row.state == SignupState.WAITLISTED]
    assert [row.person.name for row in waiting[1:]] == ["李梅", "小明", "小红"]
    assert [queries.position(row) for row in waiting] == [1, 2, 3, 4]


def test_after_the_closing_of_the_queue_nobody_waits(make, mother, children, shift_with):
    shift = shift_with(seats=2)
    late = shift.starts_at - timedelta(hours=1)
    with pytest.raises(Refused) as refused:
        sign_up(shift, [mother, *children], by=mother, now=late)
    assert refused.value.codes == ("not_enough",)
    found = sign_up(shift, [mother, *children], Mode.FIT, by=mother, now=late)
    assert [bool(one.signup_id) for one in found] == [True, True, False]
    assert [reason.code for reason in found[2].reasons] == ["full"]
    with pytest.raises(Refused) as refused:
        sign_up(shift, [mother, *children], by=mother, now=late)
    assert refused.value.codes == ("full",)


def test_everybodys_own_reasons_are_said_by_name(mother, children, shift_with):
    shift = shift_with(minimum_age=10)
    with pytest.raises(Refused) as refused:
        sign_up(shift, [mother, *children], by=mother)
    assert refused.value.codes == ("too_young", "too_young")
    first, second = refused.value.reasons
    assert first.message.startswith("小明：")
    assert second.message.startswith("小红：")
    found = sign_up(shift, [mother, *children], Mode.FIT, by=mother)
    assert [bool(one.signup_id) for one in found] == [True, False, False]
    assert standing(shift) == [("李梅", "confirmed")]


def test_with_nobody_who_can_it_is_a_refusal(mother, children, shift_with):
    with pytest.raises(Refused):
        sign_up(shift_with(minimum_age=10), children, Mode.FIT, by=mother)


def test_a_clash_of_one_is_a_reason_of_that_one(make, mother, children, shift_with):
    first, second = shift_with(), shift_with()
    sign_up(first, [children[0]], by=mother)
    with pytest.raises(Refused) as refused:
        sign_up(second, [mother, *children], by=mother)
    assert refused.value.codes == ("clash",)
    assert first.offering.title not in refused.value.message


def test_no_way_of_staff_is_shown_to_the_family(mother, children, shift_with):
    with pytest.raises(Refused) as refused:
        sign_up(shift_with(), children, by=mother, role=SERVES)
    assert refused.value.codes == ("not_volunteer", "not_volunteer")
    for reason in refused.value.reasons:
        assert reason.way_url.startswith("/stations/")


def test_who_has_an_account_is_told(make, mother, shift_with):
    father = make.person("王强")
    linked(mother, father)
    sign_up(shift_with(), [mother, father], by=mother)
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice"))
    told = [(row.payload["person_id"], row.payload["kind"]) for row in rows]
    assert told == [(father.id, "signed_up_by_family")]


# --- pages ---------------------------------------------------------------------------------------


def path(shift):
    return f"/shifts/{shift.public_id}/signup"


def page_of(shift):
    return f"/activities/{shift.offering.public_id}"


def form(*persons, **values):
    ids = [person.public_id for person in persons]
    return {"role": "attendee", "party": "1", "person": ids, **values}


def test_the_panel_asks_for_whom_only_who_has_a_family(make, browser, shift_with):
    shift = shift_with()
    browser.sign_in(make.person())
    page = browser.get(page_of(shift)).text
    assert "给谁报名" not in page
    assert 'name="mode"' not in page


def test_a_mother_signs_up_two_children_on_the_page(mother, children, browser, shift_with):
    shift = shift_with()
    browser.sign_in(mother)
    page = browser.get(page_of(shift)).text
    assert "给谁报名" in page
    assert page.count('name="person"') == 3
    assert browser.post(path(shift), form(mother, *children)).status_code == 303
    page = browser.get(page_of(shift)).text
    assert "小明：报名成功" in page
    assert 'name="person"' not in page


def test_who_is_left_can_be_signed_up_later(mother, children, browser, shift_with):
    shift = shift_with()
    browser.sign_in(mother)
    browser.post(path(shift), form(children[0]))
    page = browser.get(page_of(shift)).text
    assert "给别的家人报名" in page
    assert page.count('name="person"') == 2
    browser.post(path(shift), form(mother, children[1]))
    assert taken(shift) == 3


def test_nobody_chosen_is_said(mother, children, browser, shift_with):
    shift = shift_with()
    browser.sign_in(mother)
    answer = browser.post(path(shift), form())
    assert answer.status_code == 409
    assert "请选给谁报名" in answer.text
    assert taken(shift) == 0


def test_a_refusal_shows_beside_the_button_and_leaves_nobody(mother, children, browser, shift_with):
    shift = shift_with(seats=2)
    browser.sign_in(mother)
    answer = browser.post(path(shift), form(mother, *children), headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "只剩 2 个名额" in answer.text
    assert taken(shift) == 0


def test_as_many_as_fit_says_who_could_not(mother, children, browser, shift_with):
    shift = shift_with(minimum_age=10)
    browser.sign_in(mother)
    answer = browser.post(path(shift), form(mother, children[0], mode="fit"), follow_redirects=True)
    assert "小明：这项活动要满 10 岁" in answer.text
    assert standing(shift) == [("李梅", "confirmed")]


@pytest.mark.parametrize("who", ["stranger", "anothers_child", "removed", "both"])
def test_nobody_elses_family_can_be_touched(make, mother, children, browser, shift_with, who):
    shift = shift_with()
    other = make.person()
    person = {"stranger": other, "removed": children[0]}.get(who) or added(other, "别家孩子").person
    if who == "removed":
        from portal.people import family, queries_family

        row = queries_family.members_of(mother.id)[0]
        write(family.remove, row.id, actor=people.actor_of(mother), now=clock.now())
    browser.sign_in(mother)
    wanted = [mother, person] if who == "both" else [person]
    assert browser.post(path(shift), form(*wanted)).status_code == 404
    assert standing(shift) == []


def test_a_manager_signs_up_one_stranger_not_two(make, browser, shift_with):
    shift = shift_with()
    browser.sign_in(make.manager(shift.offering.station))
    one, two = make.person(), make.person()
    assert browser.post(path(shift), form(one, two)).status_code == 404
    assert browser.post(path(shift), form(one)).status_code == 303
    assert [row.person_id for row in queries.on_shift(shift.id)] == [one.id]


def test_each_is_withdrawn_alone_by_the_holder_and_by_nobody_else(
    make, mother, children, browser, shift_with
):
    shift = shift_with()
    sign_up(shift, [mother, *children], by=mother)
    row = queries.live(shift.id, children[0].id)
    browser.sign_in(make.person())
    assert browser.post(f"/signups/{row.public_id}/withdrawal").status_code == 404
    browser.sign_in(mother)
    assert browser.post(f"/signups/{row.public_id}/withdrawal").status_code == 303
    assert [name for name, _state in standing(shift)] == ["李梅", "小红"]


def test_an_offer_to_a_child_is_accepted_by_the_mother(make, mother, children, browser, shift_with):
    shift = shift_with(seats=1)
    fill(make, shift, 1)
    sign_up(shift, [children[0]], by=mother)
    held = queries.on_shift(shift.id)[0]
    write(actions.withdraw, held.id, "", actor=people.actor_of(held.person), now=clock.now())
    row = queries.live(shift.id, children[0].id)
    assert row.state == SignupState.OFFERED
    browser.sign_in(mother)
    assert browser.post(f"/signups/{row.public_id}/acceptance").status_code == 303
    db.session.expire_all()
    assert row.state == SignupState.CONFIRMED


def test_the_own_list_says_for_whom(mother, children, browser, shift_with):
    sign_up(shift_with(), [mother, *children], by=mother)
    browser.sign_in(mother)
    page = browser.get("/me/signups").text
    assert "给 小明 报的" in page
    assert "给 小红 报的" in page
    assert "给 小明 报的" in browser.get("/me").text


def test_the_card_is_for_the_family_and_the_roster(make, mother, children, browser, shift_with):
    shift = shift_with()
    sign_up(shift, children, by=mother)
    row = queries.live(shift.id, children[0].id)
    own, desk = (
        f"/me/signups/{row.public_id}/card",
        f"/desk/shifts/{shift.public_id}/signups/{row.public_id}/card",
    )
    browser.sign_in(make.person())
    assert browser.get(own).status_code == 404
    browser.sign_in(mother)
    page = browser.get(own).text
    for words in ("小明", shift.offering.title, "社区广场", "0755-1234567", "<svg", row.public_id):
        assert words in page
    browser.sign_in(make.manager(make.station()))
    assert browser.get(desk).status_code == 404
    browser.sign_in(make.manager(shift.offering.station))
    assert "小明" in browser.get(desk).text


def test_on_duty_and_paid_posts_need_no_registration_and_earn_nothing(make, browser, shift_with):
    shift = shift_with()
    person = make.person()
    browser.sign_in(person)
    refused = browser.post(path(shift), {"role": "volunteer"})
    assert refused.status_code == 409
    answer = browser.post(path(shift), {"role": "volunteer", "participant": "on_duty"})
    assert answer.status_code == 303
    assert queries.live(shift.id, person.id).participant == ParticipantKind.ON_DUTY


@pytest.mark.parametrize("said", ["on_duty", "paid_post", "volunteer", "nonsense"])
def test_who_takes_part_is_a_guest_whatever_is_said(make, browser, shift_with, said):
    shift = shift_with()
    person = make.person()
    browser.sign_in(person)
    browser.post(path(shift), {"role": "attendee", "participant": said})
    assert queries.live(shift.id, person.id).participant == ParticipantKind.GUEST


def test_a_page_of_many_shifts_asks_no_more_for_a_large_family(make, mother, browser):
    make.any_number_of_signups()
    station = make.station()
    activity = make.activity(station)
    browser.sign_in(mother)

    def cost():
        with count_queries() as seen:
            browser.get(f"/activities/{activity.public_id}")
            browser.get("/me/signups")
            browser.get("/me/family")
        return len(seen)

    first = make.shift(activity=activity)
    sign_up(first, [mother, added(mother, "小一").person], by=mother)
    before = cost()
    for n in range(10):
        added(mother, f"孩子{chr(0x4E00 + n)}")
    for n in range(29):
        shift = make.shift(activity=activity, starts_at=clock.now() + timedelta(days=2 + n))
        sign_up(shift, [mother], by=mother)
    assert cost() == before
    assert db.session.query(Signup).count() == 31
