"""What is typed into the form, and made-up ID numbers (the check digit fits, the person does not)."""

from datetime import date

from portal.people.guardians import Contact
from portal.people.rules import _ID_CHECKS, _ID_WEIGHTS
from portal.registration.application import Application


def id_number(birth_on=date(1980, 5, 4), serial=1):
    """An ID number of no place that exists (region 999999)."""
    body = f"999999{birth_on:%Y%m%d}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return body + _ID_CHECKS[total % 11]


def typed(home, **changes):
    """The least that a form must hold."""
    fields = {
        "name": "古丽·买买提",
        "birth_date": "1980-05-04",
        "station": home.public_id,
        "consent": "y",
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def given(station, **changes):
    """The same as plain values for the action."""
    values = {"name": "古丽·买买提", "birth_on": date(1980, 5, 4), "station_id": station.id}
    return Application(**{**values, **changes})


GUARDIAN = Contact("王大山", "13800000999")
