"""The story of a wish as its own people and the station read it: each step, when, and why."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core import filters
from portal.core.i18n import lazy_gettext as _l
from portal.records import notes, steps
from portal.wishes import moves
from portal.wishes.models import Wish

_TITLES = {
    "file": _l("提出心愿"),
    "return": _l("站点请您改一改"),
    "change": _l("改好再交"),
    "verify": _l("站点已核实"),
    "reject": _l("没有通过"),
    "publish": _l("上了心愿墙"),
    "edit": _l("改了公开的内容"),
    "raise": _l("交给上一级想办法"),
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


@dataclass(frozen=True, slots=True)
class Told:
    """One step, as `components/steps.html` shows it."""

    title: str
    time: str
    text: str
    state: str = "done"


def story(row: Wish) -> list[Told]:
    """Return the steps of a wish, the oldest first, with the words left at each."""
    said = {(note.kind, note.at): note.text for note in notes.of(moves.ref(row))}
    return [
        Told(
            str(_TITLES[step.verb]),
            filters.moment(step.at),
            said.get((_WITH_WORDS.get(step.verb, ""), step.at), ""),
        )
        for step in steps.of(moves.ref(row))
    ]
