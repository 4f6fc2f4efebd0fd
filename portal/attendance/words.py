"""What a verdict is called, in a sentence, and the way out of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from portal.attendance.actions import Verdict
from portal.attendance.batches import DUPLICATE
from portal.attendance.models import Direction, ScanVerdict
from portal.attendance.rules import ScanReason
from portal.attendance.rules_stays import MOST_PAIRS
from portal.core import clock, filters
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.records import settings
from portal.shifts.models import Shift

_SENTENCES: Mapping[ScanReason, Any] = {
    ScanReason.ALREADY_IN: _l("已经签到了，不用再签。"),
    ScanReason.ALREADY_OUT: _l("还没有签到，不能签退。请先签到。"),
    ScanReason.NOT_SIGNED_UP: _l("还没有报名这一场。报上名就可以签到。"),
    ScanReason.WRONG_SHIFT: _l("报名的不是这一场。"),
    ScanReason.WRONG_STATION: _l("报名的是另一个站点的活动。"),
    ScanReason.CALLED_OFF: _l("这一场已经取消了，不用签到。"),
    ScanReason.WITHDRAWN: _l("这一场的报名已经取消了。还想参加，可以再报名。"),
    ScanReason.EXPIRED_CODE: _l("这个码已经过期。码每 20 秒换一次，请再扫一次现场的码。"),
    ScanReason.REPLACED_CODE: _l("这个码已经换了新的，请用新码。"),
    ScanReason.TOO_MANY_PAIRS: _l("一个人一天最多签到 %(n)d 次。请找现场负责人。", n=MOST_PAIRS),
    ScanReason.FUTURE: _l("扫码时间在将来。请核对手机上的时间。"),
    ScanReason.CLOCK_SKEW: _l("手机时间不准。请核对手机上的时间。"),
    ScanReason.OVERLAP: _l("这个时间在另一场签到了。还没签退的，请先在那一场签退，再来签到。"),
    ScanReason.MALFORMED: _l("没有认出这个码。请再扫一次，或者在名单里按名字签到。"),
    ScanReason.INTERNAL: _l("这一条没有存上。请再试一次。"),
}


def sentence(verdict: Verdict) -> str:
    """Return what happened, for the desk and for the person alike."""
    reason, shift = verdict.reason, verdict.shift
    if reason == ScanReason.OK or verdict.verdict == ScanVerdict.STORED:
        return _("已签到") if verdict.direction == Direction.IN else _("已签退")
    if reason == ScanReason.ALREADY_OUT and verdict.visit is not None:
        return _("已经签退了，不用再签。")
    if reason in {ScanReason.TOO_EARLY, ScanReason.TOO_LATE}:
        return _too_early(shift) if reason == ScanReason.TOO_EARLY else _too_late(verdict, shift)
    if verdict.against:
        why = "".join(one.message for one in verdict.against)
        return _("还没有报名这一场，现在也报不了：%(why)s", why=why)
    if reason == ScanReason.REPLACED_CODE and verdict.replaced_at is not None:
        on = filters.day(clock.local_day(verdict.replaced_at))
        return _("这个码 %(day)s 换了新的，请用新码，或者按名字签到。", day=on)
    return str(_SENTENCES[reason])


def said(verdict: Verdict) -> str:
    """Return the sentence for the desk's JSON."""
    if verdict.verdict == DUPLICATE:
        return _("这一条以前交过了，没有重复记。")
    if verdict.verdict == ScanVerdict.CONFLICT:
        return _("没有签到记录就签退了，请在名单里核对。")
    if verdict.verdict == ScanVerdict.STORED and verdict.reason == ScanReason.CLOCK_SKEW:
        return _("%(done)s。手机时间不准，请核对记下的时间。", done=sentence(verdict))
    return sentence(verdict)


def refusal(verdict: Verdict) -> Reason:
    """Return the refusal of a person's own scan, with its way out."""
    message = sentence(verdict)
    reason, shift = verdict.reason, verdict.shift
    if verdict.beside is not None and reason in {ScanReason.WRONG_SHIFT, ScanReason.WRONG_STATION}:
        other = verdict.beside
        message += _(
            "您报名的是 %(when)s 的「%(title)s」。",
            when=filters.when(other.starts_at, other.ends_at),
            title=other.offering.title,
        )
    if shift is None:
        return Reason(reason, message, _("输入数字签到"), "/check-in")
    if verdict.against:
        first = verdict.against[0]
        return Reason(reason, message, first.way_text, first.way_url)
    activity = shift.offering.path
    ways: Mapping[ScanReason, tuple[str, str]] = {
        ScanReason.NOT_SIGNED_UP: (_("去报名"), activity),
        ScanReason.WITHDRAWN: (_("再报名"), activity),
        ScanReason.WRONG_SHIFT: (_("看我的报名"), "/me/signups"),
        ScanReason.WRONG_STATION: (_("看我的报名"), "/me/signups"),
        ScanReason.CALLED_OFF: (_("看别的活动"), "/activities"),
        ScanReason.EXPIRED_CODE: (_("输入现场的六位数字"), "/check-in"),
        ScanReason.OVERLAP: (_("看我的时长"), "/me/hours"),
        ScanReason.ALREADY_OUT: (_("输入现场的六位数字"), "/check-in"),
    }
    text, address = ways.get(reason, (_("看这项活动"), activity))
    return Reason(reason, message, text, address)


def _too_early(shift: Shift | None) -> str:
    if shift is None:
        return _("还没到签到时间。")
    opens_at = shift.starts_at - timedelta(minutes=settings.get("check_in_early_minutes"))
    return _("还没到签到时间。%(when)s 起可以签到。", when=filters.moment(opens_at))


def _too_late(verdict: Verdict, shift: Shift | None) -> str:
    if verdict.direction == Direction.IN:
        return _("这一场已经结束，不能再签到。请找现场负责人。")
    if shift is None:
        return _("签退时间已经过了。")
    closes_at = shift.ends_at + timedelta(minutes=settings.get("check_out_late_minutes"))
    return _(
        "签退时间已经过了（最晚 %(when)s）。时长先按计划结束时间暂计，请在「我的时长」里确认。",
        when=filters.moment(closes_at),
    )
