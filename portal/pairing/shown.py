"""What the pages of one pairing and of one project show, from either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.core import clock, ids
from portal.core.access import Actor, current_actor
from portal.core.i18n import gettext as _
from portal.org.models_units import Pairing
from portal.pairing import actions, actions_projects, policy, queries, queries_office, rules, words
from portal.pairing.forms import FinishForm, GiveUpForm, ItemForm, JoinForm, PlanForm, ProjectForm
from portal.pairing.models import (
    ITEM_KIND_LABELS,
    ITEM_OF,
    ITEM_STATE_LABELS,
    JOINT_STATE_LABELS,
    LIVE,
    PROJECT_STATE_LABELS,
    ItemKind,
    ItemState,
    PairingProject,
    ProjectState,
    Side,
)
from portal.pairing.policy import Held
from portal.records import notes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a side keeps its pairings."""

    side: Side
    name: str
    prefix: str

    def of(self, row: Pairing) -> str:
        """Return the address of a pairing."""
        return f"{self.prefix}/{row.public_id}"

    def of_project(self, row: Pairing, project: PairingProject) -> str:
        """Return the address of a project."""
        return f"{self.of(row)}/projects/{project.public_id}"


DESK = Place(Side.COMMUNITY, "desk", "/desk/pairings")
ME = Place(Side.UNIT, "me", "/me/pairings")


def address(payload: Mapping[str, Any]) -> str:
    """Return where a notice leads whom it tells: the page of the side it was told as."""
    place = DESK if payload.get("side") == Side.COMMUNITY else ME
    return f"{place.prefix}/{payload.get('pairing', '')}"


def _may_write(place: Place, held: Held, actor: Actor) -> bool:
    clause = policy.keeps_community if place == DESK else policy.speaks_for
    return held.row.ended_on is None and clause(actor, held)


def pairing(
    place: Place, held: Held, *, adding: ItemForm | None = None, joining: JoinForm | None = None
) -> dict[str, Any]:
    """Return what the page of a pairing shows."""
    row, today = held.row, clock.today()
    projects = queries.projects_of(row.id)
    items = queries.items_of(row.id, projects)
    joints = queries.joints_of(row.id)
    if joining is None:
        joining = JoinForm(formdata=None)
        joining.offer(queries.may_be_joint(row))
    writers = [one.row.created_by_id for rows in items.values() for one in rows]
    return {
        **_common(place, held),
        "projects": projects,
        "late": {one.id for one in projects if _is_late(one, today)},
        "items": items,
        "item_kinds": ITEM_KIND_LABELS,
        "item_labels": ITEM_STATE_LABELS,
        "item_tones": words.ITEM_TONES,
        "own_kind": ITEM_OF[place.side],
        "joints": joints,
        "joint_labels": JOINT_STATE_LABELS,
        "joint_tones": words.JOINT_TONES,
        "tally": queries_office.tallies([row.id], clock.now())[row.id],
        "names": queries.names_of(writers),
        "ended_because": notes.latest(actions.ref(row), "end") if row.ended_on else "",
        "adding": adding or ItemForm(formdata=None, key=ids.code(20)),
        "joining": joining,
        "may_end": policy.may_end(current_actor(), held) and row.ended_on is None,
    }


def _common(place: Place, held: Held) -> dict[str, Any]:
    row = held.row
    return {
        "place": place,
        "is_desk": place == DESK,
        "base": place.of(row),
        "row": row,
        "community": words.community_of(row),
        "may_write": _may_write(place, held, current_actor()),
        "labels": PROJECT_STATE_LABELS,
        "tones": words.PROJECT_TONES,
    }


def _is_late(project: PairingProject, today: Any) -> bool:
    return rules.is_overdue(ProjectState(project.state), project.planned_on, today)


def new_project(place: Place, held: Held, form: ProjectForm) -> dict[str, Any]:
    """Return what the page of a new project shows; its form gets its lists."""
    items = queries.items_of(held.row.id, queries.projects_of(held.row.id))
    free = {
        kind: [one.row for one in rows if one.state == ItemState.OPEN]
        for kind, rows in items.items()
    }
    form.offer_items(free[ItemKind.NEED], free[ItemKind.RESOURCE])
    form.offer_people(queries.may_take_charge(held))
    return {**_common(place, held), "form": form}


def said_of_new(project: PairingProject) -> str:
    """Return what to tell who made it."""
    if project.state == ProjectState.PROPOSED:
        return _("已经提出，等对方同意。")
    return _("项目定好了，对方会看到。")


def project(
    place: Place,
    held: Held,
    row: PairingProject,
    *,
    changing: PlanForm | None = None,
    finishing: FinishForm | None = None,
    giving_up: GiveUpForm | None = None,
) -> dict[str, Any]:
    """Return what the page of a project shows; the form of changes gets its list."""
    form = changing or PlanForm(
        formdata=None,
        title=row.title,
        in_charge=row.in_charge.public_id,
        planned_on=row.planned_on,
        version=row.version,
    )
    people = list(queries.may_take_charge(held))
    form.offer_people(people if row.in_charge in people else [row.in_charge, *people])
    state, common = ProjectState(row.state), _common(place, held)
    is_live = state in LIVE and common["may_write"]
    return {
        **common,
        "project": row,
        "is_late": _is_late(row, clock.today()),
        "is_live": is_live,
        "may_agree": is_live and state == ProjectState.PROPOSED and row.proposed_by != place.side,
        "waits": state == ProjectState.PROPOSED and row.proposed_by == place.side,
        "may_start": is_live and (state, "start") in rules.PROJECT_STEPS,
        "may_finish": is_live and (state, "finish") in rules.PROJECT_STEPS,
        "result": actions_projects.result_of(row) if state not in LIVE else "",
        "timeline": words.timeline(row),
        "changing": form,
        "finishing": finishing or FinishForm(formdata=None),
        "giving_up": giving_up or GiveUpForm(formdata=None),
    }
