"""A place for somebody who came without a sign-up, also when the shift is over already."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.records import settings
from portal.shifts.models import PlaceRole
from portal.signups import actions, asking, moves
from portal.signups.asking import Asks, Case
from portal.signups.models import HOLDING


class Allowed(StrEnum):
    """Whom the district lets in without a sign-up."""

    ALL = "all"
    ATTENDEE = "attendee"
    NONE = "none"


# What is asked of who signs up beforehand, not of who has come and been seen.
_BEFOREHAND = frozenset({"closed", "too_many_open", "whole_course"})


def refusal(role: PlaceRole) -> Reason | None:
    """Return why the district's rule keeps people without a sign-up from such a place."""
    allowed = Allowed(settings.get("walk_ins"))
    if allowed == Allowed.NONE:
        return Reason("no_walk_ins", _("按区里的规定，要先报名才能参加。没有报名的不能补记。"))
    if allowed == Allowed.ATTENDEE and role == PlaceRole.VOLUNTEER:
        message = _("按区里的规定，做志愿者要先报名。没有报名的只能记为参加活动。")
        return Reason("no_walk_ins", message)
    return None


def let_in(shift_id: int, person_id: int, role: PlaceRole, *, actor: Actor, now: datetime) -> int:
    """Give the person a place though the shift may be over; return the sign-up's id.

    Who holds one already keeps it. Raises Refused with all reasons: the district's rule, what holds
    for everybody who signs up, or that no place is left.
    """
    db.session.flush()
    asks = Asks(shift_id, person_id, role)
    asking.lock(asks)
    case = asking.case(asks, actor=actor, now=now)
    if case.signup_id and case.signup_state in HOLDING:
        return case.signup_id
    reasons = [refusal(role), *_reasons(asks, case, actor=actor, now=now)]
    against = [reason for reason in reasons if reason is not None]
    if against or case.place_id is None:
        raise Refused(*against)
    if not moves.take_place(case.place_id):
        message = _("这一场的名额满了，没有报名的人记不进去。请先在“改这一场”里加名额。")
        raise Refused(Reason("full", message))
    return actions.confirm_place(asks, case, actor=actor, now=now)


def _reasons(asks: Asks, case: Case, *, actor: Actor, now: datetime) -> list[Reason]:
    found = asking.reasons_against(asks, case, actor=actor, now=now)
    return [reason for reason in found if reason.code not in _BEFOREHAND]
