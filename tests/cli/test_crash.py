"""A server killed in the middle of writes has kept every sign-up and scan it had said yes to."""

import http.client
import json
import time
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.attendance.models import Scan, ScanVerdict
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.shifts.models import PlaceRole
from portal.signups import actions as signups
from portal.signups.models import LIVE, Signup
from tests.conftest import SECRET
from tests.support.server import Server, csrf_token, environment, free_port, signed_in

GUNICORN = ("gunicorn", "--config", "python:portal.cli.web_server", "wsgi:app")
ROUNDS = 2
RESIDENTS = 60
WRITERS = 3
# So many yeses are awaited before the kill; the others are still under way then.
ENOUGH = 25


class Crowd:
    """Residents who sign up and a desk that scans, until nobody answers any more."""

    def __init__(self, server, token, jobs):
        self.server, self.token, self.jobs = server, token, jobs
        self.acknowledged = []
        self.wrong = []
        self.threads = [Thread(target=self._go) for _ in range(WRITERS)]

    def _go(self):
        while True:
            try:
                job = self.jobs.get_nowait()
            except Empty:
                return
            try:
                job(self)
            except (OSError, http.client.HTTPException):
                return

    def sign_up(self, shift, person_id, cookie):
        status, _text = self.server.post(
            f"/shifts/{shift}/signup", cookie, self.token, role="attendee"
        )
        (self.acknowledged if status == 303 else self.wrong).append(("signup", person_id, status))

    def scan(self, shift, signup, cookie):
        scan_id = str(uuid4())
        record = {
            "scan_id": scan_id,
            "signup_id": signup,
            "direction": "in",
            "occurred_at": clock.now().isoformat(),
            "entry": "manual",
        }
        headers = {"Cookie": cookie, "X-CSRFToken": self.token, "Content-Type": "application/json"}
        status, text = self.server.request(
            "POST", f"/desk/shifts/{shift}/scans", json.dumps({"scans": [record]}), headers
        )
        said = json.loads(text)["results"][0]["verdict"] if status == 200 else text
        kept = said == "stored"
        (self.acknowledged if kept else self.wrong).append(("scan", scan_id, status))


@pytest.mark.timeout(180)
def test_nothing_that_was_acknowledged_is_lost(filled, own_app, run, tmp_path):
    station = filled.station()
    manager = filled.manager(station)
    soon = clock.now() + timedelta(minutes=30)
    later = filled.shift(station, places={"attendee": 1000})
    present = filled.shift(station, starts_at=soon, places={"attendee": 1000})
    desk = signed_in(own_app, manager)
    env = environment(own_app.config["SQLALCHEMY_DATABASE_URI"], SECRET, free_port())
    everything = []
    for number in range(ROUNDS):
        jobs = jobs_of_a_round(own_app, filled, later, present, desk)
        db.session.rollback()
        server = Server(env, tmp_path / f"log{number}", GUNICORN)
        try:
            server.wait_until()
            crowd = Crowd(server, csrf_token(own_app), jobs)
            for thread in crowd.threads:
                thread.start()
            while len(crowd.acknowledged) < ENOUGH and any(t.is_alive() for t in crowd.threads):
                time.sleep(0.002)
        finally:
            server.kill()
        for thread in crowd.threads:
            thread.join()
        assert crowd.wrong == []
        assert not jobs.empty(), "the crowd was done before the crash"
        everything += crowd.acknowledged
        missing = lost(everything, later)
        assert missing == []
        result = run("check-data")
        assert result.exit_code == 0, result.output
    assert {kind for kind, *_rest in everything} == {"signup", "scan"}


def jobs_of_a_round(app, make, later, present, desk):
    """Return the requests of a round, sign-ups and scans in turn; plain values for the threads."""
    jobs = SimpleQueue()
    later_id, present_id = later.public_id, present.public_id
    for _ in range(RESIDENTS):
        person = make.person()
        cookie = signed_in(app, person)
        jobs.put(lambda crowd, p=person.id, c=cookie: crowd.sign_up(later_id, p, c))
        guest = make.person(account=False)
        row = write(
            signups.sign_up, present.id, guest.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=clock.now()
        )
        jobs.put(lambda crowd, s=row.public_id: crowd.scan(present_id, s, desk))
    return jobs


def lost(acknowledged, shift):
    """Return what was acknowledged and is not in the database."""
    db.session.rollback()
    signed_up = set(
        db.session.scalars(
            select(Signup.person_id).where(Signup.shift_id == shift.id, Signup.state.in_(LIVE))
        )
    )
    stored = set(db.session.scalars(select(Scan.scan_id).where(Scan.verdict == ScanVerdict.STORED)))
    kept = {"signup": signed_up, "scan": stored}
    return [one for one in acknowledged if one[1] not in kept[one[0]]]
