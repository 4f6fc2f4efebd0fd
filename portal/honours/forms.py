"""The shape of input about honours, evaluations and batches."""

from __future__ import annotations

from typing import Any

from wtforms import Field, RadioField
from wtforms.validators import ValidationError

from portal.core import clock
from portal.core.forms import (
    Choice,
    Form,
    NotFuture,
    choices,
    day_field,
    long_text_field,
    needed,
    text_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.honours.models import HONOURED_LABELS


class HonourForm(Form):
    """What was given when, by whom, under which number."""

    title = text_field(_l("荣誉名称"), longest=60, shortest=2)
    level = Choice(_l("级别"))
    given_on = day_field(_l("哪天授予的"))
    issuer = text_field(_l("授予单位"), longest=60)
    document_no = text_field(_l("文件或者证书编号"), longest=40, required=False)
    note = long_text_field(_l("事由"), longest=300, required=False)

    def validate_given_on(self, field: Field) -> None:
        """A day that has been."""
        NotFuture(clock.today)(self, field)


class FindForm(Form):
    """Whose honour it is: the kind, and a name or a phone number."""

    kind = RadioField(
        _l("给谁的"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, label) for one, label in HONOURED_LABELS.items()),
    )
    q = text_field(_l("姓名、手机号或者名称"), longest=60)


class WithdrawForm(Form):
    """Why it is withdrawn; who sees the record reads it."""

    reason = text_field(_l("为什么撤销"), longest=100)


class RemarkForm(Form):
    """The volunteer's own words on an evaluation."""

    words = long_text_field(_l("想说的话"), longest=300)


class PeriodForm(Form):
    """How well somebody served over a time."""

    first_on = day_field(_l("从哪天"))
    last_on = day_field(_l("到哪天"))
    quality = Choice(_l("评价"))
    remark = long_text_field(_l("评语"), longest=300, required=False)

    def validate_last_on(self, field: Field) -> None:
        """Not before the first day."""
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise ValidationError(_("结束不能早于开始"))


class AskedForm(Form):
    """Which records go upstream."""

    station = Choice(_l("站点（含下级）"))
    first_on = day_field(_l("从哪天"), name="from")
    last_on = day_field(_l("到哪天"), name="to")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that the days are in their order."""
        fits = bool(super().validate(extra_validators))
        if fits and self.last_on.data < self.first_on.data:
            self.add_error("last_on", _("结束不能早于开始"))
            return False
        return fits


class DayForm(Form):
    """On which day it was handed in or confirmed."""

    day = day_field(_l("哪一天"))


class FailForm(Form):
    """Why a batch is undone."""

    reason = text_field(_l("为什么作废"), longest=100)
