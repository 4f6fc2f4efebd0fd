from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.core.ref import Ref
from portal.people import actions as people_actions
from portal.people.models_teams import MemberState, Team, TeamMember
from portal.records import notes, settings, steps
from portal.records.audit import AuditEntry
from portal.wishes import actions_pledges, queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions import Contact
from portal.wishes.actions_pledges import Help
from portal.wishes.models_pledges import Pledge
from tests.wishes.given import deliver, filed, pledge, published, wanted
from tests.wishes.test_filing import told


def codes_of(make, wish, person, **changes):
    with pytest.raises(Refused) as refused:
        pledge(wish, person, actor=make.actor(person), **changes)
    return refused.value.codes


def return_it(make, row, person, reason="临时出差"):
    return write(
        actions_pledges.give_back, row.id, reason, actor=make.actor(person), now=clock.now()
    )


def team_of(station, *people):
    team = Team(name="红小帽志愿队", station_id=station.id)
    db.session.add(team)
    db.session.flush()
    for person in people:
        db.session.add(
            TeamMember(
                team_id=team.id, person_id=person.id, state=MemberState.MEMBER, at=clock.now()
            )
        )
    db.session.commit()
    return team


# --- taking ----------------------------------------------------------------------------------------


def test_a_pledge_takes_the_wish_off_the_list_of_free_ones(make):
    wisher, person = make.person(), make.person()
    wish = published(make.station(), wisher_id=wisher.id)
    row = pledge(wish, person, days=7)
    assert (wish.state, wish.taken, row.state) == ("pledged", 1, "active")
    assert row.promised_on == clock.today() + timedelta(days=7)
    assert queries.listed(queries.Filter(only_free=True), 1).rows == []
    assert [one.id for one in queries.listed(queries.Filter(), 1).rows] == [wish.id]
    assert told(wisher)[-1] == "wish_pledged"
    assert [step.verb for step in steps.of(Ref("wish", wish.id))][-1] == "pledge"
    assert pledge(wish, person).id == row.id


def test_who_comes_second_reads_who_was_first_with_a_masked_name(make):
    wish = published(make.station())
    pledge(wish, make.person("张小明"))
    person = make.person()
    with pytest.raises(Refused) as refused:
        pledge(wish, person)
    assert refused.value.codes == ("taken",)
    assert "张*" in refused.value.message
    assert "小明" not in refused.value.message
    assert pledges.of_person(person.id) == []


def test_what_is_not_on_the_wall_cannot_be_pledged(make):
    station, person = make.station(), make.person()
    assert codes_of(make, filed(station), person) == ("not_on_wall",)


def test_nobody_pledges_what_they_wished_or_filed(make):
    station, manager = make.station(), make.person()
    wisher = make.person(phone="13500008888")
    own = published(station, wisher_id=wisher.id)
    assert codes_of(make, own, wisher) == ("own_wish",)
    assert codes_of(make, published(station, actor=make.actor(manager)), manager) == ("own_wish",)
    without_account = published(station, wisher=Contact("李桂兰", "13500008888"))
    assert codes_of(make, without_account, wisher) == ("own_wish",)


def test_who_was_merged_does_not_pledge_what_the_other_record_wished(make):
    station, person, before = make.station(), make.person(), make.person(account=False)
    wish = published(station, wisher_id=before.id)
    before.merged_into_id = person.id
    db.session.commit()
    assert codes_of(make, wish, person) == ("own_wish",)


def test_at_most_three_live_pledges_and_the_number_is_the_districts(make):
    station, person = make.station(), make.person()
    rows = [pledge(published(station), person) for _n in range(3)]
    fourth = published(station)
    assert codes_of(make, fourth, person) == ("too_many",)
    deliver(rows[0])
    assert pledge(fourth, person).state == "active"
    write(settings.change, "pledge_most", 5, actor=SYSTEM, now=clock.now())
    assert pledge(published(station), person).state == "active"


def test_a_minor_does_not_pledge_alone(make):
    child = make.person(birth_on=date(clock.today().year - 12, 1, 1))
    assert codes_of(make, published(make.station()), child) == ("too_young",)


@pytest.mark.parametrize("days", [-1, 31])
def test_the_promised_day_is_soon(make, days):
    with pytest.raises(Invalid) as invalid:
        pledge(published(make.station()), make.person(), days=days)
    assert invalid.value.field == "promised_on"


# --- jointly, and for a team -------------------------------------------------------------------------


def test_a_wish_of_three_parts_is_shared(make):
    station = make.station()
    one, two = make.person(), make.person()
    wish = published(station, parts=("书包", "文具", "每周辅导"))
    first = pledge(wish, one)
    third = pledge(wish, two, part=3)
    assert (wish.state, wish.taken) == ("published", 2)
    assert (first.part.label, third.part.label) == ("书包", "每周辅导")
    assert codes_of(make, wish, make.person(), part=3) == ("taken",)
    assert queries.wish(wish.id).taken == 2
    assert pledge(wish, one, part=2).part.label == "文具"
    assert wish.state == "pledged"
    deliver(first)
    assert wish.state == "pledged"
    deliver(third)
    deliver(pledges.live(wish.id, one.id, 2))
    assert wish.state == "fulfilled"


def test_a_part_that_comes_back_lets_the_others_stand(make):
    wish = published(make.station(), parts=("书包", "文具"))
    one, two = make.person(), make.person()
    done = deliver(pledge(wish, one, part=1))
    back = pledge(wish, two, part=2)
    assert wish.state == "pledged"
    return_it(make, back, two)
    assert (wish.state, wish.taken, done.state) == ("published", 1, "fulfilled")
    deliver(pledge(wish, make.person()))
    assert wish.state == "fulfilled"


