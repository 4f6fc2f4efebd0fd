"""The shape of input about sign-ups."""

from __future__ import annotations

from wtforms import RadioField, StringField

from portal.core.forms import Form, choices, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import PLACE_ROLE_LABELS


class SignUpForm(Form):
    """One form a shift: the role, and for whom (public id; empty: oneself)."""

    role = RadioField(_l("怎么参加"), choices=choices(PLACE_ROLE_LABELS.items()))
    person = StringField()


class WithdrawalForm(Form):
    """Why somebody cannot come."""

    reason = text_field(_l("原因"), longest=200, required=False)
