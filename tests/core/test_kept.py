"""Small tables a process keeps: true after every write, and nothing of a write that failed."""

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.copies import kept
from portal.core.db import write
from portal.people import actions as people_actions
from portal.people import queries as people
from portal.records import settings


@pytest.fixture
def name():
    return lambda: settings.get("site_name")


def rename(to: str, error: Exception | None = None) -> str:
    settings.change("site_name", to, actor=SYSTEM, now=clock.now())
    inside = settings.get("site_name")
    if error:
        raise error
    return inside


def test_rows_are_read_once_while_nothing_changes(own_app):
    times = []

    @kept
    def rows():
        times.append(1)
        return tuple(times)

    with own_app.test_request_context():
        assert [rows() for _ in range(5)] == [(1,)] * 5


def test_a_write_shows_at_once_inside_and_after_it(own_app, name):
    with own_app.test_request_context():
        before = name()
    with own_app.test_request_context():
        assert name() == before
        assert write(rename, "河畔区文明实践") == "河畔区文明实践"
        assert name() == "河畔区文明实践"
    with own_app.test_request_context():
        assert name() == "河畔区文明实践"


def test_what_was_rolled_back_is_not_kept(own_app, name):
    with own_app.test_request_context():
        before = name()
    with own_app.test_request_context(), pytest.raises(ValueError, match="no"):
        write(rename, "不算数", error=ValueError("no"))
    with own_app.test_request_context():
        assert name() == before


def test_a_role_taken_away_is_gone_with_the_next_request(browser, make):
    manager = make.manager(make.station())
    browser.sign_in(manager)
    assert browser.get("/desk").status_code == 200
    grant = people.live_grants()[0]
    write(people_actions.revoke_role, grant.id, actor=SYSTEM, now=clock.now())
    assert browser.get("/desk").status_code == 403
