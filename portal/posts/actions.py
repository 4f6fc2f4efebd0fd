"""Verbs on posts. Locks: people with a standing place first, then the post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.org import queries as org
from portal.org.models import Level, Term
from portal.posts import filling, queries, rules
from portal.posts.models import ServicePost
from portal.posts.rules import Pattern
from portal.records import audit, notes, search, settings, steps
from portal.shifts import actions as shift_actions
from portal.shifts import queries as shifts
from portal.shifts import rules as offering_rules
from portal.shifts.actions_conditions import NO_CONDITIONS, Conditions, put_conditions
from portal.shifts.models import OfferingState, ShiftState
from portal.signups import actions as signup_actions
from portal.signups import changes
from portal.signups.models_changes import ChangeKind


@dataclass(frozen=True, slots=True)
class Details:
    """What a post is made of, besides its station and its grid."""

    title: str
    kind_id: int
    field_id: int
    venue_type_id: int
    site_name: str
    place: str = ""
    summary: str = ""
    services: str = ""
    promise: str = ""
    hours_text: str = ""
    materials: str = ""
    office_in_charge: str = ""
    leader_name: str = ""
    contact_phone: str = ""
    minimum_age: int = 0
    is_risky: bool = False
    insurance_note: str = ""
    is_party_post: bool = False

    @property
    def columns(self) -> Mapping[str, Any]:
        """The values by column."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


# A change of these is a change of the calendar entry.
_IN_CALENDARS = ("title", "place", "summary", "contact_phone")


def create(
    station_id: int,
    details: Details,
    pattern: Pattern,
    *,
    conditions: Conditions = NO_CONDITIONS,
    actor: Actor,
    now: datetime,
) -> ServicePost:
    """Create a draft with its weekly grid; it makes no shifts before it is published."""
    row = ServicePost(
        station_id=station_id,
        leader_id=actor.person_id,
        state=OfferingState.DRAFT,
        created_at=now,
        created_by_id=actor.person_id,
        updated_at=now,
        duty_from=pattern.from_on,
        duty_until=pattern.until_on,
        skips_holidays=pattern.skips_holidays,
        **details.columns,
    )
    db.session.add(row)
    db.session.flush()
    put_conditions(row, conditions)
    filling.add_cells(row, pattern.cells)
    _index(row)
    _audit("post.create", row, actor=actor, now=now)
    return row


def change(
    post_id: int,
    details: Details,
    *,
    conditions: Conditions | None = None,
    actor: Actor,
    now: datetime,
) -> ServicePost:
    """Change what a post is made of; calendars learn of it by the shifts' revision.

    Raises Refused when a published post would no longer be fit to be published, or would need a
    review it has not had.
    """
    row = filling.lock(post_id)
    if row.state == OfferingState.CALLED_OFF:
        next_state(offering_rules.STEPS, OfferingState(row.state), "change")
    becomes_risky = details.is_risky and not row.is_risky
    if becomes_risky and row.state == OfferingState.PUBLISHED and _is_reviewed(row, is_risky=True):
        raise Refused(rules.needs_review_first())
    touches = any(getattr(row, name) != details.columns[name] for name in _IN_CALENDARS)
    recounts = row.kind_id != details.kind_id
    place_before = row.place
    for name, value in details.columns.items():
        setattr(row, name, value)
    row.updated_at = now
    if conditions is not None:
        put_conditions(row, conditions)
    db.session.flush()
    if row.state == OfferingState.PUBLISHED:
        _must_be_fit(row)
    if recounts:
        shift_actions.mark_days(row.id)
    if touches:
        shift_actions.touch_all(row.id, now)
    if row.place != place_before:
        changes.tell_of_place(row.id, place_before, actor=actor, now=now)
    _index(row)
    _audit("post.change", row, actor=actor, now=now)
    return row


