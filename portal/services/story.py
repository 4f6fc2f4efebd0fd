"""The story of an order, as its asker and the station read it: each step, when, and why."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core import filters
from portal.core.i18n import lazy_gettext as _l
from portal.records import notes, steps
from portal.services import moves, queries, rules
from portal.services.models_orders import VISIT_STEP_LABELS, Order, VisitStep

_TITLES = {
    rules.FILE: _l("点单"),
    "review": _l("审单通过"),
    "refuse": _l("这次办不了"),
    "dispatch": _l("派单"),
    "open": _l("开放接单"),
    "accept": _l("接单"),
    "claim": _l("志愿者接单"),
    "decline": _l("退回，重新派单"),
    "recall": _l("收回，重新派单"),
    "finish": _l("办好了"),
    "reopen": _l("还没办好，再办"),
    "rate": _l("评单"),
    "close": _l("办结"),
    "withdraw": _l("撤回"),
    "expire": _l("过期"),
}
# What passes between the desk and those who carry it out is not for the asker.
_FOR_ASKER = {"refuse", "finish", "reopen", "rate", "withdraw"}
_BY_ASKER = {rules.FILE, "rate", "reopen", "withdraw"}


@dataclass(frozen=True, slots=True)
class Told:
    """One step, as `components/steps.html` shows it."""

    title: str
    time: str
    text: str
    state: str = "done"


def story(row: Order, *, for_staff: bool = False, with_words: bool = True) -> list[Told]:
    """Return the steps of an order, the oldest first, with the words left at each.

    The office reads no words: why an order was refused is the asker's. Staff also read who acted;
    of the asker's own steps not, whose name is revealed and logged.
    """
    taken = steps.of(moves.ref(row))
    said = {(note.kind, note.at): note.text for note in notes.of(moves.ref(row))}
    names = queries.names_of({step.actor_id or 0 for step in taken}) if for_staff else {}
    told = []
    for step in taken:
        shown = with_words and (for_staff or step.verb in _FOR_ASKER)
        text = said.get((step.verb, step.at), "") if shown else ""
        own = step.verb in _BY_ASKER and step.actor_id in {None, row.asker_id}
        name = "" if own else names.get(step.actor_id or 0, "")
        words = "　".join(part for part in (name, text) if part)
        told.append(Told(str(_TITLES[step.verb]), filters.moment(step.at), words))
    return told


def instruction(row: Order) -> str:
    """Return what the desk tells those to whom it sent the order."""
    return notes.latest(moves.ref(row), "dispatch")


def visits(row: Order) -> list[Told]:
    """Return the three steps of a home visit: which are taken and when, which comes now."""
    if not row.service.home_visit:
        return []
    taken = queries.visits_of(row.id)
    coming = rules.next_visit_step(taken)
    return [
        Told(
            str(VISIT_STEP_LABELS[step]),
            filters.moment(taken[step]) if step in taken else "",
            "",
            "done" if step in taken else ("now" if step == coming else ""),
        )
        for step in VisitStep
    ]
