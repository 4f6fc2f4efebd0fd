"""The shape of input of whoever wants to see a number."""

from __future__ import annotations

from wtforms import RadioField

from portal.attendance.phones import WHY_LABELS, Why
from portal.core.forms import Form, choices, needed, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l


class WhyForm(Form):
    """Why the number is wanted."""

    why = RadioField(_l("为什么要看"), [needed(_l("请选一项"))])
    words = text_field(_l("什么事"), longest=100, required=False)

    def __init__(self) -> None:
        super().__init__()
        self.why.choices = choices((why.value, label) for why, label in WHY_LABELS.items())

    def validate(self, extra_validators: object = None) -> bool:
        """Check the fields, and that whoever wants it for something else says what."""
        fits = bool(super().validate(extra_validators))
        if fits and self.why.data == Why.OTHER and not self.words.data:
            self.add_error("words", _("请写明是什么事"))
            return False
        return fits
