from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.core.ref import Ref
from portal.notices.texts import NOTICES
from portal.org.queries import add_working_days
from portal.people import consents
from portal.people import queries as people
from portal.people.actions import NewPerson
from portal.people.guardians import Contact
from portal.people.models import IdentityCheck, VolunteerState
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_teams import MemberState, Team
from portal.people.rules import is_volunteer_no
from portal.records import notes, settings, steps
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow
from portal.records.stale import StaleDay
from portal.registration import actions, decisions, queries
from portal.shifts.models import PlaceRole
from portal.signups import actions as signup_actions
from portal.signups import queries as signups
from tests.registration.forms import GUARDIAN, given, id_number


def apply(make, person, station, **changes):
    return write(
        actions.apply, person.id, given(station, **changes), actor=make.actor(person),
        now=clock.now(),
    )  # fmt: skip


def approve(make, row, manager, check=IdentityCheck.SEEN, note=""):
    return write(decisions.approve, row.id, check, note, actor=make.actor(manager), now=clock.now())


def moves_of(row):
    return [
        (step.from_state, step.verb, step.to_state) for step in steps.of(Ref("volunteer", row.id))
    ]


def verbs(kind="volunteer"):
    return list(db.session.scalars(select(AuditEntry.verb).where(AuditEntry.subject_kind == kind)))


def told(person):
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.subject_kind == "volunteer"))
    return [row.payload["kind"] for row in rows if row.payload["person_id"] == person.id]


# --- applying --------------------------------------------------------------------------------------


def test_an_application_is_a_row_a_step_an_audit_entry_and_a_stale_day(make):
    station, person = make.station(), make.person()
    row = apply(make, person, station, sex="female", free_times=5)
    assert (row.state, row.volunteer_no, row.free_times) == ("submitted", None, 5)
    assert row.due_on == add_working_days(clock.today(), settings.get("application_days"))
    assert moves_of(row) == [("", "submit", "submitted")]
    assert verbs() == ["volunteer.apply"]
    assert db.session.get(StaleDay, (clock.today(), station.id))
    known = people.person(person.id)
    assert (known.name, known.sex, known.home_station_id) == ("古丽·买买提", "female", station.id)


def test_applying_twice_changes_nothing(make):
    station, person = make.station(), make.person()
    first = apply(make, person, station)
    again = apply(make, person, station, name="别人")
    assert again.id == first.id
    assert people.person(person.id).name == "古丽·买买提"
    assert len(moves_of(first)) == 1


def test_each_consent_is_a_row_for_itself(make):
    station, person = make.station(), make.person()
    apply(make, person, station)
    kinds = [(row.kind, row.given, row.channel) for row in consents.of_person(person.id)]
    assert kinds[-1] == (ConsentKind.NOTICE, True, Channel.WEB)
    assert not consents.holds(person.id, ConsentKind.PUBLICATION)
    assert not consents.holds(person.id, ConsentKind.ID_NUMBER)


def test_publication_is_given_only_when_ticked_and_taken_back_when_unticked(make):
    station, person, manager = make.station(), make.person(), None
    row = apply(make, person, station, publication=True)
    assert consents.holds(person.id, ConsentKind.PUBLICATION)
    manager = make.manager(station)
    write(decisions.send_back, row.id, "照片", actor=make.actor(manager), now=clock.now())
    apply(make, person, station, publication=False)
    assert not consents.holds(person.id, ConsentKind.PUBLICATION)


def test_an_id_number_is_sealed_hashed_and_shown_by_its_last_four(make):
    station, person = make.station(), make.person()
    number = id_number()
    row = apply(make, person, station, id_number=number)
    assert number.encode() not in row.id_number_sealed
    assert number not in row.id_number_hash
    assert row.id_number_last4 == number[-4:]
    assert consents.holds(person.id, ConsentKind.ID_NUMBER)


def test_taking_back_the_consent_deletes_the_id_number(make):
    station, person = make.station(), make.person()
    row = apply(make, person, station, id_number=id_number())
    actor = make.actor(person)
    for _twice in range(2):
        write(
            actions.withdraw_consent, person.id, ConsentKind.ID_NUMBER, Channel.WEB, actor=actor,
            now=clock.now(),
        )  # fmt: skip
    row = queries.volunteer(row.id)
    assert (row.id_number_sealed, row.id_number_hash, row.id_number_last4) == (None, None, "")
    assert not consents.holds(person.id, ConsentKind.ID_NUMBER)
    assert [one.kind for one in consents.of_person(person.id)].count("id_number") == 2


