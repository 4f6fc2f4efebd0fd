"""The form of an activity: what it offers, what it begins with, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from flask import abort, request
from werkzeug.datastructures import MultiDict

from portal.activities import actions, policy, queries
from portal.activities import queries_templates as templates
from portal.activities.forms import SHORT, VOCABULARIES, DetailsForm
from portal.activities.forms_series import NewSeriesForm
from portal.activities.models import Activity
from portal.activities.models_templates import ActivityTemplate
from portal.core import clock
from portal.core.access import Role, current_actor
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.people import queries as people
from portal.shifts import conditions
from portal.shifts import queries as shifts
from portal.shifts import queries_projects as projects
from portal.shifts.actions_conditions import Conditions
from portal.shifts.models import PlaceRole

_WHOLE_DAY = 24 * 60


def own_stations() -> list[Station]:
    """Return the actor's stations, those granted themselves first."""
    actor = current_actor()
    ids = actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)
    granted = {
        row.id for row in people.stations_of_role(actor.person_id or 0, Role.STATION_MANAGER)
    }
    rows = [row for row in org.all_stations() if row.id in ids]
    return sorted(rows, key=lambda row: row.id not in granted)


def with_choices(form: DetailsForm, row: Activity | None = None) -> DetailsForm:
    """Return the form with its lists to choose from; `row` is what it is about, if there is one.

    What the row says already can be said again, retired or not; what is new, a template's too, cannot.
    """
    station_ids = [row.station_id] if row else [one.id for one in own_stations()]
    open_ones = [(one.public_id, one.name) for one in projects.open_to(station_ids)]
    if row and row.project and row.project.public_id not in dict(open_ones):
        open_ones.append((row.project.public_id, row.project.name))
    form.project.choices = choices([("", _("不属于项目")), *open_ones])
    for name, vocabulary in VOCABULARIES.items():
        kept = [getattr(row, name).code] if row else []
        form[name].choices = choices((one.code, one.label) for one in org.terms(vocabulary, *kept))
    conditions.offer(form, row)
    given = [row.gives_training.code] if row and row.gives_training else []
    trainings = [(one.code, one.label) for one in org.terms(Vocabulary.TRAINING, *given)]
    form.gives_training.choices = choices([("", _("不是培训")), *trainings])
    if isinstance(form, NewSeriesForm):
        form.station.choices = choices([(row.public_id, row.name) for row in own_stations()])
    return form


def details(form: DetailsForm) -> actions.Details:
    """Return what a valid form says, but for station and shift."""
    ids = {}
    for name, vocabulary in VOCABULARIES.items():
        row = org.term(vocabulary, form[name].data) or abort(422)
        ids[name] = row.id
    return form.details(ids, _project_id(form.project.data))


def conditions_of(form: DetailsForm) -> Conditions:
    """Return whom a valid form lets sign up."""
    given = org.term(Vocabulary.TRAINING, form.gives_training.data or "")
    return replace(
        conditions.read(form),
        expected_persons=form.expected_persons.data or 0,
        permit_note=form.permit_note.data or "",
        open_crowd=bool(form.open_crowd.data),
        gives_training_id=given.id if given else None,
    )


def _project_id(public_id: str | None) -> int | None:
    row = projects.project_by_id(public_id) if public_id else None
    return row.id if row else None


# --- beginning -----------------------------------------------------------------------------------


def offered_templates() -> list[ActivityTemplate]:
    """Return the templates that the actor may use."""
    station_ids = [row.id for row in own_stations()]
    return list(templates.offered_to(station_ids)) if station_ids else []


