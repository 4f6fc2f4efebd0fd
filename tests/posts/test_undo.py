"""A post that was taken away comes back whole while nobody has been told; so does its place."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.posts import actions, actions_standing, hooks
from portal.records.outbox import OutboxRow
from portal.signups import hooks as signup_hooks
from portal.signups import queries_changes
from tests.posts.given import (
    details,
    duties,
    every_day,
    first_slot,
    pattern,
    published,
    signed_up,
    tried,
)


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def post(station):
    """Return a post whose first duty is three days ahead: its notices wait."""
    from_on = clock.today() + timedelta(days=3)
    return published(station, grid=pattern(every_day(2), from_on=from_on))


def notices():
    rows = db.session.query(OutboxRow).filter(OutboxRow.done_at.is_(None))
    return sorted(row.payload["kind"] for row in rows)


def test_a_post_taken_away_comes_back_with_everybody(browser, make, station, post):
    person, regular = make.volunteer(station), make.volunteer(station)
    row = signed_up(duties(post)[0], person)
    given = write(
        actions_standing.give, first_slot(post).id, regular.id, actor=SYSTEM, now=clock.now()
    )
    before, told = [shift.id for shift in duties(post)], notices()
    browser.sign_in(make.manager(station))
    browser.post(f"/desk/posts/{post.public_id}/call-off", {"reason": "大厅装修"})
    db.session.expire_all()
    assert (post.state, row.state, given.ended_at is None) == ("called_off", "called_off", False)
    page = browser.get(f"/desk/posts/{post.public_id}").text
    assert page.count("通知还没有发出") == 1  # the whole is one line
    (path,) = {
        part.split('"')[0] for part in page.split('action="')[1:] if "/changes/" in part[:40]
    }
    assert path.startswith("/desk/posts/changes/")
    for _twice in range(2):
        assert browser.post(path).status_code == 303
    db.session.expire_all()
    assert (post.state, row.state, given.ended_at) == ("published", "confirmed", None)
    assert [shift.id for shift in duties(post)] == before
    assert notices() == told
    assert (hooks.check(), signup_hooks.check()) == ([], [])


def test_another_manager_undoes_nothing(browser, make, station, post):
    signed_up(duties(post)[0], make.volunteer(station))
    write(actions.call_off, post.id, "大厅装修", actor=SYSTEM, now=clock.now())
    change = queries_changes.undoable_of_offering(post.id, clock.now())[0]
    browser.sign_in(make.manager(make.station()))
    assert browser.post(f"/desk/posts/changes/{change.public_id}/undo").status_code == 404
    browser.sign_in(make.manager(station))
    assert browser.post(f"/desk/changes/{change.public_id}/undo").status_code == 404


def test_what_has_been_told_does_not_come_back(make, station):
    post = published(station)  # a duty begins within a day, so its people are told at once
    now = clock.now()
    person = make.volunteer(station)
    near = next(one for one in duties(post) if one.starts_at - now < timedelta(days=1))
    signed_up(near, person)
    write(actions.call_off, post.id, "大厅装修", actor=SYSTEM, now=now)
    changes = queries_changes.undoable_of_offering(post.id, now)
    write(actions.undo, changes[0].id, actor=SYSTEM, now=now)
    db.session.expire_all()
    assert (post.state, near.state) == ("published", "called_off")
    _row, codes = tried(actions.undo, changes[0].id, actor=SYSTEM, now=now + timedelta(minutes=11))
    assert codes == ("told",)


def test_another_place_is_undone_like_any_change(make, station, post):
    person = make.volunteer(station)
    signed_up(duties(post)[0], person)
    told = notices()
    write(actions.change, post.id, details(place="二楼西门"), actor=SYSTEM, now=clock.now())
    assert notices() == sorted([*told, "shift_moved"])
    (change,) = queries_changes.undoable_of_offering(post.id, clock.now())
    write(actions.undo, change.id, actor=SYSTEM, now=clock.now())
    db.session.expire_all()
    assert (post.place, notices()) == ("一楼东门", told)
