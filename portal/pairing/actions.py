"""Verbs on pairings: pair, end; write what is needed and offered, withdraw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.org.models import Level, Station
from portal.org.models_units import CivilizedUnit, Pairing
from portal.pairing import queries, rules
from portal.pairing.models import (
    ITEM_OF,
    LIVE,
    ItemKind,
    JointState,
    PairingItem,
    PairingProject,
    ProjectState,
    Side,
)
from portal.records import audit, notes, steps

OPEN, ENDED = "open", "ended"


def pair(unit_id: int, station_id: int, *, actor: Actor, now: datetime) -> Pairing:
    """Pair an open unit with a community; the two who are paired already stay so.

    The unit's row is locked: it is not closed meanwhile, and two clicks make one pairing.
    """
    unit = locked(CivilizedUnit, unit_id)
    station = db.session.get(Station, station_id)
    if unit is None or station is None:  # pragma: no cover  rows are never deleted
        raise LookupError(unit_id, station_id)
    if unit.closed_at is not None:
        raise Refused(Reason("closed_unit", _("这个单位已经停用，不能结对。")))
    if station.level != Level.STATION or station.closed_at is not None:
        raise Refused(Reason("no_community", _("单位和社区结对，这里不是社区的实践站。")))
    known = queries.live_pairing(unit_id, station_id)
    if known is not None:
        return known
    row = Pairing(unit_id=unit_id, station_id=station_id, since_on=clock.local_day(now))
    db.session.add(row)
    db.session.flush()
    steps.record(ref(row), "", rules.PAIR, OPEN, actor=actor, now=now)
    record("pair", row, actor=actor, now=now)
    tell_side(row, Side.UNIT, "pairing_paired", now=now)
    return row


def end(pairing_id: int, reason: str, *, actor: Actor, now: datetime) -> Pairing:
    """End a pairing for a reason; what was still to be done together is given up with it."""
    row = _lock(pairing_id)
    if row.ended_on is not None:
        return row
    row.ended_on = max(clock.local_day(now), row.since_on)
    for project in queries.projects_of(row.id):
        if project.state in LIVE:
            _give_up(project, actor=actor, now=now)
    for joint in queries.joints_of(row.id):
        joint.counts_until = now
        if joint.state == JointState.ASKED:
            joint.state = JointState.DECLINED
            subject = Ref("joint_activity", joint.id)
            steps.record(
                subject, JointState.ASKED, "decline", joint.state,
                actor=actor, now=now, reason=ENDED,
            )  # fmt: skip
    steps.record(ref(row), OPEN, "end", ENDED, actor=actor, now=now)
    notes.put(ref(row), "end", reason, actor=actor, now=now)
    record("end", row, actor=actor, now=now)
    tell_side(row, Side.UNIT, "pairing_ended", now=now)
    return row


def _give_up(project: PairingProject, *, actor: Actor, now: datetime) -> None:
    before = project.state
    project.state = ProjectState.GIVEN_UP
    subject = Ref("pairing_project", project.id)
    steps.record(subject, before, "give_up", project.state, actor=actor, now=now, reason=ENDED)


# --- needs and resources -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewItem:
    """What one side writes into its list. `form_key`: sent twice, it is written once."""

    title: str
    form_key: str
    details: str = ""


def add(pairing_id: int, side: Side, given: NewItem, *, actor: Actor, now: datetime) -> PairingItem:
    """Write a need (the community) or a resource (the unit); the other side is told."""
    known = queries.by_form(PairingItem, given.form_key)
    if known is not None:
        return known
    row = lock_live(pairing_id)
    kind = ITEM_OF[side]
    item = PairingItem(
        pairing_id=row.id,
        kind=kind,
        title=given.title,
        details=given.details,
        form_key=given.form_key,
        created_at=now,
        created_by_id=actor.person_id,
    )
    db.session.add(item)
    db.session.flush()
    record("add", row, actor=actor, now=now, item=item.public_id)
    told = "pairing_need" if kind == ItemKind.NEED else "pairing_resource"
    tell_side(row, side.other, told, now=now)
    return item


def withdraw(item_id: int, side: Side, *, actor: Actor, now: datetime) -> PairingItem:
    """Take a need or a resource out of one's own list; twice is harmless.

    Raises Refused for the other side's, and while a project takes it up.
    """
    found = db.session.get_one(PairingItem, item_id)
    row = lock_live(found.pairing_id)
    item = db.session.get_one(PairingItem, item_id, populate_existing=True)
    if item.kind != ITEM_OF[side]:
        raise Refused(Reason("not_theirs", _("这是对方写的，由对方撤下。")))
    if item.withdrawn_at is not None:
        return item
    if queries.project_of(item.id) is not None:
        raise Refused(Reason("in_project", _("这一项已经在项目里了，不能撤下。")))
    item.withdrawn_at = now
    record("withdraw", row, actor=actor, now=now, item=item.public_id)
    return item


# --- what the other verbs share ------------------------------------------------------------------


def _lock(pairing_id: int) -> Pairing:
    row = locked(Pairing, pairing_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(pairing_id)
    return row


def lock_live(pairing_id: int) -> Pairing:
    """Lock a pairing, which holds still while its lists change. Raises Refused when it ended."""
    row = _lock(pairing_id)
    if row.ended_on is not None:
        raise Refused(Reason("ended", _("这个结对已经结束，清单不能再改。")))
    return row


def ref(row: Pairing) -> Ref:
    """Return how steps, notes and notices name the pairing."""
    return Ref("pairing", row.id)


def record(verb: str, row: Pairing, *, actor: Actor, now: datetime, **details: Any) -> None:
    """Write down what was done with a pairing."""
    audit.record(
        f"pairing.{verb}", ref(row), actor=actor, now=now, station_id=row.station_id, **details
    )


def tell_side(row: Pairing, side: Side, kind: str, *, now: datetime) -> None:
    """Tell who speaks for one side; the notice leads to that side's page."""
    told = (
        queries.managers_of(row.station_id)
        if side == Side.COMMUNITY
        else queries.liaisons_of(row.unit_id)
    )
    for person_id in told:
        tell(person_id, kind, ref(row), now=now, pairing=row.public_id, side=side.value)
