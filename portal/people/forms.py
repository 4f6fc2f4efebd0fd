"""The shape of input about accounts."""

from __future__ import annotations

from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import Length, ValidationError

from portal.core import clock
from portal.core.forms import Choice, Form, NotFuture, day_field, needed, phone_field, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.people.passwords import LONGEST, SHORTEST
from portal.people.rules import FAMILY_ONLY_BELOW, age_on, is_name

_TOO_SHORT = _l("密码至少 8 个字符。可以是一句好记的话。")


def new_password(label: object) -> PasswordField:
    """Return a field for a new password; paste and password managers work."""
    return PasswordField(
        label,
        [needed(_l("请填写密码")), Length(min=SHORTEST, max=LONGEST, message=_TOO_SHORT)],
        render_kw={"autocomplete": "new-password"},
    )


class LoginForm(Form):
    """Phone and password."""

    phone = phone_field()
    password = PasswordField(
        _l("密码"),
        [needed(_l("请填写密码")), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class RegisterForm(Form):
    """A new account."""

    name = text_field(_l("姓名"), longest=40, render_kw={"autocomplete": "name"})
    phone = phone_field()
    password = new_password(_l("设一个密码"))
    birth_date = day_field(
        _l("出生日期"),
        required=False,
        name="birth_date",
        render_kw={"autocomplete": "bday"},
    )
    consent = BooleanField(_l("我看过并同意隐私告知"), [needed(_l("要先同意隐私告知才能注册"))])

    def validate_name(self, field: StringField) -> None:
        """A name has letters of some script."""
        if field.data and not is_name(field.data):
            raise ValidationError(_l("请填写真实姓名，不要有数字和符号"))

    def validate_birth_date(self, field: StringField) -> None:
        """A birth day has been; whoever is below 14 is somebody's family, without an account."""
        NotFuture(clock.today)(self, field)
        if field.data and age_on(field.data, clock.today()) < FAMILY_ONLY_BELOW:
            raise ValidationError(
                _l("未满 14 岁不能自己注册。请家长用家长的账号，在“我的家人”里添加。")
            )


class ResetForm(Form):
    """A one-time code from the station, and the new password."""

    phone = phone_field()
    code = text_field(
        _l("一次性代码"),
        longest=20,
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none"},
    )
    password = new_password(_l("新密码"))


class PasswordForm(Form):
    """The present password and the new one."""

    old_password = PasswordField(
        _l("现在的密码"),
        [needed(_l("请填写现在的密码"))],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = new_password(_l("新密码"))


class RoleForm(Form):
    """Whom to give which role, where."""

    phone = phone_field(_l("对方登录用的手机号"))
    role = Choice(_l("角色"))
    station = Choice(_l("在哪个站点（含下级）"))
