"""The shape of a guardian's consent to one offering: which, and whose word it is."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import RadioField

from portal.core import clock, filters
from portal.core.forms import Form, choices, needed
from portal.core.i18n import lazy_gettext as _l
from portal.people.forms_records import GuardianContactForm, OwnWordForm
from portal.people.guardians import Scope
from portal.people.models_consents import ConsentScope
from portal.signups.queries_guardian import Open


class OfferingForm(Form):
    """Which of the offerings found."""

    offering = RadioField(_l("同意参加哪一项"), [needed(_l("请选一项"))], validate_choice=True)

    def offer(self, found: Sequence[Open]) -> None:
        """Put in what can be chosen."""
        self.found = {row.public_id: row for row in found}
        self.offering.choices = choices((row.public_id, _said(row)) for row in found)

    def wanted(self) -> Scope:
        """Return what is agreed to."""
        return Scope(ConsentScope.OFFERING, self.found[self.offering.data].id)


class OwnOfferingForm(OfferingForm, OwnWordForm):
    """A guardian of the family agrees."""


class DeskOfferingForm(OfferingForm, GuardianContactForm):
    """Staff write down what a guardian said or signed."""


def _said(row: Open) -> str:
    """Return an offering so that namesakes differ: by the next day, and the place."""
    day = filters.short_day(clock.local_day(row.next_at))
    return " · ".join(one for one in (day, row.title, row.place) if one)
