"""Faults, steps and states of make-ups and corrections in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.core import clock, filters
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.corrections import queries, rules
from portal.corrections.models import Correction, CorrectionEvidence, CorrectionState
from portal.corrections.rules import Bounds, Fault
from portal.people import queries as people
from portal.records import notes, steps
from portal.records.documents import PDF

STEP_WORDS = {
    rules.ASK: _l("提出"),
    "submit": _l("补充后再交"),
    "add_evidence": _l("添加材料"),
    "return": _l("退回补充"),
    "approve": _l("通过"),
    "refuse": _l("没有通过"),
    "withdraw": _l("撤回"),
}
STATE_TONES = {
    CorrectionState.SUBMITTED: "info",
    CorrectionState.RETURNED: "warning",
    CorrectionState.APPROVED: "success",
    CorrectionState.REFUSED: "danger",
}
LATE, MINE, EVERY = _l("超期"), _l("我登记的"), _l("全部")
_PLAIN: dict[Fault, Any] = {
    Fault.NOT_OVER: _l("服务还没有结束。结束以后再来申请。"),
    Fault.CALLED_OFF: _l("这一场取消了，没有时长可以记。"),
    Fault.ON_RECORD: _l("这一场已经记了时长。记得不对，请在“我的时长”里点“这条不对”。"),
    Fault.STILL_OPEN: _l("这一场还没有签退，或者在等确认。请先签退，或者先确认时长。"),
    Fault.NOT_SERVING: _l("报名不是志愿者身份，只计到场，不计时长。"),
    Fault.NOT_REGISTERED: _l("还不是注册志愿者。登记通过以后才能补录。"),
    Fault.GONE: _l("原来的记录已经改过了。请按新的记录重新申请。"),
    Fault.ASKED: _l("这一次已经申请过，还在等答复。"),
    Fault.OUTSIDE: _l("时间超出了这一场的计划时间。"),
    Fault.NO_CHANGE: _l("填的和现在的记录一样，没有要改的。"),
    Fault.NO_EVIDENCE: _l("要有材料：现场照片、签到表照片或者 PDF。"),
}


def reason(fault: Fault, bounds: Bounds) -> Reason:
    """Return the refusal for a fault, with the figures it was held against."""
    if fault in _PLAIN:
        return Reason(fault.value, str(_PLAIN[fault]))
    if fault == Fault.TOO_LATE:
        text = _("结束已经超过 %(n)d 天，不能再补。", n=bounds.window_days)
    elif fault == Fault.TOO_LONG:
        most = filters.minutes(rules.most(bounds))
        text = _("最多只能记 %(most)s，也不能比所填的时间长。", most=most)
    elif fault == Fault.OVERLAP:
        text = _("和另一条记录时间重叠：%(spans)s。", spans=_spans(bounds))
    elif fault == Fault.DAY_CAP:
        text = _("一天最多记 %(most)s，这一天已经有 %(now)s。",
                 most=filters.minutes(bounds.terms.day_cap), now=filters.minutes(bounds.day_minutes))  # fmt: skip
    else:
        text = _("一个月最多补录 %(most)s，这个月已经补了 %(now)s。",
                 most=filters.minutes(bounds.month_cap), now=filters.minutes(bounds.month_minutes))  # fmt: skip
    return Reason(fault.value, text)


def _spans(bounds: Bounds) -> str:
    return _("、").join(filters.when(one.starts_at, one.ends_at) for one in bounds.taken)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    title: str
    time: str
    text: str
    state: str = "done"


def timeline(row: Correction) -> list[Entry]:
    """Return who did what when, with the words. Who decided is named: it is a second person."""
    taken = steps.of(queries.ref(row))
    said = {(note.at, note.kind): note.text for note in notes.of(queries.ref(row))}
    names = people.names_of([step.actor_id for step in taken if step.actor_id])
    return [
        Entry(
            str(STEP_WORDS[step.verb]),
            filters.moment(step.at),
            "　".join(
                part
                for part in (names.get(step.actor_id or 0, ""), said.get((step.at, step.verb), ""))
                if part
            ),
        )
        for step in taken
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """A request in ready words."""

    title: str
    when: str
    before: str
    claimed: str
    late: bool


def shown(row: Correction, title: str) -> Shown:
    """Return what a line of a list, and the head of its page, say."""
    return Shown(
        title=title or _("没有排进活动的服务"),
        when=filters.when(row.starts_at, row.ends_at),
        before=filters.minutes(row.entry.minutes) if row.entry else "",
        claimed=filters.minutes(row.minutes),
        late=rules.is_overdue(CorrectionState(row.state), row.due_on, clock.today()),
    )


def files(rows: Sequence[CorrectionEvidence]) -> list[tuple[str, str]]:
    """Return the id and the name of each: what it is, and how large."""
    return [
        (
            row.public_id,
            _("材料 %(n)d（%(what)s，%(size)d KB）", n=number,
              what="PDF" if row.file.media_type == PDF else _("照片"),
              size=max(1, row.file.size // 1024)),
        )
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip


def whats_next(row: Correction) -> str:
    """Return what comes next, in a sentence for the person."""
    state = CorrectionState(row.state)
    if state == CorrectionState.SUBMITTED:
        day = filters.day(row.due_on)
        return _("由站点的另一位负责人或者创建办答复，最晚 %(day)s。", day=day)
    sentences = {
        CorrectionState.RETURNED: _("请看经过里写的要补什么，补充后再交。"),
        CorrectionState.APPROVED: _("已经记入“我的时长”，来源写明补录。"),
        CorrectionState.REFUSED: _("原因写在经过里。有新的材料可以重新申请。"),
        CorrectionState.WITHDRAWN: _("已经撤回，不会再处理。"),
    }
    return sentences[state]
