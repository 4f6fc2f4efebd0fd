"""Findings in words: what was seen, and what may be an innocent reason for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.anomalies import queries
from portal.anomalies.models import STATE_LABELS, Anomaly, AnomalyKind, AnomalyState
from portal.anomalies.rules import FIND
from portal.attendance.models import Direction, Way
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.ref import Ref
from portal.hours.models import SOURCE_LABELS, Source
from portal.people import queries as people
from portal.records import notes, steps
from portal.shifts.models import page_of

TONES = {
    AnomalyState.NEW: "info",
    AnomalyState.TALK: "warning",
    AnomalyState.FINE: "success",
    AnomalyState.CORRECTED: "success",
}
STEP_WORDS = {
    FIND: _l("系统列出"),
    "fine": STATE_LABELS[AnomalyState.FINE],
    "corrected": STATE_LABELS[AnomalyState.CORRECTED],
    "talk": STATE_LABELS[AnomalyState.TALK],
    "reopen": _l("重新看"),
}
_WAYS = {
    Way.CODE: _l("扫码"),
    Way.DIGITS: _l("输数字"),
    Way.CAMERA: _l("工作人员扫码"),
    Way.MANUAL: _l("工作人员手点"),
}

# What may well be the reason, for each kind; whoever looks asks about these first.
INNOCENT: Mapping[AnomalyKind, tuple[Any, ...]] = {
    AnomalyKind.BURST: (
        _l("一车人同时到，负责人点完名再一起按"),
        _l("活动当时没有网，事后一起补点"),
    ),
    AnomalyKind.EQUAL_SECOND: (
        _l("现场的手机时间不准，或者一起上传"),
        _l("人少的时候碰巧一样"),
    ),
    AnomalyKind.ROUND_CLOCK: (
        _l("夜间巡逻、防汛抗灾、大型活动值守"),
        _l("学生放假，每天来站里"),
    ),
    AnomalyKind.APPROVER: (
        _l("小站点只有一个人有权限"),
        _l("另一位负责人休假"),
    ),
    AnomalyKind.BACK_ENTRY: (
        _l("放假以后一起录纸质签到表"),
        _l("停电、没有网，当时只能用纸"),
    ),
    AnomalyKind.SAME_DEVICE: (
        _l("家人帮老人、孩子签到，这很正常"),
        _l("站里借一部手机给没有智能手机的人用"),
    ),
    AnomalyKind.TRAVEL: (
        _l("两场活动其实在同一个地方"),
        _l("忘了签退，后来才补按"),
    ),
    AnomalyKind.UNFOUNDED: (
        _l("临时来帮忙，没来得及报名"),
        _l("整天的大型活动，或者两个班次前后相连"),
    ),
}


def seen(row: Anomaly) -> str:
    """Return what was seen, in a sentence of plain numbers."""
    return _SEEN[AnomalyKind(row.kind)](row.facts)


def _burst(facts: Mapping[str, Any]) -> str:
    return _(
        "同一个人在 %(seconds)d 秒内给 %(persons)d 人次签到签退。",
        seconds=facts["seconds"], persons=facts["persons"],
    )  # fmt: skip


def _equal_second(facts: Mapping[str, Any]) -> str:
    same, total = facts["same"], facts["all"]
    if facts["what"] == "second":
        return _(
            "%(all)d 次签到里，%(same)d 次都在不同分钟的第 %(value)d 秒。",
            all=total, same=same, value=facts["value"],
        )  # fmt: skip
    return _("%(all)d 次服务里，%(same)d 次从签到到签退的长短一秒不差。", all=total, same=same)


def _round_clock(facts: Mapping[str, Any]) -> str:
    return _(
        "这一周 %(days)d 天记了 %(hours)s，其中夜里（23 点到 5 点）%(night)s。",
        days=facts["days"], hours=filters.minutes(facts["minutes"]),
        night=filters.minutes(facts["night"]),
    )  # fmt: skip


def _approver(facts: Mapping[str, Any]) -> str:
    return _(
        "这个月这个站点的纸质签到表和补录，%(all)d 次审批里 %(own)d 次由同一人审批。",
        all=facts["all"], own=facts["own"],
    )  # fmt: skip


def _back_entry(facts: Mapping[str, Any]) -> str:
    return _(
        "同一个人一天内补了 %(entries)d 条旧记录，最早的是 %(days)d 天以前的服务。",
        entries=facts["entries"], days=facts["days"],
    )  # fmt: skip


def _same_device(facts: Mapping[str, Any]) -> str:
    return _("同一部手机的浏览器一天内给 %(persons)d 个人签到签退。", persons=facts["persons"])


def _travel(facts: Mapping[str, Any]) -> str:
    return _(
        "离开一个社区 %(minutes)d 分钟后，就在另一个社区签到；路上一般要 %(needed)d 分钟以上。",
        minutes=facts["minutes"], needed=facts["needed"],
    )  # fmt: skip


def _unfounded(facts: Mapping[str, Any]) -> str:
    if facts["what"] == "no_signup":
        return _("一周内录入了 %(n)d 条没有报名的时长。", n=facts["entries"])
    if facts["what"] == "over_day":
        return _("一天的记录超过了一天最多能计的时长。")
    return _("同一个人的 %(n)d 条记录时间重叠。", n=facts["entries"])


_SEEN: Mapping[AnomalyKind, Callable[[Mapping[str, Any]], str]] = {
    AnomalyKind.BURST: _burst,
    AnomalyKind.EQUAL_SECOND: _equal_second,
    AnomalyKind.ROUND_CLOCK: _round_clock,
    AnomalyKind.APPROVER: _approver,
    AnomalyKind.BACK_ENTRY: _back_entry,
    AnomalyKind.SAME_DEVICE: _same_device,
    AnomalyKind.TRAVEL: _travel,
    AnomalyKind.UNFOUNDED: _unfounded,
}


def stretch(row: Anomaly) -> str:
    """Return the day it is of, or its week or month."""
    kind = AnomalyKind(row.kind)
    if kind == AnomalyKind.APPROVER or (kind == AnomalyKind.EQUAL_SECOND and row.person_id):
        return row.day.strftime("%Y-%m")
    if kind == AnomalyKind.ROUND_CLOCK or row.facts.get("what") == "no_signup":
        last = row.day + timedelta(days=6)
        return _("%(first)s 至 %(last)s", first=filters.day(row.day), last=filters.day(last))
    return filters.day(row.day)


# --- the records behind ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A record behind a finding, in words; `href` leads to where it is kept."""

    at: str
    name: str
    what: str
    hand: str
    title: str
    station: str
    href: str


