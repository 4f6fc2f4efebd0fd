"""A printed poster never credits by itself (Q4): somebody else confirms, or it lapses to nothing."""

from datetime import timedelta

import pytest

from portal.arrivals import actions_claims as actions
from portal.arrivals import hooks
from portal.arrivals.actions_claims import Said
from portal.arrivals.models_claims import Claim, ClaimState
from portal.arrivals.rules_claims import poster_code
from portal.attendance import checks
from portal.attendance.models import Direction, Scan, Way
from portal.core import clock
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.hours import queries as ledger
from portal.records.outbox import OutboxRow
from tests.attendance.conftest import START
from tests.notices.conftest import relay
from tests.posts.given import duties, published, signed_up

IN, OUT = Direction.IN, Direction.OUT
PAGE = "/desk/shifts"


class Post:
    """A post whose duty is from 14:00 to 16:00 today, two volunteers on it."""

    def __init__(self, make):
        self.make = make
        self.station = make.station()
        self.manager = make.manager(self.station)
        from portal.posts.rules import Cell

        cells = tuple(Cell(day, 14 * 60, 16 * 60, 3) for day in range(7))
        self.post = published(self.station, cells=cells, now=START - timedelta(days=1))
        self.shift = next(row for row in duties(self.post) if row.starts_at == START)
        self.first, self.second = (make.volunteer(self.station) for _n in range(2))
        for person in (self.first, self.second):
            signed_up(self.shift, person, now=START - timedelta(hours=5))
        self.path = f"/here/{poster_code(self.post.public_id)}"

    def says(self, person, way_to, minutes, device=""):
        said = Said(self.shift.id, way_to, device)
        now = START + timedelta(minutes=minutes)
        return write(actions.claim, said, actor=self.make.actor(person), now=now)

    def confirms(self, *claims, by=None):
        ids = [row.public_id for row in claims]
        actor = self.make.actor(by or self.manager)
        return write(actions.confirm, self.shift.id, ids, actor=actor, now=clock.now())


@pytest.fixture
def post(make, time_machine) -> Post:
    time_machine.move_to(START - timedelta(days=1), tick=False)
    found = Post(make)
    time_machine.move_to(START, tick=False)
    return found


def state(row):
    db.session.expire_all()
    return db.session.get_one(Claim, row.id).state


def test_only_the_confirmation_makes_scans_judged_as_of_then(post, time_machine):
    came, went = post.says(post.first, IN, -5), post.says(post.first, OUT, 110)
    assert db.session.query(Scan).count() == 0
    time_machine.move_to(START + timedelta(days=1), tick=False)
    done = post.confirms(came, went)
    assert (done.done, done.refused) == (2, [])
    assert {row.way for row in db.session.query(Scan)} == {Way.CLAIM}
    assert ledger.total(post.first.id) == 115
    # A second tap, and a second claim of the same, add nothing.
    assert post.confirms(came, went).done == 0
    assert ledger.total(post.first.id) == 115
    assert checks.check() == []


def test_going_can_be_said_and_confirmed_after_the_rule_has_closed_the_visit(post, time_machine):
    from portal.attendance import hooks as attendance

    came, went = post.says(post.first, IN, 0), post.says(post.first, OUT, 125)
    assert post.confirms(came).done == 1
    time_machine.move_to(START + timedelta(hours=20), tick=False)
    attendance.due(clock.now())
    assert ledger.total(post.first.id) == 0
    assert post.confirms(went).done == 1
    assert ledger.total(post.first.id) == 125
    assert checks.check() == []


def test_what_nobody_confirms_lapses_to_nothing_and_the_person_is_told(post, time_machine):
    row = post.says(post.first, IN, 0)
    hooks.due(START + timedelta(days=1))
    assert state(row) == ClaimState.WAITING
    hooks.due(START + timedelta(days=12))
    assert state(row) == ClaimState.LAPSED
    assert db.session.query(Scan).count() == 0
    told = [one.payload.get("kind") for one in db.session.query(OutboxRow).filter_by(kind="notice")]
    assert "claim_lapsed" in told


def test_nobody_confirms_their_own_and_what_a_scan_would_refuse_is_refused(post):
    manager = post.make.volunteer(post.station)
    signed_up(post.shift, manager)
    own = post.says(manager, IN, 0)
    done = post.confirms(own, by=manager)
    assert (done.done, len(done.refused)) == (0, 1)
    assert state(own) == ClaimState.WAITING
    stranger = post.make.person()
    with pytest.raises(Refused, match="not_signed_up"):
        post.says(stranger, IN, 0)
    with pytest.raises(Refused, match="already_out"):
        post.says(post.first, OUT, 0)
    assert post.says(post.first, IN, 0).id == post.says(post.first, IN, 1).id


def test_the_pages_of_a_poster(post, browser):
    assert browser.get(post.path).status_code == 303
    browser.sign_in(post.first)
    page = browser.get(post.path)
    assert "我到了" in page.text
    said = {"shift": post.shift.public_id, "direction": "in"}
    assert browser.post(post.path, said).status_code == 303
    assert "等负责人确认" in browser.get(post.path).text
    # The same phone speaks for somebody else: allowed, and shown.
    browser.sign_in(post.second)
    assert browser.post(post.path, said).status_code == 303
    claims = f"{PAGE}/{post.shift.public_id}/claims"
    assert browser.get(claims).status_code == 403
    browser.sign_in(post.make.manager(post.make.station()))
    assert browser.get(claims).status_code == 404
    browser.sign_in(post.manager)
    assert "等您确认" in browser.get("/desk").text
    page = browser.get(claims)
    assert page.text.count("同一部手机还替另外 1 个人点过") == 2
    ids = [row.public_id for row in db.session.query(Claim).order_by(Claim.id)]
    assert browser.post(claims, {"refuse": ids[1]}).status_code == 303
    assert browser.post(claims, {"all": "1", "claim": ids}).status_code == 303
    db.session.expire_all()
    states = [row.state for row in db.session.query(Claim).order_by(Claim.id)]
    assert states == [ClaimState.CONFIRMED, ClaimState.REFUSED]
    poster = browser.get(f"/desk/posts/{post.post.public_id}/claim-poster")
    assert post.path in poster.text
    assert browser.get("/here/zzzz").status_code == 404


def test_a_leader_without_a_desk_confirms_at_the_duty(post, browser):
    leader = post.make.person()
    post.post.leader_id = leader.id
    db.session.commit()
    row = post.says(post.first, IN, 0)
    path = f"/shifts/{post.shift.public_id}/claims"
    relay()
    assert f'href="{path}"' in browser.sign_in(leader).get("/me/notices").text
    assert browser.sign_in(leader).get(path).status_code == 200
    assert browser.post(path, {"confirm": row.public_id}).status_code == 303
    assert state(row) == ClaimState.CONFIRMED