def publish(post_id: int, *, actor: Actor, now: datetime) -> ServicePost:
    """Publish a draft with the shifts of the weeks ahead, or submit it for review."""
    row = filling.lock(post_id)
    if row.state in {OfferingState.PUBLISHED, OfferingState.IN_REVIEW}:
        return row
    _must_be_fit(row)
    if _is_reviewed(row, is_risky=row.is_risky):
        return _move(row, "submit", "post.submit", actor=actor, now=now)
    _move(row, "publish", "post.publish", actor=actor, now=now)
    filling.fill_locked(row, actor=actor, now=now)
    return row


def approve(post_id: int, *, actor: Actor, now: datetime) -> ServicePost:
    """Approve a post in review: it is published."""
    row = filling.lock(post_id)
    if row.state == OfferingState.PUBLISHED:
        return row
    _move(row, "approve", "post.approve", actor=actor, now=now)
    filling.fill_locked(row, actor=actor, now=now)
    _tell_author(row, "post_published", now)
    return row


def give_back(post_id: int, reason: str, *, actor: Actor, now: datetime) -> ServicePost:
    """Return a post in review to its author, with the reason."""
    row = filling.lock(post_id)
    _move(row, "return", "post.return", actor=actor, now=now)
    notes.put(ref(row), "return", reason, actor=actor, now=now)
    _tell_author(row, "post_returned", now)
    return row


def call_off(post_id: int, reason: str, *, actor: Actor, now: datetime) -> ServicePost:
    """Take a post away with all its shifts that have not ended; everybody on them is told."""
    row = filling.lock(post_id)
    if row.state == OfferingState.CALLED_OFF:
        return row
    for shift in shifts.shifts_of(row.id):
        if shift.state == ShiftState.PLANNED and shift.ends_at > now:
            signup_actions.call_off(
                shift.id, reason, actor=actor, now=now, kind=ChangeKind.CALL_OFF_ALL
            )
    for standing in queries.standing_of(row.id):
        standing.ended_at = now
    row.filled_until = None
    return _move(row, "call_off", "post.call_off", actor=actor, now=now)


def ref(row: ServicePost) -> Ref:
    """Return what the steps, notes and audit rows of a post name."""
    return Ref("post", row.id)


# --- parts ---------------------------------------------------------------------------------------


def _is_reviewed(row: ServicePost, *, is_risky: bool) -> bool:
    key = offering_rules.review_setting(Level(org.station(row.station_id).level))
    return offering_rules.needs_review(settings.get(key), is_risky=is_risky)


def _must_be_fit(row: ServicePost) -> None:
    reasons = rules.may_be_published(
        is_risky=row.is_risky,
        insurance_note=row.insurance_note,
        has_cells=bool(queries.slots_of(row.id)),
    )
    if reasons:
        raise Refused(*reasons)


def _move(
    row: ServicePost, verb: str, audit_verb: str, *, actor: Actor, now: datetime
) -> ServicePost:
    before = OfferingState(row.state)
    row.state = next_state(offering_rules.STEPS, before, verb)
    row.updated_at = now
    if row.state == OfferingState.PUBLISHED:
        row.published_at = now
    db.session.flush()
    shift_actions.mark_days(row.id)
    steps.record(ref(row), before, verb, row.state, actor=actor, now=now)
    _audit(audit_verb, row, actor=actor, now=now)
    return row


def _index(row: ServicePost) -> None:
    venue = db.session.get_one(Term, row.venue_type_id)
    words = (row.title, row.site_name, row.place, row.services, row.summary, venue.name_zh)
    search.put(Ref("offering", row.id), "\n".join(words))


def _audit(verb: str, row: ServicePost, *, actor: Actor, now: datetime) -> None:
    audit.record(verb, ref(row), actor=actor, now=now, station_id=row.station_id)


def _tell_author(row: ServicePost, kind: str, now: datetime) -> None:
    if row.created_by_id:
        tell(row.created_by_id, kind, ref(row), now=now)
