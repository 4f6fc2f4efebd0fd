"""What the panel of a course shows: its places and queue, and what the reader can do now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.core import filters
from portal.core.access import Actor
from portal.core.errors import Reason
from portal.people import queries_family as families
from portal.shifts.models import OfferingState, ShiftState
from portal.signups import queries_course, rules
from portal.signups.models import LIVE, SIGNUP_STATE_LABELS, Signup, SignupState
from portal.signups.models_course import COURSE_LIVE, CourseSignup
from portal.signups.panel import TONES, Asker, SignupShown, places_left
from portal.signups.panel import shown as signup_shown


@dataclass(frozen=True, slots=True)
class InCourse:
    """Somebody's sign-up for a course in words, with its dates."""

    row: CourseSignup
    name: str
    is_self: bool
    state: str
    tone: str
    is_offer: bool
    may_withdraw: bool
    position: int | None
    dates: Sequence[SignupShown]
    # Dates given back that could be taken again.
    missed: Sequence[Signup]

    @property
    def until_text(self) -> str:
        """Until when an offer holds."""
        return filters.moment(self.row.offered_until) if self.row.offered_until else ""


@dataclass(frozen=True, slots=True)
class CoursePanel:
    """The panel. `askers`: whom the reader can still sign up, themselves first."""

    series_id: str
    path: str
    text: str
    tone: str
    dates_left: int
    may_ask: bool
    queue_open: bool
    signed_up: Sequence[InCourse]
    askers: Sequence[Asker]
    reasons: Sequence[Reason] = ()


def panel(
    offering_id: int, actor: Actor, now: datetime, reasons: Sequence[Reason] = ()
) -> CoursePanel | None:
    """Return the panel of an offering that is a course; a constant number of queries."""
    course = queries_course.course_of_offering(offering_id)
    if course is None:
        return None
    offering = course.series.offering
    dates = queries_course.spans_to_join(offering_id, now)
    waiting = queries_course.waiting(course.series_id)
    text, tone = places_left(course.capacity, course.taken, waiting)
    circle = _circle(actor)
    rows = queries_course.live_of(course.series_id, list(circle)) if circle else []
    there = {row.person_id for row in rows}
    is_open = offering.state == OfferingState.PUBLISHED and bool(dates)
    return CoursePanel(
        series_id=course.series.public_id,
        path=offering.path,
        text=text,
        tone=tone,
        dates_left=len(dates),
        may_ask=is_open,
        queue_open=any(rules.queue_is_open(at - rules.SHORTEST_OFFER, now) for at in dates),
        signed_up=shown(rows, circle, now),
        askers=[asker for one, asker in circle.items() if one not in there],
        reasons=reasons,
    )


def shown(
    rows: Sequence[CourseSignup], circle: Mapping[int, Asker], now: datetime
) -> list[InCourse]:
    """Return sign-ups for courses in words; whose they are by the circle."""
    positions = queries_course.positions(rows)
    dates = queries_course.signups_of([row.id for row in rows]) if rows else {}
    return [
        _in_words(row, circle.get(row.person_id), positions.get(row.id), dates.get(row.id, ()), now)
        for row in rows
    ]


def mine(rows: Sequence[CourseSignup], names: Mapping[int, str], now: datetime) -> list[InCourse]:
    """Return one's own and the family's sign-ups for courses; `names` are the family's."""
    return shown(rows, {one: Asker("", name) for one, name in names.items()}, now)


# --- parts ---------------------------------------------------------------------------------------


def _circle(actor: Actor) -> dict[int, Asker]:
    if not actor.person_id:
        return {}
    own = Asker(actor.public_id, actor.name, is_self=True)
    family = families.members_of(actor.person_id)
    others = {one.person_id: Asker(one.person.public_id, one.person.name) for one in family}
    return {actor.person_id: own, **others}


def _in_words(
    row: CourseSignup,
    asker: Asker | None,
    position: int | None,
    signups: Sequence[Signup],
    now: datetime,
) -> InCourse:
    state = SignupState(row.state)
    live = [one for one in signups if one.state in LIVE]
    taken = {one.shift_id for one in live}
    missed = {
        one.shift_id: one
        for one in signups
        if one.state == SignupState.WITHDRAWN
        and one.shift_id not in taken
        and one.shift.state == ShiftState.PLANNED
        and one.shift.starts_at > now
    }
    return InCourse(
        row=row,
        name=asker.name if asker else row.person.name,
        is_self=asker is None or asker.is_self,
        state=str(SIGNUP_STATE_LABELS[state]),
        tone=TONES[state],
        is_offer=state == SignupState.OFFERED,
        may_withdraw=state in COURSE_LIVE,
        position=position,
        dates=[signup_shown(one, now) for one in live],
        missed=list(missed.values()) if state == SignupState.CONFIRMED else [],
    )
