from threading import Barrier, Thread

import pytest

from portal.core import clock
from portal.core.db import db, write
from portal.people.models import IdentityCheck, Volunteer, VolunteerState
from portal.registration import decisions, queries
from tests.support.factory import Factory

PEOPLE = 8


def at_once(app, jobs):
    """Run the jobs in threads that begin together; return what each gave, exceptions included."""
    start, given = Barrier(len(jobs)), [None] * len(jobs)

    def run(place, job):
        with app.app_context():
            start.wait()
            try:
                given[place] = job()
            except Exception as error:  # noqa: BLE001  it is what the test looks at
                given[place] = error
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


@pytest.mark.race
def test_approvals_at_once_give_numbers_in_a_row(own_app):
    make = Factory()
    station = make.station()
    actor = make.actor(make.manager(station))
    ids = []
    for _each in range(PEOPLE):
        person = make.volunteer(station, state=VolunteerState.SUBMITTED)
        ids.append(db.session.query(Volunteer.id).filter_by(person_id=person.id).scalar())
    db.session.remove()

    def approval(volunteer_id):
        def job():
            row = write(
                decisions.approve, volunteer_id, IdentityCheck.SEEN, "", actor=actor,
                now=clock.now(),
            )  # fmt: skip
            return row.volunteer_no

        return job

    numbers = at_once(own_app, [approval(one) for one in ids])
    assert sorted(int(number[4:-1]) for number in numbers) == list(range(1, PEOPLE + 1))


@pytest.mark.race
def test_the_same_approval_at_once_gives_one_number(own_app):
    make = Factory()
    station = make.station()
    actor = make.actor(make.manager(station))
    person = make.volunteer(station, state=VolunteerState.SUBMITTED)
    volunteer_id = db.session.query(Volunteer.id).filter_by(person_id=person.id).scalar()
    db.session.remove()

    def job():
        row = write(
            decisions.approve, volunteer_id, IdentityCheck.SEEN, "", actor=actor, now=clock.now()
        )
        return row.volunteer_no

    assert len(set(at_once(own_app, [job] * 4))) == 1
    assert queries.volunteer(volunteer_id).volunteer_no.endswith("1", 0, -1)
