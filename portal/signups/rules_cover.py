"""Pure decisions about handing a place over: steps, and what stands against asking and accepting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.shifts.models import PlaceRole
from portal.signups.models import HOLDING, SignupState
from portal.signups.models_cover import CoverState

STEPS: dict[tuple[CoverState, str], CoverState] = {
    (CoverState.OPEN, "accept"): CoverState.ACCEPTED,
    (CoverState.OPEN, "take_back"): CoverState.TAKEN_BACK,
    (CoverState.OPEN, "lapse"): CoverState.LAPSED,
}


@dataclass(frozen=True, slots=True)
class Given:
    """What matters of the place that is given away."""

    state: SignupState
    role: PlaceRole
    starts_at: datetime
    is_planned: bool
    somebody_waits: bool


def may_ask(given: Given, now: datetime, *, for_other: bool = False) -> list[Reason]:
    """Return all reasons against asking others to take the place; `for_other`: said to staff."""
    reasons = []
    if given.state != SignupState.CONFIRMED or not given.is_planned:
        message = _("这一班已经不在您名下，不用再请人接。")
        if for_other:
            message = _("这一班已经不在他名下，不用再找人接。请回名单看看现在是谁。")
        reasons.append(Reason("gone", message))
    if given.role != PlaceRole.VOLUNTEER:
        reasons.append(Reason("no_duty", _("只有志愿者的班可以请人接。")))
    if now >= given.starts_at:
        message = _("这一班已经开始了。来不了请打电话告诉站里。")
        if for_other:
            message = _("这一班已经开始了，不能再换人。可以在名单里代别人报名。")
        reasons.append(Reason("closed", message))
    if given.somebody_waits and for_other:
        message = _("有人在排候补。直接替他取消报名，名额马上给候补的人，不用找人接。")
        reasons.append(Reason("somebody_waits", message))
    elif given.somebody_waits:
        message = _("有人在排候补。您直接取消报名，名额马上给候补的人，不用等人接。")
        reasons.append(Reason("somebody_waits", message, _("我的报名"), "/me/signups"))
    return reasons


def may_accept(
    given: Given,
    now: datetime,
    *,
    own: bool,
    taken_as: SignupState | None,
    is_first: bool,
    for_other: bool = False,
) -> list[Reason]:
    """Return all reasons of the place against accepting it; the person's own are asked elsewhere.

    Whoever waits for the place stands before whoever does not: with a queue, only the first of it
    may accept (`is_first`). `taken_as` is the state of the taker's own sign-up on the shift.
    """
    reasons = []
    if given.state != SignupState.CONFIRMED or not given.is_planned:
        reasons.append(Reason("gone", _("这一班已经不用接了。看看还有没有别的班。")))
    if now >= given.starts_at:
        reasons.append(Reason("closed", _("这一班已经开始，不能再接。看看还有没有别的班。")))
    if own:
        message = _("这是您自己的班。想自己来，点“收回”就行。")
        reasons.append(Reason("own", _("这一班本来就是他的。请选别人。") if for_other else message))
    elif taken_as in HOLDING:
        message = _("这一班已经有您了，不能再占一个名额。")
        other = _("他已经在这一班上了。请选别人。")
        reasons.append(Reason("already", other if for_other else message))
    if given.somebody_waits and not is_first:
        message = _("有人在排这一班的候补，先由排在最前面的人接。看看还有没有别的班。")
        reasons.append(Reason("somebody_waits", message))
    return reasons
