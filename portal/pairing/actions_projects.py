"""Verbs on what both do together: projects, and activities of the station as joint ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.org.models_units import Pairing
from portal.pairing import queries, rules
from portal.pairing.actions import lock_live, record, ref, tell_side
from portal.pairing.models import (
    ItemKind,
    JointActivity,
    JointState,
    PairingItem,
    PairingProject,
    ProjectState,
    Side,
)
from portal.pairing.policy import Held
from portal.records import notes, steps


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, by whom (a public id), by when; for which need, with which resource."""

    title: str
    in_charge: str
    planned_on: date
    need: str = ""
    resource: str = ""


def propose(
    pairing_id: int, side: Side, plan: Plan, form_key: str, *, actor: Actor, now: datetime
) -> PairingProject:
    """Make a project: agreed to at once where it takes up the other side's own words.

    Raises Invalid beside the field whose choice does not do (any more).
    """
    known = queries.by_form(PairingProject, form_key)
    if known is not None:
        return known
    row = lock_live(pairing_id)
    need = _free_item(row, ItemKind.NEED, plan.need)
    resource = _free_item(row, ItemKind.RESOURCE, plan.resource)
    state = rules.first_state(side, has_need=need is not None, has_resource=resource is not None)
    project = PairingProject(
        pairing_id=row.id,
        need_id=need.id if need else None,
        resource_id=resource.id if resource else None,
        title=plan.title,
        state=state,
        proposed_by=side,
        in_charge_id=_in_charge(row, plan.in_charge),
        planned_on=plan.planned_on,
        form_key=form_key,
        created_at=now,
        created_by_id=actor.person_id,
    )
    db.session.add(project)
    db.session.flush()
    verb = rules.PLAN if state == ProjectState.PLANNED else rules.PROPOSE
    steps.record(project_ref(project), "", verb, state, actor=actor, now=now)
    record(verb, row, actor=actor, now=now, project=project.public_id)
    told = "pairing_planned" if state == ProjectState.PLANNED else "pairing_proposed"
    tell_side(row, side.other, told, now=now)
    return project


def _free_item(row: Pairing, kind: ItemKind, public_id: str) -> PairingItem | None:
    if not public_id:
        return None
    item = queries.item_by_id(public_id)
    field = kind.value
    if item is None or (item.pairing_id, item.kind) != (row.id, kind):
        raise Invalid(field, _("请从列表中选择一项"))
    if item.withdrawn_at is not None or queries.project_of(item.id) is not None:
        raise Invalid(field, _("这一项刚刚被撤下，或者已经在别的项目里了"))
    return item


def _in_charge(row: Pairing, public_id: str) -> int:
    held = Held(row, frozenset(queries.liaisons_of(row.unit_id)))
    found = [one.id for one in queries.may_take_charge(held) if one.public_id == public_id]
    if not found:
        raise Invalid("in_charge", _("请从列表中选择一项"))
    return found[0]


def change(
    project_id: int, plan: Plan, version: int, *, actor: Actor, now: datetime
) -> PairingProject:
    """Change title, who is in charge, and the day; need and resource stay.

    Raises Refused when the other side changed it since it was read.
    """
    row, project = _locked(project_id)
    if project.version != version:
        message = _("您打开以后，别人改过这个项目。请看看现在的内容，再改一次。")
        raise Refused(Reason("changed_since", message))
    next_state(rules.PROJECT_STEPS, ProjectState(project.state), "give_up")  # what ended stays
    if plan.planned_on != project.planned_on:
        project.overdue_told_at = None
    stays = project.in_charge.public_id == plan.in_charge
    project.in_charge_id = project.in_charge_id if stays else _in_charge(row, plan.in_charge)
    project.title, project.planned_on = plan.title, plan.planned_on
    project.version += 1
    record("change", row, actor=actor, now=now, project=project.public_id)
    return project


def agree(project_id: int, side: Side, *, actor: Actor, now: datetime) -> PairingProject:
    """Agree to what the other side proposed; twice is harmless."""
    row, project = _locked(project_id)
    if project.proposed_by == side:
        raise Refused(Reason("own_proposal", _("这是你们提出的，要由对方同意。")))
    if project.state == ProjectState.PLANNED:
        return project
    _move(project, "agree", row, actor=actor, now=now)
    tell_side(row, side.other, "pairing_planned", now=now)
    return project


def start(project_id: int, *, actor: Actor, now: datetime) -> PairingProject:
    """Say that it has begun; twice is harmless."""
    row, project = _locked(project_id)
    if project.state != ProjectState.UNDER_WAY:
        _move(project, "start", row, actor=actor, now=now)
    return project


def finish(project_id: int, result: str, *, actor: Actor, now: datetime) -> PairingProject:
    """Say that it is done, and what came of it; the same twice is harmless."""
    row, project = _locked(project_id)
    if project.state != ProjectState.DONE or result_of(project) != result:
        project.done_on = clock.local_day(now)
        _move(project, "finish", row, actor=actor, now=now, words=result)
    return project


def give_up(project_id: int, reason: str, *, actor: Actor, now: datetime) -> PairingProject:
    """Say that nothing will come of it, and why; need and resource are free again."""
    row, project = _locked(project_id)
    if project.state != ProjectState.GIVEN_UP:
        _move(project, "give_up", row, actor=actor, now=now, words=reason)
    return project