def test_a_number_held_by_another_record_is_kept_but_blocks_the_approval(make):
    station = make.station()
    manager = make.manager(station)
    first = apply(make, make.person(), station, id_number=id_number())
    second = apply(make, make.person(), station, id_number=id_number(), name="李四")
    assert second.id_number_hash is None
    assert second.id_number_last4
    with pytest.raises(Refused) as refused:
        approve(make, second, manager)
    assert refused.value.codes == ("duplicate_id_number",)
    write(
        actions.withdraw_consent, first.person_id, ConsentKind.ID_NUMBER, Channel.WEB,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip
    assert approve(make, second, manager).id_number_hash


def test_the_emergency_contact_is_sealed(make):
    row = apply(make, make.person(), make.station(), emergency=Contact("赵六", "13800001111"))
    assert "赵六".encode() not in row.emergency_sealed
    assert queries.emergency_of(row) == Contact("赵六", "13800001111")


def test_teams_are_asked_for_and_no_longer_asked_for(make):
    station, person = make.station(), make.person()
    red, blue = Team(name="红队", station_id=station.id), Team(name="蓝队", station_id=station.id)
    db.session.add_all([red, blue])
    db.session.commit()
    row = apply(make, person, station, team_ids=frozenset({red.id}))
    assert [(team.name, one.state) for team, one in queries.teams_of(person.id)] == [
        ("红队", MemberState.REQUESTED)
    ]
    manager = make.manager(station)
    write(decisions.send_back, row.id, "换一队", actor=make.actor(manager), now=clock.now())
    apply(make, person, station, team_ids=frozenset({blue.id}))
    assert [team.name for team, _one in queries.teams_of(person.id)] == ["蓝队"]


@pytest.mark.parametrize(
    ("birth_on", "field"),
    [(date(2012, 11, 29), "birth_date"), (date(2012, 11, 28), "guardian_name"),
     (date(2008, 11, 29), "guardian_name"), (date(2008, 11, 28), None)],
)  # fmt: skip
def test_ages_of_fourteen_and_eighteen_to_the_day(make, time_machine, birth_on, field):
    time_machine.move_to("2026-11-28T10:00:00+08:00", tick=False)
    station, person = make.station(), make.person(birth_on=birth_on)
    if field is None:
        assert apply(make, person, station, birth_on=birth_on).state == "submitted"
        return
    with pytest.raises(Invalid) as invalid:
        apply(make, person, station, birth_on=birth_on)
    assert invalid.value.field == field
    assert people.volunteer_of(person.id) is None


def test_the_minimum_age_is_the_districts(make):
    write(settings.change, "volunteer_minimum_age", 16, actor=SYSTEM, now=clock.now())
    birth_on = clock.today().replace(day=1) - timedelta(days=15 * 366)
    with pytest.raises(Invalid) as invalid:
        apply(make, make.person(), make.station(), birth_on=birth_on, guardian=GUARDIAN)
    assert "16" in invalid.value.message


def test_a_minor_waits_for_a_guardian_whom_staff_heard(make, time_machine):
    time_machine.move_to("2026-11-28T10:00:00+08:00", tick=False)
    station, birth_on = make.station(), date(2010, 3, 1)
    person, manager = make.person(birth_on=birth_on), make.manager(station)
    row = apply(make, person, station, birth_on=birth_on, guardian=GUARDIAN)
    assert people.has_guardian_consent(person.id)
    assert queries.guardian_of(person.id) == GUARDIAN
    with pytest.raises(Refused) as refused:
        approve(make, row, manager)
    assert refused.value.codes == ("guardian_consent",)
    write(
        decisions.record_guardian, row.id, GUARDIAN, Channel.PHONE, actor=make.actor(manager),
        now=clock.now(),
    )  # fmt: skip
    assert approve(make, row, manager).state == "registered"
    assert "guardian.consent" in verbs("person")


def test_a_guardian_who_took_it_back_is_asked_again(make, time_machine):
    time_machine.move_to("2026-11-28T10:00:00+08:00", tick=False)
    station, birth_on = make.station(), date(2010, 3, 1)
    person = make.person(birth_on=birth_on)
    apply(make, person, station, birth_on=birth_on, guardian=GUARDIAN)
    for _twice in range(2):
        write(actions.withdraw_guardian, person.id, actor=make.actor(person), now=clock.now())
    assert not people.has_guardian_consent(person.id)
    assert queries.guardian_of(person.id) is None


# --- deciding --------------------------------------------------------------------------------------


def test_an_approval_gives_a_number_and_tells_the_person(make):
    station, person = make.station(), make.person()
    row, manager = apply(make, person, station), make.manager(station)
    row = approve(make, row, manager, IdentityCheck.PHONE, "打了电话")
    assert is_volunteer_no(row.volunteer_no)
    assert (row.state, row.identity_check) == ("registered", "phone")
    assert row.registered_at is not None
    assert notes.latest(Ref("volunteer", row.id), "identity") == "打了电话"
    assert moves_of(row)[-1] == ("submitted", "approve", "registered")
    assert told(person) == ["volunteer_registered"]
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="volunteer.approve")).one()
    assert (entry.actor_id, entry.details["person"]) == (manager.id, person.id)


