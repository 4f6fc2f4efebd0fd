"""The shape of input at the kiosk, and of who walks in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Optional, Regexp

from portal.core.forms import Form, choices, clean, long_text_field, needed, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole

_PHONE = Regexp(r"[0-9]{4,11}\Z", message=_l("写手机号，或者末尾 4 位数字"))


def _plain(value: str | None) -> str:
    return (clean(value) or "").replace(" ", "").replace("-", "")


class KioskForm(Form):
    """A code, or the end of a number with the first letter of the name."""

    direction = StringField("", [Regexp(r"(in|out)\Z")])
    scan_id = StringField("", [], [clean])
    code = StringField(_l("六位码"), [], [_plain])
    phone_end = StringField(_l("手机号末尾 4 位"), [], [_plain])
    initial = StringField(_l("姓氏的第一个字母"), [], [clean])


class VisitForm(Form):
    """Somebody who came without a sign-up, as they say it themselves at the kiosk."""

    name = text_field(_l("姓名"), longest=40)
    phone = StringField(_l("手机号，或者末尾 4 位"), [Optional(), _PHONE], [_plain])
    role = RadioField(_l("来做什么"), [needed(_l("请选一项"))])
    consent = BooleanField(
        _l("我同意站点记下姓名和手机号，用来确认是谁、记到场"), [needed(_l("同意才能登记"))]
    )
    key = StringField("", [], [clean])

    def __init__(self, roles: Sequence[PlaceRole], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = choices((one.value, PLACE_ROLE_LABELS[one]) for one in roles)
        if len(roles) == 1 and not self.is_submitted():
            self.role.data = roles[0].value


class DeskVisitForm(VisitForm):
    """The same, written down by staff, who may say when somebody came."""

    came = StringField(_l("几点到的"), [Optional()], [clean])


class AdmitForm(Form):
    """Who it is, and as what they came."""

    person = StringField("", [needed()], [clean])
    role = StringField("", [Regexp("|".join(PlaceRole) + r"\Z")], [clean])


class RefuseForm(Form):
    """Why a visit does not count."""

    reason = long_text_field(_l("为什么不计"), longest=300)
