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
    "shift.change": _l("修改场次"),
    "shift.call_off": _l("取消场次"),
    "signup.sign_up": _l("报名"),
    "signup.wait": _l("排候补"),
    "signup.accept": _l("接受候补名额"),
    "signup.withdraw": _l("取消报名"),
    "signup.offer": _l("把名额给候补"),
    "signup.lapse": _l("候补名额到期"),
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
    "pledge.pledge": _l("认领心愿"),
    "pledge.extend": _l("认领延期"),
    "pledge.return": _l("退回认领"),
    "pledge.lapse": _l("认领到期"),
    "pledge.call_off": _l("心愿撤回，认领取消"),
    "pledge.deliver": _l("登记心愿送达"),
    "pledge.reveal": _l("认领人查看联系方式"),
    "board.open": _l("打开签到屏"),
    "roster.export": _l("导出名单"),
    "feedback.file": _l("提交意见建议"),
    "feedback.answer": _l("答复意见建议"),
    "feedback.decline": _l("说明意见建议办不了"),
    "feedback.hand_over": _l("转办意见建议"),
    "feedback.withdraw": _l("撤回意见建议"),
    "feedback.reopen": _l("要求重新办意见建议"),
    "figures.rebuild": _l("重算数据"),
    "data.erase": _l("注销账号，删除个人信息"),
    "data.export": _l("导出本人数据"),
    "data.restore": _l("恢复备份"),
    "demo.load": _l("载入演示数据"),
}


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
