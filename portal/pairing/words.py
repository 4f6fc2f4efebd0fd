"""States and steps of pairings in words."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core import filters
from portal.core.i18n import lazy_gettext as _l
from portal.org.models_units import Pairing
from portal.pairing import actions_projects, queries, rules
from portal.pairing.models import ItemState, JointState, PairingProject, ProjectState
from portal.records import notes, steps

ITEM_TONES = {
    ItemState.MATCHED: "info",
    ItemState.DONE: "success",
}
PROJECT_TONES = {
    ProjectState.PROPOSED: "info",
    ProjectState.UNDER_WAY: "info",
    ProjectState.DONE: "success",
}
JOINT_TONES = {JointState.ASKED: "info", JointState.LINKED: "success"}
STEP_WORDS = {
    rules.PROPOSE: _l("提出，等对方同意"),
    rules.PLAN: _l("双方说好"),
    "agree": _l("对方同意"),
    "start": _l("开始办"),
    "finish": _l("办成"),
    "give_up": _l("不办了"),
}
ENDED_WORDS = _l("结对结束，项目一起结束")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    title: str
    time: str
    text: str
    state: str = "done"


def timeline(project: PairingProject) -> list[Entry]:
    """Return what happened with a project, by whom, with the words; for both sides alone."""
    subject = actions_projects.project_ref(project)
    taken = steps.of(subject)
    said = {(note.at, note.kind): note.text for note in notes.of(subject)}
    names = queries.names_of(step.actor_id for step in taken)
    return [
        Entry(
            str(ENDED_WORDS if step.reason == "ended" else STEP_WORDS[step.verb]),
            filters.moment(step.at),
            _after(names.get(step.actor_id or 0, ""), said.get((step.at, step.verb), "")),
        )
        for step in taken
    ]


def _after(name: str, text: str) -> str:
    return "　".join(part for part in (name, text) if part)


def community_of(row: Pairing) -> str:
    """Return the community's own name, as people say it."""
    return row.station.community or row.station.name
