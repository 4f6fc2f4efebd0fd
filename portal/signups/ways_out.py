"""Where a refusal sends people: the words and addresses of the ways out."""

from __future__ import annotations

from portal.core import filters
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.org.models import Station
from portal.shifts.models import Shift
from portal.shifts.queries import Terms
from portal.signups import policy


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


def whole_course(shift: Terms) -> Reason:
    message = _("这是一门课，要整门一起报名，不能只报一次。")
    return Reason("whole_course", message, _("去报这门课"), f"{shift.offering_path}#signup")


def home(station_id: int | None) -> str:
    """Return the name of the community somebody lives in, or nothing."""
    station = db.session.get(Station, station_id) if station_id else None
    return (station.community or station.name) if station else ""


def desk_path(person_public_id: str, home_id: int | None, actor: Actor) -> str:
    """Return the person's page at the desk, where the actor may open it."""
    manages = actor.holds(Role.STATION_MANAGER, home_id)
    return f"/desk/people/{person_public_id}" if manages or actor.is_admin else ""


def desk_sign_up(shift: Terms, actor: Actor) -> str:
    """Return where the desk signs somebody up, for who keeps the roster."""
    keeps = policy.keeps_roster_at(actor, shift.station_id)
    return f"/desk/shifts/{shift.public_id}/signups/new" if keeps else ""


def apply_url(person_id: int, shift: Terms, actor: Actor) -> str:
    """Return where somebody becomes a volunteer: alone, or by the hand of staff."""
    if person_id != actor.person_id:
        return "/desk/volunteers/new"
    return f"/volunteer/apply?next={shift.offering_path}"
