"""What is wrong with a typed row, what became of it, and other sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.arrivals.models_paper import Outcome, PaperEntry
from portal.arrivals.rules_paper import Window, Wrong
from portal.attendance.rules_stays import MOST_PAIRS
from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l

_WRONG: Mapping[Wrong, Any] = {
    Wrong.NO_TIME: _l("写了人，没有写时间。"),
    Wrong.BAD_CAME: _l("到的时间没有认出来，请写成 0830 或者 8:30。"),
    Wrong.BAD_WENT: _l("走的时间没有认出来，请写成 1100 或者 11:00。"),
    Wrong.NO_CAME: _l("没有写几点到，也没有扫码签到。请补上几点到。"),
    Wrong.NOT_AFTER: _l("走的时间要晚于到的时间。"),
    Wrong.FUTURE: _l("这个时间还没到，请核对。"),
    Wrong.NO_NAME: _l("请写上姓名。"),
    Wrong.BAD_PHONE: _l("手机号写数字，至少写末尾 4 位。"),
    Wrong.WITHDRAWN: _l("这个人的报名已经取消，这一行不能计。确实来了的，请先代报名，或者走补录。"),
    Wrong.TOO_MANY: _l("这个人这一场已经来去 %(n)d 次，不能再加。请核对。", n=MOST_PAIRS),
    Wrong.NOT_LET_IN: _l("没有记上，请在“没报名的来访”里看原因。"),
}


def wrong(code: Wrong, window: Window) -> str:
    """Return what is wrong with a row, and what to do."""
    if code == Wrong.TOO_EARLY:
        at = filters.hour(window.opens_at)
        return _("比可以签到的时间（%(at)s）还早，请核对。", at=at)
    if code == Wrong.AFTER_END:
        return _("到的时间晚于这一场结束的时间（%(at)s）。", at=filters.hour(window.ends_at))
    if code == Wrong.TOO_LATE:
        at = filters.hour(window.closes_at)
        return _("走的时间晚于最晚可以签退的时间（%(at)s）。", at=at)
    if code == Wrong.TOO_LONG:
        hours = filters.minutes(window.longest_minutes)
        return _("一次超过一天最多计的 %(hours)s，请核对。确实有的，请走补录。", hours=hours)
    return str(_WRONG[code])


# Why somebody who walked in is not let in yet, by the code that the rules of signing up give.
_HELD: Mapping[str, Any] = {
    "full": _l("名额满了。请先加名额，再确认。"),
    "no_walk_ins": _l("按区里的规定，没有报名的不能补记。"),
    "not_volunteer": _l("还不是注册志愿者，不能占志愿者名额。"),
    "clash": _l("同一时间在别的场次有名额。"),
    "own": _l("不能给自己补记，请另一位工作人员来确认。"),
}


def held(code: str) -> str:
    """Return why a walk-in waits though it is known who it is."""
    if not code:
        return ""
    return str(_HELD.get(code, _l("不符合这一场的报名条件。")))


def outcome(entry: PaperEntry, window: Window) -> tuple[str, str]:
    """Return what became of a row at the release, and its tone."""
    if entry.outcome == Outcome.RECORDED:
        return _("记上了"), "success"
    if entry.outcome == Outcome.HELD:
        return _("等确认是谁，先不计") + (
            f" {held(entry.reason)}" if entry.reason else ""
        ), "warning"
    known = entry.reason in set(Wrong)
    why = wrong(Wrong(entry.reason), window) if known else ""
    return _("没有记上：%(why)s", why=why), "danger"
