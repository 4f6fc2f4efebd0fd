"""As what somebody takes part: chosen by the person, or set on the roster. Only volunteers earn hours."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people import consents
from portal.people.models import MAY_SERVE
from portal.records import audit
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import asking
from portal.signups.models import KINDS_OF, LIVE, ParticipantKind, Signup


def set_kind(signup_id: int, kind: ParticipantKind, *, actor: Actor, now: datetime) -> bool:
    """Set as what the person takes part; return whether it is another kind now.

    Raises Refused: `wrong_state` (no live sign-up), `wrong_kind` (the role does not have it),
    `not_volunteer` (somebody who is none cannot earn hours).
    """
    asking.lock_person(db.session.get_one(Signup, signup_id).person_id)
    row = cast(Signup, locked(Signup, signup_id))
    if row.participant == kind:
        return False
    if row.state not in LIVE:
        raise Refused(Reason("wrong_state", _("这个报名已经取消了。")))
    if kind not in KINDS_OF[PlaceRole(row.role)]:
        raise Refused(Reason("wrong_kind", _("这种名额没有这个身份。")))
    standing = consents.standing(row.person_id).volunteer_state
    if kind == ParticipantKind.VOLUNTEER and standing not in MAY_SERVE:
        message = _("本人还没有登记志愿者，不能改成志愿者。请先替本人登记。")
        raise Refused(Reason("not_volunteer", message, _("替居民登记"), "/desk/volunteers/new"))
    before, row.participant = row.participant, kind
    audit.record(
        "signup.set_kind", Ref("signup", row.id), actor=actor, now=now,
        station_id=shifts.terms(row.shift_id).station_id, person=row.person_id,
        before=before, after=kind,
    )  # fmt: skip
    return True
