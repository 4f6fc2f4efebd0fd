"""The shape of an order, of following it, and of what is done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from portal.core import clock
from portal.core.forms import (
    Choice,
    Form,
    choices,
    clean,
    day_field,
    long_text_field,
    needed,
    normal_phone,
    phone_field,
    text_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.services import rules
from portal.services.models import Service, ServicePlace
from portal.services.models_orders import DAY_PART_LABELS, ORDER_WAY_LABELS, DayPart, OrderWay

_STARS = (("5", _l("很满意")), ("4", _l("满意")), ("3", _l("一般")), ("2", _l("不太满意")),
          ("1", _l("不满意")))  # fmt: skip
_WHERE = (("home", _l("请上门来")), ("station", _l("我到站里去")))
_STAFF_WAYS = (OrderWay.PHONE, OrderWay.DESK, OrderWay.VISIT)


class OrderForm(Form):
    """An order; `fit` leaves out what the service does not need."""

    name = text_field(_l("怎么称呼您"), longest=40)
    phone = phone_field(_l("手机号"))
    where = RadioField(_l("在哪里办"), choices=choices(_WHERE), default="home")
    address = text_field(_l("住址"), longest=120, required=False)
    wished_on = day_field(_l("希望哪天"), required=False)
    day_part = RadioField(
        _l("什么时候方便"), choices=choices(DAY_PART_LABELS.items()), default=DayPart.ANY
    )
    note = long_text_field(_l("还想说明什么"), longest=300, required=False)
    consent = BooleanField(
        _l("同意站点和接单的人用这些信息来办"),
        [needed(_l("请先勾选，同意站点用这些信息办理"))],
    )
    key = HiddenField()

    def fit(self, service: Service) -> None:
        """Leave out where it is done when that is fixed, and the address nobody needs."""
        if service.place != ServicePlace.EITHER or service.home_visit:
            del self.where
        if service.place == ServicePlace.STATION:
            del self.address

    @property
    def at_home(self) -> bool:
        """Whether somebody is asked to come, where there is a choice."""
        return "where" in self and self.where.data == "home"

    @property
    def home_address(self) -> str:
        """The address, where one is asked for."""
        return str(self.address.data or "") if "address" in self else ""


class DeskOrderForm(OrderForm):
    """The same for somebody who telephones, comes, or is visited (代办)."""

    service = Choice(_l("点哪一项"), [needed(_l("请选择点哪一项"))], default="")
    way = RadioField(
        _l("怎么说的"),
        choices=choices((way.value, ORDER_WAY_LABELS[way]) for way in _STAFF_WAYS),
        default=OrderWay.PHONE,
    )
    name = text_field(_l("点单人姓名"), longest=40)
    phone = phone_field(_l("点单人手机号"), required=False)
    consent = BooleanField(
        _l("已经告诉本人这些信息怎么用，本人同意"),
        [needed(_l("请先告诉本人，本人同意以后再勾选"))],
    )

    def offer(self, services: Iterable[Service], *, many_stations: bool) -> None:
        """Put in the menu of the stations that the actor keeps."""
        shown = (
            (row.public_id, f"{row.title}（{row.station.name}）" if many_stations else row.title)
            for row in services
        )
        self.service.choices = choices([("", _("请选择")), *shown])


class TrackForm(Form):
    """The number that was kept, and what proves that it is one's own."""

    number = StringField(
        _l("点单编号"),
        [needed(_l("请填写编号"))],
        [rules.normal_number],
        render_kw={"inputmode": "numeric"},
    )
    proof = StringField(
        _l("手机号，或者 6 位查询码"),
        [InputRequired(_l("请填写手机号或者查询码"))],
        [lambda value: normal_phone(clean(value))],
        render_kw={"inputmode": "numeric"},
    )

    def validate_number(self, field: StringField) -> None:
        """A slip in the number is said before anybody is asked."""
        if field.data and not rules.is_number(field.data):
            raise ValidationError(_("编号是 9 位数字，请照着短条再输一遍"))


