"""The way between two places: a district may ask for a gap between shifts that are not at one place."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.core import filters
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.records import settings
from portal.shifts.models import Shift, ShiftState
from portal.signups.models import HOLDING, Signup


def too_near(person_id: int, shift_id: int) -> Reason | None:
    """Return the refusal of who could not get from one shift to the other in time.

    Only what lies at different places counts; touching shifts at one place do not clash. Asked for
    only where the district has set a gap, after what overlaps.
    """
    gap = settings.get("travel_gap_minutes")
    if not gap:
        return None
    wanted = db.session.get_one(Shift, shift_id)
    near = _near(person_id, wanted, timedelta(minutes=gap))
    other = next((one for one in near if _where(one) != _where(wanted)), None)
    return _refusal(other, gap) if other else None


def _near(person_id: int, wanted: Shift, gap: timedelta) -> list[Shift]:
    earliest: datetime = wanted.starts_at - gap
    query = (
        select(Shift)
        .join(Signup, Signup.shift_id == Shift.id)
        .options(joinedload(Shift.offering))
        .where(
            Signup.person_id == person_id,
            Signup.state.in_(HOLDING),
            Shift.id != wanted.id,
            Shift.state == ShiftState.PLANNED,
            Shift.starts_at < wanted.ends_at + gap,
            Shift.ends_at > earliest,
        )
    )
    return list(db.session.scalars(query.order_by(Shift.starts_at)))


def _where(shift: Shift) -> tuple[int, str]:
    return shift.station_id, shift.venue


def _refusal(other: Shift, gap: int) -> Reason:
    message = _(
        "和 %(when)s 的另一场地点不同，中间隔不到 %(gap)d 分钟，怕赶不上。可以选别的场次。",
        when=filters.when(other.starts_at, other.ends_at),
        gap=gap,
    )
    return Reason("too_near", message, _("我的报名"), "/me/signups")


def refusal_for(person_id: int, shift_id: int, actor: Actor) -> Reason | None:
    """Return the same for whoever asks: where somebody else goes is not told to others."""
    found = too_near(person_id, shift_id)
    if found is None or person_id == actor.person_id:
        return found
    message = _("本人前后的另一场地点不同，中间时间太短，怕赶不上。可以选别的场次。")
    return Reason("too_near", message)
