"""What the desk's page of a person shows: its parts, and the form of each."""

from __future__ import annotations

from typing import Any

from portal.core import clock
from portal.core.access import current_actor
from portal.core.forms import Form, choices
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import queries, records_shown
from portal.people.forms_records import CodeForm, GuardianForm, HomeForm, TrainingForm
from portal.people.models import Person, VolunteerState
from portal.people.rules import is_minor


def values(person: Person, **forms: Form) -> dict[str, Any]:
    """Return what the page of a person shows; a form that could not be used comes along."""
    today = clock.today()
    consents = records_shown.consents_of(person.id)
    return {
        "person": person,
        "account": queries.account_of(person.id),
        "may_have_code": current_actor().is_admin or not queries.is_staff(person.id),
        "code": CodeForm(formdata=None),
        "home": home_form(person, empty=True) if may_set_home(person.id) else None,
        "training": training_form(empty=True),
        "guardian": GuardianForm(formdata=None),
        "trainings": records_shown.trainings_of(person.id, today, with_evidence=True),
        "consents": consents,
        "needs_guardian": bool(consents) or is_minor(person.birth_on, today),
        **forms,
        "wrong": next((one for one in forms.values() if one.errors), None),
    }


def may_set_home(person_id: int) -> bool:
    """Whether it is set here: a registered volunteer's community stands with the volunteer."""
    row = queries.volunteer_of(person_id)
    return row is None or row.state not in {VolunteerState.REGISTERED, VolunteerState.PAUSED}


def home_form(person: Person, *, empty: bool = False) -> HomeForm:
    """Return the form with the communities to choose from, the present one chosen."""
    form = HomeForm(formdata=None) if empty else HomeForm()
    rows = org.communities()
    form.station.choices = choices((row.public_id, row.community or row.name) for row in rows)
    if form.station.data is None:
        chosen = (row.public_id for row in rows if row.id == person.home_station_id)
        form.station.data = next(chosen, None)
    return form


def training_form(*, empty: bool = False) -> TrainingForm:
    """Return the form with the trainings to choose from."""
    form = TrainingForm(formdata=None) if empty else TrainingForm()
    form.training.choices = choices((row.code, row.label) for row in org.terms(Vocabulary.TRAINING))
    return form
