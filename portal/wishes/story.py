"""The story of a wish as its own people and the station read it: each step, when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.core import filters
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import LEVEL_LABELS, Level
from portal.records import notes, steps
from portal.records.steps import Step
from portal.wishes import moves
from portal.wishes import queries_desk as desk
from portal.wishes import queries_reach as reach
from portal.wishes.actions_desk import VERIFIED_LABELS, Verified
from portal.wishes.models import Wish
from portal.wishes.rules import UNITS

_TITLES = {
    "file": _l("提出心愿"),
    "return": _l("站点请您改一改"),
    "change": _l("改好再交"),
    "verify": _l("站点已核实"),
    "reject": _l("没有通过"),
    "publish": _l("上了心愿墙"),
    "edit": _l("改了公开的内容"),
    "raise": _l("一直没人认领，交上去想办法"),
    "pledge": _l("有人认领"),
    "release": _l("回到心愿墙"),
    "fulfil": _l("送达，等确认"),
    "reopen": _l("没有办好，再办"),
    "confirm": _l("确认实现"),
    "close": _l("销号"),
    "withdraw": _l("撤回"),
    "expire": _l("过期"),
}
# Which words were left with which step; what staff noted while verifying is theirs alone.
_WITH_WORDS = {"return": "reason", "reject": "reason", "withdraw": "reason",
               "reopen": "reopening", "confirm": "feedback"}  # fmt: skip
_STAFF_WORDS = {**_WITH_WORDS, "verify": "verify", "close": "closing"}
# Steps that staff alone take: colleagues read who it was.
_BY_STAFF = frozenset({"return", "verify", "reject", "publish", "edit", "close"})


@dataclass(frozen=True, slots=True)
class Told:
    """One step, as `components/steps.html` shows it."""

    title: str
    time: str
    text: str
    state: str = "done"


def story(row: Wish, *, for_staff: bool = False) -> list[Told]:
    """Return the steps of a wish, the oldest first, with the words left at each.

    Staff read also what they noted, and who it was; others than colleagues by a masked name.
    """
    rows = steps.of(moves.ref(row))
    said = {(note.kind, note.at): note.text for note in notes.of(moves.ref(row))}
    kinds = _STAFF_WORDS if for_staff else _WITH_WORDS
    names = desk.names_of(step.actor_id for step in rows) if for_staff else {}
    units = _units_of(row) if any(step.reason == UNITS for step in rows) else ""
    return [
        Told(
            str(_TITLES[step.verb]),
            " · ".join(filter(None, (filters.moment(step.at), _who(step, names)))),
            " · ".join(
                filter(None, (_how(step, units), said.get((kinds.get(step.verb, ""), step.at))))
            ),
        )
        for step in rows
    ]


def _units_of(row: Wish) -> str:
    return "、".join(one.unit.name for one in reach.units_seeing(row.id))


def _who(step: Step, names: Mapping[int, str]) -> str:
    name = names.get(step.actor_id or 0, "")
    return name if step.verb in _BY_STAFF else filters.masked_name(name) if name else ""


def _how(step: Step, units: str) -> str:
    """Return by which way it was verified, or who sees an unclaimed wish from then on."""
    if step.verb == "raise":
        return units if step.reason == UNITS else str(LEVEL_LABELS[Level(step.reason)])
    return str(VERIFIED_LABELS[Verified(step.reason)]) if step.verb == "verify" else ""
