"""Who asks for which place, and what decides about it; under the locks a sign-up takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import (
    Date,
    Integer,
    String,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy import case as case_of
from sqlalchemy.orm import aliased

from portal.core import clock, filters
from portal.core.access import Actor, Role
from portal.core.db import UtcDateTime, db, execute, is_sqlite
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.org.models import Station, StationTree
from portal.people import consents, guardians
from portal.people import queries as people
from portal.people.guardians import Contact, Scope
from portal.people.models import Person, Volunteer, VolunteerState
from portal.people.models_consents import Channel, ConsentScope, GuardianConsent
from portal.people.models_family import FamilyMember
from portal.records import settings
from portal.shifts.models import (
    Offering,
    OfferingState,
    OfferingType,
    Place,
    PlaceRole,
    Shift,
    ShiftState,
)
from portal.shifts.models_conditions import OfferingSkill, OfferingTraining
from portal.shifts.queries import TERMS, Terms
from portal.signups import policy, queries, queries_conditions, rules_eligibility, travel
from portal.signups.models import KINDS_OF, LIVE, ParticipantKind, Signup, SignupState
from portal.signups.queries_conditions import Lacks
from portal.signups.rules_eligibility import Applicant, GuardianFor, Hand, Wanted


class Asks(NamedTuple):
    """Who asks for a place of which role on which shift, as what, and whether with a team.

    `place` names one of several places of the role (a stall); without it the first free one is meant.
    """

    shift_id: int
    person_id: int
    role: PlaceRole
    participant: ParticipantKind | None = None
    team_id: int | None = None
    party_id: int | None = None
    place: str | None = None
    in_course: bool = False

    @property
    def kind(self) -> ParticipantKind:
        """As what the person takes part: what they said, where the role has it."""
        of_role = KINDS_OF[self.role]
        return self.participant if self.participant in of_role else of_role[0]


class Case(NamedTuple):
    """What decides about it. `signup_id` is the live sign-up that the person has there already.

    `consented` is a guardian's consent to all or to this offering, `consented_until` one to a day;
    `by_guardian`: whoever asks is the guardian. `asks_more`: trainings or skills are asked for.
    """

    shift: Terms
    station_public_id: str
    community: str
    station_name: str
    person_public_id: str
    home_id: int | None
    birth_on: date | None
    volunteer_state: str | None
    gives_notice: bool | None
    signup_id: int | None
    signup_state: str | None
    place_id: int | None
    somebody_waits: bool
    clashing_id: int | None
    lives_here: bool
    consented: bool
    consented_until: date | None
    by_guardian: bool
    open_signups: int
    asks_more: bool


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
# The community of a station is the station with all below it; a point belongs to the one above.
_HOME = func.coalesce(Person.home_station_id, Volunteer.station_id)
_LIVES_HERE = and_(
    Offering.community_only,
    exists().where(
        or_(
            and_(StationTree.ancestor_id == Shift.station_id, StationTree.descendant_id == _HOME),
            and_(StationTree.ancestor_id == _HOME, StationTree.descendant_id == Shift.station_id),
        )
    ),
)
_AGREED = (
    GuardianConsent.person_id.in_(people.selves(bindparam("person_id", type_=Integer))),
    GuardianConsent.withdrawn_at.is_(None),
)
_CONSENTED = exists().where(
    *_AGREED,
    or_(
        GuardianConsent.scope == ConsentScope.ALL, GuardianConsent.offering_id == Shift.offering_id
    ),
)
_CONSENTED_UNTIL = (
    select(type_coerce(func.max(GuardianConsent.until_on), Date)).where(*_AGREED).scalar_subquery()
)
_BY_GUARDIAN = exists().where(
    FamilyMember.person_id == bindparam("person_id"),
    FamilyMember.holder_id == bindparam("actor_id", type_=Integer),
    FamilyMember.is_guardian,
    FamilyMember.removed_at.is_(None),
)
_ELSEWHERE, _OF_ELSEWHERE, _OPEN = aliased(Shift), aliased(Offering), aliased(Signup)
OPEN_SIGNUPS = (
    # A course is one, however many dates it has.
    select(func.count(_ELSEWHERE.offering_id.distinct()))
    .select_from(_OPEN)
    .join(_ELSEWHERE, _ELSEWHERE.id == _OPEN.shift_id)
    .join(_OF_ELSEWHERE, _OF_ELSEWHERE.id == _ELSEWHERE.offering_id)
    .where(
        _OPEN.person_id == bindparam("person_id"),
        _OPEN.state.in_(LIVE),
        _OPEN.shift_id != bindparam("shift_id"),
        _ELSEWHERE.ends_at > bindparam("now", type_=UtcDateTime()),
        # Duties of a post are standing; they do not keep anybody from an activity.
        _OF_ELSEWHERE.type == OfferingType.ACTIVITY,
    )
    .scalar_subquery()
)
_ASKS_MORE = or_(
    exists().where(OfferingTraining.offering_id == Shift.offering_id),
    exists().where(OfferingSkill.offering_id == Shift.offering_id, OfferingSkill.is_required),
)
_CASE = (
    TERMS.join(Station, Station.id == Shift.station_id)
    .join(Person, Person.id == bindparam("person_id"))
    .outerjoin(Volunteer, Volunteer.person_id == Person.id)
    .outerjoin(
        Signup,
        (Signup.shift_id == Shift.id) & (Signup.person_id == Person.id) & Signup.state.in_(LIVE),
    )
    .add_columns(
        Station.public_id,
        Station.community,
        Station.name,
        Person.public_id,
        _HOME,
        Person.birth_on,
        Volunteer.state,
        consents.NEWEST_NOTICE,
        Signup.id,
        Signup.state,
        _PLACE.scalar_subquery(),
        _SOMEBODY_WAITS,
        queries.CLASHING,
        _LIVES_HERE,
        _CONSENTED,
        _CONSENTED_UNTIL,
        _BY_GUARDIAN,
        OPEN_SIGNUPS,
        _ASKS_MORE,
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


def case(asks: Asks, *, actor: Actor, now: datetime) -> Case:
    """Return all that decides, in one statement, which a sign-up asks under its locks."""
    values = {**asks._asdict(), "actor_id": actor.person_id or 0, "now": now}
    found = execute(_CASE, values).one()
    terms = len(Terms._fields)
    return Case(Terms(*found[:terms]), *found[terms:])


def reasons_against(asks: Asks, case: Case, *, actor: Actor, now: datetime) -> list[Reason]:
    """Return all that stands against it; an empty list means the person may."""
    lacks = Lacks()
    if case.asks_more and asks.role == PlaceRole.VOLUNTEER:
        day = clock.local_day(case.shift.starts_at)
        lacks = queries_conditions.lacks(asks.person_id, case.shift.offering_id, day, now)
    return judged(asks, case, lacks, actor=actor, now=now)


def judged(asks: Asks, case: Case, lacks: Lacks, *, actor: Actor, now: datetime) -> list[Reason]:
    """Return the same of what was gathered, for one place or for many."""
    shift, day = case.shift, clock.local_day(case.shift.starts_at)
    reasons = rules_eligibility.reasons(
        _applicant(asks, case, lacks, actor), _wanted(asks, case, actor), day, now
    )
    if shift.is_course and asks.role == PlaceRole.ATTENDEE and not asks.in_course:
        reasons.append(_whole_course(shift))
    if case.clashing_id is not None:
        clash = db.session.get_one(Shift, case.clashing_id)
        reasons.append(clash_with(clash, asks.person_id, actor, shift.offering_path))
    elif not reasons:
        reasons += filter(None, [travel.refusal_for(asks.person_id, asks.shift_id, actor)])
    return reasons


def again(row: Signup, team_id: int | None) -> Asks:
    """Return what somebody asked for who waits, or has an offer."""
    kind = ParticipantKind(row.participant)
    return Asks(row.shift_id, row.person_id, PlaceRole(row.role), kind, team_id)


def still_against(asks: Asks, case: Case, *, actor: Actor, now: datetime) -> list[Reason]:
    """Return what stands against a place for somebody who waited for it, or was offered it."""
    found = reasons_against(asks, case, actor=actor, now=now)
    return [one for one in found if one.code not in rules_eligibility.AT_SIGN_UP_ONLY]


def _whole_course(shift: Terms) -> Reason:
    message = _("这是一门课，要整门一起报名，不能只报一次。")
    return Reason("whole_course", message, _("去报这门课"), f"{shift.offering_path}#signup")


def note_guardian(asks: Asks, case: Case, *, actor: Actor, now: datetime) -> None:
    """Write down the consent that a guardian gives by signing the child up, unless it stands there."""
    day = clock.local_day(case.shift.starts_at)
    if not case.by_guardian or _agreed(case, day) or not _needs_guardian(asks, case, day):
        return
    holder = people.person(actor.person_id or 0)
    contact = Contact(holder.name, holder.phone or "")
    scope = Scope(ConsentScope.OFFERING, case.shift.offering_id)
    guardians.put_guardian(asks.person_id, contact, Channel.WEB, scope, actor=actor, now=now)


def clash_with(other: Shift, person_id: int, actor: Actor, path: str = "/activities") -> Reason:
    """Return the refusal of who holds a place on another shift at the time.

    Where somebody else goes is told to nobody but those who keep that roster; to others `path`.
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
    return Reason("clash", message, _("选别的场次"), path)