def test_approving_twice_returns_the_first_result(make):
    station = make.station()
    row, manager = apply(make, make.person(), station), make.manager(station)
    first = approve(make, row, manager).volunteer_no
    again = approve(make, row, manager, IdentityCheck.NOT_CHECKED)
    assert (again.volunteer_no, again.identity_check) == (first, "seen")
    assert len(moves_of(row)) == 2


def test_numbers_follow_each_other_and_a_returning_volunteer_keeps_theirs(make):
    station = make.station()
    manager, person = make.manager(station), make.person()
    one = approve(make, apply(make, person, station), manager)
    two = approve(make, apply(make, make.person(), station), manager)
    running = [int(row.volunteer_no[4:-1]) for row in (one, two)]
    assert running == [running[0], running[0] + 1]
    number = one.volunteer_no
    left = write(actions.leave, one.id, actor=make.actor(person), now=clock.now())
    assert (left.state, left.volunteer_no) == ("left", number)
    assert left.left_at is not None
    back = approve(make, apply(make, person, station), manager)
    assert (back.volunteer_no, back.left_at) == (number, None)
    assert moves_of(back)[-2] == ("left", "reapply", "submitted")


@pytest.mark.parametrize("verb", ["approve", "return", "refuse", "guardian"])
def test_nobody_decides_on_the_own_application(make, verb):
    station = make.station()
    manager = make.manager(station)
    row = apply(make, manager, station)
    actor, now = make.actor(manager), clock.now()
    decide = {
        "approve": lambda: write(
            decisions.approve, row.id, IdentityCheck.SEEN, "", actor=actor, now=now
        ),
        "return": lambda: write(decisions.send_back, row.id, "x", actor=actor, now=now),
        "refuse": lambda: write(decisions.refuse, row.id, "x", actor=actor, now=now),
        "guardian": lambda: write(
            decisions.record_guardian, row.id, GUARDIAN, Channel.DESK, actor=actor, now=now
        ),
    }
    with pytest.raises(Refused) as refused:
        decide[verb]()
    assert refused.value.codes == ("own_application",)
    assert queries.volunteer(row.id).state == "submitted"


def test_a_return_says_what_to_mend_and_the_form_comes_again(make):
    station, person = make.station(), make.person()
    row, manager = apply(make, person, station), make.manager(station)
    write(decisions.send_back, row.id, "请写真名", actor=make.actor(manager), now=clock.now())
    assert notes.latest(Ref("volunteer", row.id), "reason") == "请写真名"
    assert told(person) == ["volunteer_returned"]
    again = apply(make, person, station, name="阿依古丽")
    assert (again.id, again.state) == (row.id, "submitted")
    assert moves_of(again)[-1] == ("returned", "resubmit", "submitted")
    assert people.person(person.id).name == "阿依古丽"


