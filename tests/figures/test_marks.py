"""What is done through the features' own actions marks every day it changes a figure of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.activities import actions as activity_actions
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.figures import hooks
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people.models import IdentityCheck, Volunteer
from portal.records import settings
from portal.registration import actions as registration
from portal.registration import decisions
from portal.registration.application import Application
from portal.shifts.models import OfferingState
from tests.figures.written import NOW, TODAY, local, write_shift


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def next_day(noon):
    """A day passes, and tick rolls up what is over."""
    noon.move_to(clock.now() + timedelta(days=1), tick=False)
    hooks.due(clock.now())
    assert hooks.check() == []


def test_an_application_mended_later_is_counted_on_its_new_day_alone(make, noon):
    first, second, person = make.station(), make.station(), make.person()
    manager = make.actor(make.manager(make.centre()))

    def apply(station):
        given = Application(person.name, date(1980, 5, 4), station.id)
        actor = make.actor(person)
        return write(registration.apply, person.id, given, actor=actor, now=clock.now())

    row = apply(first)
    next_day(noon)
    write(decisions.send_back, row.id, "地址", actor=manager, now=clock.now())
    next_day(noon)
    apply(second)
    next_day(noon)
    write(decisions.approve, row.id, IdentityCheck.SEEN, "", actor=manager, now=clock.now())
    next_day(noon)
    write(registration.leave, row.id, actor=make.actor(person), now=clock.now())
    next_day(noon)
    apply(first)
    next_day(noon)
    write(decisions.approve, row.id, IdentityCheck.SEEN, "", actor=manager, now=clock.now())
    next_day(noon)
    assert db.session.query(Volunteer).count() == 1


def test_an_activity_published_or_renamed_in_kind_after_its_day_is_counted_there(make, noon):
    activity = make.activity(make.station(), state=OfferingState.DRAFT)
    write_shift(activity, local(TODAY - timedelta(days=5)))
    from portal.shifts.models import Place, Shift

    shift = db.session.query(Shift).one()
    db.session.add(Place(shift_id=shift.id, role="volunteer", capacity=3))
    db.session.commit()
    next_day(noon)
    write(settings.change, "review_station", "none", actor=SYSTEM, now=clock.now())
    write(activity_actions.publish, activity.id, actor=SYSTEM, now=clock.now())
    next_day(noon)
    changed = org.term(Vocabulary.ACTIVITY_KIND, "culture").id
    columns = {
        name: getattr(activity, name) for name in activity_actions.Details.__dataclass_fields__
    }
    details = activity_actions.Details(**{**columns, "kind_id": changed})
    write(activity_actions.change, activity.id, details, actor=SYSTEM, now=clock.now())
    next_day(noon)
