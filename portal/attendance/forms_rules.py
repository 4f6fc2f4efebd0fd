"""The shape of a new version of the rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from wtforms import Field, IntegerField, RadioField
from wtforms.validators import NumberRange, ValidationError

from portal.core.forms import Choice, Form, choices, day_field, needed, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.hours.models_rules import ROUNDING_LABELS, SHORT_STAY_LABELS
from portal.hours.rules import Terms

# So many months back the preview looks.
MONTHS = (1, 3, 6, 12)
_LATEST = timedelta(days=800)


def _number(label: Any, low: int, high: int) -> IntegerField:
    message = _l("请填 %(low)d 到 %(high)d 之间的整数", low=low, high=high)
    keys = {"inputmode": "numeric", "min": str(low)}
    return IntegerField(label, [needed(message), NumberRange(low, high, message)], render_kw=keys)


class RuleForm(Form):
    """The figures of a version, from when it holds, why; and how far back to look before."""

    grace = _number(_l("开始前和结束后最多各计多久（分钟）"), 0, 60)
    step = _number(_l("按几分钟取整"), 1, 60)
    rounding = RadioField(
        _l("不足一个单位的"), [needed(_l("请选一项"))], choices=choices(ROUNDING_LABELS.items())
    )
    minimum_share = _number(_l("在场至少占班次的百分之几，0 是不要求"), 0, 100)
    short_stays = RadioField(
        _l("在场不到这么多的"), [needed(_l("请选一项"))], choices=choices(SHORT_STAY_LABELS.items())
    )
    day_cap = _number(_l("一人一天最多计多久（分钟）"), 60, 1440)
    break_after = _number(_l("超过多久的班次要扣休息（分钟），0 是不扣"), 0, 1440)
    break_minutes = _number(_l("扣多久休息（分钟）"), 0, 240)
    valid_from = day_field(_l("从哪天的班次开始用"))
    reason = text_field(_l("为什么改"), longest=200, shortest=2)
    months = Choice(
        _l("用多久的记录试算"),
        default="3",
        choices=choices((str(n), _l("最近 %(n)d 个月", n=n)) for n in MONTHS),
    )

    first_day: date

    def validate_valid_from(self, field: Field) -> None:
        """A day that has not begun, and is not out of sight."""
        if field.data and field.data < self.first_day:
            raise ValidationError(_("最早从明天起。已经开始的日子不改。"))
        if field.data and field.data > self.first_day + _LATEST:
            raise ValidationError(_("请检查这个日期"))

    def validate_break_minutes(self, field: Field) -> None:
        """A break without a length is none, and a length without a break neither."""
        if bool(field.data) != bool(self.break_after.data):
            raise ValidationError(_("两项都填，或者都填 0"))

    def terms(self) -> Terms:
        """Return the figures as typed; the version is counted when it is adopted."""
        names = [name for name in Terms.__slots__ if name != "version"]
        return Terms(**{name: self[name].data for name in names})
