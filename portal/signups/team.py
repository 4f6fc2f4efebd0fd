"""A team takes a shift: its leader signs up members by name, all of them or nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people import queries_teams as teams
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions, party
from portal.signups.asking import Asks
from portal.signups.models import Signup, TeamSignup
from portal.signups.party import Mode, Outcome


def sign_up(
    shift_id: int, team_id: int, person_ids: Sequence[int], *, actor: Actor, now: datetime
) -> list[Outcome]:
    """Sign these members up as volunteers in the team's name, all or nothing; each is told.

    Each is judged as if they had asked themselves. Whoever is signed up already stays so and is not
    counted for the team. Raises Refused: `nobody`, `not_member`, or everybody's reasons.
    """
    if not person_ids:
        raise Refused(Reason("nobody", _("请勾选要报名的队员。")))
    wanted = [
        Asks(shift_id, one, PlaceRole.VOLUNTEER, team_id=team_id)
        for one in dict.fromkeys(person_ids)
    ]
    party.lock(wanted)
    if not set(person_ids) <= teams.member_ids(team_id):
        raise Refused(Reason("not_member", _("有人已经不在队里了。请刷新页面再选。")))
    found = party.sign_up(wanted, Mode.ALL, actor=actor, now=now)
    station_id = shifts.terms(shift_id).station_id
    for one in found:
        if one.is_new and one.signup_id:
            _note(one, shift_id, team_id, station_id, actor=actor, now=now)
    return found


def withdraw(signup_id: int, reason: str, *, actor: Actor, now: datetime) -> Signup:
    """Withdraw a member whom the team signed up, who is told. Twice is harmless."""
    row = actions.withdraw(signup_id, reason, actor=actor, now=now)
    if row.updated_at == now and row.person_id != actor.person_id:
        tell(row.person_id, "withdrawn_by_team", Ref("shift", row.shift_id), now=now)
    return row


def _note(
    one: Outcome, shift_id: int, team_id: int, station_id: int, *, actor: Actor, now: datetime
) -> None:
    signup_id = one.signup_id or 0
    if db.session.get(TeamSignup, signup_id) is None:
        db.session.add(TeamSignup(signup_id=signup_id, team_id=team_id))
    audit.record(
        "team.sign_up", Ref("team", team_id), actor=actor, now=now, station_id=station_id,
        person=one.person_id, shift=shift_id,
    )  # fmt: skip
    if one.person_id != actor.person_id:
        tell(one.person_id, "signed_up_by_team", Ref("shift", shift_id), now=now)
