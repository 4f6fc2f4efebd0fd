"""Touching shifts do not clash; where the district asks for a gap, other places need the way."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.errors import Refused
from portal.records import settings
from portal.shifts.models import PlaceRole
from portal.signups import actions


def sign_up(shift, person):
    role = PlaceRole.ATTENDEE
    return write(actions.sign_up, shift.id, person.id, role, actor=SYSTEM, now=clock.now())


@pytest.mark.parametrize(
    ("gap", "minutes", "elsewhere", "code"),
    [
        (0, 0, True, None),
        (0, -1, True, "clash"),
        (30, 0, False, None),
        (30, 29, True, "too_near"),
        (30, 30, True, None),
        (30, -1, False, "clash"),
    ],
)
def test_the_gap_between_two_places(make, gap, minutes, elsewhere, code):
    centre = make.centre()
    write(settings.change, "travel_gap_minutes", gap, actor=SYSTEM, now=clock.now())
    here, person = make.station(), make.person()
    first = make.shift(here)
    there = make.station() if elsewhere else here
    second = make.shift(there, starts_at=first.ends_at + timedelta(minutes=minutes))
    sign_up(first, person)
    assert centre
    if code is None:
        assert sign_up(second, person).state == "confirmed"
        return
    with pytest.raises(Refused) as refused:
        sign_up(second, person)
    assert refused.value.codes == (code,)
