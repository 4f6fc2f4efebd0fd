"""Verbs of the station: review, refuse, dispatch, note a home visit, draft an activity, look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.activities import actions as activities
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.steps import next_state
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.records import audit, notes
from portal.services import moves, policy, queries, rules
from portal.services.models_dispatches import Dispatch, DispatchKind, DispatchState
from portal.services.models_orders import Order, OrderPrivate, OrderState, OrderVisit, VisitStep
from portal.shifts.actions import NewShift
from portal.shifts.models import PlaceRole

# An activity made of an order begins as this; whoever plans it changes it as they like.
_ACTIVITY = {
    Vocabulary.ACTIVITY_KIND: "care",
    Vocabulary.FIELD: "welfare",
    Vocabulary.TARGET_GROUP: "everyone",
}
_ACTIVITY_VOLUNTEERS = 4
_DRAFTABLE = {OrderState.REVIEWED, OrderState.DISPATCHED, OrderState.OPEN, OrderState.ACCEPTED}


def review(order_id: int, *, actor: Actor, now: datetime) -> Order:
    """Find an order in order (审单); it waits to be dispatched. Twice is harmless."""
    row = _lock_others(order_id, actor)
    if row.state == OrderState.REVIEWED:
        return row
    moves.move(row, "review", actor=actor, now=now)
    row.reviewed_at = now
    if row.service.home_visit:
        _note_visit(row, VisitStep.RECEIVED, actor=actor, now=now)
    moves.tell_asker(row, "order_reviewed", now=now)
    return row


def refuse(order_id: int, reason: str, *, actor: Actor, now: datetime) -> Order:
    """Refuse an order with a reason that the asker alone reads. Twice is harmless."""
    row = _lock_others(order_id, actor)
    if row.state == OrderState.REFUSED:
        return row
    moves.move(row, "refuse", actor=actor, now=now)
    notes.put(moves.ref(row), "refuse", reason, actor=actor, now=now)
    moves.tell_asker(row, "order_refused", now=now)
    return row


def _lock_others(order_id: int, actor: Actor) -> Order:
    """Lock the order. Nobody decides on their own."""
    row = moves.lock(order_id)
    if policy.is_asker(actor, row):
        message = _("这是您自己点的，要由另一位负责人或者上级站点来办。")
        raise Refused(Reason("own_order", message))
    return row


@dataclass(frozen=True, slots=True)
class Target:
    """To whom: a team, a unit (吹哨报到), or with neither whoever claims it."""

    team_id: int | None = None
    unit_id: int | None = None

    @property
    def kind(self) -> DispatchKind:
        """What it is sent to."""
        if self.team_id is not None:
            return DispatchKind.TEAM
        return DispatchKind.OPEN if self.unit_id is None else DispatchKind.UNIT


def dispatch(order_id: int, target: Target, words: str, *, actor: Actor, now: datetime) -> Dispatch:
    """Send an order to somebody (派单), or lay it open. The same once more changes nothing.

    From one who has not answered, or who accepted, it is recalled first; `words` say why, and to
    the next one what to know. Raises Invalid(`words`) without a reason, Invalid(`target`) when the
    service may not be claimed.
    """
    row = _lock_others(order_id, actor)
    held = queries.holding(row.id)
    if held is not None and held.state == DispatchState.OFFERED and _is_to(held, target):
        return held
    if target.kind == DispatchKind.OPEN and not row.service.open_to_claim:
        raise Invalid("target", _("这项服务不开放接单，请选一支队伍或者一个单位。"))
    note = "dispatch"
    if (OrderState(row.state), "recall") in rules.STEPS:
        if not words:
            raise Invalid("words", _("请写明为什么换人来办。"))
        note = "recall"
        moves.move(row, "recall", actor=actor, now=now)
        moves.recall(row, now=now, notice="order_recalled")
    notes.put(moves.ref(row), note, words, actor=actor, now=now)
    moves.move(
        row, "open" if target.kind == DispatchKind.OPEN else "dispatch", actor=actor, now=now
    )
    return _sent(row, target, actor=actor, now=now)


def _is_to(held: Dispatch, target: Target) -> bool:
    said = (target.kind, target.team_id, target.unit_id)
    return (held.kind, held.team_id, held.unit_id) == said


def _sent(row: Order, target: Target, *, actor: Actor, now: datetime) -> Dispatch:
    sent = Dispatch(
        order_id=row.id,
        kind=target.kind,
        state=DispatchState.OFFERED,
        team_id=target.team_id,
        unit_id=target.unit_id,
        dispatched_at=now,
        dispatched_by_id=actor.person_id,
    )
    db.session.add(sent)
    db.session.flush()
    moves.tell_doers(sent, row, "order_dispatched", now=now)
    return sent


# --- home visits ---------------------------------------------------------------------------------


def note_visit(order_id: int, step: VisitStep, *, actor: Actor, now: datetime) -> Order:
    """Note the next step of a home visit (前移办). Twice is harmless.

    Raises Refused(`wrong_step`) for one that does not come next, or while nobody has accepted.
    """
    row = moves.lock(order_id)
    taken = queries.visits_of(row.id)
    if step in taken:
        return row
    is_next = row.service.home_visit and rules.next_visit_step(taken) == step
    if not is_next or row.state != OrderState.ACCEPTED:
        message = _("要先有人接单，再按顺序登记：上门取件，送回材料。")
        raise Refused(Reason("wrong_step", message))
    _note_visit(row, step, actor=actor, now=now)
    return row


def _note_visit(row: Order, step: VisitStep, *, actor: Actor, now: datetime) -> None:
    if step in queries.visits_of(row.id):
        return
    db.session.add(OrderVisit(order_id=row.id, step=step, at=now, actor_id=actor.person_id))
    db.session.flush()
    audit.record(
        "order.visit", moves.ref(row), actor=actor, now=now, station_id=row.station_id, step=step
    )


# --- an activity of it ---------------------------------------------------------------------------


def draft_activity(order_id: int, *, actor: Actor, now: datetime) -> Activity:
    """Make a draft activity of an order, so that others can join; once.

    Nothing of the asker goes into it, neither the address nor what they noted.
    """
    row = moves.lock(order_id)
    if row.activity is not None:
        return row.activity
    if row.state not in _DRAFTABLE:
        next_state(rules.STEPS, OrderState(row.state), "draft")
    service = row.service
    ids = {name: _term_id(name, code) for name, code in _ACTIVITY.items()}
    details = activities.Details(
        title=service.title,
        kind_id=ids[Vocabulary.ACTIVITY_KIND],
        field_id=ids[Vocabulary.FIELD],
        target_group_id=ids[Vocabulary.TARGET_GROUP],
        place=row.station.address or row.station.name,
        summary=service.summary,
        contact_phone=row.station.phone,
        bring=service.bring,
    )
    made = activities.create(row.station_id, details, _first_shift(row, now), actor=actor, now=now)
    row.activity_id, row.activity = made.id, made
    audit.record(
        "order.draft", moves.ref(row), actor=actor, now=now,
        station_id=row.station_id, activity=made.id,
    )  # fmt: skip
    return made


def _term_id(vocabulary: Vocabulary, code: str) -> int:
    row = org.term(vocabulary, code)
    return row.id if row else org.terms(vocabulary)[0].id


def _first_shift(row: Order, now: datetime) -> NewShift | None:
    """Return a shift on the day that was wished for, when there is one and it is to come."""
    if row.wished_on is None or row.wished_on <= clock.local_day(now):
        return None
    begins, ends = rules.usual_hours(row.day_part)
    return NewShift(
        clock.at_local(row.wished_on, begins),
        clock.at_local(row.wished_on, ends),
        ((PlaceRole.VOLUNTEER, _ACTIVITY_VOLUNTEERS),),
    )


def reveal(order_id: int, *, actor: Actor, now: datetime) -> OrderPrivate | None:
    """Show staff who asked; that they looked is written down."""
    row = queries.order(order_id)
    audit.record("order.reveal", moves.ref(row), actor=actor, now=now, station_id=row.station_id)
    return queries.private_of(order_id)
