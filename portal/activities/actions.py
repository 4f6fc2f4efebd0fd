"""Verbs on activities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select

from portal.activities import rules
from portal.activities.models import Activity
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.org import queries as org
from portal.org.models import Level
from portal.people.models import Person
from portal.records import audit, notes, search, settings, steps
from portal.shifts import actions as shift_actions
from portal.shifts import queries as shifts
from portal.shifts import queries_projects as projects
from portal.shifts.actions import NewPlace, NewShift
from portal.shifts.actions_conditions import (
    NO_CONDITIONS,
    Conditions,
    conditions_of,
    put_conditions,
)
from portal.shifts.models import OfferingState, OfferingType, PlaceRole, Shift, ShiftState
from portal.signups import actions as signup_actions
from portal.signups import changes, course, undoing
from portal.signups.models_changes import ChangeKind, ShiftChange
from portal.signups.rules_changes import Wanted


@dataclass(frozen=True, slots=True)
class Details:
    """What an activity is made of, besides its station and shifts."""

    title: str
    kind_id: int
    field_id: int
    target_group_id: int
    place: str
    summary: str = ""
    leader_name: str = ""
    contact_phone: str = ""
    bring: str = ""
    is_risky: bool = False
    risk_note: str = ""
    insurance_note: str = ""
    minimum_age: int = 0
    team_only: bool = False
    project_id: int | None = None

    @property
    def columns(self) -> Mapping[str, Any]:
        """The values by column."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def details_of(row: Activity) -> Details:
    """Return what an activity is made of, as it could be said again."""
    return Details(**{one.name: getattr(row, one.name) for one in fields(Details)})


# Within this time the same form of the same person is the same activity.
SENT_AGAIN = timedelta(minutes=10)
# A change of these is a change of the calendar entry.
_IN_CALENDARS = ("title", "place", "summary", "contact_phone")


def create(
    station_id: int,
    details: Details,
    first_shift: NewShift | None,
    *,
    conditions: Conditions = NO_CONDITIONS,
    actor: Actor,
    now: datetime,
) -> Activity:
    """Create a draft with its first shift; the same form sent twice makes one activity.

    A double tap and the Back button after a slow answer both send it again.
    """
    if first_shift and actor.person_id:
        locked(Person, actor.person_id)
        for again in sent_before(station_id, details, actor=actor, now=now):
            if _has_only(again, first_shift) and conditions_of(again) == conditions:
                return again
    _must_be_open(details.project_id, station_id)
    row = Activity(
        station_id=station_id,
        leader_id=actor.person_id,
        state=OfferingState.DRAFT,
        created_at=now,
        created_by_id=actor.person_id,
        updated_at=now,
        **details.columns,
    )
    db.session.add(row)
    db.session.flush()
    put_conditions(row, conditions)
    index(row.id)
    if first_shift:
        shift_actions.add_shift(row, first_shift, actor=actor, now=now)
    _audit("activity.create", row, actor=actor, now=now)
    return row


def sent_before(
    station_id: int, details: Details, *, actor: Actor, now: datetime
) -> list[Activity]:
    """Return what the actor has just made of the same details, the newest first."""
    query = select(Activity).where(
        Activity.station_id == station_id,
        Activity.created_by_id == actor.person_id,
        Activity.created_at > now - SENT_AGAIN,
        Activity.state != OfferingState.CALLED_OFF,
    )
    rows = db.session.scalars(query.order_by(Activity.id.desc())).all()
    wanted = details.columns.items()
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted)]


def _has_only(row: Activity, first_shift: NewShift) -> bool:
    places = tuple(sorted(NewPlace(*place) for place in first_shift.places))
    found = [_as_new(shift) for shift in shifts.shifts_of(row.id)]
    return found == [replace(first_shift, places=places)]


def _as_new(shift: Shift) -> NewShift:
    places = sorted(
        NewPlace(PlaceRole(place.role), place.capacity, place.label)
        for place in shifts.places(shift.id)
    )
    return NewShift(shift.starts_at, shift.ends_at, tuple(places))


def change(
    activity_id: int,
    details: Details,
    *,
    conditions: Conditions | None = None,
    actor: Actor,
    now: datetime,
) -> Activity:
    """Change what an activity is made of; calendars learn of it by the shifts' revision.

    Without `conditions`, who may sign up stays as it is.

    Raises Refused when a published activity would no longer be fit to be published.
    """
    row = _locked(activity_id)
    if row.state == OfferingState.CALLED_OFF:
        next_state(rules.STEPS, OfferingState(row.state), "change")
    if details.is_risky and not row.is_risky and row.state == OfferingState.PUBLISHED:
        _must_not_need_review(row)
    if details.project_id != row.project_id:
        _must_be_open(details.project_id, row.station_id)
    touches = any(getattr(row, name) != details.columns[name] for name in _IN_CALENDARS)
    recounts = row.kind_id != details.kind_id
    place_before = row.place
    for name, value in details.columns.items():
        setattr(row, name, value)
    if conditions is not None:
        put_conditions(row, conditions)
    row.updated_at = now
    if recounts:
        shift_actions.mark_days(row.id)
    if row.state == OfferingState.PUBLISHED:
        _must_be_fit(row)
    if touches:
        shift_actions.touch_all(row.id, now)
    if row.place != place_before:
        changes.tell_of_place(row.id, place_before, actor=actor, now=now)
    index(row.id)
    _audit("activity.change", row, actor=actor, now=now)
    return row