def test_a_refusal_gives_coming_volunteer_places_back(make):
    station, person = make.station(), make.person()
    row, manager = apply(make, person, station), make.manager(station)
    shift = make.shift(station)
    for role in (PlaceRole.VOLUNTEER,):
        write(
            signup_actions.sign_up, shift.id, person.id, role, actor=make.actor(person),
            now=clock.now(),
        )  # fmt: skip
    write(decisions.refuse, row.id, "资料不实", actor=make.actor(manager), now=clock.now())
    assert signups.coming(person.id, clock.now()) == []
    assert told(person) == ["volunteer_refused"]
    with pytest.raises(Refused):
        write(decisions.refuse, row.id, "再说一次", actor=make.actor(manager), now=clock.now())


def test_every_notice_has_words():
    assert {"volunteer_registered", "volunteer_returned", "volunteer_refused"} <= set(NOTICES)


# --- own moves -------------------------------------------------------------------------------------


def test_pausing_resuming_and_leaving_twice_are_harmless(make):
    person = make.volunteer(make.station())
    row, actor = people.volunteer_of(person.id), make.actor(person)
    for action, state in (
        (actions.pause, "paused"), (actions.resume, "registered"), (actions.leave, "left"),
    ):  # fmt: skip
        for _twice in range(2):
            assert write(action, row.id, actor=actor, now=clock.now()).state == state
    assert [verb for _from, verb, _to in moves_of(row)] == ["pause", "resume", "leave"]
    with pytest.raises(Refused):
        write(actions.pause, row.id, actor=actor, now=clock.now())


def test_leaving_frees_coming_volunteer_places_only(make):
    station = make.station()
    person = make.volunteer(station)
    actor = make.actor(person)
    serve, visit = (
        make.shift(station),
        make.shift(station, starts_at=clock.now() + timedelta(days=3)),
    )
    for shift, role in ((serve, PlaceRole.VOLUNTEER), (visit, PlaceRole.ATTENDEE)):
        write(signup_actions.sign_up, shift.id, person.id, role, actor=actor, now=clock.now())
    row = people.volunteer_of(person.id)
    write(actions.leave, row.id, actor=actor, now=clock.now())
    assert [one.shift_id for one in signups.coming(person.id, clock.now())] == [visit.id]


def test_withdrawing_and_applying_again(make):
    station, person = make.station(), make.person()
    row, actor = apply(make, person, station), make.actor(person)
    for _twice in range(2):
        assert write(actions.withdraw, row.id, actor=actor, now=clock.now()).state == "withdrawn"
    assert apply(make, person, station).state == VolunteerState.SUBMITTED
    assert moves_of(row)[-1] == ("withdrawn", "reapply", "submitted")


# --- on behalf -------------------------------------------------------------------------------------


def test_the_desk_finds_who_gave_the_phone_under_the_name(make):
    station = make.station()
    manager = make.manager(station)
    known = make.person("王秀英", phone="13700009999", birth_on=None)
    row = write(
        actions.apply_for, NewPerson("王秀英", "13700009999", date(1950, 1, 1), station.id),
        given(station, name="王秀英", birth_on=date(1950, 1, 1), channel=Channel.PAPER),
        actor=make.actor(manager), now=clock.now(),
    )  # fmt: skip
    assert row.person_id == known.id
    consent = consents.of_person(known.id)[-1]
    assert (consent.channel, consent.actor_id) == (Channel.PAPER, manager.id)


@pytest.mark.parametrize(
    ("name", "phone", "birth_on"),
    [("王秀兰", "13700009999", date(1950, 1, 1)), ("王秀英", "13700009999", date(1951, 1, 1)),
     ("王秀英", None, date(1950, 1, 1))],
)  # fmt: skip
def test_the_desk_makes_a_record_for_somebody_else(make, name, phone, birth_on):
    station = make.station()
    known = make.person("王秀英", phone="13700009999", birth_on=date(1950, 1, 1))
    row = write(
        actions.apply_for, NewPerson(name, phone, birth_on, station.id),
        given(station, name=name, birth_on=birth_on, channel=Channel.DESK),
        actor=make.actor(make.manager(station)), now=clock.now(),
    )  # fmt: skip
    assert row.person_id != known.id
