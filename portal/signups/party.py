"""Several people sign up at once: a family, a team. All or nothing, or as many as fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.core.access import Actor
from portal.core.db import append, db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people import queries as people
from portal.records import limits
from portal.shifts.models import Place
from portal.signups import actions, asking, rules
from portal.signups.asking import Asks, Case
from portal.signups.models import SignupParty, SignupState


class Mode(StrEnum):
    """What happens when not everybody can come."""

    ALL = "all"
    FIT = "fit"


MODE_LABELS = {Mode.ALL: _l("要么一起去，要么都不报"), Mode.FIT: _l("能报几个报几个")}


class Outcome(NamedTuple):
    """What became of one of them: a sign-up, or all that stands against it."""

    person_id: int
    name: str
    signup_id: int | None
    reasons: Sequence[Reason] = ()
    is_new: bool = False


def sign_up(
    wanted: Sequence[Asks], mode: Mode, *, actor: Actor, now: datetime, together: bool = False
) -> list[Outcome]:
    """Sign all of these up, on one shift in one role; locks persons by id, then the place.

    All of them have places or all of them wait, one behind the other, or `together` as one party;
    where the places left are too few for all, nobody is signed up (`Mode.ALL`). With `Mode.FIT` each
    is judged alone, in the order given. Whoever is signed up already stays so. Raises Refused with
    everybody's reasons when nobody (or with `Mode.ALL` not everybody) can be signed up.
    """
    db.session.flush()
    lock(wanted)
    cases = {asks.person_id: asking.case(asks, actor=actor, now=now) for asks in wanted}
    names = people.names_of([asks.person_id for asks in wanted])
    against = {
        asks.person_id: _named(
            _against(asks, cases[asks.person_id], actor, now), asks, names, actor
        )
        for asks in wanted
    }
    if mode == Mode.ALL and _all_wait(wanted, cases, against, now) and together:
        wanted = _as_party(wanted, cases, actor=actor, now=now)
    found = [
        _outcome(asks, cases[asks.person_id], against[asks.person_id], names, actor=actor, now=now)
        for asks in wanted
    ]
    if all(one.signup_id is None for one in found):
        raise Refused(*(reason for one in found for reason in one.reasons))
    return found


def sign_up_family(
    wanted: Sequence[Asks], mode: Mode, *, actor: Actor, now: datetime
) -> list[Outcome]:
    """Do so for who signs up the own family: the attempt counts, and who has an account is told."""
    limits.count(limits.SIGN_UP_PERSON, str(actor.person_id), now=now)
    found = sign_up(wanted, mode, actor=actor, now=now, together=True)
    for one in found:
        if one.is_new and one.person_id != actor.person_id and people.account_of(one.person_id):
            tell(one.person_id, "signed_up_by_family", Ref("shift", wanted[0].shift_id), now=now)
    return found


def lock(wanted: Sequence[Asks]) -> None:
    """Lock all persons by id, then the place they ask for."""
    for person_id in sorted(asks.person_id for asks in wanted):
        asking.lock_person(person_id)
    asking.lock(wanted[0])


# --- parts ---------------------------------------------------------------------------------------


def _stays(case: Case, now: datetime) -> bool:
    """Whether the person has a sign-up there that this one leaves as it is."""
    waits_in_vain = case.signup_state == SignupState.WAITLISTED and not rules.queue_is_open(
        case.shift.starts_at, now
    )
    return case.signup_id is not None and not waits_in_vain


def _against(asks: Asks, case: Case, actor: Actor, now: datetime) -> list[Reason]:
    return [] if _stays(case, now) else asking.reasons_against(asks, case, actor=actor, now=now)


def _named(
    reasons: Sequence[Reason], asks: Asks, names: Mapping[int, str], actor: Actor
) -> list[Reason]:
    """Say whose reason it is."""
    if asks.person_id == actor.person_id:
        return list(reasons)
    who = names[asks.person_id]
    shown = []
    for reason in reasons:
        message = _("%(name)s：%(reason)s", name=who, reason=reason.message)
        shown.append(replace(reason, message=message))
    return shown


def _all_wait(
    wanted: Sequence[Asks],
    cases: Mapping[int, Case],
    against: Mapping[int, Sequence[Reason]],
    now: datetime,
) -> bool:
    """Return whether all of them will wait. Raises Refused when they do not all fit."""
    reasons = [reason for asks in wanted for reason in against[asks.person_id]]
    if reasons:
        raise Refused(*reasons)
    missing = [case for case in cases.values() if not _stays(case, now)]
    if not missing:
        return False
    first = missing[0]
    place = locked(Place, first.place_id or 0)
    free = place.capacity - place.taken if place else 0
    is_open = rules.queue_is_open(first.shift.starts_at, now)
    if free >= len(missing) and not (is_open and first.somebody_waits):
        return False
    if is_open and (first.somebody_waits or free <= 0):
        return True
    raise Refused(_not_enough(free, len(missing)))


def _as_party(
    wanted: Sequence[Asks], cases: Mapping[int, Case], *, actor: Actor, now: datetime
) -> list[Asks]:
    """Let those who are new wait as one; somebody alone needs no party."""
    new = [asks.person_id for asks in wanted if not _stays(cases[asks.person_id], now)]
    if len(new) < 2:
        return list(wanted)
    party_id = append(SignupParty, shift_id=wanted[0].shift_id, at=now, actor_id=actor.person_id)
    return [asks._replace(party_id=party_id) if asks.person_id in new else asks for asks in wanted]


def _not_enough(free: int, needed: int) -> Reason:
    if free <= 0:
        message = _("名额已满，离开始不到 2 小时，不再排候补。可以看看别的活动。")
        return Reason("full", message)
    message = _(
        "只剩 %(free)d 个名额，不够 %(n)d 个人一起报，所以都没有报。可以少选几个人，或者选“能报几个报几个”。",
        free=free,
        n=needed,
    )
    return Reason("not_enough", message)


def _outcome(
    asks: Asks,
    case: Case,
    reasons: Sequence[Reason],
    names: Mapping[int, str],
    *,
    actor: Actor,
    now: datetime,
) -> Outcome:
    name = names[asks.person_id]
    if reasons:
        return Outcome(asks.person_id, name, None, reasons)
    is_new = not _stays(case, now)
    try:
        signup_id = actions.give_place(asks, actor=actor, now=now)
    except Refused as refused:  # full by now: raised before anything was written
        found = _named(refused.reasons, asks, names, actor)
        return Outcome(asks.person_id, name, None, found)
    return Outcome(asks.person_id, name, signup_id, is_new=is_new)
