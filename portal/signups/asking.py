"""Who asks for which place, and what stands against it; under the locks a sign-up takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.people import consents
from portal.people import queries as people
from portal.people.models import Person
from portal.people.rules import is_minor
from portal.shifts.models import OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.shifts.queries import Terms
from portal.signups import policy, queries, rules


class Asks(NamedTuple):
    """Who asks for which place."""

    person_id: int
    birth_on: date | None
    role: PlaceRole
    place_id: int | None


_LOCK_PERSON = select(Person.birth_on).where(Person.id == bindparam("person_id")).with_for_update()
_LOCK_PLACE = (
    select(Place.id)
    .where(Place.shift_id == bindparam("shift_id"), Place.role == bindparam("role"))
    .order_by(Place.label)
    .limit(1)
    .with_for_update()
)


def lock_person(person_id: int) -> date | None:
    """Lock a person, and return the birth day."""
    values = {"person_id": person_id}
    return db.session.connection().execute(_LOCK_PERSON, values).scalar_one()


def lock_place(shift_id: int, role: PlaceRole) -> int | None:
    """Lock the (first) place of a role, if the shift has one."""
    values = {"shift_id": shift_id, "role": role}
    return db.session.connection().execute(_LOCK_PLACE, values).scalar()


def reasons_against(asks: Asks, shift: Terms, *, actor: Actor, now: datetime) -> list[Reason]:
    """Return all that stands against it; an empty list means the person may."""
    standing = consents.standing(asks.person_id)
    day = clock.local_day(shift.starts_at)
    applicant = rules.Applicant(
        birth_on=asks.birth_on,
        volunteer_state=standing.volunteer_state,
        guardian_consented=_guardian_consented(asks, day),
        withdrew_notice=standing.withdrew_notice,
        is_self=asks.person_id == actor.person_id,
    )
    is_published = shift.offering_state == OfferingState.PUBLISHED
    wanted = rules.Wanted(
        role=asks.role,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        is_open=shift.state == ShiftState.PLANNED and is_published,
        has_role=asks.place_id is not None,
        minimum_age=shift.minimum_age,
        is_risky=shift.is_risky,
        apply_url=_apply_url(asks, shift, actor),
    )
    reasons = rules.may_sign_up(applicant, wanted, day, now)
    clash = queries.clashing(asks.person_id, shift)
    if clash:
        reasons.append(clash_with(clash, asks.person_id, actor))
    return reasons


def _apply_url(asks: Asks, shift: Terms, actor: Actor) -> str:
    """Return where somebody becomes a volunteer: alone, or by the hand of staff."""
    if asks.person_id != actor.person_id:
        return "/desk/volunteers/new"
    return f"/volunteer/apply?next=/activities/{shift.offering_public_id}"


def _guardian_consented(asks: Asks, day: date) -> bool:
    """Ask only where it matters; most people are of age."""
    needed = asks.role == PlaceRole.VOLUNTEER and is_minor(asks.birth_on, day)
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
