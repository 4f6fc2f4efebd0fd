"""The shape of input about the places of a shift: stalls by name, each with its own number."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import Field, HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.activities.forms import MOST_PLACES
from portal.core.forms import Choice, Form, choices, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.actions import NewPlace
from portal.shifts.models import PLACE_ROLE_LABELS, Place, PlaceRole
from portal.signups.stalls import MOST_STALLS

SPARE_LINES = 3


class PlaceLine(Form):
    """One kind of places. `was` says which one that is there it was; no number takes it away."""

    was = HiddenField()
    label = text_field(_l("摊位名"), longest=40, required=False)
    role = Choice(
        _l("招什么人"),
        choices=choices(PLACE_ROLE_LABELS.items()),
        default=PlaceRole.VOLUNTEER.value,
    )
    capacity = IntegerField(
        _l("名额"),
        [Optional(), NumberRange(0, MOST_PLACES, _l("请填 0 到 5000 之间的整数"))],
        render_kw={"inputmode": "numeric", "min": "0"},
    )

    def validate_label(self, field: Field) -> None:
        """A colon parts the role from the name in a form."""
        if ":" in (field.data or ""):
            raise ValidationError(_l("摊位名里不要写冒号"))

    def fill(self, place: Place) -> None:
        """Put in what is there."""
        self.was.data = key(place)
        self.label.data, self.role.data = place.label, place.role
        self.capacity.data = place.capacity


def key(place: Place) -> str:
    """Return what names a place in the form: its role and label are unique on a shift."""
    return f"{place.role}:{place.label}"


def lines(places: Sequence[Place], *, sent: bool) -> list[PlaceLine]:
    """Return a line for each place that is there and some for more."""
    count = min(MOST_STALLS, len(places) + SPARE_LINES)
    if sent:
        return [PlaceLine(prefix=f"place{n}-") for n in range(MOST_STALLS)]
    found = [PlaceLine(formdata=None, prefix=f"place{n}-") for n in range(count)]
    for line, place in zip(found, places, strict=False):
        line.fill(place)
    return found


def wanted(
    found: Sequence[PlaceLine], places: Sequence[Place]
) -> list[tuple[int | None, NewPlace]]:
    """Return the places that the lines ask for, with the id of the one each was."""
    ids = {key(place): place.id for place in places}
    roles = {key(place): PlaceRole(place.role) for place in places}
    return [
        (
            ids.get(line.was.data or ""),
            NewPlace(
                roles.get(line.was.data or "", PlaceRole(line.role.data)),
                line.capacity.data,
                line.label.data or "",
            ),
        )
        for line in found
        if line.capacity.data
    ]
