"""A process that dies in the middle of freeing a place leaves nothing half done: one offer, or none."""

import subprocess
import sys
from datetime import timedelta

import pytest

from portal.config import ROOT
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.records import steps
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks
from portal.signups.models import Signup
from tests.conftest import SECRET
from tests.support.factory import Factory
from tests.support.server import environment

pytestmark = pytest.mark.race
SEAT = PlaceRole.ATTENDEE
# What is put in the way, in the process that will die: before the offer, after it, after the commit.
DEATHS = {
    "freed, not yet offered": "waiting._offer = die",
    "offered, not yet committed": (
        "offer = waiting._offer\nwaiting._offer = lambda *a, **k: (offer(*a, **k), die())"
    ),
    "committed": "",
}
SCRIPT = """
import os, signal, sys
from wsgi import app
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.signups import actions, waiting
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
{plant}
with app.app_context():
    write(actions.withdraw, int(sys.argv[1]), "", actor=SYSTEM, now=clock.now())
    die()
"""


def looked_up(signup_id):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Signup, signup_id)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("death", DEATHS)
def test_exactly_one_offer_for_a_freed_place(own_app, death):
    make, now = Factory(), clock.now()
    shift = make.shift(starts_at=now + timedelta(days=3), places={"attendee": 1})
    ids = [
        write(actions.sign_up_id, shift.id, make.person().id, SEAT, actor=SYSTEM, now=now)
        for _ in range(3)
    ]
    holder, first, second = ids
    db.session.rollback()
    env = environment(own_app.config["SQLALCHEMY_DATABASE_URI"], SECRET, 8000)
    died = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(plant=DEATHS[death]), str(holder)],
        cwd=ROOT, env=env, check=False, timeout=60, capture_output=True,
    )  # fmt: skip
    assert died.returncode == -9, died.stderr.decode()
    before = "withdrawn" if death == "committed" else "confirmed"
    assert looked_up(holder).state == before
    assert hooks.check() == []
    for _ in range(2):
        write(actions.withdraw, holder, "", actor=SYSTEM, now=clock.now())
        hooks.due(clock.now())
    states = [str(looked_up(one).state) for one in ids]
    assert states == ["withdrawn", "offered", "waitlisted"]
    offers = [row.verb for one in (first, second) for row in steps.of(Ref("signup", one))]
    assert offers.count("offer") == 1
    assert shifts.place_of(shift.id, SEAT).taken == 1
    assert hooks.check() == []
