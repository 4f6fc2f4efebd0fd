"""The district's settings: the typed catalogue, with bounds, words and the source of each rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Setting:
    """One entry of the catalogue. Numbers have bounds, texts a longest length, choices a list."""

    key: str
    default: Any
    label: Any
    unit: Any = ""
    low: int | None = None
    high: int | None = None
    options: tuple[tuple[str, Any], ...] = ()
    source: Any = ""
    group: str = "district"
    # A text that begins numbers: two to six plain digits.
    digits: bool = False
    # A text of hours, each more than the one before: at most nine of them.
    rising: bool = False

    def parse(self, text: str) -> Any:
        """Return the typed value of what was typed. Raises Invalid beside this key."""
        if isinstance(self.default, bool):
            return text in {"1", "true", "on", "y"}
        if isinstance(self.default, int):
            return self._whole_number(text)
        if self.options and text not in {value for value, _label in self.options}:
            raise Invalid(self.key, _("请从列表中选择一项"))
        return self._text(text.strip())

    def _text(self, typed: str) -> str:
        if not typed:
            raise Invalid(self.key, _("请填写这一项"))
        if len(typed) > 200:
            raise Invalid(self.key, _("最多 200 个字"))
        if self.digits and not _DIGITS.fullmatch(typed):
            raise Invalid(self.key, _("请填 2 到 6 位数字"))
        return self._rising(typed) if self.rising else typed

    def _rising(self, typed: str) -> str:
        parts = [part for part in re.split(r"[\s,，、/]+", typed) if part]
        hours = [int(part) for part in parts if _HOURS.fullmatch(part)]
        fits = hours == sorted(set(hours)) and 1 <= len(hours) == len(parts) <= 9 and hours[0]
        if not fits:
            raise Invalid(self.key, _("请从小到大填小时数，用逗号隔开，例如 100,300,600"))
        return ",".join(str(one) for one in hours)

    def _whole_number(self, text: str) -> int:
        low, high = self.low or 0, self.high if self.high is not None else 10**9
        typed = text.strip()
        if not typed.isdecimal() or len(typed) > 12 or not low <= int(typed) <= high:
            raise Invalid(self.key, _("请填 %(low)d 到 %(high)d 之间的整数", low=low, high=high))
        return int(typed)


_DIGITS = re.compile("[0-9]{2,6}")
_HOURS = re.compile("[0-9]{1,5}")
_REVIEW = (("none", _l("都不审")), ("risky_only", _l("只审有风险的")), ("all", _l("都要审")))
_ID_NUMBER = (("off", _l("不收集")), ("optional", _l("选填")), ("required", _l("必填")))
_GUARDIAN_FOR = (
    ("always", _l("参加活动、做志愿者都要")),
    ("serve", _l("14 岁以上的，做志愿者才要")),
)
_WALK_INS = (
    ("all", _l("参加活动、做志愿者都可以")),
    ("attendee", _l("只能参加活动")),
    ("none", _l("都不可以")),
)

WISHES = (
    Setting("wish_ceiling", 500, _l("心愿金额上限"), _l("元"), 0, 2000, group="wishes"),
    Setting("wish_verify_days", 3, _l("心愿几个工作日内核实"), _l("工作日"), 1, 30, group="wishes"),
    Setting("wish_raise_days", 7, _l("几天没人认领，交给上一级"), _l("天"), 1, 90, group="wishes"),
    Setting(
        "wish_expire_days", 90, _l("几天没人认领，心愿过期"), _l("天"), 14, 365, group="wishes"
    ),
    Setting("pledge_most", 3, _l("一人同时最多认领几个心愿"), _l("个"), 1, 20, group="wishes"),
    Setting("pledge_days", 30, _l("认领后最晚几天内完成"), _l("天"), 3, 180, group="wishes"),
    Setting("pledge_extension_days", 14, _l("认领最多延期几天"), _l("天"), 1, 60, group="wishes"),
    Setting("pledge_reminder_days", 2, _l("到期前几天提醒"), _l("天"), 0, 14, group="wishes"),
    Setting(
        "wish_call_back_days",
        7,
        _l("送达几天没有确认，由站点回访"),
        _l("天"),
        1,
        60,
        group="wishes",
    ),
    Setting(
        "wish_letter_weekday", 1, _l("每周心愿信在周几发（1 是周一）"), "", 1, 7, group="wishes"
    ),
    Setting(
        "pledge_grace_days", 3, _l("过期几天后，心愿回到心愿墙"), _l("天"), 0, 14, group="wishes"
    ),
)

_WORKING = _l("工作日")
ORDERS = (
    Setting("order_review_days", 2, _l("点单后几个工作日内审单"), _WORKING, 1, 20, group="orders"),
    Setting(
        "order_dispatch_days", 2, _l("审单后几个工作日内派单"), _WORKING, 1, 20, group="orders"
    ),
    Setting("order_answer_days", 2, _l("派单后几天内接单或退回"), _l("天"), 1, 30, group="orders"),
    Setting(
        "order_claim_days", 3, _l("开放接单几天没人接，站点另派"), _l("天"), 1, 30, group="orders"
    ),
    Setting("order_promise_days", 30, _l("接单后最晚几天内办好"), _l("天"), 1, 180, group="orders"),
    Setting(
        "order_close_days", 5, _l("办好后几个工作日内评单、办结"), _WORKING, 1, 30, group="orders"
    ),
    Setting("order_raise_days", 2, _l("超期几天后告诉上一级"), _l("天"), 1, 30, group="orders"),
    Setting("order_expire_days", 60, _l("几天没有办，点单过期"), _l("天"), 14, 365, group="orders"),
    Setting("order_most", 3, _l("一人同时最多接几单"), _l("单"), 1, 20, group="orders"),
)

_EVERY = (("month", _l("每月")), ("quarter", _l("每季度")), ("half_year", _l("每半年")))
_WISH_COUNTS = (("pledged", _l("认领就算")), ("fulfilled", _l("办好才算")))
_HOURS_WHERE = (("everywhere", _l("在哪里服务都算")), ("community", _l("只算报到社区的")))

PARTY = (
    Setting(
        "party_report_every",
        "month",
        _l("党员多久到社区报到一次"),
        options=_EVERY,
        source=_l("各地规定不同：每月、每季度或每半年"),
        group="party",
    ),
    Setting("party_service_reports", True, _l("在报到社区有服务记录，就算报到过"), group="party"),
    Setting("party_wishes", 1, _l("党员一年至少认领几个心愿"), _l("个"), 0, 50, group="party"),
    Setting(
        "party_wish_counts", "pledged", _l("心愿怎么算完成"), options=_WISH_COUNTS, group="party"
    ),
    Setting(
        "party_hours",
        0,
        _l("党员一年至少服务多久，0 是不要求"),
        _l("小时"),
        0,
        500,
        source=_l("各地规定不同，例如 50 小时"),
        group="party",
    ),
    Setting(
        "party_hours_where",
        "everywhere",
        _l("哪里的服务时长算"),
        options=_HOURS_WHERE,
        group="party",
    ),
    Setting("party_remind_days", 5, _l("报到截止前几天提醒"), _l("天"), 0, 20, group="party"),
)

NOTICES = (
    Setting("quiet_from_hour", 21, _l("晚上几点以后不发消息"), _l("点"), 0, 23, group="notices"),
    Setting("quiet_until_hour", 8, _l("早上几点以后再发消息"), _l("点"), 0, 23, group="notices"),
    Setting("reminder_hour", 18, _l("活动前一天几点提醒"), _l("点"), 8, 21, group="notices"),
)

SIGN_UP = (
    Setting("offer_hours", 12, _l("候补名额保留多久"), _l("小时"), 1, 72, group="sign_up"),
    Setting(
        "late_cancel_hours", 24, _l("开始前几小时内取消算临时取消，0 是不算"), _l("小时"), 0, 168,
        group="sign_up",
    ),
    Setting("missed_days", 180, _l("临时取消和没有到场记多久"), _l("天"), 7, 730, group="sign_up"),
)  # fmt: skip

MAKE_UPS = (
    Setting("make_up_days", 30, _l("结束后多少天内可以补录"), _l("天"), 1, 90, group="hours"),
    Setting("make_up_unplanned_minutes", 240, _l("没有排进活动的服务，一次最多补录多久"), _l("分钟"),
            30, 600, group="hours"),
    Setting("make_up_month_minutes", 1200, _l("一人一个月最多补录多久，0 是不限"), _l("分钟"),
            0, 14400, group="hours"),
    Setting("evidence_megabytes", 5, _l("补录材料的一个文件最大多少"), _l("MB"), 1, 8, group="hours"),
)  # fmt: skip

_PERSONS, _SECONDS, _IN_HOURS = _l("人"), _l("秒"), _l("小时")
_ENTRIES, _DAYS, _MINUTES = _l("条"), _l("天"), _l("分钟")
# From where on something is listed for the office to look into. Nothing else follows from these.
ANOMALIES = tuple(
    Setting(f"anomaly_{key}", default, label, unit, low, high, group="anomalies")
    for key, default, label, unit, low, high in (
        ("burst_persons", 8, _l("几秒内签了多少人算很多"), _PERSONS, 4, 50),
        ("burst_seconds", 20, _l("上一项是在几秒内"), _SECONDS, 5, 120),
        ("equal_count", 6, _l("几次时间一秒不差就列出"), _l("次"), 4, 50),
        ("week_hours", 45, _l("一人一周多少时长就列出"), _IN_HOURS, 20, 168),
        ("night_hours", 12, _l("一人一周夜里多少时长就列出"), _IN_HOURS, 2, 42),
        ("approver_percent", 80, _l("一人审批超过百分之几就列出"), "%", 50, 99),
        ("approver_acts", 10, _l("一人一个月审批几次才看上一项"), _l("次"), 3, 200),
        ("back_days", 7, _l("服务结束几天后才录算晚"), _DAYS, 1, 30),
        ("back_entries", 8, _l("一人一天补几条晚的就列出"), _ENTRIES, 2, 200),
        (
            "device_persons",
            3,
            _l("一部手机一天签几个人就列出，登记过的一家算一个"),
            _PERSONS,
            2,
            50,
        ),
        ("travel_minutes", 20, _l("去另一个街道最少几分钟，同一街道减半"), _MINUTES, 2, 180),
        ("no_signup_entries", 3, _l("一人一周录几条没报名的就列出"), _ENTRIES, 1, 100),
    )
)

ARRIVALS = (
    Setting(
        "walk_ins", "all", _l("没有报名的人到场，可不可以补记"), options=_WALK_INS, group="hours"
    ),
    Setting(
        "claim_working_days", 3, _l("扫海报到岗，几个工作日内确认"), _WORKING, 1, 20, group="hours"
    ),
)

CATALOGUE: tuple[Setting, ...] = (
    Setting("site_name", "文明实践门户", _l("网站名称"), group="site"),
    Setting("district_name", "示例区", _l("区名"), group="site"),
    Setting("district_code", "4403", _l("志愿者编号前缀"), group="site", digits=True),
    Setting("help_phone", "0755-0000000", _l("咨询电话"), group="site"),
    Setting("is_demo", False, _l("这是演示区"), group="site"),
    Setting(
        "resident_idle_days", 30, _l("居民多久不用要重新登录"), _l("天"), 1, 365, group="sign_in"
    ),
    Setting(
        "resident_absolute_days", 90, _l("居民最长登录多久"), _l("天"), 1, 365, group="sign_in"
    ),
    Setting(
        "staff_idle_hours",
        12,
        _l("工作人员多久不用要重新登录"),
        _l("小时"),
        1,
        168,
        group="sign_in",
    ),
    Setting("staff_absolute_days", 7, _l("工作人员最长登录多久"), _l("天"), 1, 30, group="sign_in"),
    Setting(
        "admin_idle_hours", 2, _l("管理员多久不用要重新登录"), _l("小时"), 1, 24, group="sign_in"
    ),
    Setting(
        "admin_absolute_hours", 12, _l("管理员最长登录多久"), _l("小时"), 1, 72, group="sign_in"
    ),
    Setting(
        "volunteer_minimum_age",
        14,
        _l("志愿者最低年龄"),
        _l("岁"),
        8,
        18,
        source=_l("《志愿服务条例》，各地规定可能不同"),
        group="volunteers",
    ),
    Setting(
        "id_number",
        "off",
        _l("身份证号"),
        options=_ID_NUMBER,
        source=_l("《个人信息保护法》第6、28条"),
        group="volunteers",
    ),
    Setting(
        "application_days",
        3,
        _l("志愿者申请几个工作日内处理"),
        _l("工作日"),
        1,
        30,
        group="volunteers",
    ),
    Setting("review_centre", "risky_only", _l("中心的活动"), options=_REVIEW, group="review"),
    Setting("review_institute", "risky_only", _l("所的活动"), options=_REVIEW, group="review"),
    Setting("review_station", "risky_only", _l("站的活动"), options=_REVIEW, group="review"),
    Setting("review_point", "risky_only", _l("点的活动"), options=_REVIEW, group="review"),
    *SIGN_UP,
    Setting(
        "travel_gap_minutes",
        0,
        _l("两场地点不同，中间至少隔多久，0 是不要求"),
        _l("分钟"),
        0,
        240,
        group="sign_up",
    ),
    Setting(
        "open_signups_most",
        10,
        _l("一人同时最多报几项没结束的活动，0 是不限"),
        _l("项"),
        0,
        100,
        group="sign_up",
    ),
    Setting(
        "guardian_for",
        "always",
        _l("未成年人报名，什么时候要监护人同意"),
        options=_GUARDIAN_FOR,
        source=_l("《未成年人保护法》《个人信息保护法》第31条，各地规定可能不同"),
        group="sign_up",
    ),
    Setting(
        "check_in_early_minutes", 60, _l("最早提前多久签到"), _l("分钟"), 0, 240, group="hours"
    ),
    Setting(
        "check_out_late_minutes",
        120,
        _l("结束后多久内可以签退"),
        _l("分钟"),
        15,
        480,
        group="hours",
    ),
    Setting(
        "record_working_days",
        10,
        _l("时长几个工作日内确认"),
        _l("工作日"),
        1,
        30,
        source=_l("民政部令第67号第11条"),
        group="hours",
    ),
    Setting(
        "certificate_notice_days",
        0,
        _l("志愿服务证明先公示几天才有效，0 是不公示"),
        _l("天"),
        0,
        30,
        source=_l("民发〔2015〕149号一般不少于 7 天；民政部令第67号没有要求"),
        group="hours",
    ),
    *MAKE_UPS,
    Setting(
        "star_hours",
        "100,300,600,1000,1500",
        _l("星级志愿者各级的服务时长，从一星起"),
        _l("小时"),
        source=_l("《志愿服务记录与证明出具办法》，各地规定可能不同"),
        group="honours",
        rising=True,
    ),
    Setting("star_approval", False, _l("达到星级以后，要由工作人员认定"), group="honours"),
    *ANOMALIES,
    *ARRIVALS,
    *WISHES,
    *ORDERS,
    Setting(
        "pairing_enough_units",
        1,
        _l("一个社区至少结对几个单位"),
        _l("个"),
        1,
        20,
        group="pairing",
    ),
    *PARTY,
    *NOTICES,
    Setting("duty_weeks", 4, _l("志愿服务岗提前几周排出班次"), _l("周"), 1, 12, group="posts"),
    Setting(
        "feedback_days",
        5,
        _l("意见建议几个工作日内答复"),
        _l("工作日"),
        1,
        30,
        source=_l("《志愿服务条例》第26条，没有规定几天"),
        group="feedback",
    ),
)
# What once stood here and has versions of its own now, for the history of changes.
MOVED: dict[str, Any] = {
    "credit_grace_minutes": _l("开始前和结束后最多各计多久"),
    "rounding_minutes": _l("时长按几分钟取整"),
    "rounding": _l("取整方法"),
    "day_cap_minutes": _l("一人一天最多计多久"),
}
BY_KEY: dict[str, Setting] = {setting.key: setting for setting in CATALOGUE}