def add_shift(activity_id: int, details: NewShift, *, actor: Actor, now: datetime) -> Shift:
    """Add a shift to an activity that is not called off."""
    row = _locked(activity_id)
    if row.state == OfferingState.CALLED_OFF:
        next_state(rules.STEPS, OfferingState(row.state), "add_shift")
    if not details.places:
        raise Invalid("volunteers", _("请写明要几名志愿者，或者多少人参加"))
    found = shift_actions.add_shift(row, details, actor=actor, now=now)
    if row.is_course:
        course.bring(row.id, actor=actor, now=now)
    return found


def publish(activity_id: int, *, actor: Actor, now: datetime) -> Activity:
    """Publish a draft, or submit it for review where the district's setting asks for one."""
    row = _locked(activity_id)
    if row.state in {OfferingState.PUBLISHED, OfferingState.IN_REVIEW}:
        return row
    _must_be_fit(row)
    if _needs_review(row, is_risky=row.is_risky):
        return _move(row, "submit", "activity.submit", actor=actor, now=now)
    return _move(row, "publish", "activity.publish", actor=actor, now=now)


def approve(activity_id: int, *, actor: Actor, now: datetime) -> Activity:
    """Approve an activity in review: it is published."""
    row = _locked(activity_id)
    if row.state == OfferingState.PUBLISHED:
        return row
    _move(row, "approve", "activity.approve", actor=actor, now=now)
    _tell_author(row, "activity_published", now)
    return row


def give_back(activity_id: int, reason: str, *, actor: Actor, now: datetime) -> Activity:
    """Return an activity in review to its author, with the reason."""
    row = _locked(activity_id)
    _move(row, "return", "activity.return", actor=actor, now=now)
    notes.put(Ref("activity", row.id), "return", reason, actor=actor, now=now)
    _tell_author(row, "activity_returned", now)
    return row


def call_off(
    activity_id: int, reason: str, *, actor: Actor, now: datetime, tell_now: bool = False
) -> Activity:
    """Call off an activity with all its shifts that have not ended; everybody is told."""
    row = _locked(activity_id)
    if row.state == OfferingState.CALLED_OFF:
        return row
    course.call_off(row.id, actor=actor, now=now)
    for shift in shifts.shifts_of(row.id):
        if shift.state == ShiftState.PLANNED and shift.ends_at > now:
            signup_actions.call_off(
                shift.id, reason, actor=actor, now=now, tell_now=tell_now,
                kind=ChangeKind.CALL_OFF_ALL,
            )  # fmt: skip
    return _move(row, "call_off", "activity.call_off", actor=actor, now=now)


def change_shift(
    shift_id: int, wanted: Wanted, *, actor: Actor, now: datetime
) -> ShiftChange | None:
    """Let a shift of any offering be what is wanted; see `signups.changes.change`."""
    row = changes.change(shift_id, wanted, actor=actor, now=now)
    if row and wanted.place is not None:
        _index_of(shift_id)
    return row


def undo(change_id: int, *, actor: Actor, now: datetime) -> None:
    """Undo a change of a shift, or that a whole activity was called off; see `signups.undoing`."""
    row = db.session.get_one(ShiftChange, change_id)
    if row.kind == ChangeKind.CALL_OFF_ALL:
        undoing.undo_all(row.shift.offering_id, actor=actor, now=now)
    else:
        undoing.undo(change_id, actor=actor, now=now)
    _index_of(row.shift_id)


def _index_of(shift_id: int) -> None:
    """Put the words of a shift's activity into the index anew; its place is one of them."""
    offering = shifts.shift(shift_id).offering
    if offering.type == OfferingType.ACTIVITY:
        index(offering.id)


def _locked(activity_id: int) -> Activity:
    return cast(Activity, locked(Activity, activity_id))


def _needs_review(row: Activity, *, is_risky: bool) -> bool:
    level = Level(org.station(row.station_id).level)
    return rules.needs_review(settings.get(rules.review_setting(level)), is_risky=is_risky)


def _must_not_need_review(row: Activity) -> None:
    """What nobody has reviewed does not become risky behind the reviewers' backs."""
    if _needs_review(row, is_risky=True):
        message = _("发布了的活动不能再改成有风险的。请照这个再办一次，提交审核。")
        raise Refused(Reason("needs_review", message))


def _must_be_open(project_id: int | None, station_id: int) -> None:
    if project_id is not None and not projects.is_open_to(project_id, station_id):
        raise Invalid("project", _("这个站点不在这个项目里。"))


def _must_be_fit(row: Activity) -> None:
    live = [shift for shift in shifts.shifts_of(row.id) if shift.state == ShiftState.PLANNED]
    reasons = rules.may_be_published(
        is_risky=row.is_risky,
        insurance_note=row.insurance_note,
        has_shifts=bool(live),
        has_places=any(shifts.places(shift.id) for shift in live),
    )
    if reasons:
        raise Refused(*reasons)


def _move(row: Activity, verb: str, audit_verb: str, *, actor: Actor, now: datetime) -> Activity:
    before = OfferingState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    row.updated_at = now
    if row.state == OfferingState.PUBLISHED:
        row.published_at = now
    shift_actions.mark_days(row.id)
    steps.record(Ref("activity", row.id), before, verb, row.state, actor=actor, now=now)
    _audit(audit_verb, row, actor=actor, now=now)
    return row


def index(activity_id: int) -> None:
    """Put the activity's words into the search index."""
    row = db.session.get_one(Activity, activity_id)
    search.put(Ref("offering", row.id), f"{row.title}\n{row.summary}\n{row.place}")


def _audit(verb: str, row: Activity, *, actor: Actor, now: datetime) -> None:
    subject = Ref("activity", row.id)
    audit.record(verb, subject, actor=actor, now=now, station_id=row.station_id)


def _tell_author(row: Activity, kind: str, now: datetime) -> None:
    if row.created_by_id:
        tell(row.created_by_id, kind, Ref("activity", row.id), now=now)
