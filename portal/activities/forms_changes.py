"""The shape of a change of a shift: span, place, places by role, and what becomes of the people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField
from wtforms.validators import NumberRange

from portal.activities.forms import MOST_PLACES, SpanForm
from portal.core import clock
from portal.core.forms import choices, needed, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import Place, Shift
from portal.signups.rules_changes import OVER_LABELS, PEOPLE_LABELS, Over, People, Wanted
from portal.signups.words import place_label


class ChangeForm(SpanForm):
    """What a shift is to be; `place_ids` are the places that the fields `places_<n>` stand for."""

    place_ids: Sequence[int] = ()

    place: Any = text_field(_l("具体地点"), longest=120)
    reason = text_field(_l("为什么改"), longest=200)
    people = RadioField(
        _l("已经报名的人"), choices=choices(PEOPLE_LABELS.items()), default=People.KEEP.value
    )
    over = RadioField(
        _l("名额不够的人"), choices=choices(OVER_LABELS.items()), validate_choice=False
    )
    tell_now = BooleanField(_l("马上通知大家（就不能撤销了）"))

    def fill_from(self, shift: Shift) -> None:
        """Put in what holds now."""
        start, end = clock.local(shift.starts_at), clock.local(shift.ends_at)
        self.day.data, self.starts.data, self.ends.data = start.date(), start.time(), end.time()
        if self.place:
            self.place.data = shift.offering.place

    def validate_for(self, shift: Shift, now: datetime) -> bool:
        """Check each field, and that a new start is still to come."""
        if not self.validate():
            return False
        starts_at, _ends_at = self.span()
        if starts_at != shift.starts_at and starts_at <= now:
            self.add_error("starts", _("新的开始时间已经过去了。请选以后的时间。"))
            return False
        return True

    @property
    def capacities(self) -> list[Any]:
        """The fields of the places."""
        return [self[f"places_{n}"] for n in range(len(self.place_ids))]

    def wanted(self) -> Wanted:
        """Return what is wanted."""
        starts_at, ends_at = self.span()
        return Wanted(
            starts_at=starts_at,
            ends_at=ends_at,
            place=self.place.data if self.place else None,
            capacities={
                place_id: int(one.data)
                for place_id, one in zip(self.place_ids, self.capacities, strict=True)
            },
            people=People(self.people.data or People.KEEP),
            over=Over(self.over.data) if self.over.data in set(Over) else None,
            reason=str(self.reason.data),
            tell_now=bool(self.tell_now.data),
        )


def change_form(places: Sequence[Place], *, has_place: bool) -> ChangeForm:
    """Return the form for a shift with these places, filled with their numbers."""
    members: dict[str, Any] = {
        f"places_{n}": IntegerField(
            _("%(role)s的名额", role=place_label(place)),
            [needed(), NumberRange(1, MOST_PLACES, _l("请填 1 到 5000 之间的整数"))],
            default=place.capacity,
            render_kw={"inputmode": "numeric", "min": "1"},
        )
        for n, place in enumerate(places)
    }
    members["place_ids"] = [place.id for place in places]
    if not has_place:
        members["place"] = None
    made: ChangeForm = type("ChangeFormOf", (ChangeForm,), members)()
    return made