class RatingForm(Form):
    """How satisfied the asker is."""

    satisfaction = RadioField(_l("办得怎么样"), [needed(_l("请选一个"))], choices=choices(_STARS))
    rate_words = long_text_field(_l("想说的话"), longest=300, required=False)


class ReopenForm(Form):
    """What is not done yet."""

    reopen_words = long_text_field(_l("还差什么"), longest=300)


class RefuseForm(Form):
    """Why it cannot be done; the asker reads it."""

    refuse_reason = long_text_field(_l("为什么办不了"), longest=300)


class DeclineForm(Form):
    """Why those to whom it went cannot do it; the desk reads it."""

    decline_reason = text_field(_l("为什么办不了"), longest=200)


class CloseForm(Form):
    """Why it is closed without a rating."""

    reason = text_field(_l("没有评单就办结的原因"), longest=200, required=False)


class WithdrawForm(Form):
    """Why an order is taken back."""

    withdraw_reason = text_field(_l("为什么撤回"), longest=200, required=False)


class DispatchForm(Form):
    """To whom, and what they should know (or why it is taken from somebody else)."""

    target = Choice(_l("派给谁"), [needed(_l("请选择派给谁"))], default="")
    words = text_field(_l("说明"), longest=300, required=False)

    def offer(self, targets: Sequence[tuple[str, str]]) -> None:
        """Put in those to whom it can be sent."""
        self.target.choices = choices([("", _("请选择")), *targets])


class AcceptForm(Form):
    """By when it will be done; a claim also says for which team."""

    promised_on = day_field(_l("哪天以前办好"))
    team = Choice(_l("以谁的名义"), default="")

    def offer(self, teams: Sequence[tuple[str, str]]) -> None:
        """Put in the teams that the person leads."""
        self.team.choices = choices([("", _("以个人名义")), *teams])


class FinishForm(Form):
    """What was done; and, where it took time, when and how long each helped."""

    finish_note = long_text_field(_l("怎么办的"), longest=500, required=False)
    helped_on = day_field(_l("哪天去的"), required=False)
    helped_from = TimeField(_l("几点开始"), [Optional()])

    helpers: Sequence[Any] = ()

    @property
    def minutes(self) -> list[Any]:
        """The fields of minutes, one for each person."""
        return [self[_minutes(one)] for one in self.helpers]

    def validate(self, extra_validators: object = None) -> bool:
        """Time given needs the day and the hour as well."""
        fine: bool = super().validate(extra_validators)
        if fine and any(field.data for field in self.minutes):
            for field in (self.helped_on, self.helped_from):
                if field.data is None:
                    self.add_error(field.name, _("要记服务时间，日期、时刻和分钟数都要填"))
                    fine = False
        return fine

    @property
    def starts_at(self) -> datetime:
        """When the help began."""
        return clock.at_local(self.helped_on.data, self.helped_from.data or time(0))

    def given(self) -> list[tuple[int, int]]:
        """Return who gave how many minutes."""
        pairs = zip(self.helpers, self.minutes, strict=True)
        return [(one.id, field.data) for one, field in pairs if field.data]


def finish_form(helpers: Sequence[Any], **kwargs: Any) -> FinishForm:
    """Return the form with a field of minutes for each of these persons."""
    fields = {
        _minutes(one): IntegerField(
            _l("%(name)s用了多少分钟（不算路上）", name=one.name),
            [Optional(), NumberRange(1, rules.LONGEST_HELP_MINUTES, _l("请填分钟数，例如 60"))],
            render_kw={"inputmode": "numeric"},
        )
        for one in helpers
    }
    made: FinishForm = type("FinishForm", (FinishForm,), {**fields, "helpers": helpers})(**kwargs)
    return made


def _minutes(helper: Any) -> str:
    return f"minutes_{helper.public_id}"