def begin(form: NewSeriesForm) -> None:
    """Put sensible values in: the own station, next Saturday morning, or an earlier activity."""
    stations = own_stations()
    if not stations:
        return
    form.day.data = _next_saturday(clock.today())
    form.starts.data, form.ends.data = time(9), time(11)
    form.volunteers.data = 10
    form.kind.data, form.field.data = "environment", "welfare"
    form.target_group.data = "everyone"
    for name, value in _of_station(_chosen(stations)).items():
        form[name].data = value
    earlier = queries.activity_by_id(request.args.get("copy", ""))
    if earlier and policy.may_plan(current_actor(), earlier):
        fill_from(form, earlier)
        form.station.data = earlier.station.public_id
        _fill_span_from(form, earlier)


def begin_from(template: ActivityTemplate) -> NewSeriesForm:
    """Return the form as a template fills it."""
    form = NewSeriesForm(formdata=None, data=_values(template))
    with_choices(form)
    return form


def sent_from(template: ActivityTemplate) -> NewSeriesForm:
    """Return the short form as it was sent, the fields it does not show filled by its template."""
    unseen = {name: value for name, value in _values(template).items() if name not in SHORT}
    texts = {name: _as_typed(value) for name, value in unseen.items() if value is not False}
    sent: MultiDict[str, str] = MultiDict(request.form)
    for name, text in texts.items():
        sent.setdefault(name, text)
    form = NewSeriesForm(formdata=sent)
    with_choices(form)
    return form


def _as_typed(value: Any) -> str:
    return "y" if value is True else str(value)


def _values(template: ActivityTemplate) -> dict[str, Any]:
    values = _of_station(_chosen(own_stations(), template.station_id))
    # What the template leaves open is the station's.
    values |= {name: text for name in DetailsForm.TEXTS if (text := getattr(template, name))}
    values |= {name: getattr(template, name).code for name in VOCABULARIES}
    ends = (template.starts_minute + template.length_minutes) % _WHOLE_DAY
    return values | {
        "minimum_age": template.minimum_age or "",
        "is_risky": template.is_risky,
        "team_only": template.team_only,
        "project": "",
        "day": _next_saturday(clock.today()),
        "starts": _time(template.starts_minute),
        "ends": _time(ends),
        "volunteers": template.volunteers or None,
        "attendees": template.attendees or None,
    }


def _of_station(station: Station) -> dict[str, Any]:
    return {
        "station": station.public_id,
        "place": station.address,
        "contact_phone": station.phone,
        "leader_name": current_actor().name,
    }


def _chosen(stations: list[Station], usual_id: int | None = None) -> Station:
    """Return the station asked for, else the usual one, else the actor's first."""
    asked = request.values.get("station", "")
    for row in stations:
        if row.public_id == asked:
            return row
    return next((row for row in stations if row.id == usual_id), stations[0])


def _next_saturday(today: date) -> date:
    return today + timedelta(days=(5 - today.weekday()) % 7 or 7)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _fill_span_from(form: NewSeriesForm, earlier: Activity) -> None:
    """The same weekday and time, the next that is to come, with the same places."""
    rows = shifts.shifts_of(earlier.id)
    if not rows:
        return
    start, end = clock.local(rows[-1].starts_at), clock.local(rows[-1].ends_at)
    day = start.date() + timedelta(days=7)
    while day <= clock.today():
        day += timedelta(days=7)
    form.day.data, form.starts.data, form.ends.data = day, start.time(), end.time()
    places = {row.role: row.capacity for row in shifts.places(rows[-1].id)}
    form.volunteers.data = places.get(PlaceRole.VOLUNTEER)
    form.attendees.data = places.get(PlaceRole.ATTENDEE)


def fill_from(form: DetailsForm, row: Activity) -> None:
    """Put in what an activity is made of."""
    for name in (*form.TEXTS, "is_risky", "team_only", "permit_note", "open_crowd"):
        form[name].data = getattr(row, name)
    conditions.fill(form, row)
    form.expected_persons.data = row.expected_persons or None
    form.gives_training.data = row.gives_training.code if row.gives_training else ""
    form.project.data = row.project.public_id if row.project else ""
    for name in VOCABULARIES:
        form[name].data = getattr(row, name).code
