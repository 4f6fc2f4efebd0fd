"""Choosing a volunteer at the desk: from the station's own, or by the number."""

from __future__ import annotations

from portal.core import filters
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.people import queries as people
from portal.people.models import Person
from portal.posts import queries
from portal.posts.forms import VolunteerForm


def offer(form: VolunteerForm, station_id: int) -> None:
    """Put the registered volunteers of a station into the form."""
    near = queries.volunteers_near(station_id)
    form.person.choices = choices(
        [("", _("请选一位")), *((one.public_id, _said(one)) for one in near)]
    )


def chosen(form: VolunteerForm) -> Person | None:
    """Return whom a sent form names; None with a word beside the field when it names nobody."""
    fits = form.validate()
    person = _named(form) if fits else None
    if fits and person is None:
        form.add_error("person", _("请选一位志愿者，或者填志愿者编号"))
    return person


def _said(person: Person) -> str:
    """Return a volunteer as a list shows them: namesakes differ by their phones."""
    return f"{person.name} {filters.masked_phone(person.phone)}".strip()


def _named(form: VolunteerForm) -> Person | None:
    """Return the volunteer of the number typed, else the one chosen."""
    if form.volunteer_no.data:
        return queries.volunteer_by_no(form.volunteer_no.data)
    return people.person_by_id(form.person.data) if form.person.data else None