# --- parts ---------------------------------------------------------------------------------------


def _applicant(asks: Asks, case: Case, lacks: Lacks, actor: Actor) -> Applicant:
    shift = case.shift
    keeps = policy.keeps_roster_at(actor, shift.station_id)
    hand = Hand.STAFF if actor.is_staff and asks.team_id is None else Hand.OTHER
    if asks.person_id == actor.person_id:
        hand = Hand.SELF
    day = clock.local_day(shift.starts_at)
    state = case.volunteer_state
    return Applicant(
        birth_on=case.birth_on,
        volunteer_state=VolunteerState(state) if state else None,
        guardian_consented=case.by_guardian or _agreed(case, day),
        withdrew_notice=case.gives_notice is False,
        hand=hand,
        participant=asks.kind,
        with_team=asks.team_id is not None or keeps,
        lives_here=bool(case.lives_here),
        home=_home(case) if shift.community_only and not case.lives_here else "",
        open_signups=case.open_signups,
        lacks_trainings=lacks.trainings,
        lacks_skills=lacks.skills,
        desk_path=_desk_path(case, actor) if hand == Hand.STAFF else "",
    )


def _wanted(asks: Asks, case: Case, actor: Actor) -> Wanted:
    shift = case.shift
    is_activity = shift.offering_type == OfferingType.ACTIVITY
    called_off = OfferingState.CALLED_OFF
    return Wanted(
        role=asks.role,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        is_open=shift.state == ShiftState.PLANNED and shift.offering_state != called_off,
        is_published=shift.offering_state == OfferingState.PUBLISHED,
        has_role=case.place_id is not None,
        minimum_age=shift.minimum_age,
        maximum_age=shift.maximum_age,
        is_risky=shift.is_risky,
        team_only=shift.team_only,
        community_only=shift.community_only,
        community=case.community or case.station_name,
        most_open=settings.get("open_signups_most") if is_activity else 0,
        guardian_for=_guardian_for(),
        apply_url=_apply_url(asks, shift, actor),
        path=shift.offering_path,
        list_path="/activities" if is_activity else "/posts",
        station_path=f"/stations/{case.station_public_id}",
        desk_sign_up=_desk_sign_up(shift, actor),
        guardian_form=f"/me/guardian-form?for={shift.offering_public_id}",
    )


