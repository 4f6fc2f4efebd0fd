"""Two imports of one table at the same time make everything once."""

import pytest

from portal.activities.models import Activity
from portal.cli import checks
from portal.core.db import db
from portal.imports import actions
from portal.imports.models import Sort
from portal.people.models import Person
from portal.posts.models import ServicePost
from tests.imports.made import kept
from tests.imports.test_pages import ROWS
from tests.membership.test_races import at_once, job
from tests.support.factory import Factory

pytestmark = pytest.mark.race


@pytest.mark.parametrize("sort", list(Sort))
def test_two_imports_of_one_table_at_once_make_it_once(own_app, sort):
    make = Factory()
    station = make.station()
    actors = [make.actor(make.manager(station)) for _n in range(2)]
    with own_app.test_request_context():
        uploads = [kept(sort, station, actor, *ROWS[sort]).id for actor in actors]
    people = db.session.query(Person).count()
    db.session.remove()
    pairs = list(zip(uploads, actors, strict=True)) * 2  # and each button is pressed twice
    given = at_once(own_app, [job(actions.take, one, actor=actor) for one, actor in pairs])
    # The upload that came first answers with its count however often it is asked.
    assert sorted(given) == [str(len(ROWS[sort]))] * 2 + ["done"] * 2
    made = {
        Sort.PERSONS: db.session.query(Person).count() - people,
        Sort.POSTS: db.session.query(ServicePost).count(),
        Sort.ACTIVITIES: db.session.query(Activity).count(),
    }
    assert made[sort] == (2 if sort == Sort.PERSONS else 1)
    assert list(checks.mismatches()) == []
