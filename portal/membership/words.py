"""A member's year in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.membership import rules
from portal.membership.models import REPORT_WAY_LABELS, CommunityReport, ReportWay
from portal.membership.rules import Counted, Every, Share, Span, Standing, Targets
from portal.membership.standing import Behind

EVERY_WORDS = {
    Every.MONTH: _l("每月到社区报到一次"),
    Every.QUARTER: _l("每季度到社区报到一次"),
    Every.HALF_YEAR: _l("每半年到社区报到一次"),
}
PRESENT_WORDS = {
    Every.MONTH: _l("本月报到"),
    Every.QUARTER: _l("本季度报到"),
    Every.HALF_YEAR: _l("本半年报到"),
}
PART_LABELS = {
    "year": _l("全年"),
    "q1": _l("第一季度"),
    "q2": _l("第二季度"),
    "q3": _l("第三季度"),
    "q4": _l("第四季度"),
    "h1": _l("上半年"),
    "h2": _l("下半年"),
}
_QUARTERS = ("q1", "q2", "q3", "q4")


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One period of the year: name, how it stands, and what stands behind it."""

    name: str
    state: str
    tone: str
    behind: str


def period_name(period: Span, every: Every) -> str:
    """Return 11月 / 第四季度 / 下半年."""
    if every == Every.MONTH:
        return filters.month(period.first)
    if every == Every.QUARTER:
        return str(PART_LABELS[_QUARTERS[period.first.month // 3]])
    return str(PART_LABELS["h1" if period.first.month == 1 else "h2"])


def demands(asked: Targets) -> list[str]:
    """Return what the district asks, a sentence each."""
    found = [str(EVERY_WORDS[asked.every])]
    if asked.service_reports:
        found[0] += _("（在报到社区有服务记录，也算报到）")
    if asked.wishes:
        words = _("办好") if asked.wishes_fulfilled else _("认领")
        found.append(_("一年%(do)s至少 %(n)d 个心愿", do=words, n=asked.wishes))
    if asked.hours:
        where = _("在报到社区") if asked.hours_in_community else ""
        found.append(_("一年%(where)s至少服务 %(n)d 小时", where=where, n=asked.hours))
    return found


def period_lines(
    counted: Counted, behind: Behind, asked: Targets, year: int, today: date
) -> list[PeriodLine]:
    """Return the periods of the year that have begun, the latest first."""
    lines = []
    for number, period in enumerate(rules.periods_of(rules.year_span(year), asked.every)):
        if period.first > today:
            break
        done = bool(counted.reports >> number & 1)
        state, tone = _state(period, counted, today, done=done)
        lines.append(
            PeriodLine(period_name(period, asked.every), state, tone, _behind(period, behind))
        )
    return lines[::-1]


def _state(period: Span, counted: Counted, today: date, *, done: bool) -> tuple[str, str]:
    if done:
        return _("已报到"), "success"
    if not rules.is_asked(period, counted.known_on):
        return _("不要求"), "neutral"
    if period.last < today:
        return _("没有报到"), "warning"
    return _("%(day)s 前报到", day=filters.day(period.last)), "info"


def _behind(period: Span, behind: Behind) -> str:
    own = next((row for row in behind.reports if period.holds(row.reported_on)), None)
    if own is not None:
        return said_of(own)
    day = next((one for one in behind.served if period.holds(one)), None)
    return _("%(day)s 在报到社区有服务记录", day=filters.day(day)) if day else ""


def said_of(row: CommunityReport) -> str:
    """Return when and by whom a report was made."""
    way = REPORT_WAY_LABELS[ReportWay(row.way)]
    return f"{filters.day(row.reported_on)} {way}"


def still_due(standing: Standing, asked: Targets, year: int, today: date) -> list[str]:
    """Return what is still to be done and by when; nothing when all is done, or the year is over."""
    end = filters.day(date(year, 12, 31))
    found: list[str] = []
    if year != today.year:
        return found
    if not standing.present.is_done:
        period = rules.period_at(today, asked.every)
        found.append(_("%(day)s 前到社区报到", day=filters.day(period.last)))
    if not standing.wishes.is_done:
        do = _("办好") if asked.wishes_fulfilled else _("认领")
        missing = standing.wishes.missing
        found.append(_("%(day)s 前再%(do)s %(n)d 个心愿", day=end, do=do, n=missing))
    if not standing.minutes.is_done:
        time = filters.minutes(standing.minutes.missing)
        found.append(_("%(day)s 前再服务 %(time)s", day=end, time=time))
    return found


def done_words(one: Share) -> tuple[str, str]:
    """Return whether a share is done, in words, with its tone."""
    if not one.asked:
        return _("不要求"), "neutral"
    return (_("已完成"), "success") if one.is_done else (_("未完成"), "warning")


def evaluation(standing: Standing, *, is_past: bool) -> str:
    """Return the line of a feedback card: what the records say, no judgement of a person."""
    if standing.reports.is_done and standing.is_done:
        return _("完成了区里的要求。")
    missing = [
        (standing.reports, _("报到")), (standing.wishes, _("心愿")), (standing.minutes, _("时长"))
    ]  # fmt: skip
    names: Sequence[str] = [name for share, name in missing if not share.is_done]
    if not names:
        return _("完成了区里的要求。")
    sentence = _("没有完成：%(what)s。") if is_past else _("还要完成：%(what)s。")
    return sentence % {"what": "、".join(names)}
