"""The shape of a wish as it is filed, and of the question where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import ValidationError

from portal.core.forms import (
    PHONE,
    Choice,
    Form,
    choices,
    day_field,
    long_text_field,
    needed,
    normal_phone,
    phone_field,
    text_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.org.queries import Choice as Listed
from portal.wishes.models import URGENCY_LABELS, Filer, Urgency
from portal.wishes.numbers import is_code, is_number

_FILERS = ((Filer.WISHER, _l("我自己的心愿")), (Filer.RELATIVE, _l("替家人提出")))


class PrivateForm(Form):
    """What is wished for, in the wisher's own words; `offer_lists` puts in what can be chosen."""

    kind = RadioField(_l("是哪一类"), [needed(_l("请选择是哪一类"))])
    what = long_text_field(_l("想要什么，或者想请人帮什么忙"), longest=500)
    why = long_text_field(_l("为什么需要"), longest=500, required=False)
    amount = Choice(_l("大约多少钱"), default="0")
    urgency = RadioField(
        _l("急不急"), choices=choices(URGENCY_LABELS.items()), default=Urgency.NORMAL
    )
    wished_on = day_field(_l("希望的日期"), required=False)
    address = text_field(_l("住址"), longest=120, required=False)

    def offer_lists(self, kinds: Iterable[Listed], bands: Iterable[tuple[str, str]]) -> None:
        """Put in the kinds and the bands."""
        self.kind.choices = choices((one.value, one.name_zh) for one in kinds)
        self.amount.choices = choices(bands)


class FilingForm(PrivateForm):
    """A wish; `offer` puts in the lists. A relative adds how to reach themselves."""

    filer = RadioField(_l("谁的心愿"), choices=choices(_FILERS), default=Filer.WISHER)
    station = Choice(_l("所在社区"), default="")
    name = text_field(_l("许愿人姓名"), longest=40)
    phone = phone_field(_l("许愿人手机号"))
    filer_name = text_field(_l("您的姓名"), longest=40, required=False)
    filer_phone = phone_field(_l("您的手机号"), required=False)
    consent = BooleanField(
        _l("同意站点用这些信息核实和办理心愿"), [needed(_l("请先勾选，同意站点用这些信息办理"))]
    )

    def offer(
        self, kinds: Iterable[Listed], bands: Iterable[tuple[str, str]], stations: Iterable[Listed]
    ) -> None:
        """Put in what can be chosen."""
        self.offer_lists(kinds, bands)
        named = ((one.value, one.name_zh) for one in stations)
        self.station.choices = choices([("", _("请选择")), *named])

    def validate_station(self, field: StringField) -> None:
        """A wish belongs to a community."""
        if not field.data:
            raise ValidationError(_("请选择所在社区"))

    def validate(self, extra_validators: object = None) -> bool:
        """Who files for somebody else says who they are."""
        fine: bool = super().validate(extra_validators)
        known = self.filer_name.data and self.filer_phone.data
        if self.filer.data == Filer.RELATIVE and not known:
            self.add_error("filer_name", _("替家人提出，请填写代办家人的姓名和手机号"))
            return False
        return fine


def _digits(value: str | None) -> str:
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", value or ""))[:30]


class TrackForm(Form):
    """Number, and what proves that it is one's own: the phone, or the code from the desk."""

    number = StringField(_l("心愿编号"), [needed(_l("请填写编号"))], [_digits])
    phone = StringField(
        _l("登记时留的手机号，或者 6 位确认码"),
        [needed(_l("请填写手机号或者确认码"))],
        [normal_phone],
        render_kw={"inputmode": "numeric"},
    )

    def validate_number(self, field: StringField) -> None:
        """A slip in the number is said before anybody is asked."""
        if field.data and not is_number(field.data):
            raise ValidationError(_("编号不对，请照着短条再输一遍"))

    def validate_phone(self, field: StringField) -> None:
        """Eleven digits, or the six of the code."""
        if field.data and not (PHONE.fullmatch(field.data) or is_code(field.data)):
            raise ValidationError(_("手机号是 11 位数字，确认码是 6 位数字"))
