"""The shape of what a volunteer may change alone; the rest is changed at the station."""

from __future__ import annotations

from typing import Any

from portal.core.forms import Choice, Choices, Form, needed, phone_field
from portal.core.i18n import lazy_gettext as _l
from portal.registration import rules
from portal.registration.application import Details
from portal.registration.forms import (
    ApplicationForm,
    chosen_terms,
    contact,
    half_filled,
    name_field,
    offer_details,
)
from portal.registration.queries import Options


class DetailsForm(Form):
    """Home community, skills, kinds of service, free times, and whom to call."""

    station = Choice(_l("常住社区"), [needed(_l("请选择常住社区"))], default="")
    skills = Choices(_l("会什么"))
    service_kinds = Choices(_l("想做哪些服务"))
    free_times = Choices(_l("什么时候有空"), coerce=str)
    emergency_name = name_field(_l("紧急联系人姓名"))
    emergency_phone = phone_field(_l("紧急联系人手机号"), required=False)

    validate_emergency_name = ApplicationForm.validate_name

    def offer(self, options: Options) -> None:
        """Put in the lists."""
        offer_details(self, options)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then name and phone together."""
        fits = super().validate(extra_validators)
        problems = [*half_filled(self, "emergency_name", "emergency_phone")]
        for name, message in problems:
            if not self[name].errors:
                self.add_error(name, message)
        return bool(fits) and not problems

    def details(self, options: Options) -> Details:
        """Return what was filled in."""
        return Details(
            station_id=options.stations[self.station.data].id,
            term_ids=chosen_terms(self, options),
            free_times=rules.free_times_mask(int(slot) for slot in self.free_times.data or ()),
            emergency=contact(self.emergency_name, self.emergency_phone),
        )
