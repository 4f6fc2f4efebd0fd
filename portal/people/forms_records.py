"""The shape of input about what is on record of a person: community, trainings, a guardian's word."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Field, RadioField
from wtforms.validators import ValidationError

from portal.core import clock
from portal.core.forms import (
    Choice,
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
from portal.people import counter
from portal.people.guardians import Contact, Scope
from portal.people.models_consents import (
    CHANNEL_LABELS,
    SCOPE_LABELS,
    STAFF_WAYS,
    Channel,
    ConsentScope,
)

_SCOPES = (ConsentScope.ALL, ConsentScope.UNTIL)


class CodeForm(Form):
    """How the person was identified."""

    identified = RadioField(
        _l("怎么确认是本人"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, label) for one, label in counter.IDENTIFIED_LABELS.items()),
    )
    note = text_field(_l("记一句"), longest=200)


class HomeForm(Form):
    """In which community somebody lives."""

    station = Choice(_l("住在哪个社区"))


class TrainingForm(Form):
    """Which training was held when, and how staff know of it."""

    training = Choice(_l("哪种培训"))
    held_on = day_field(_l("哪天参加的"))
    evidence = text_field(_l("凭什么知道"), longest=200)

    def validate_held_on(self, field: Field) -> None:
        """A day that has been."""
        NotFuture(clock.today)(self, field)


class ScopeForm(Form):
    """What a guardian agrees to: all activities, or all until a day."""

    scope = RadioField(
        _l("同意到什么范围"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, SCOPE_LABELS[one]) for one in _SCOPES),
        default=ConsentScope.ALL.value,
    )
    until_on = day_field(_l("到哪天为止"), required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that the last day is there and to come where one is asked for."""
        fits = bool(super().validate(extra_validators))
        if self.scope.data != ConsentScope.UNTIL or self.until_on.errors:
            return fits
        if self.until_on.data is None:
            self.add_error("until_on", _("请写同意到哪天为止"))
            return False
        if self.until_on.data < clock.today():
            self.add_error("until_on", _("请选今天或者以后的日子"))
            return False
        return fits

    def wanted(self) -> Scope:
        """Return what is agreed to."""
        kind = ConsentScope(self.scope.data)
        return Scope(kind, until_on=self.until_on.data if kind == ConsentScope.UNTIL else None)


class GuardianForm(ScopeForm):
    """Who agreed, and which way staff heard or saw it."""

    guardian_name = text_field(_l("监护人叫什么"), longest=40)
    guardian_phone = phone_field(_l("监护人电话"))
    channel = RadioField(
        _l("怎么收到的"),
        [needed(_l("请选一项"))],
        choices=choices((way.value, CHANNEL_LABELS[way]) for way in STAFF_WAYS),
        default=Channel.PAPER.value,
    )

    def contact(self) -> Contact:
        """Return who agreed."""
        return Contact(str(self.guardian_name.data), str(self.guardian_phone.data))

    def way(self) -> Channel:
        """Return which way it was received."""
        return Channel(self.channel.data)


class OwnConsentForm(ScopeForm):
    """A guardian who holds the child in the family agrees."""

    guardian = BooleanField(_l("我是监护人，同意他参加"), [needed(_l("只有监护人能同意，请勾选"))])

    def validate_guardian(self, field: Field) -> None:
        """The tick is the consent."""
        if not field.data:
            raise ValidationError(_l("只有监护人能同意，请勾选"))
