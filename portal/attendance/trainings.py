"""A shift that gives a training: whoever attended has it, by one word of the leader."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.attendance.models import Visit, VisitState
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.people import trainings
from portal.people.models import Person
from portal.people.trainings import Held
from portal.shifts import queries as shifts
from portal.shifts.models import Shift


class ToGive(NamedTuple):
    """What the shift gives, and for how many it is and is not yet on record."""

    name: str
    given: int
    waiting: int


def to_give(shift: Shift, now: datetime) -> ToGive | None:
    """Return what is to be confirmed; None where the shift gives nothing or has not begun."""
    term = shift.offering.gives_training
    if term is None or now < shift.starts_at:
        return None
    came, given = _came(shift.id), trainings.given_by(shift.id)
    return ToGive(term.label, len(given), len(came - given))


def give(shift_id: int, *, actor: Actor, now: datetime) -> int:
    """Write the training down for everybody who attended; return for how many it was new.

    Twice is harmless; who comes later, or is added by hand, is taken by the next time. The leader
    vouches for the others, not for themselves. Raises Refused(`no_training_here`).
    """
    shift = shifts.shift(shift_id)
    term_id = shift.offering.gives_training_id
    if term_id is None or now < shift.starts_at:
        message = _("这一场不是培训，或者还没有开始。")
        raise Refused(
            Reason("no_training_here", message, _("看名单"), f"/desk/shifts/{shift.public_id}")
        )
    held = Held(term_id, clock.local_day(shift.starts_at), shift_id=shift_id)
    new = sorted(_came(shift_id) - trainings.given_by(shift_id) - {actor.person_id or 0})
    for person_id in new:
        trainings.record(person_id, held, actor=actor, now=now)
    return len(new)


def _came(shift_id: int) -> frozenset[int]:
    """Return who attended: each as the record they are kept under now, nobody who is erased."""
    somebody = func.coalesce(Person.merged_into_id, Person.id).distinct()
    query = (
        select(somebody)
        .join_from(Visit, Person, Person.id == Visit.person_id)
        .where(
            Visit.shift_id == shift_id,
            Visit.state != VisitState.ANNULLED,
            Person.erased_at.is_(None),
        )
    )
    return frozenset(db.session.scalars(query))
