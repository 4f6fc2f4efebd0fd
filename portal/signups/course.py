"""Verbs on courses: one sign-up for all dates to come, all of them or nothing; one queue.

The places of a course are counted on the course; the sign-ups for its dates follow, and seats of the
dates are no fewer. Locks: the person, then the course, then places. A place is taken by one statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import update

from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.people import queries as people
from portal.records import audit, limits, notes, settings, steps
from portal.shifts import queries as shifts
from portal.shifts import queries_series
from portal.shifts.models import PlaceRole
from portal.shifts.models_series import Series
from portal.signups import actions, asking, queries, queries_course, rules, waiting
from portal.signups.asking import Asks
from portal.signups.models import LIVE, Signup, SignupState
from portal.signups.models_course import COURSE_HOLDING, Course, CourseDate, CourseSignup

ROLE = PlaceRole.ATTENDEE


def begin(series_id: int, capacity: int) -> Course:
    """Let a series be a course with so many places."""
    row = Course(series_id=series_id, capacity=capacity)
    db.session.add(row)
    db.session.flush()
    return row


def sign_up(series_id: int, person_id: int, *, actor: Actor, now: datetime) -> CourseSignup:
    """Give the person a place in the course and on all its dates to come, or one in its queue.

    Twice returns the first. Raises Refused with all reasons, each clash with its date; then nothing
    is signed up at all.
    """
    asking.lock_person(person_id)
    course = hold(series_id)
    there = queries_course.live(series_id, person_id)
    is_open = _next_open(course, now) is not None
    if there and (is_open or there.state != SignupState.WAITLISTED):
        return there
    wanted = _dates(course, now)
    reasons = _against(person_id, wanted, actor=actor, now=now) or _closed(wanted)
    if reasons:
        raise Refused(*reasons)
    somebody_waits = is_open and queries_course.first_waiting(series_id) is not None
    if not somebody_waits and _take(series_id):
        row = there or _new(course, person_id, SignupState.CONFIRMED, actor=actor, now=now)
        if there:
            _move(there, "confirm", actor=actor, now=now)
        _join(row, wanted, actor=actor, now=now)
        return row
    if not is_open:
        raise Refused(Reason("full", _("这门课已经满员，快上完了，不再排候补。可以看看别的活动。")))
    return _new(course, person_id, SignupState.WAITLISTED, actor=actor, now=now)


def sign_up_all(
    series_id: int, person_ids: Sequence[int], *, actor: Actor, now: datetime
) -> list[CourseSignup]:
    """Sign these persons up, all or nobody; the attempt counts, and who has an account is told."""
    limits.count(limits.SIGN_UP_PERSON, str(actor.person_id), now=now)
    for person_id in sorted(person_ids):
        asking.lock_person(person_id)
    rows = [sign_up(series_id, one, actor=actor, now=now) for one in person_ids]
    for row in rows:
        is_new = row.created_at == now and row.person_id != actor.person_id
        if is_new and people.account_of(row.person_id):
            tell(row.person_id, "signed_up_by_family", Ref("activity", _offering(row)), now=now)
    return rows


def withdraw(signup_id: int, reason: str, *, actor: Actor, now: datetime) -> CourseSignup:
    """Leave the course: all dates to come become free, and the place goes to who waits."""
    row, course = _lock(signup_id)
    if row.state not in {*COURSE_HOLDING, SignupState.WAITLISTED}:
        return row
    held = row.state in COURSE_HOLDING
    for signup in queries_course.signups_of([row.id]).get(row.id, ()):
        if signup.state in LIVE and signup.shift.starts_at > now:
            actions.withdraw(signup.id, "", actor=actor, now=now)
    _move(row, "withdraw", actor=actor, now=now)
    notes.put(Ref("course_signup", row.id), "reason", reason, actor=actor, now=now)
    _audit("course.withdraw", row, actor=actor, now=now)
    if held:
        _pass_on(course, actor=actor, now=now)
    return row


def accept(signup_id: int, *, actor: Actor, now: datetime) -> CourseSignup:
    """Take the place that was offered, on all dates to come. Too late, or a clash, is refused."""
    row, course = _lock(signup_id)
    if row.state == SignupState.CONFIRMED:
        return row
    if row.state != SignupState.OFFERED or (row.offered_until and row.offered_until <= now):
        raise Refused(
            Reason("lapsed", _("这个名额没有在期限前确认，已经让给下一位。可以重新报名。"))
        )
    wanted = _dates(course, now)
    reasons = _against(row.person_id, wanted, actor=actor, now=now) or _closed(wanted)
    if reasons:
        raise Refused(*reasons)
    _move(row, "accept", actor=actor, now=now)
    _audit("course.accept", row, actor=actor, now=now)
    _join(row, wanted, actor=actor, now=now)
    return row


def lapse(signup_id: int, *, actor: Actor, now: datetime) -> None:
    """Let an offer lapse whose deadline has passed, and offer the place to the next."""
    row, course = _lock(signup_id)
    if row.state != SignupState.OFFERED or row.offered_until is None or row.offered_until > now:
        return
    _move(row, "lapse", actor=actor, now=now, reason="deadline")
    _audit("course.lapse", row, actor=actor, now=now)
    tell(row.person_id, "offer_lapsed", Ref("activity", _offering(row)), now=now)
    _pass_on(course, actor=actor, now=now)


def rejoin(signup_id: int, shift_id: int, *, actor: Actor, now: datetime) -> Signup:
    """Take a date again that one had given back, while the course holds the person."""
    row, course = _lock(signup_id)
    if row.state != SignupState.CONFIRMED or shift_id not in _dates(course, now):
        raise Refused(Reason("wrong_state", _("这门课的报名已经不在了，请刷新页面。")))
    there = queries.live(shift_id, row.person_id)
    if there:
        return there
    reasons = _against(row.person_id, [shift_id], actor=actor, now=now)
    if reasons:
        raise Refused(*reasons)
    _join(row, [shift_id], actor=actor, now=now)
    return cast(Signup, queries.live(shift_id, row.person_id))


def bring(offering_id: int, *, actor: Actor, now: datetime) -> None:
    """Put everybody in the course on dates that came after they joined, and tell them.

    Who cannot come then (a clash) is passed over; a date somebody has given back stays so.
    """
    course = queries_course.course_of_offering(offering_id)
    if course is None:
        return
    for person_id in sorted(row.person_id for row in queries_course.in_course(course.series_id)):
        asking.lock_person(person_id)
    hold(course.series_id)
    wanted = _dates(course, now)
    for row in queries_course.in_course(course.series_id):
        if row.state != SignupState.CONFIRMED:
            continue
        new = set(wanted) - queries_course.had(row.person_id, wanted)
        free = [
            one for one in sorted(new) if not _against(row.person_id, [one], actor=actor, now=now)
        ]
        _join(row, free, actor=actor, now=now)
        if new:
            tell(row.person_id, "course_dates_added", Ref("activity", offering_id), now=now)


def call_off(offering_id: int, *, actor: Actor, now: datetime) -> None:
    """End all sign-ups for the course; its dates are called off one by one, which tells people."""
    course = queries_course.course_of_offering(offering_id)
    if course is None:
        return
    hold(course.series_id)
    for row in queries_course.in_course(course.series_id):
        has_no_dates = row.state != SignupState.CONFIRMED
        _move(row, "call_off", actor=actor, now=now)
        if has_no_dates:
            tell(row.person_id, "shift_called_off", Ref("activity", offering_id), now=now)
    course.taken = 0
    db.session.flush()


def set_capacity(series_id: int, capacity: int, *, actor: Actor, now: datetime) -> Course:
    """Change the places of the course and of its dates to come; new ones go to those who wait."""
    course = hold(series_id)
    if capacity < course.taken:
        message = _("已经有 %(taken)d 人占了名额，不能少于这个数。", taken=course.taken)
        raise Invalid("capacity", message)
    course.capacity = capacity
    for shift_id in _dates(course, now):
        place = shifts.place_of(shift_id, ROLE)
        if place:
            actions.set_capacity(place.id, max(capacity, place.taken), actor=actor, now=now)
    for one in queries_series.places_of(series_id):
        if one.role == ROLE:
            one.capacity = capacity
    db.session.flush()
    while queries_course.first_waiting(series_id) and _next_open(course, now) and _take(series_id):
        _offer(course, actor=actor, now=now)
    db.session.refresh(course)
    return course


def hold(series_id: int) -> Course:
    """Lock the course. Raises Refused when the series is none."""
    row = locked(Course, series_id)
    if row is None:
        raise Refused(Reason("no_course", _("这个系列不是整门报名的课。请按场次报名。")))
    return row


# --- parts ---------------------------------------------------------------------------------------


def _lock(signup_id: int) -> tuple[CourseSignup, Course]:
    """Lock person, course and sign-up, in this order."""
    row = db.session.get_one(CourseSignup, signup_id)
    asking.lock_person(row.person_id)
    course = hold(row.series_id)
    return cast(CourseSignup, locked(CourseSignup, signup_id)), course


def _offering(row: CourseSignup) -> int:
    return db.session.get_one(Series, row.series_id).offering_id


def _dates(course: Course, now: datetime) -> Sequence[int]:
    series = db.session.get_one(Series, course.series_id)
    return queries_course.dates_to_join(series.offering_id, now)


def _closed(wanted: Sequence[int]) -> list[Reason]:
    return [] if wanted else [Reason("closed", _("这门课已经没有要上的课了。可以看看别的活动。"))]


def _against(
    person_id: int, shift_ids: Sequence[int], *, actor: Actor, now: datetime
) -> list[Reason]:
    """Return what stands against all these dates: what is the same for all once, clashes by date."""
    found: dict[object, Reason] = {}
    for shift_id in shift_ids:
        asks = Asks(shift_id, person_id, ROLE, in_course=True)
        case = asking.case(asks, actor=actor, now=now)
        live = queries.live_columns(shift_id, person_id)
        if live and live.role != ROLE:
            found[shift_id] = _on_day(
                Reason("signed_up", _("您在这一场已经报了志愿者。请先取消那个报名。")), shift_id
            )
            continue
        for reason in [] if live else asking.reasons_against(asks, case, actor=actor, now=now):
            if reason.code in {"clash", "too_near"}:
                found[shift_id] = _on_day(reason, shift_id)
            else:
                found.setdefault(reason.code, reason)
    return list(found.values())


def _on_day(reason: Reason, shift_id: int) -> Reason:
    day = filters.day(clock.local_day(shifts.terms(shift_id).starts_at))
    message = _("%(day)s：%(reason)s", day=day, reason=reason.message)
    return Reason(reason.code, message, reason.way_text, reason.way_url)


def _join(row: CourseSignup, shift_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """Sign the person up for these dates. Raises Refused when one of them is full: then for none."""
    db.session.flush()
    for shift_id in shift_ids:
        asks = Asks(shift_id, row.person_id, ROLE, in_course=True)
        signup_id = actions.give_place(asks, actor=actor, now=now)
        if queries.columns(signup_id).state == SignupState.WAITLISTED:
            raise Refused(_on_day(Reason("full", _("这一场的名额已满，整门课报不上。")), shift_id))
        if db.session.get(CourseDate, signup_id) is None:
            db.session.add(CourseDate(signup_id=signup_id, course_signup_id=row.id))
    db.session.flush()


def _take(series_id: int) -> bool:
    """Take one place of the course by the one guarded statement; False when it is full."""
    taking = update(Course).where(Course.series_id == series_id, Course.taken < Course.capacity)
    found = db.session.execute(taking.values(taken=Course.taken + 1))
    return bool(found.rowcount == 1)  # type: ignore[attr-defined]


def _new(
    course: Course, person_id: int, state: SignupState, *, actor: Actor, now: datetime
) -> CourseSignup:
    row = CourseSignup(
        series_id=course.series_id,
        person_id=person_id,
        state=state,
        created_at=now,
        updated_at=now,
        actor_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    steps.record(Ref("course_signup", row.id), "", "sign_up", state, actor=actor, now=now)
    verb = "course.wait" if state == SignupState.WAITLISTED else "course.sign_up"
    _audit(verb, row, actor=actor, now=now)
    return row


def _move(row: CourseSignup, verb: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before = SignupState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    row.updated_at = now
    if row.state != SignupState.OFFERED:
        row.offered_until = None
    subject = Ref("course_signup", row.id)
    steps.record(subject, before, verb, row.state, actor=actor, now=now, reason=reason)


def _next_open(course: Course, now: datetime) -> datetime | None:
    """Return the start of the first date before which an offer can still be answered."""
    for shift_id in sorted(_dates(course, now), key=lambda one: shifts.terms(one).starts_at):
        starts_at = shifts.terms(shift_id).starts_at
        if rules.queue_is_open(starts_at - rules.SHORTEST_OFFER, now):
            return starts_at
    return None


def _pass_on(course: Course, *, actor: Actor, now: datetime) -> None:
    """Give a freed place to who waits first (the counter stays), else free it."""
    db.session.flush()
    if queries_course.first_waiting(course.series_id) and _next_open(course, now):
        _offer(course, actor=actor, now=now)
        return
    freed = update(Course).where(Course.series_id == course.series_id, Course.taken > 0)
    db.session.execute(freed.values(taken=Course.taken - 1))


def _offer(course: Course, *, actor: Actor, now: datetime) -> None:
    row = cast(CourseSignup, queries_course.first_waiting(course.series_id))
    starts_at = cast(datetime, _next_open(course, now))
    row.offered_until = rules.offer_deadline(
        starts_at, settings.get("offer_hours"), now, waiting.night()
    )
    _move(row, "offer", actor=actor, now=now)
    db.session.flush()
    _audit("course.offer", row, actor=actor, now=now)
    until = row.offered_until.isoformat()
    tell(row.person_id, "offer", Ref("activity", _offering(row)), now=now, until=until)


def _audit(verb: str, row: CourseSignup, *, actor: Actor, now: datetime) -> None:
    station_id = shifts.offering(_offering(row)).station_id
    audit.record(
        verb, Ref("course_signup", row.id), actor=actor, now=now,
        station_id=station_id, person=row.person_id,
    )  # fmt: skip