def lines(row: Anomaly, may_open: Callable[[int], bool], *, full: bool) -> list[Line]:
    """Return the records behind a finding. Names are masked unless asked in full.

    `may_open` says of a station whether its rosters are open to whoever reads.
    """
    scans, entries = queries.scans_of(row.id), queries.entries_of(row.id)
    ids = {one for found in scans for one in (found.Scan.person_id, found.Scan.actor_id)}
    ids |= {
        one for found in entries for one in (found.LedgerEntry.person_id, _hand(found.LedgerEntry))
    }
    names = people.names_of([one for one in ids if one])
    shown = {one: name if full else filters.masked_name(name) for one, name in names.items()}
    opens = may_open(row.station_id)
    return [_of_scan(found, shown, opens) for found in scans] + [
        _of_entry(found, shown, opens) for found in entries
    ]


def _hand(entry: Any) -> int | None:
    approver: int | None = (entry.rule or {}).get("approved_by")
    return approver or entry.actor_id


def _of_scan(found: Any, names: Mapping[int, str], opens: bool) -> Line:  # noqa: FBT001  part of a row
    scan = found.Scan
    comes = _("签到") if scan.direction == Direction.IN else _("签退")
    way = str(_WAYS.get(scan.way, ""))
    by = "" if scan.actor_id == scan.person_id else names.get(scan.actor_id or 0, "")
    local = clock.local(scan.occurred_at)
    return Line(
        at=f"{filters.day(local.date())} {local:%H:%M:%S}",
        name=names.get(scan.person_id, ""),
        what=" · ".join(part for part in (comes, way) if part),
        hand=by,
        title=found.title,
        station=found.station,
        href=_href(found, opens),
    )


def _of_entry(found: Any, names: Mapping[int, str], opens: bool) -> Line:  # noqa: FBT001  part of a row
    entry = found.LedgerEntry
    written = _("%(day)s 录入", day=filters.day(clock.local_day(entry.at)))
    by = _hand(entry)
    span = filters.span(entry.starts_at, entry.ends_at)
    return Line(
        at=f"{filters.day(entry.day)} {span}",
        name=names.get(entry.person_id, ""),
        what=" · ".join(
            (filters.minutes(entry.minutes), str(SOURCE_LABELS[Source(entry.source)]), written)
        ),
        hand="" if by == entry.person_id else names.get(by or 0, ""),
        title=found.title or "",
        station=found.station,
        href=_href(found, opens),
    )


def _href(found: Any, opens: bool) -> str:  # noqa: FBT001  part of a row
    if found.shift is None:
        return ""
    return f"/desk/shifts/{found.shift}" if opens else page_of(found.type, found.offering)


# --- what was done -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of the timeline."""

    title: str
    time: str
    text: str = ""
    state: str = "done"


def timeline(row: Anomaly) -> Sequence[Entry]:
    """Return what was done about a finding, by whom, with what they wrote."""
    subject = Ref("anomaly", row.id)
    taken = steps.of(subject)
    names = people.names_of([step.actor_id for step in taken if step.actor_id])
    said = {(note.kind, note.at): note.text for note in notes.of(subject)}
    return [
        Entry(
            str(STEP_WORDS[step.verb]),
            filters.moment(step.at),
            "　".join(
                part
                for part in (names.get(step.actor_id or 0, ""), said.get((step.verb, step.at), ""))
                if part
            ),
        )
        for step in taken
    ]
