from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.people.models_teams import MemberState, Team, TeamMember
from portal.registration import actions, doubles, merge, queries
from portal.shifts.models import PlaceRole
from portal.signups import actions as signup_actions
from portal.signups import queries as signups
from tests.registration.forms import given, id_number

BORN = date(1980, 5, 4)


@pytest.fixture
def pair(make):
    """A registered volunteer without account, and a second record of the same phone with one."""
    station = make.station()
    kept = make.volunteer(station, name="李秀英", phone="13700008888", birth_on=BORN, account=False)
    other = make.person("李秀英", phone="13700008888", birth_on=BORN)
    return station, people.volunteer_of(kept.id), other


def run(make, row, other, actor=None):
    by = actor or make.actor(make.manager(row.station))
    return write(merge.merge, row.id, other.id, actor=by, now=clock.now())


def refusal(make, row, other, actor=None):
    with pytest.raises(Refused) as refused:
        run(make, row, other, actor)
    assert people.person(other.id).merged_into_id is None
    return refused.value.codes


def test_what_makes_two_records_look_the_same(make, pair):
    station, row, other = pair
    make.person("李秀英", birth_on=date(1981, 1, 1))
    make.person("别人", birth_on=BORN)
    found = doubles.doubles(row)
    assert [one.person.id for one in found] == [other.id]
    assert set(found[0].by) == {"phone", "name_and_birth"}
    same_id = make.person("张三", birth_on=BORN)
    write(
        actions.apply, same_id.id, given(station, name="张三", id_number=id_number(serial=7)),
        actor=make.actor(same_id), now=clock.now(),
    )  # fmt: skip
    twin = make.person("张山", birth_on=date(1999, 1, 1))
    double = write(
        actions.apply, twin.id, given(station, name="张山", id_number=id_number(serial=7)),
        actor=make.actor(twin), now=clock.now(),
    )  # fmt: skip
    assert [one.by for one in doubles.doubles(double)] == [("id_number",)]


def test_a_merge_takes_the_account_over_and_hides_the_second_record(make, pair, browser):
    _station, row, other = pair
    browser.sign_in(other)
    run(make, row, other)
    assert people.person(other.id).merged_into_id == row.person_id
    assert people.account_of(other.id) is None
    assert people.account_by_phone("13700008888").person_id == row.person_id
    assert people.person_by_id(other.public_id) is None
    assert browser.get("/me").status_code == 303
    # Twice is harmless.
    run(make, row, other)


def test_coming_sign_ups_teams_and_gaps_go_over(make, pair):
    station, row, other = pair
    shift = make.shift(station)
    write(
        signup_actions.sign_up, shift.id, other.id, PlaceRole.ATTENDEE, actor=make.actor(other),
        now=clock.now(),
    )  # fmt: skip
    team = Team(name="红队", station_id=station.id)
    db.session.add(team)
    db.session.flush()
    db.session.add(
        TeamMember(team_id=team.id, person_id=other.id, state=MemberState.MEMBER, at=clock.now())
    )
    people.person(other.id).sex = "female"
    db.session.commit()
    run(make, row, other)
    assert [one.shift_id for one in signups.coming(row.person_id, clock.now())] == [shift.id]
    assert [one.state for one in people.team_rows_of(row.person_id)] == ["member"]
    assert people.team_rows_of(other.id) == []
    assert people.person(row.person_id).sex == "female"


def test_an_id_number_goes_over_with_the_closed_application(make, pair):
    station, row, other = pair
    write(
        actions.apply, other.id, given(station, name="李秀英", id_number=id_number()),
        actor=make.actor(other), now=clock.now(),
    )  # fmt: skip
    run(make, row, other)
    closed = people.volunteer_of(other.id)
    assert (closed.state, closed.id_number_hash) == ("withdrawn", None)
    assert queries.volunteer(row.id).id_number_hash
    assert queries.volunteer_by_id(closed.public_id) is None


def test_two_accounts_are_not_merged(make):
    station = make.station()
    kept = make.volunteer(station, name="李秀英", birth_on=BORN)
    other = make.person("李秀英", birth_on=BORN)
    assert refusal(make, people.volunteer_of(kept.id), other) == ("two_accounts",)


def test_two_registered_volunteers_are_not_merged(make, pair):
    station, row, _other = pair
    second = make.volunteer(station, name="李秀英", birth_on=BORN, account=False)
    assert refusal(make, row, second) == ("both_registered",)


def test_the_registered_record_is_the_one_to_keep(make, pair):
    station, row, _other = pair
    second = make.volunteer(
        station, name="李秀英", birth_on=BORN, account=False, state=VolunteerState.SUBMITTED
    )
    kept = people.person(row.person_id)
    assert refusal(make, people.volunteer_of(second.id), kept) == ("keep_registered",)
    run(make, row, second)


def test_overlapping_sign_ups_are_not_merged(make, pair):
    station, row, other = pair
    start = clock.now() + timedelta(days=1)
    for person in (people.person(row.person_id), other):
        shift = make.shift(station, starts_at=start)
        write(
            signup_actions.sign_up, shift.id, person.id, PlaceRole.ATTENDEE,
            actor=make.actor(person), now=clock.now(),
        )  # fmt: skip
    assert refusal(make, row, other) == ("overlapping_signups",)


def test_strangers_own_records_and_staff_are_not_merged(make, pair):
    station, row, other = pair
    assert refusal(make, row, make.person("路人", account=False)) == ("no_double",)
    helper = make.holder(Role.TEAM_LEADER, station, name="李秀英", birth_on=BORN)
    assert refusal(make, row, helper) == ("staff",)
    assert refusal(make, row, other, make.actor(other)) == ("own_record",)


def test_the_page_shows_both_and_merges(make, pair, browser):
    station, row, other = pair
    browser.sign_in(make.manager(station))
    path = f"/desk/volunteers/{row.public_id}"
    assert "可能有重复档案" in browser.get(path).text
    page = browser.get(f"{path}/merge").text
    assert other.public_id in page
    assert other.phone not in page
    assert browser.post(f"{path}/merge", {"duplicate": "nobody"}).status_code == 404
    done = browser.post(f"{path}/merge", {"duplicate": other.public_id})
    assert done.status_code == 303
    assert "没有看起来是同一个人的档案" in browser.get(f"{path}/merge").text


def test_a_record_of_another_station_is_masked_and_left_to_those_above(make, pair, browser):
    station, row, _other = pair
    there = make.volunteer(
        make.station(), name="李秀英", birth_on=BORN, account=False, state=VolunteerState.SUBMITTED
    )
    browser.sign_in(make.manager(station))
    path = f"/desk/volunteers/{row.public_id}/merge"
    assert there.public_id not in browser.get(path).text
    assert browser.post(path, {"duplicate": there.public_id}).status_code == 404
    browser.sign_in(make.holder(Role.STATION_MANAGER, make.centre()))
    assert browser.post(path, {"duplicate": there.public_id}).status_code == 303
