"""The shape of the desk's decisions."""

from __future__ import annotations

from wtforms import RadioField

from portal.core.forms import Form, choices, long_text_field, phone_field, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.people.guardians import Contact
from portal.people.models import IDENTITY_CHECK_LABELS, IdentityCheck
from portal.people.models_consents import CHANNEL_LABELS, STAFF_WAYS, Channel
from portal.registration.forms import ApplicationForm


class ApprovalForm(Form):
    """How identity was checked; who does not say has not checked."""

    identity_check = RadioField(
        _l("怎么核实的身份"),
        choices=choices((one.value, IDENTITY_CHECK_LABELS[one]) for one in IdentityCheck),
        default=IdentityCheck.NOT_CHECKED.value,
    )
    note = text_field(_l("备注"), longest=200, required=False, id="approval-note")


class ReturnForm(Form):
    """What is to be mended."""

    reason = long_text_field(_l("要补充什么"), longest=200, id="return-reason")


class RefusalForm(Form):
    """Why not; the person reads it."""

    reason = long_text_field(_l("为什么不通过"), longest=200, id="refusal-reason")


class GuardianForm(Form):
    """A guardian's consent that staff heard or saw."""

    guardian_name = text_field(_l("监护人姓名"), longest=40)
    guardian_phone = phone_field(_l("监护人手机号"))
    channel = RadioField(
        _l("怎么确认的"),
        choices=choices((way.value, CHANNEL_LABELS[way]) for way in STAFF_WAYS),
        default=Channel.DESK.value,
    )

    validate_guardian_name = ApplicationForm.validate_name

    def contact(self) -> Contact:
        """Return who agreed."""
        return Contact(str(self.guardian_name.data), str(self.guardian_phone.data))
