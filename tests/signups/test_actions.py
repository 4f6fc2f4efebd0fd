"""Places are taken and freed, the queue moves, offers lapse: through the actions, on a database."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.core.ref import Ref
from portal.people.models import VolunteerState
from portal.people.models_consents import Channel, GuardianConsent
from portal.records import notes, settings, steps
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions, hooks, queries
from portal.signups.models import QueueClosing, SignupState

ATTENDEE, VOLUNTEER = PlaceRole.ATTENDEE, PlaceRole.VOLUNTEER


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def shift(make):
    """One with a single seat and two volunteer places, three days ahead."""
    start = clock.now().replace(microsecond=0) + timedelta(days=3)
    return make.shift(starts_at=start, places={"attendee": 1, "volunteer": 2})


@pytest.fixture(autouse=True)
def counters_are_right(app):
    yield
    # Whether a queue should have moved is a question of the real clock; some of these run ahead.
    assert [line for line in hooks.check() if "nobody was offered" not in line] == []


def sign_up(shift, person, role=ATTENDEE, now=None):
    return write(actions.sign_up, shift.id, person.id, role, actor=SYSTEM, now=now or clock.now())


def withdraw(row, now=None, reason=""):
    return write(actions.withdraw, row.id, reason, actor=SYSTEM, now=now or clock.now())


def accept(row, now=None):
    return write(actions.accept, row.id, actor=SYSTEM, now=now or clock.now())


def place(shift, role=ATTENDEE):
    row = shifts.place_of(shift.id, role)
    db.session.refresh(row)
    return row


def state(row):
    db.session.refresh(row)
    return row.state


def told(person):
    """Kinds of the notices on their way to a person."""
    rows = db.session.query(OutboxRow).order_by(OutboxRow.id)
    return [row.payload["kind"] for row in rows if row.payload.get("person_id") == person.id]


def refusal(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return refused.value.codes


# --- a place -------------------------------------------------------------------------------------


def test_a_place_is_taken_and_freed(make, shift):
    row = sign_up(shift, make.person())
    assert (row.state, place(shift).taken) == (SignupState.CONFIRMED, 1)
    withdraw(row, reason="要上班")
    assert (state(row), place(shift).taken) == (SignupState.WITHDRAWN, 0)
    assert notes.latest(Ref("signup", row.id), "reason") == "要上班"


def test_roles_have_places_of_their_own(make, shift):
    volunteer = make.volunteer(make.station())
    row = sign_up(shift, volunteer, VOLUNTEER)
    assert (row.role, row.participant) == ("volunteer", "volunteer")
    assert (place(shift).taken, place(shift, VOLUNTEER).taken) == (0, 1)
    assert sign_up(shift, make.person()).participant == "guest"


def test_signing_up_twice_returns_the_first(make, shift):
    person = make.volunteer(make.station())
    first = sign_up(shift, person)
    assert sign_up(shift, person).id == sign_up(shift, person, VOLUNTEER).id == first.id
    assert place(shift).taken == 1
    waiting = make.person()
    second = sign_up(shift, waiting)
    assert sign_up(shift, waiting).id == second.id
    assert second.state == SignupState.WAITLISTED


def test_withdrawing_twice_is_harmless(make, shift):
    row = sign_up(shift, make.person())
    withdraw(row)
    withdraw(row)
    assert place(shift).taken == 0
    assert [step.verb for step in steps.of(Ref("signup", row.id))] == ["sign_up", "withdraw"]


def test_after_withdrawing_a_new_row_is_made(make, shift):
    person = make.person()
    first = sign_up(shift, person)
    withdraw(first)
    again = sign_up(shift, person)
    assert again.id != first.id
    assert again.state == SignupState.CONFIRMED
    assert queries.live(shift.id, person.id).id == again.id


def test_what_was_done_is_written_down(make, shift):
    person = make.person()
    row = sign_up(shift, person)
    verbs = db.session.query(AuditEntry.verb).filter_by(subject_kind="signup", subject_id=row.id)
    assert [verb for (verb,) in verbs] == ["signup.sign_up"]
    (step,) = steps.of(Ref("signup", row.id))
    assert (step.from_state, step.verb, step.to_state) == ("", "sign_up", "confirmed")


# --- refusals ------------------------------------------------------------------------------------


def test_a_resident_may_not_take_a_volunteer_place(make, shift):
    assert refusal(sign_up, shift, make.person(), VOLUNTEER) == ("not_volunteer",)
    paused = make.volunteer(make.station(), state=VolunteerState.PAUSED)
    assert refusal(sign_up, shift, paused, VOLUNTEER) == ("wrong_state",)


def test_an_applicant_may_serve_at_once(make, shift):
    applicant = make.volunteer(make.station(), state=VolunteerState.SUBMITTED)
    assert sign_up(shift, applicant, VOLUNTEER).state == SignupState.CONFIRMED


def test_a_minor_serves_with_a_guardians_consent(make, shift, now):
    day = clock.local_day(shift.starts_at)
    child = make.volunteer(make.station(), birth_on=day.replace(year=day.year - 15, day=1))
    assert refusal(sign_up, shift, child, VOLUNTEER) == ("no_guardian_consent",)
    db.session.add(
        GuardianConsent(person_id=child.id, guardian_sealed=b"x", channel=Channel.PAPER, at=now)
    )
    db.session.commit()
    assert sign_up(shift, child, VOLUNTEER).state == SignupState.CONFIRMED


@pytest.mark.parametrize(
    ("offering", "code"),
    [
        (OfferingState.DRAFT, "not_published"),
        (OfferingState.IN_REVIEW, "not_published"),
        (OfferingState.CALLED_OFF, "called_off"),
    ],
)
def test_what_is_not_published_has_no_places(make, offering, code):
    shift = make.shift(activity=make.activity(make.station(), state=offering))
    assert refusal(sign_up, shift, make.person()) == (code,)


def test_a_role_the_shift_does_not_have(make):
    shift = make.shift(places={"volunteer": 1})
    assert refusal(sign_up, shift, make.person()) == ("no_such_place",)


def test_what_is_over_takes_nobody_and_lets_nobody_go(make, shift):
    row = sign_up(shift, make.person())
    assert refusal(sign_up, shift, make.person(), now=shift.ends_at) == ("closed",)
    assert refusal(withdraw, row, now=shift.ends_at) == ("closed",)
    assert withdraw(row, now=shift.ends_at - timedelta(seconds=1)).state == SignupState.WITHDRAWN


def test_a_refusal_leaves_nothing(make, shift):
    refusal(sign_up, shift, make.person(), VOLUNTEER)
    assert queries.on_shift(shift.id) == []
    assert place(shift, VOLUNTEER).taken == 0


@pytest.mark.parametrize(
    ("starts", "minutes", "clashes"),
    [(0, 120, True), (60, 30, True), (-60, 61, True), (119, 60, True), (-120, 600, True),
     (120, 60, False), (-60, 60, False), (300, 60, False)],
)  # fmt: skip
def test_a_clash_is_of_half_open_spans(make, shift, starts, minutes, clashes):
    """Nobody is at two places at once; one may begin the minute the other ends."""
    person = make.person()
    sign_up(shift, person)
    other = make.shift(starts_at=shift.starts_at + timedelta(minutes=starts), minutes=minutes)
    if clashes:
        assert refusal(sign_up, other, person) == ("clash",)
    else:
        assert sign_up(other, person).state == SignupState.CONFIRMED


def test_only_a_held_place_clashes(make, shift):
    """Waiting, withdrawn and called off rows do not stand in the way; what one signed up for does."""
    person = make.person()
    sign_up(shift, make.person())
    waiting = sign_up(shift, person)
    other = make.shift(starts_at=shift.starts_at)
    row = sign_up(other, person)
    assert (waiting.state, row.state) == (SignupState.WAITLISTED, SignupState.CONFIRMED)
    withdraw(row)
    third = make.shift(starts_at=shift.starts_at)
    held = sign_up(third, person)
    write(actions.call_off, third.id, "下雨", actor=SYSTEM, now=clock.now())
    assert state(held) == SignupState.CALLED_OFF
    assert sign_up(other, person).state == SignupState.CONFIRMED


def test_an_offer_that_clashes_by_now_is_refused(make, shift):
    first, second = make.person(), make.person()
    row = sign_up(shift, first)
    waiting = sign_up(shift, second)
    sign_up(make.shift(starts_at=shift.starts_at), second)
    withdraw(row)
    assert state(waiting) == SignupState.OFFERED
    assert refusal(accept, waiting) == ("clash",)


def test_reasons_of_person_and_clash_come_together(make, shift):
    person = make.person()
    sign_up(make.shift(starts_at=shift.starts_at), person)
    assert refusal(sign_up, shift, person, VOLUNTEER) == ("not_volunteer", "clash")


# --- the queue -----------------------------------------------------------------------------------


@pytest.fixture
def queue(make, shift):
    """Who holds the one seat, and three who wait for it; in a district without nights."""
    write(
        settings.change,
        "quiet_until_hour",
        settings.get("quiet_from_hour"),
        actor=SYSTEM,
        now=clock.now(),
    )
    return [sign_up(shift, make.person()) for _ in range(4)]


def test_the_queue_keeps_the_order_of_joining(queue):
    holder, *waiting = queue
    assert [row.state for row in waiting] == [SignupState.WAITLISTED] * 3
    assert queries.positions(queue) == {row.id: n for n, row in enumerate(waiting, 1)}
    assert queries.position(holder) is None
    withdraw(waiting[1])
    assert queries.positions([waiting[0], waiting[2]]) == {waiting[0].id: 1, waiting[2].id: 2}


def test_positions_are_of_one_role(make, shift):
    sign_up(shift, make.person())
    sign_up(shift, make.person())
    for _ in range(2):
        sign_up(shift, make.volunteer(make.station()), VOLUNTEER)
    row = sign_up(shift, make.volunteer(make.station()), VOLUNTEER)
    assert queries.position(row) == 1


def test_a_freed_place_is_offered_in_the_same_transaction(queue, shift, now):
    holder, first, second, _third = queue
    withdraw(holder, now)
    assert (state(first), state(second)) == (SignupState.OFFERED, SignupState.WAITLISTED)
    assert first.offered_until == now + timedelta(hours=12)
    assert place(shift).taken == 1
    assert queries.position(second) == 1


def test_who_waits_is_told_of_the_offer_at_once(queue, shift):
    holder, first, *_rest = queue
    withdraw(holder)
    assert told(first.person) == ["offer"]


def test_an_offer_is_taken(queue, shift):
    holder, first, *_rest = queue
    withdraw(holder)
    accept(first)
    accept(first)
    assert (state(first), first.offered_until) == (SignupState.CONFIRMED, None)
    assert place(shift).taken == 1


def test_an_offer_not_wanted_goes_on_at_once(queue, shift):
    holder, first, second, _third = queue
    withdraw(holder)
    withdraw(first)
    assert (state(first), state(second)) == (SignupState.WITHDRAWN, SignupState.OFFERED)
    assert place(shift).taken == 1


def test_who_waits_and_leaves_frees_nothing(queue, shift):
    withdraw(queue[1])
    assert place(shift).taken == 1
    assert state(queue[2]) == SignupState.WAITLISTED


def test_a_lapsed_offer_goes_to_the_next(queue, shift, now):
    holder, first, second, third = queue
    withdraw(holder, now)
    deadline = first.offered_until
    hooks.due(deadline - timedelta(seconds=1))
    assert state(first) == SignupState.OFFERED
    hooks.due(deadline)
    hooks.due(deadline)
    assert (state(first), state(second)) == (SignupState.WITHDRAWN, SignupState.OFFERED)
    assert second.offered_until == deadline + timedelta(hours=12)
    assert told(first.person) == ["offer", "offer_lapsed"]
    hooks.due(second.offered_until)
    hooks.due(third.offered_until)
    assert (state(third), place(shift).taken) == (SignupState.WITHDRAWN, 0)


def test_an_offer_taken_too_late_is_refused_even_before_the_tick(queue, now):
    holder, first, *_rest = queue
    withdraw(holder, now)
    assert refusal(accept, first, first.offered_until) == ("lapsed",)
    assert refusal(accept, queue[3], now) == ("lapsed",)


def test_who_let_an_offer_lapse_may_join_again(queue, shift, now):
    holder, first, *_rest = queue
    withdraw(holder, now)
    hooks.due(first.offered_until)
    again = sign_up(shift, first.person)
    assert (again.state, queries.position(again)) == (SignupState.WAITLISTED, 2)


def test_the_offers_length_is_a_setting(queue, now, app):
    write(settings.change, "offer_hours", 3, actor=SYSTEM, now=now)
    withdraw(queue[0], now)
    assert queue[1].offered_until == now + timedelta(hours=3)


def test_an_offer_never_holds_past_two_hours_before_the_start(queue, shift):
    at = shift.starts_at - timedelta(hours=2, minutes=40)
    withdraw(queue[0], at)
    assert queue[1].offered_until == shift.starts_at - timedelta(hours=2)


def test_nobody_overtakes_those_who_wait(make, queue, shift):
    """Even in the moment a place is free on paper: a new sign-up joins the end."""
    write(actions.set_capacity, place(shift).id, 2, actor=SYSTEM, now=clock.now())
    assert state(queue[1]) == SignupState.OFFERED
    assert sign_up(shift, make.person()).state == SignupState.WAITLISTED


# --- after the queue has closed ------------------------------------------------------------------


def test_from_two_hours_before_a_freed_place_is_free(make, queue, shift):
    at = shift.starts_at - timedelta(hours=2)
    withdraw(queue[0], at)
    assert state(queue[1]) == SignupState.WAITLISTED
    assert place(shift).taken == 0


def test_whoever_asks_first_then_has_it(make, queue, shift):
    at = shift.starts_at - timedelta(hours=1)
    withdraw(queue[0], at)
    passer_by = sign_up(shift, make.person(), now=at)
    assert passer_by.state == SignupState.CONFIRMED
    assert refusal(sign_up, shift, make.person(), now=at) == ("full",)
    assert refusal(sign_up, shift, queue[1].person, now=at) == ("full",)
    withdraw(passer_by, at)
    assert sign_up(shift, queue[2].person, now=at).id == queue[2].id
    assert state(queue[2]) == SignupState.CONFIRMED
    assert state(queue[1]) == SignupState.WAITLISTED


def test_who_waited_for_a_seat_may_ask_for_another_role_then(make, shift):
    """The row moves to the place that is taken; both counters stay right."""
    sign_up(shift, make.person())
    person = make.volunteer(make.station())
    waiting = sign_up(shift, person)
    at = shift.starts_at - timedelta(hours=1)
    row = sign_up(shift, person, VOLUNTEER, now=at)
    assert (row.id, row.state) == (waiting.id, SignupState.CONFIRMED)
    assert (row.role, row.participant) == ("volunteer", "volunteer")
    assert (place(shift).taken, place(shift, VOLUNTEER).taken) == (1, 1)


def test_those_who_wait_are_told_once_that_the_queue_is_closed(queue, shift):
    early = shift.starts_at - timedelta(hours=2, seconds=1)
    hooks.due(early)
    assert told(queue[1].person) == []
    for _ in range(2):
        hooks.due(early + timedelta(seconds=1))
    assert [told(row.person).count("queue_closed") for row in queue] == [0, 1, 1, 1]


def test_an_offer_still_open_at_the_closing_lapses(queue, shift):
    at = shift.starts_at - timedelta(hours=3)
    withdraw(queue[0], at)
    hooks.due(shift.starts_at - timedelta(hours=2))
    assert (state(queue[1]), place(shift).taken) == (SignupState.WITHDRAWN, 0)
    assert state(queue[2]) == SignupState.WAITLISTED


# --- capacity, calling off, moving ---------------------------------------------------------------


def test_more_places_are_offered_in_order(queue, shift, now):
    row = write(actions.set_capacity, place(shift).id, 3, actor=SYSTEM, now=now)
    assert (row.capacity, row.taken) == (3, 3)
    assert [state(one) for one in queue] == ["confirmed", "offered", "offered", "waitlisted"]
    row = write(actions.set_capacity, row.id, 9, actor=SYSTEM, now=now)
    assert (row.capacity, row.taken) == (9, 4)


def test_more_places_after_the_closing_are_simply_free(queue, shift):
    at = shift.starts_at - timedelta(hours=1)
    row = write(actions.set_capacity, place(shift).id, 3, actor=SYSTEM, now=at)
    assert (row.capacity, row.taken) == (3, 1)


def test_fewer_places_than_are_taken_are_refused(make, shift, now):
    for _ in range(2):
        sign_up(shift, make.volunteer(make.station()), VOLUNTEER)
    row = place(shift, VOLUNTEER)
    for capacity in (1, 0):
        with pytest.raises(Invalid):
            write(actions.set_capacity, row.id, capacity, actor=SYSTEM, now=now)
    assert place(shift, VOLUNTEER).capacity == 2
    assert write(actions.set_capacity, row.id, 2, actor=SYSTEM, now=now).capacity == 2


def test_calling_off_frees_everybody_and_tells_them(queue, shift, now):
    withdraw(queue[0], now)
    write(actions.call_off, shift.id, "下雨", actor=SYSTEM, now=now)
    assert [state(row) for row in queue] == ["withdrawn", *["called_off"] * 3]
    assert place(shift).taken == 0
    assert told(queue[1].person) == ["offer", "shift_called_off"]
    assert told(queue[2].person) == ["shift_called_off"]
    assert refusal(sign_up, shift, queue[0].person) == ("called_off",)


def test_calling_off_twice_is_harmless(queue, shift, now):
    for _ in range(2):
        write(actions.call_off, shift.id, "下雨", actor=SYSTEM, now=now)
    assert told(queue[1].person) == ["shift_called_off"]
    db.session.refresh(shift)
    assert shift.revision == 1


def test_who_came_already_stays(make, shift):
    row = sign_up(shift, make.person())
    write(actions.mark, row.id, SignupState.ATTENDED, actor=SYSTEM, now=shift.starts_at)
    write(actions.call_off, shift.id, "雷雨", actor=SYSTEM, now=shift.starts_at)
    assert (state(row), place(shift).taken) == (SignupState.ATTENDED, 1)


def test_what_is_over_is_neither_called_off_nor_moved(shift):
    over = shift.ends_at
    later = over + timedelta(days=1)
    assert refusal(write, actions.call_off, shift.id, "", actor=SYSTEM, now=over) == ("closed",)
    assert refusal(
        write, actions.move, shift.id, later, later + timedelta(hours=1), actor=SYSTEM, now=over
    ) == ("closed",)


def test_moving_tells_everybody_and_counts_the_revision(queue, shift, now):
    start = shift.starts_at + timedelta(days=1)
    write(actions.move, shift.id, start, start + timedelta(hours=1), actor=SYSTEM, now=now)
    db.session.refresh(shift)
    assert (shift.starts_at, shift.revision) == (start, 1)
    assert [told(row.person) for row in queue] == [["shift_moved"]] * 4


def test_an_offer_follows_a_shift_that_moves_nearer(queue, shift, now):
    withdraw(queue[0], now)
    start = now + timedelta(hours=6)
    write(actions.move, shift.id, start, start + timedelta(hours=1), actor=SYSTEM, now=now)
    db.session.refresh(queue[1])
    assert queue[1].offered_until == start - timedelta(hours=2)


def test_a_queue_that_is_open_again_goes_on(queue, shift, now):
    late = shift.starts_at - timedelta(hours=1)
    hooks.due(late)
    withdraw(queue[0], late)
    assert (state(queue[1]), place(shift).taken) == (SignupState.WAITLISTED, 0)
    start = shift.starts_at + timedelta(days=7)
    write(actions.move, shift.id, start, start + timedelta(hours=1), actor=SYSTEM, now=late)
    assert (state(queue[1]), place(shift).taken) == (SignupState.OFFERED, 1)
    assert db.session.query(QueueClosing).count() == 0


# --- who came ------------------------------------------------------------------------------------


def test_who_came_is_marked_and_keeps_the_place(make, shift):
    row = sign_up(shift, make.person())
    for _ in range(2):
        write(actions.mark, row.id, SignupState.ATTENDED, actor=SYSTEM, now=clock.now())
    assert (state(row), place(shift).taken) == (SignupState.ATTENDED, 1)
    assert refusal(withdraw, row) == ("wrong_state",)
    assert refusal(
        write, actions.mark, row.id, SignupState.NO_SHOW, actor=SYSTEM, now=clock.now()
    ) == ("wrong_state",)


def test_who_did_not_come_may_have_come_after_all(make, shift):
    row = sign_up(shift, make.person())
    write(actions.mark, row.id, SignupState.NO_SHOW, actor=SYSTEM, now=clock.now())
    assert place(shift).taken == 1
    write(actions.mark, row.id, SignupState.ATTENDED, actor=SYSTEM, now=clock.now())
    assert state(row) == SignupState.ATTENDED


def test_who_waits_is_not_marked(queue):
    assert refusal(
        write, actions.mark, queue[1].id, SignupState.ATTENDED, actor=SYSTEM, now=clock.now()
    ) == ("wrong_state",)


# --- what the database itself holds --------------------------------------------------------------


def test_the_check_finds_a_tampered_counter(make, shift):
    sign_up(shift, make.person())
    row = place(shift, VOLUNTEER)
    row.taken = 2
    db.session.commit()
    assert hooks.check() == [f"place {row.id}: taken is 2, its sign-ups are 0"]
    row.taken = 0
    db.session.commit()


def test_the_export_tells_a_person_their_sign_ups(queue, shift):
    rows = hooks.export(queue[2].person_id)["signups"]
    assert rows == [
        {
            "id": queue[2].public_id,
            "shift_id": shift.public_id,
            "role": "attendee",
            "state": "waitlisted",
            "position": 2,
        }
    ]
