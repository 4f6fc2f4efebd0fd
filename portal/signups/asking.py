"""Who asks for which place, and what stands against it; under the locks a sign-up takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import String, bindparam, exists, or_, select
from sqlalchemy import case as case_of
from sqlalchemy.orm import aliased

from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.db import db, execute, is_sqlite
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.people import consents
from portal.people import queries as people
from portal.people.models import Person, Volunteer, VolunteerState
from portal.people.rules import is_minor
from portal.shifts.models import OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.shifts.queries import TERMS, Terms
from portal.signups import policy, queries, rules, travel
from portal.signups.models import KINDS_OF, LIVE, ParticipantKind, Signup, SignupState


class Asks(NamedTuple):
    """Who asks for a place of which role on which shift, as what, and whether with a team.

    `place` names one of several places of the role (a stall); without it the first free one is meant.
    """

    shift_id: int
    person_id: int
    role: PlaceRole
    participant: ParticipantKind | None = None
    team_id: int | None = None
    place: str | None = None
    in_course: bool = False

    @property
    def kind(self) -> ParticipantKind:
        """As what the person takes part: what they said, where the role has it."""
        of_role = KINDS_OF[self.role]
        return self.participant if self.participant in of_role else of_role[0]


class Case(NamedTuple):
    """What decides about it. `signup_id` is the live sign-up that the person has there already."""

    shift: Terms
    birth_on: date | None
    volunteer_state: str | None
    gives_notice: bool | None
    signup_id: int | None
    signup_state: str | None
    place_id: int | None
    somebody_waits: bool
    clashing_id: int | None


_LOCK_PERSON = select(Person.id).where(Person.id == bindparam("person_id")).with_for_update()
_WAITING = aliased(Signup)
_NAMED = bindparam("place", type_=String())
_IS_WANTED = (
    Place.shift_id == bindparam("shift_id"),
    Place.role == bindparam("role"),
    or_(_NAMED.is_(None), Place.label == _NAMED),
)
_IS_WAITED_FOR = exists().where(
    _WAITING.place_id == Place.id, _WAITING.state == SignupState.WAITLISTED
)
# Of several places of the role the first that is free and that nobody waits for, else the first.
_PLACE = (
    select(Place.id)
    .where(*_IS_WANTED)
    .order_by(case_of(((Place.taken < Place.capacity) & ~_IS_WAITED_FOR, 0), else_=1), Place.label)
    .limit(1)
)
# All of them, in one order: which one it will be is only known under the locks.
_LOCK_PLACES = select(Place.id).where(*_IS_WANTED).order_by(Place.id).with_for_update()
_SOMEBODY_WAITS = exists().where(
    _WAITING.place_id == _PLACE.scalar_subquery(), _WAITING.state == SignupState.WAITLISTED
)
_CASE = (
    TERMS.join(Person, Person.id == bindparam("person_id"))
    .outerjoin(Volunteer, Volunteer.person_id == Person.id)
    .outerjoin(
        Signup,
        (Signup.shift_id == Shift.id) & (Signup.person_id == Person.id) & Signup.state.in_(LIVE),
    )
    .add_columns(
        Person.birth_on,
        Volunteer.state,
        consents.NEWEST_NOTICE,
        Signup.id,
        Signup.state,
        _PLACE.scalar_subquery(),
        _SOMEBODY_WAITS,
        queries.CLASHING,
    )
    .where(Shift.id == bindparam("shift_id"))
)


def lock_person(person_id: int) -> None:
    """Lock a person's row; SQLite's one writer needs no lock of a row."""
    if not is_sqlite():
        execute(_LOCK_PERSON, {"person_id": person_id})


def lock(asks: Asks) -> None:
    """Lock the person, then the places of the role that may be meant, if the shift has any."""
    lock_person(asks.person_id)
    if not is_sqlite():
        execute(_LOCK_PLACES, asks._asdict())


def case(asks: Asks) -> Case:
    """Return all that decides, in one statement, which a sign-up asks under its locks."""
    found = execute(_CASE, asks._asdict()).one()
    terms = len(Terms._fields)
    return Case(Terms(*found[:terms]), *found[terms:])


def reasons_against(asks: Asks, case: Case, *, actor: Actor, now: datetime) -> list[Reason]:
    """Return all that stands against it; an empty list means the person may."""
    shift, day = case.shift, clock.local_day(case.shift.starts_at)
    applicant = rules.Applicant(
        birth_on=case.birth_on,
        volunteer_state=VolunteerState(case.volunteer_state) if case.volunteer_state else None,
        guardian_consented=_guardian_consented(asks, case.birth_on, day),
        withdrew_notice=case.gives_notice is False,
        is_self=asks.person_id == actor.person_id,
        participant=asks.kind,
        with_team=asks.team_id is not None or policy.keeps_roster_at(actor, shift.station_id),
    )
    called_off = OfferingState.CALLED_OFF
    wanted = rules.Wanted(
        role=asks.role,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        is_open=shift.state == ShiftState.PLANNED and shift.offering_state != called_off,
        is_published=shift.offering_state == OfferingState.PUBLISHED,
        has_role=case.place_id is not None,
        minimum_age=shift.minimum_age,
        is_risky=shift.is_risky,
        team_only=shift.team_only,
        apply_url=_apply_url(asks, shift, actor),
    )
    reasons = rules.may_sign_up(applicant, wanted, day, now)
    if shift.is_course and asks.role == PlaceRole.ATTENDEE and not asks.in_course:
        reasons.append(_whole_course(shift))
    if case.clashing_id is not None:
        clash = db.session.get_one(Shift, case.clashing_id)
        reasons.append(clash_with(clash, asks.person_id, actor))
    elif not reasons:
        reasons += filter(None, [travel.refusal_for(asks.person_id, asks.shift_id, actor)])
    return reasons


def _apply_url(asks: Asks, shift: Terms, actor: Actor) -> str:
    """Return where somebody becomes a volunteer: alone, or by the hand of staff."""
    if asks.person_id != actor.person_id:
        return "/desk/volunteers/new"
    return f"/volunteer/apply?next={shift.offering_path}"


def _whole_course(shift: Terms) -> Reason:
    message = _("这是一门课，要整门一起报名，不能只报一次。")
    return Reason("whole_course", message, _("去报这门课"), f"{shift.offering_path}#signup")


def _guardian_consented(asks: Asks, birth_on: date | None, day: date) -> bool:
    """Ask only where it matters; most people are of age."""
    needed = asks.role == PlaceRole.VOLUNTEER and is_minor(birth_on, day)
    return needed and people.has_guardian_consent(asks.person_id)


def clash_with(other: Shift, person_id: int, actor: Actor) -> Reason:
    """Return the refusal of who holds a place on another shift at the time.

    Where somebody else goes is told to nobody but those who keep that roster.
    """
    if person_id == actor.person_id:
        message = _(
            "这一场和您 %(when)s 的「%(title)s」时间冲突。可以选别的场次，或者先取消那一场。",
            when=filters.when(other.starts_at, other.ends_at),
            title=other.offering.title,
        )
        return Reason("clash", message, _("我的报名"), "/me/signups")
    message = _("本人在这段时间已经报了别的场次。可以选别的场次，或者先替本人取消那一场。")
    if policy.may_keep_roster(actor, other):
        return Reason("clash", message, _("看那一场的名单"), f"/desk/shifts/{other.public_id}")
    return Reason("clash", message)
