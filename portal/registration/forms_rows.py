"""The shape of a row of people who signed a paper: no more is asked than who they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from wtforms import BooleanField
from wtforms.validators import ValidationError

from portal.core import clock
from portal.core.forms import NotFuture, day_field, phone_field
from portal.core.i18n import gettext as _
from portal.people.guardians import Contact
from portal.registration import rules
from portal.registration.forms import IdentityForm, contact


class RowForm(IdentityForm):
    """Somebody of a table. Held to the rules of the counter's form."""

    phone = phone_field(required=False)
    volunteer = BooleanField()
    consented_on = day_field("")

    minimum_age = 0

    def validate_consented_on(self, field: Any) -> None:
        """A day that has been, in the person's life."""
        NotFuture(clock.today)(self, field)
        born: date | None = self.birth_date.data
        if field.data and born and field.data < born:
            raise ValidationError(_("请检查这个日期"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, those that belong together, and that a volunteer is old enough."""
        fits = super().validate(extra_validators)
        born: date | None = self.birth_date.data
        if not self.volunteer.data or born is None:
            return fits
        too_young = rules.age_refusal(born, clock.today(), self.minimum_age, own=False)
        if too_young:
            self.add_error("birth_date", too_young)
        return fits and not too_young

    def _id_number_problems(self) -> Iterator[tuple[str, str]]:
        if self.volunteer.data:
            yield from super()._id_number_problems()
        elif "id_number" in self and self.id_number.data:
            yield "id_number", _("只有志愿者才登记身份证号，请把这一格清空")

    def guardian(self) -> Contact | None:
        """Return who agreed for a minor; of an adult nothing is kept."""
        if not rules.needs_guardian(self.birth_date.data, clock.today()):
            return None
        return contact(self.guardian_name, self.guardian_phone)
