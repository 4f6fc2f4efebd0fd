"""The words of each notice, by kind. A shift is named by the page that shows it."""

from __future__ import annotations

from portal.core.i18n import lazy_gettext as _l

NOTICES = {
    "signed_up_for": _l("站点工作人员替您报了名。"),
    "withdrawn_for": _l("站点工作人员替您取消了报名。"),
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
    "wish_returned": _l("您的心愿要改一改，站点写了怎么改。"),
    "wish_rejected": _l("您的心愿没有通过，可以查看原因。"),
    "wish_published": _l("您的心愿已经上了心愿墙。"),
    "wish_pledged": _l("您的心愿有人认领了。"),
    "wish_released": _l("认领您心愿的人办不了，心愿回到了心愿墙。"),
    "wish_fulfilled": _l("您的心愿已经送达，请确认并评价。"),
    "wish_expired": _l("您的心愿一直没有人认领，已经过期。可以重新提出。"),
    "wish_withdrawn": _l("您认领的心愿撤回了，不用再办。"),
    "wish_reopened": _l("许愿人说心愿还没办好，请再去看看。"),
    "wish_closed": _l("您认领的心愿已经销号，谢谢您。"),
    "wish_raised": _l("有一个心愿一直没有人认领，请想想办法。"),
    "pledge_due": _l("您认领的心愿快到答应的日期了。"),
    "pledge_lapsed": _l("您认领的心愿过了答应的日期，已经回到心愿墙。"),
    "membership_asked": _l("有人申请登记到您负责的党组织，请确认。"),
    "membership_confirmed": _l("您的党员登记通过了。"),
    "membership_refused": _l("您的党员登记没有通过，可以查看原因。"),
    "report_due": _l("这一期还没有到社区报到，快到截止日期了。"),
    "feedback_answered": _l("您提的意见建议有答复了。"),
    "feedback_declined": _l("您提的意见建议办不了，可以查看原因。"),
    "feedback_overdue": _l("有一件意见建议过了该答复的日子，请尽快答复。"),
}
