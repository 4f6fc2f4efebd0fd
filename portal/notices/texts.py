"""The words of each notice, by kind. A shift is named by the page that shows it."""

from __future__ import annotations

from portal.core.i18n import lazy_gettext as _l

NOTICES = {
    "offer": _l("候补有名额了，请在期限前确认。"),
    "offer_lapsed": _l("候补名额没有在期限前确认，已经让给下一位。"),
    "queue_closed": _l("离开始不到 2 小时，候补不再递补。有空位时谁先报名归谁。"),
    "shift_called_off": _l("您报名的一场活动取消了。"),
    "shift_moved": _l("您报名的一场活动改了时间。"),
    "volunteer_registered": _l("您的志愿者申请通过了。"),
    "volunteer_returned": _l("您的志愿者申请要补充一些内容。"),
    "volunteer_refused": _l("您的志愿者申请没有通过，可以查看原因。"),
    "visit_provisional": _l("有一次服务没有签退，时长待确认。"),
    "visit_lapsed": _l("有一次服务的时长过期没有确认，按 0 计。"),
    "activity_returned": _l("您提交的活动被退回，请修改。"),
    "activity_published": _l("您提交的活动已经发布。"),
}