def tell_overdue(project_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Remind who is in charge, once, that the day has passed."""
    project = db.session.get_one(PairingProject, project_id)
    row = project.pairing
    state = ProjectState(project.state)
    if project.overdue_told_at is not None or row.ended_on is not None:
        return
    if rules.is_overdue(state, project.planned_on, clock.local_day(now)):
        project.overdue_told_at = now
        is_units = project.in_charge_id in queries.liaisons_of(row.unit_id)
        side = Side.UNIT if is_units else Side.COMMUNITY
        told = project.in_charge_id
        tell(told, "pairing_overdue", ref(row), now=now, pairing=row.public_id, side=side.value)


def result_of(project: PairingProject) -> str:
    """Return what came of it, or why it was given up."""
    verb = "finish" if project.state == ProjectState.DONE else "give_up"
    return notes.latest(project_ref(project), verb)


def project_ref(project: PairingProject) -> Ref:
    """Return how steps and notes name the project."""
    return Ref("pairing_project", project.id)


def _locked(project_id: int) -> tuple[Pairing, PairingProject]:
    """Lock the pairing, then read the project as it is now."""
    found = db.session.get_one(PairingProject, project_id)
    row = lock_live(found.pairing_id)
    return row, db.session.get_one(PairingProject, project_id, populate_existing=True)


def _move(
    project: PairingProject,
    verb: str,
    row: Pairing,
    *,
    actor: Actor,
    now: datetime,
    words: str = "",
) -> None:
    before = ProjectState(project.state)
    project.state = next_state(rules.PROJECT_STEPS, before, verb)
    project.version += 1
    subject = project_ref(project)
    steps.record(subject, before, verb, project.state, actor=actor, now=now)
    notes.put(subject, verb, words, actor=actor, now=now)
    record(verb, row, actor=actor, now=now, project=project.public_id)


# --- joint activities ----------------------------------------------------------------------------


def join(
    pairing_id: int, side: Side, activity: str, *, actor: Actor, now: datetime
) -> JointActivity:
    """Link an activity of the station (by public id); the unit's side asks for it. Twice is harmless.

    Raises Invalid(`activity`) for one that is not the station's, or not published.
    """
    row = lock_live(pairing_id)
    verb = rules.LINK if side == Side.COMMUNITY else rules.ASK
    joint = _asked_before(row.id, activity)
    if joint is None:
        found = [one.id for one in queries.may_be_joint(row) if one.public_id == activity]
        if not found:
            raise Invalid("activity", _("请从列表中选择一项"))
        joint = JointActivity(
            pairing_id=row.id,
            activity_id=found[0],
            state=JointState.LINKED if verb == rules.LINK else JointState.ASKED,
            counts_from=clock.day_start(row.since_on),
            created_at=now,
            created_by_id=actor.person_id,
        )
        db.session.add(joint)
        db.session.flush()
        _record_joint(joint, "", verb, row, actor=actor, now=now)
    elif joint.state == JointState.DECLINED or (joint.state, verb) == (JointState.ASKED, "link"):
        _move_joint(joint, verb, row, actor=actor, now=now)
    else:
        return joint
    if side == Side.UNIT:
        tell_side(row, Side.COMMUNITY, "pairing_asked", now=now)
    return joint


def _asked_before(pairing_id: int, activity: str) -> JointActivity | None:
    query = select(JointActivity).join(JointActivity.activity)
    query = query.where(JointActivity.pairing_id == pairing_id)
    rows = db.session.scalars(query).all()
    return next((one for one in rows if one.activity.public_id == activity), None)


def link(joint_id: int, *, actor: Actor, now: datetime) -> JointActivity:
    """Say yes to what the unit asked; twice is harmless."""
    return _decide(joint_id, "link", JointState.LINKED, actor=actor, now=now)


def decline(joint_id: int, *, actor: Actor, now: datetime) -> JointActivity:
    """Say that it is no joint activity (any more); twice is harmless."""
    return _decide(joint_id, "decline", JointState.DECLINED, actor=actor, now=now)


def _decide(
    joint_id: int, verb: str, following: JointState, *, actor: Actor, now: datetime
) -> JointActivity:
    found = db.session.get_one(JointActivity, joint_id)
    row = lock_live(found.pairing_id)
    joint = db.session.get_one(JointActivity, joint_id, populate_existing=True)
    if joint.state != following:
        _move_joint(joint, verb, row, actor=actor, now=now)
    return joint


def _move_joint(
    joint: JointActivity, verb: str, row: Pairing, *, actor: Actor, now: datetime
) -> None:
    before = JointState(joint.state)
    joint.state = next_state(rules.JOINT_STEPS, before, verb)
    _record_joint(joint, before, verb, row, actor=actor, now=now)


def _record_joint(
    joint: JointActivity, before: str, verb: str, row: Pairing, *, actor: Actor, now: datetime
) -> None:
    subject = Ref("joint_activity", joint.id)
    steps.record(subject, before, verb, joint.state, actor=actor, now=now)
    record(verb, row, actor=actor, now=now, joint=joint.public_id)
