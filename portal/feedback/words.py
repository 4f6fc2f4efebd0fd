"""States and steps of feedback in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.feedback import actions, queries, rules
from portal.feedback.models import Feedback, FeedbackState
from portal.people.models_consents import Channel
from portal.records import notes, steps
from portal.records.steps import Step

STEP_WORDS = {
    rules.FILE: _l("提交"),
    "answer": _l("答复"),
    "decline": _l("办不了，说明原因"),
    "hand_over": _l("转办"),
    "withdraw": _l("撤回"),
    "reopen": _l("不满意，要求重新办"),
}
STATE_TONES = {
    FeedbackState.FILED: "info",
    FeedbackState.HANDED_OVER: "info",
    FeedbackState.REOPENED: "warning",
    FeedbackState.ANSWERED: "success",
    FeedbackState.CANNOT_BE_DONE: "warning",
}
OFFICE_WORDS = _l("创建办")
_BY_FILER = {rules.FILE, "withdraw", "reopen"}
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    title: str
    time: str
    text: str
    state: str = "done"


def timeline(row: Feedback, *, for_staff: bool = False) -> list[Entry]:
    """Return what happened, with the words; staff also who answered and why it was handed on."""
    taken = steps.of(actions.ref(row))
    said = {(note.at, note.kind): note.text for note in notes.of(actions.ref(row))}
    places = queries.station_names(_targets(taken))
    names = queries.names_of({step.actor_id or 0 for step in taken}) if for_staff else {}
    # What one station tells another is not for who filed it; staff read the first words on top,
    # and who filed it only after revealing.
    left_out = {rules.FILE} if for_staff else {"hand_over"}
    on_behalf = row.channel != Channel.WEB
    entries = []
    for step in taken:
        text = "" if step.verb in left_out else said.get((step.at, step.verb), "")
        hidden = step.verb in _BY_FILER and not (on_behalf and step.verb == rules.FILE)
        name = "" if hidden else names.get(step.actor_id or 0, "")
        shown = "　".join(part for part in (name, text) if part)
        entries.append(Entry(_title(step, places), filters.moment(step.at), shown))
    return entries


def _targets(taken: Sequence[Step]) -> set[str]:
    return {step.reason for step in taken if step.reason not in {"", rules.OFFICE}}


def _title(step: Step, places: dict[str, str]) -> str:
    if not step.reason:
        return str(STEP_WORDS[step.verb])
    place = str(OFFICE_WORDS) if step.reason == rules.OFFICE else places.get(step.reason, "")
    return _("转给%(place)s", place=place)


def place_of(row: Feedback) -> str:
    """Return who is to answer, in words."""
    if not row.with_office:
        return row.station.name
    return _("%(office)s（%(station)s）", office=OFFICE_WORDS, station=row.station.name)


def whats_next(row: Feedback) -> str:
    """Return what comes next for who filed it, in a sentence."""
    state = FeedbackState(row.state)
    sentences = {
        FeedbackState.FILED: _("我们在看，最晚在答复日期前回您。"),
        FeedbackState.HANDED_OVER: _("已经转给能办的单位，答复日期不变。"),
        FeedbackState.REOPENED: _("已经要求重新办，会再答复一次。"),
        FeedbackState.ANSWERED: _("已经答复，请看下面的经过。"),
        FeedbackState.CANNOT_BE_DONE: _("这件事办不了，原因写在下面的经过里。"),
        FeedbackState.WITHDRAWN: _("您已经撤回，不会再处理。"),
    }
    return str(sentences[state])


def beginning(text: str) -> str:
    """Return the first words, for a list."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[:SHOWN] + "…"
