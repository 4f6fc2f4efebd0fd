"""The shape of what the desk writes down when it signs somebody up, or withdraws them."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, Field, RadioField
from wtforms.validators import ValidationError

from portal.core import clock, filters
from portal.core.forms import (
    Form,
    NotFuture,
    choices,
    day_field,
    needed,
    phone_field,
    text_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.people.actions import NewPerson
from portal.people.guardians import Contact
from portal.people.known import Known
from portal.people.models_consents import CHANNEL_LABELS, STAFF_WAYS, Channel
from portal.people.rules import is_name
from portal.shifts.models import PlaceRole
from portal.signups.behalf import Asked
from portal.signups.panel import Panel


class BehalfForm(Form):
    """Who wants which place, as they said it at the desk."""

    role = RadioField(_l("怎么参加"), [needed(_l("请选一项"))])
    name = text_field(_l("姓名"), longest=40)
    phone = phone_field(_l("本人手机号"), required=False)
    birth_date = day_field(_l("出生日期"), required=False)
    guardian_name = text_field(_l("监护人叫什么"), longest=40, required=False)
    guardian_phone = phone_field(_l("监护人电话"), required=False)
    channel = RadioField(
        _l("怎么收到的"),
        [needed(_l("请选一项"))],
        choices=choices((way.value, CHANNEL_LABELS[way]) for way in STAFF_WAYS),
        default=Channel.DESK.value,
    )
    consent = BooleanField(
        _l("本人听过或看过隐私告知，并且同意"), [needed(_l("要本人先同意隐私告知"))]
    )

    def offer(self, panel: Panel) -> None:
        """Put in the places of the shift, and ask for the birth date where ages matter."""
        offering = panel.shift.offering
        pairs = [
            (place.key, _("%(role)s：%(places)s", role=place.label, places=place.text))
            for place in panel.open_places
        ]
        if offering.is_course:
            pairs.append((PlaceRole.ATTENDEE.value, _("参加活动：整门课一起报")))
        self.role.choices = choices(pairs)
        if offering.minimum_age or offering.maximum_age or offering.is_risky:
            message = _("这项活动有年龄要求，请填出生日期")
            self.birth_date.validators = [needed(message)]
            self.birth_date.flags.required = True

    def validate_name(self, field: Field) -> None:
        """A name has letters of some script."""
        if field.data and not is_name(field.data):
            raise ValidationError(_l("请填写真实姓名，不要有数字和符号"))

    def validate_birth_date(self, field: Field) -> None:
        """A birth day has been."""
        NotFuture(clock.today)(self, field)

    def asked(self, shift_id: int) -> Asked:
        """Return what was filled in."""
        said = NewPerson(str(self.name.data), self.phone.data or None, self.birth_date.data)
        role, _colon, stall = str(self.role.data).partition(":")
        channel, name = Channel(self.channel.data), self.guardian_name.data
        guardian = Contact(name, self.guardian_phone.data or "") if name else None
        return Asked(shift_id, PlaceRole(role), said, channel, guardian, stall or None)


class WhoForm(Form):
    """Which of the records found is the person's, if any; all are shown masked."""

    NOBODY = "new"

    who = RadioField(_l("选一份档案"), [needed(_l("请选一项"))])

    def offer(self, found: Sequence[Known]) -> None:
        """Put in the records; the only one of the name is chosen beforehand."""
        self.who.choices = choices(
            [
                *((one.person.public_id, _masked(one)) for one in found),
                (self.NOBODY, _("都不是，新建一份档案")),
            ]
        )
        named = [one.person.public_id for one in found if one.same_name]
        if self.who.data is None and len(named) == 1:
            self.who.data = named[0]

    def person_id(self, found: Sequence[Known]) -> int | None:
        """Return the record chosen; None for a new one."""
        chosen = (one.person.id for one in found if one.person.public_id == self.who.data)
        return next(chosen, None)


class WithdrawalForForm(Form):
    """Why somebody is taken off the roster; whoever keeps it next wants to know."""

    reason = text_field(_l("原因"), longest=200)


def _masked(one: Known) -> str:
    """Return a record as it may be shown before anybody is chosen."""
    agreeing = (
        (one.same_name, _("姓名")),
        (one.same_phone, _("手机号")),
        (one.same_birth, _("出生日期")),
    )
    return _(
        "%(name)s %(phone)s（%(what)s一样）",
        name=filters.masked_name(one.person.name),
        phone=filters.masked_phone(one.person.phone) or _("没有手机号"),
        what=_("、").join(word for agrees, word in agreeing if agrees),
    )