def test_a_team_is_named_where_a_name_would_be_masked(make):
    station, person = make.station(), make.person()
    team = team_of(station, person)
    wish = published(station)
    pledge(wish, person, team=team)
    with pytest.raises(Refused) as refused:
        pledge(wish, make.person())
    assert "红小帽志愿队" in refused.value.message
    with pytest.raises(Invalid) as invalid:
        pledge(published(station), make.person(), team=team)
    assert invalid.value.field == "team"


def test_the_database_itself_refuses_two_pledges_of_one_part(make):
    wish = published(make.station())
    row = pledge(wish, make.person())
    twin = Pledge(
        wish_id=wish.id, part_id=row.part_id, person_id=make.person().id, state="active",
        promised_on=clock.today(), pledged_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(twin)


# --- putting off, giving back, lapsing --------------------------------------------------------------


def test_a_promise_is_put_off_once(make):
    person = make.person()
    row = pledge(published(make.station()), person, days=5)
    until = clock.today() + timedelta(days=10)

    def extend(day):
        return write(
            actions_pledges.extend, row.id, day, "在等快递", actor=make.actor(person),
            now=clock.now(),
        )  # fmt: skip

    with pytest.raises(Invalid):
        extend(clock.today() + timedelta(days=20))
    assert (extend(until).promised_on, row.extensions, row.state) == (until, 1, "active")
    assert notes.latest(Ref("pledge", row.id), "extension") == "在等快递"
    with pytest.raises(Refused) as refused:
        extend(until + timedelta(days=1))
    assert refused.value.codes == ("extended",)


def test_given_back_a_wish_returns_to_the_wall_with_its_history(make):
    wisher, person = make.person(), make.person()
    wish = published(make.station(), wisher_id=wisher.id)
    row = pledge(wish, person)
    for _twice in range(2):
        return_it(make, row, person)
    assert (row.state, wish.state, wish.taken) == ("returned", "published", 0)
    assert notes.latest(Ref("pledge", row.id), "reason") == "临时出差"
    assert [step.verb for step in steps.of(Ref("wish", wish.id))][-2:] == ["pledge", "release"]
    assert told(wisher)[-1] == "wish_released"
    again = pledge(wish, make.person())
    assert [one.id for one in pledges.all_of(wish.id)] == [row.id, again.id]


def test_after_the_days_of_grace_a_pledge_lapses_and_not_before(make):
    person = make.person()
    wish = published(make.station())
    row = pledge(wish, person, days=5)
    for days, state in ((8, "active"), (9, "lapsed"), (10, "lapsed")):
        later = clock.now() + timedelta(days=days)
        write(actions_pledges.lapse, row.id, actor=SYSTEM, now=later)
        assert row.state == state
    assert (wish.state, wish.taken) == ("published", 0)
    assert told(person) == ["pledge_lapsed"]
    assert [step.reason for step in steps.of(Ref("pledge", row.id))] == ["", "deadline"]


# --- delivering, and the contact ---------------------------------------------------------------------


def test_a_delivery_asks_the_wisher_to_confirm(make):
    wisher, person = make.person(), make.person()
    wish = published(make.station(), wisher_id=wisher.id)
    row = pledge(wish, person)
    for _twice in range(2):
        deliver(row, note="送到家里，试过长短")
    assert (row.state, wish.state) == ("fulfilled", "fulfilled")
    assert row.ended_at is not None
    assert notes.latest(Ref("pledge", row.id), "delivery") == "送到家里，试过长短"
    assert told(wisher)[-1] == "wish_fulfilled"
    with pytest.raises(Refused):
        return_it(make, row, person)


def test_only_time_really_given_by_those_who_pledged_is_taken_down(make, time_machine):
    time_machine.move_to("2026-11-28T18:00:00+08:00", tick=False)
    station, person, mate = make.station(), make.person(), make.person()
    team, now = team_of(station, person, mate), clock.now()
    wisher, start = make.person(), now - timedelta(hours=3)
    wish = published(station, wisher_id=wisher.id, wanted=wanted("repair"))
    row = pledge(wish, person, team=team)
    for wrong, field in (
        (Help(person.id, start, 0), "minutes"),
        (Help(person.id, start, 181), "starts_at"),
        (Help(person.id, start - timedelta(days=1), 60), "starts_at"),
        (Help(make.person().id, start, 60), "person"),
    ):
        with pytest.raises(Invalid) as invalid:
            deliver(row, wrong)
        assert invalid.value.field == field
    deliver(row, Help(person.id, start, 60), Help(mate.id, start, 180))
    assert [(one.person_id, one.minutes) for one in pledges.helps_of(row.id)] == [
        (person.id, 60), (mate.id, 180),
    ]  # fmt: skip


def test_the_contact_goes_to_a_known_pledger_and_each_look_is_written_down(make):
    station, stranger = make.station(), make.person()
    known = make.volunteer(station)
    wish = published(station, wisher=Contact("李桂兰", "13500001111"))

    def look(row, person):
        return write(actions_pledges.reveal, row.id, actor=make.actor(person), now=clock.now())

    row = pledge(wish, stranger)
    with pytest.raises(Refused) as refused:
        look(row, stranger)
    assert refused.value.codes == ("not_known",)
    write(people_actions.confirm_phone, stranger.id, actor=SYSTEM, now=clock.now())
    assert look(row, stranger).phone == "13500001111"
    return_it(make, row, stranger)
    with pytest.raises(Refused):
        look(row, stranger)
    other = pledge(wish, known)
    for _twice in range(2):
        assert look(other, known).name == "李桂兰"
    looks = select(AuditEntry).where(AuditEntry.verb == "pledge.reveal")
    assert [entry.actor_id for entry in db.session.scalars(looks)] == [
        stranger.id, known.id, known.id,
    ]  # fmt: skip
