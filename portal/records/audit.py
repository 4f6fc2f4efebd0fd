"""The audit log: who did what to which thing, when. Append-only, kept at least 180 days.

A row holds ids, numbers and codes, never a name, a phone number or free text about a person.
(Network Security Law art. 21: logs are kept no less than six months.)
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.access import Actor
from portal.core.db import Base, UtcDateTime, append, append_only
from portal.core.i18n import lazy_gettext as _l
from portal.core.ref import Ref

KEEP_DAYS = 180

# The catalogue: verb -> sentence of the audit page. A verb that is not here cannot be recorded.
VERBS: dict[str, Any] = {
    "person.register": _l("注册账号"),
    "person.record": _l("为居民建档"),
    "person.confirm_phone": _l("核实手机号"),
    "person.merge": _l("合并重复档案"),
    "person.look_up": _l("查找已有档案"),
    "person.reveal": _l("查看个人信息"),
    "person.export": _l("导出个人信息"),
    "account.sign_in": _l("登录"),
    "account.sign_in_refused": _l("登录被拒"),
    "account.sign_out": _l("退出登录"),
    "account.change_password": _l("修改密码"),
    "account.hand_reset_code": _l("发放重设密码的一次性代码"),
    "account.reset_password": _l("重设密码"),
    "account.end_sign_ins": _l("结束其他设备的登录"),
    "role.grant": _l("授予角色"),
    "role.revoke": _l("收回角色"),
    "token.create": _l("新建接口令牌"),
    "token.revoke": _l("停用接口令牌"),
    "setting.change": _l("修改设置"),
    "station.create": _l("新建站点"),
    "station.change": _l("修改站点"),
    "unit.create": _l("新建单位"),
    "unit.change": _l("修改单位"),
    "unit.close": _l("停用单位"),
    "unit.reopen": _l("恢复单位"),
    "unit.appoint": _l("指定单位联络员"),
    "unit.dismiss": _l("撤下单位联络员"),
    "calendar.import": _l("导入工作日历"),
    "volunteer.apply": _l("申请成为志愿者"),
    "volunteer.approve": _l("通过志愿者申请"),
    "volunteer.return": _l("退回志愿者申请"),
    "volunteer.refuse": _l("拒绝志愿者申请"),
    "volunteer.withdraw": _l("撤回志愿者申请"),
    "volunteer.pause": _l("暂停志愿者身份"),
    "volunteer.resume": _l("恢复志愿者身份"),
    "volunteer.change": _l("修改志愿者资料"),
    "volunteer.leave": _l("退出志愿者"),
    "consent.give": _l("给予同意"),
    "consent.withdraw": _l("撤回同意"),
    "guardian.consent": _l("登记监护人同意"),
    "family.add": _l("登记家人"),
    "family.change": _l("修改家人"),
    "family.remove": _l("移除家人"),
    "family.make_code": _l("发放家人代码"),
    "family.agree": _l("同意由家人代报名"),
    "team.create": _l("新建队伍"),
    "team.change": _l("修改队伍"),
    "team.close": _l("解散队伍"),
    "team.reopen": _l("恢复队伍"),
    "team.ask": _l("申请入队"),
    "team.accept": _l("同意入队"),
    "team.decline": _l("没有同意入队"),
    "team.leave": _l("退出队伍"),
    "team.remove": _l("移出队伍"),
    "team.appoint": _l("任命队长、副队长"),
    "team.sign_up": _l("队伍报名"),
    "project.create": _l("新建项目"),
    "project.change": _l("修改项目"),
    "project.close": _l("结束项目"),
    "project.reopen": _l("恢复项目"),
    "activity.create": _l("新建活动"),
    "activity.change": _l("修改活动"),
    "activity.submit": _l("提交审核"),
    "activity.approve": _l("审核通过活动"),
    "activity.return": _l("退回活动"),
    "activity.publish": _l("发布活动"),
    "activity.call_off": _l("取消活动"),
    "post.create": _l("新建志愿服务岗"),
    "post.change": _l("修改志愿服务岗"),
    "post.submit": _l("志愿服务岗提交审核"),
    "post.approve": _l("审核通过志愿服务岗"),
    "post.return": _l("退回志愿服务岗"),
    "post.publish": _l("发布志愿服务岗"),
    "post.call_off": _l("撤下志愿服务岗"),
    "post.set_pattern": _l("修改志愿服务岗的排班"),
    "standing.give": _l("安排固定岗"),
    "standing.end": _l("结束固定岗"),
    "absence.record": _l("登记请假"),
    "absence.end": _l("取消请假"),
    "cover.ask": _l("请人接班"),
    "cover.take_back": _l("收回接班请求"),
    "cover.accept": _l("接班"),
    "cover.lapse": _l("接班请求失效"),
    "duty_log.record": _l("登记值岗记录"),
    "series.create": _l("新建系列"),
    "series.change": _l("修改系列里以后的日期"),
    "series.set_end": _l("延长或缩短系列"),
    "series.fill": _l("补上系列的日期"),
    "series.keep": _l("放假也照常办"),
    "course.sign_up": _l("报名课程"),
    "course.wait": _l("课程排候补"),
    "course.accept": _l("接受课程名额"),
    "course.withdraw": _l("退出课程"),
    "course.offer": _l("把课程名额给候补"),
    "course.lapse": _l("课程名额到期"),
    "shift.change": _l("修改场次"),
    "shift.set_places": _l("修改摊位和名额"),
    "week.copy": _l("照上周再排"),
    "shift.call_off": _l("取消场次"),
    "signup.sign_up": _l("报名"),
    "signup.wait": _l("排候补"),
    "signup.accept": _l("接受候补名额"),
    "signup.withdraw": _l("取消报名"),
    "signup.offer": _l("把名额给候补"),
    "signup.lapse": _l("候补名额到期"),
    "signup.change_place": _l("换摊位"),
    "signup.set_kind": _l("修改参加身份"),
    "scan.record": _l("签到签退"),
    "visit.confirm": _l("确认时长"),
    "visit.close": _l("按规则结束签到"),
    "visit.annul": _l("作废签到"),
    "hours.credit": _l("记入时长"),
    "hours.reverse": _l("冲正时长"),
    "wish.file": _l("登记心愿"),
    "wish.change": _l("修改心愿"),
    "wish.verify": _l("核实心愿"),
    "wish.return": _l("请许愿人修改心愿"),
    "wish.reject": _l("没有通过心愿"),
    "wish.publish": _l("公开心愿"),
    "wish.edit": _l("修改心愿的公开内容"),
    "wish.raise": _l("把无人认领的心愿交给上一级"),
    "wish.withdraw": _l("撤回心愿"),
    "wish.expire": _l("心愿过期"),
    "wish.confirm": _l("确认心愿已经实现"),
    "wish.reopen": _l("心愿没有办好，重新办理"),
    "wish.close": _l("心愿销号"),
    "wish.reveal": _l("查看心愿的个人信息"),
    "wish.agree_story": _l("许愿人同意讲心愿故事"),
    "wish.take_back_story": _l("收回心愿故事"),
    "wish.tell": _l("公开心愿故事"),
    "pledge.pledge": _l("认领心愿"),
    "pledge.extend": _l("认领延期"),
    "pledge.return": _l("退回认领"),
    "pledge.lapse": _l("认领到期"),
    "pledge.call_off": _l("心愿撤回，认领取消"),
    "pledge.deliver": _l("登记心愿送达"),
    "pledge.add_photo": _l("添加送达照片"),
    "pledge.remove_photo": _l("删除送达照片"),
    "pledge.reveal": _l("认领人查看联系方式"),
    "service_category.change": _l("修改服务类别"),
    "service.create": _l("新建服务"),
    "service.change": _l("修改服务"),
    "service.close": _l("停用服务"),
    "service.reopen": _l("重新启用服务"),
    "order.file": _l("点单"),
    "order.review": _l("审单通过"),
    "order.refuse": _l("没有接下点单"),
    "order.dispatch": _l("派单"),
    "order.open": _l("开放接单"),
    "order.accept": _l("接单"),
    "order.claim": _l("志愿者接单"),
    "order.decline": _l("退回派单"),
    "order.recall": _l("收回派单"),
    "order.finish": _l("登记办好"),
    "order.reopen": _l("没有办好，重新办"),
    "order.rate": _l("评单"),
    "order.close": _l("办结点单"),
    "order.withdraw": _l("撤回点单"),
    "order.expire": _l("点单过期"),
    "order.visit": _l("登记上门代办的进度"),
    "order.draft": _l("把点单开成活动"),
    "order.reveal": _l("查看点单的个人信息"),
    "board.open": _l("打开签到屏"),
    "roster.export": _l("导出名单"),
    "feedback.file": _l("提交意见建议"),
    "feedback.answer": _l("答复意见建议"),
    "feedback.decline": _l("说明意见建议办不了"),
    "feedback.hand_over": _l("转办意见建议"),
    "feedback.withdraw": _l("撤回意见建议"),
    "feedback.reopen": _l("要求重新办意见建议"),
    "pairing.pair": _l("结对"),
    "pairing.end": _l("结束结对"),
    "pairing.add": _l("写入结对清单"),
    "pairing.withdraw": _l("撤下结对清单里的一项"),
    "pairing.propose": _l("提出结对项目"),
    "pairing.plan": _l("确定结对项目"),
    "pairing.agree": _l("同意结对项目"),
    "pairing.change": _l("修改结对项目"),
    "pairing.start": _l("开始结对项目"),
    "pairing.finish": _l("完成结对项目"),
    "pairing.give_up": _l("结对项目不办了"),
    "pairing.ask": _l("申请算作共建活动"),
    "pairing.link": _l("把活动算作共建活动"),
    "pairing.decline": _l("活动不算共建活动"),
    "branch.create": _l("新建党组织"),
    "branch.change": _l("修改党组织"),
    "branch.close": _l("关闭党组织"),
    "branch.grant": _l("指定党组织负责人"),
    "branch.revoke": _l("撤下党组织负责人"),
    "membership.view": _l("查看党组织名单"),
    "membership.export": _l("导出党组织名单"),
    "membership.check": _l("核对要导入的党员名单"),
    "membership.import": _l("导入党员名单"),
    "membership.confirm": _l("确认党员申请"),
    "membership.refuse": _l("退回党员申请"),
    "membership.end": _l("移出党员名单"),
    "membership.ask": _l("申请登记党员"),
    "membership.withdraw": _l("撤回党员申请"),
    "membership.agree": _l("同意登记党员身份"),
    "membership.disagree": _l("撤回党员身份的同意"),
    "community.offer": _l("选定报到社区"),
    "community.leave": _l("不再到社区报到"),
    "community.report": _l("到社区报到"),
    "figures.rebuild": _l("重算数据"),
    "data.erase": _l("注销账号，删除个人信息"),
    "data.export": _l("导出本人数据"),
    "data.restore": _l("恢复备份"),
    "demo.load": _l("载入演示数据"),
}

# That somebody is a Party member shows in who acts by these: no page of the log shows them, they
# are in the table for whoever must examine it by law.
SEALED = frozenset(
    {
        "membership.ask",
        "membership.withdraw",
        "membership.agree",
        "membership.disagree",
    }
)


class AuditEntry(Base):
    """One thing that was done."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "at"),
        Index(None, "actor_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    verb: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    station_id: Mapped[int | None] = mapped_column(Integer, index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str] = mapped_column(String(64), default="")


append_only(AuditEntry.__table__, keep_days=KEEP_DAYS)  # type: ignore[arg-type]


def record(
    verb: str,
    subject: Ref,
    *,
    actor: Actor,
    now: datetime,
    station_id: int | None = None,
    **details: Any,
) -> None:
    """Write one row in the running transaction. KeyError for a verb outside the catalogue."""
    VERBS[verb]
    append(
        AuditEntry,
        at=now,
        verb=verb,
        actor_id=actor.person_id,
        subject_kind=subject.kind,
        subject_id=subject.id,
        station_id=station_id,
        details=details,
        request_id=g.get("request_id", "") if has_request_context() else "",
    )