def _guardian_for() -> GuardianFor:
    return GuardianFor(settings.get("guardian_for"))


def _agreed(case: Case, day: date) -> bool:
    until = case.consented_until
    return bool(case.consented) or (until is not None and until >= day)


def _needs_guardian(asks: Asks, case: Case, day: date) -> bool:
    return rules_eligibility.needs_guardian(case.birth_on, day, asks.role, _guardian_for())


def _home(case: Case) -> str:
    station = db.session.get(Station, case.home_id) if case.home_id else None
    return (station.community or station.name) if station else ""


def _desk_path(case: Case, actor: Actor) -> str:
    """Return the person's page at the desk, where the actor may open it."""
    manages = actor.holds(Role.STATION_MANAGER, case.home_id)
    return f"/desk/people/{case.person_public_id}" if manages or actor.is_admin else ""


def _desk_sign_up(shift: Terms, actor: Actor) -> str:
    """Return where the desk signs somebody up, for who keeps the roster."""
    keeps = policy.keeps_roster_at(actor, shift.station_id)
    return f"/desk/shifts/{shift.public_id}/signups/new" if keeps else ""


def _apply_url(asks: Asks, shift: Terms, actor: Actor) -> str:
    """Return where somebody becomes a volunteer: alone, or by the hand of staff."""
    if asks.person_id != actor.person_id:
        return "/desk/volunteers/new"
    return f"/volunteer/apply?next={shift.offering_path}"
