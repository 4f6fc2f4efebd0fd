"""Verbs of those to whom an order goes: accept, claim, decline, finish, and whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CursorResult, delete, update

from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.people import consents, queries_teams
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.people.models import Person
from portal.records import audit, notes, settings
from portal.services import moves, queries, rules
from portal.services import queries_dispatches as dispatches
from portal.services.models_dispatches import Dispatch, DispatchKind, DispatchState, OrderHelp
from portal.services.models_orders import Order, OrderPrivate, OrderState


def accept(dispatch_id: int, promised_on: date, *, actor: Actor, now: datetime) -> Dispatch:
    """Take an order on (接单) and promise a day; by a leader, a liaison, or the desk for them.

    Twice is harmless. Raises Invalid(`promised_on`) for a day that is over or too far.
    """
    row, order = moves.lock_dispatch(dispatch_id)
    if row.state == DispatchState.ACCEPTED:
        return row
    _must_be_promisable(promised_on, now)
    if row.kind == DispatchKind.OPEN:
        raise Refused(Reason("wrong_state", _("这一单开放接单，请由接单的人自己来接。")))
    is_doer = actor.person_id in dispatches.doers_of(row)
    moves.move_dispatch(row, "accept", now=now)
    row.accepted_at, row.promised_on = now, promised_on
    row.person_id = actor.person_id if is_doer else None
    moves.move(order, "accept", actor=actor, now=now, promised_on=promised_on)
    moves.tell_asker(order, "order_accepted", now=now)
    return row


def _must_be_promisable(promised_on: date, now: datetime) -> None:
    wrong = rules.promise_refusal(
        promised_on, clock.local_day(now), settings.get("order_promise_days")
    )
    if wrong:
        raise Invalid("promised_on", wrong)


def claim(
    dispatch_id: int, promised_on: date, team_id: int | None = None, *, actor: Actor, now: datetime
) -> Dispatch:
    """Take an open order, for oneself or for a team one leads. Of many one gets it.

    Twice is harmless. Raises Refused with all reasons, or `taken` with who has it.
    """
    person = lock_person(actor.person_id or 0)
    row, order = moves.lock_dispatch(dispatch_id)
    if row.state == DispatchState.ACCEPTED and row.person_id == person.id:
        return row
    if row.kind != DispatchKind.OPEN or row.state != DispatchState.OFFERED:
        raise Refused(_taken(row))
    _must_be_promisable(promised_on, now)
    _must_fit(person, order, team_id, now)
    if not _took(row.id, person.id, team_id, promised_on, now):  # pragma: no cover  under the lock
        raise Refused(_taken(row))
    db.session.refresh(row)
    moves.move(order, "claim", actor=actor, now=now, promised_on=promised_on)
    moves.tell_asker(order, "order_accepted", now=now)
    return row


def _took(
    dispatch_id: int, person_id: int, team_id: int | None, promised_on: date, now: datetime
) -> bool:
    """Take it by one guarded statement: whoever comes later changes no row."""
    free = update(Dispatch).where(
        Dispatch.id == dispatch_id, Dispatch.state == DispatchState.OFFERED
    )
    values = {
        "state": DispatchState.ACCEPTED,
        "person_id": person_id,
        "team_id": team_id,
        "accepted_at": now,
        "promised_on": promised_on,
    }
    result = db.session.execute(free.values(values).execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def _must_fit(person: Person, order: Order, team_id: int | None, now: datetime) -> None:
    if team_id is not None and team_id not in {one.id for one in queries_teams.led_by(person.id)}:
        raise Invalid("team", _("请从列表中选择一项"))
    own = set(db.session.scalars(people.selves(person.id)))
    private = queries.private_of(order.id)
    same_phone = bool(person.phone and private and private.phone == person.phone)
    claimer = rules.Claimer(
        birth_on=person.birth_on,
        is_registered=people.is_registered(person.id),
        is_own=bool(own & {order.asker_id, order.filed_by_id}) or same_phone,
        live=0 if team_id else dispatches.count_claimed(person.id),
        withdrew_notice=consents.standing(person.id).withdrew_notice,
    )
    reasons = rules.may_claim(claimer, settings.get("order_most"), clock.local_day(now))
    if reasons:
        raise Refused(*reasons)


def _taken(row: Dispatch) -> Reason:
    who = row.team.name if row.team else ""
    if not who and row.person is not None:
        who = filters.masked_name(row.person.name)
    if not who or row.state not in {DispatchState.ACCEPTED, DispatchState.DONE}:
        return Reason("taken", _("这一单现在不能接了。可以看看别的。"))
    return Reason("taken", _("这一单已经由 %(who)s 接了。可以看看别的。", who=who))


def decline(dispatch_id: int, reason: str, *, actor: Actor, now: datetime) -> Dispatch:
    """Give an order back to the desk with a reason, before or after accepting it. Twice is harmless."""
    row, order = moves.lock_dispatch(dispatch_id)
    if row.state == DispatchState.DECLINED:
        return row
    was_accepted = row.state == DispatchState.ACCEPTED
    if row.kind == DispatchKind.OPEN and not was_accepted:
        raise Refused(Reason("wrong_state", _("还没有人接这一单，不用退回。")))
    moves.move_dispatch(row, "decline", now=now)
    moves.move(order, "decline", actor=actor, now=now)
    notes.put(moves.ref(order), "decline", reason, actor=actor, now=now)
    moves.tell_desk(order, "order_returned", now=now)
    if was_accepted:
        moves.tell_asker(order, "order_declined", now=now)
    return row


# --- done ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Help:
    """Time somebody gave, without the way there and back."""

    person_id: int
    starts_at: datetime
    minutes: int


def finish(
    dispatch_id: int, note: str, helps: Sequence[Help] = (), *, actor: Actor, now: datetime
) -> Dispatch:
    """Note that it is done, how, and whose time it took. Twice is harmless.

    Raises Refused(`visit_open`) while papers of a home visit are not back.
    """
    row, order = moves.lock_dispatch(dispatch_id)
    if row.state == DispatchState.DONE:
        return row
    for one in helps:
        _must_be_plausible(one, row, order, now)
    if order.service.home_visit and rules.next_visit_step(queries.visits_of(order.id)):
        message = _("上门代办要先登记取件和送回材料，再登记办好。")
        raise Refused(Reason("visit_open", message))
    moves.move_dispatch(row, "finish", now=now)
    moves.move(order, "finish", actor=actor, now=now)
    order.done_at = now
    notes.put(moves.ref(order), "finish", note, actor=actor, now=now)
    _put_helps(row, helps)
    moves.tell_asker(order, "order_done", now=now)
    return row


def _must_be_plausible(one: Help, row: Dispatch, order: Order, now: datetime) -> None:
    over = one.starts_at + timedelta(minutes=one.minutes)
    first = clock.day_start(clock.local_day(order.filed_at))
    if not 0 < one.minutes <= rules.LONGEST_HELP_MINUTES:
        raise Invalid("helps", _("请填 1 到 %(n)d 分钟。", n=rules.LONGEST_HELP_MINUTES))
    if not first <= one.starts_at <= over <= now:
        raise Invalid("helped_from", _("服务时间要在点单以后、现在以前。"))
    if one.person_id not in {helper.id for helper in dispatches.helpers_of(row)}:
        raise Invalid("helps", _("只能登记接单人和队员的服务时间。"))
    if one.person_id == order.asker_id:
        raise Invalid("helps", _("点单人自己不能记服务时间。"))


def _put_helps(row: Dispatch, helps: Sequence[Help]) -> None:
    """Note the time anew: after an order was reopened, what was said before no longer holds."""
    db.session.execute(delete(OrderHelp).where(OrderHelp.dispatch_id == row.id))
    db.session.add_all(
        OrderHelp(
            dispatch_id=row.id,
            person_id=one.person_id,
            starts_at=one.starts_at,
            minutes=one.minutes,
        )
        for one in helps
    )
    db.session.flush()


def reveal(dispatch_id: int, *, actor: Actor, now: datetime) -> OrderPrivate:
    """Show who accepted the order whom to call and where to go; each look is written down.

    Raises Refused(`not_accepted`) unless it is accepted and not done yet.
    """
    row, order = moves.lock_dispatch(dispatch_id)
    private = queries.private_of(order.id)
    is_live = row.state == DispatchState.ACCEPTED and order.state == OrderState.ACCEPTED
    if private is None or not is_live:
        raise Refused(Reason("not_accepted", _("联系方式只在接单以后、办好以前给看。")))
    audit.record(
        "order.reveal", moves.ref(order), actor=actor, now=now,
        station_id=order.station_id, person=actor.person_id, dispatch=row.id,
    )  # fmt: skip
    return private
