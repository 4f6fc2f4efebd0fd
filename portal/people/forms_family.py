"""The shape of input about families."""

from __future__ import annotations

from datetime import date

from wtforms import BooleanField, Field
from wtforms.validators import ValidationError

from portal.core import clock
from portal.core.forms import Choice, Form, NotFuture, choices, day_field, phone_field, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.people.family import NewMember
from portal.people.models_family import RELATION_LABELS, Relation
from portal.people.rules import is_name


class MemberForm(Form):
    """Somebody of the family who has no account."""

    name = text_field(_l("姓名"), longest=40)
    relation = Choice(
        _l("是我的"), choices=choices(RELATION_LABELS.items()), default=Relation.CHILD.value
    )
    birth_date = day_field(_l("出生日期"))
    phone = phone_field(_l("手机号"), required=False)
    guardian = BooleanField(_l("未满 18 岁：我是监护人，同意登记并同意他参加活动"))
    agreed = BooleanField(_l("已成年：家人知道并且同意我替他报名"))

    def validate_name(self, field: Field) -> None:
        """A name has letters of some script."""
        if field.data and not is_name(field.data):
            raise ValidationError(_l("请填写真实姓名，不要有数字和符号"))

    def validate_birth_date(self, field: Field) -> None:
        """A birth day has been."""
        NotFuture(clock.today)(self, field)

    def said(self) -> NewMember:
        """Return what was filled in."""
        birth_on: date = self.birth_date.data
        return NewMember(
            name=str(self.name.data),
            relation=Relation(self.relation.data),
            birth_on=birth_on,
            phone=self.phone.data or None,
            is_guardian=bool(self.guardian.data),
            agreed=bool(self.agreed.data),
        )


class CodeForm(Form):
    """Whom the code is for."""

    relation = Choice(_l("对方是我的"), choices=choices(RELATION_LABELS.items()))


class AgreeForm(Form):
    """The code that somebody of the family told."""

    code = text_field(
        _l("家人给您的代码"),
        longest=20,
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    def typed(self) -> str:
        """Return the code as it was made."""
        return str(self.code.data or "").lower().replace(" ", "").replace("-", "")
