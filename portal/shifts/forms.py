"""The shape of input about who may sign up, for every kind of offering."""

from __future__ import annotations

from wtforms import BooleanField, Field, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.core.forms import Choices, Form
from portal.core.i18n import lazy_gettext as _l

_NUMBERS = {"inputmode": "numeric", "min": "0"}


class ConditionsForm(Form):
    """Who may sign up. What is left empty is not asked for."""

    minimum_age = IntegerField(
        _l("最低年龄"),
        [Optional(), NumberRange(0, 99, _l("请填 0 到 99 之间的整数"))],
        render_kw=_NUMBERS,
    )
    maximum_age = IntegerField(
        _l("最高年龄"),
        [Optional(), NumberRange(0, 120, _l("请填 0 到 120 之间的整数"))],
        render_kw=_NUMBERS,
    )
    community_only = BooleanField(_l("只请本社区的居民"))
    trainings = Choices(_l("志愿者要先参加哪些培训"), default=())
    skills = Choices(_l("志愿者一定要会什么"), default=())
    skills_wanted = Choices(_l("志愿者会什么更好"), default=())

    def validate_maximum_age(self, field: Field) -> None:
        """Not below the minimum."""
        if field.data and field.data < (self.minimum_age.data or 0):
            raise ValidationError(_l("最高年龄不能小于最低年龄"))
