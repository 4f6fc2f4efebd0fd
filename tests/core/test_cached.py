"""Public pages as bytes: the same for everybody, new when something changed, nothing of anybody."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from portal import create_app
from portal.core import clock, copies
from portal.core.access import SYSTEM
from portal.core.db import data_version, db, is_sqlite, write
from portal.org import actions as org
from portal.org.models import Level
from portal.records import settings
from tests.conftest import SECRET, config_for
from tests.support.factory import Factory
from tests.support.queries import count_queries

PAGES = [
    "/",
    "/activities",
    "/stations",
    "/activities?q=清洁&free=1",
    "/accessibility",
]
ETAG_OF = """
import sys
from portal import create_app
from portal.config import Config
app = create_app(Config.from_env())
response = app.test_client().get(sys.argv[1])
print("answer:", response.headers["ETag"], response.text, sep=chr(10))
"""


def etag(client, path="/activities", **kwargs):
    response = client.get(path, **kwargs)
    assert response.status_code == 200
    return response.headers["ETag"]


@pytest.fixture
def visitor(own_app):
    return own_app.test_client()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_unchanged_is_not_sent_again(visitor, path):
    first = visitor.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert set(first.headers["Vary"].split(", ")) == {"Cookie", "HX-Request"}
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert "Set-Cookie" not in again.headers
    other = visitor.get(path, headers={"If-None-Match": '"something-else"'})
    assert (other.status_code, other.data) == (200, first.data)


def test_head_is_as_get(visitor):
    response = visitor.head("/activities")
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["ETag"] == etag(visitor)


def test_the_second_reader_costs_one_look_at_the_version(own_app, visitor):
    """PostgreSQL's version also moves with the writes of its other databases; then we ask again."""
    for _ in range(50):
        before = data_version()
        db.session.rollback()
        visitor.get("/activities")
        db.session.rollback()  # the test's context is the request's, and would keep its snapshot
        with count_queries() as seen:
            visitor.get("/activities")
        db.session.rollback()
        if data_version() == before:
            break
    assert len(seen) == (0 if is_sqlite() else 1)  # SQLite's stands in the file's header


@pytest.mark.parametrize("path", ["/", "/activities", "/stations"])
def test_another_process_sends_the_same(own_app, visitor, path):
    """Sets and dicts of another process have another order; the bytes may not."""
    make = Factory()
    station = make.station()
    for _ in range(3):
        make.shift(station)
    mine = visitor.get(path)
    copies.forget()
    assert etag(visitor, path) == mine.headers["ETag"]
    config = own_app.config["PORTAL"]
    environment = {
        **os.environ,
        "DATABASE_URL": config.database_url,
        "SECRET_KEY": SECRET,
        "PORTAL_PUBLIC_URL": config.public_url,
        "PYTHONHASHSEED": "12345",
    }
    done = subprocess.run(
        [sys.executable, "-c", ETAG_OF, path],
        env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    tag, _, text = done.stdout.partition("answer:\n")[2].partition("\n")
    assert text.rstrip("\n") == mine.text.rstrip("\n")
    assert tag == mine.headers["ETag"]


def test_a_write_makes_it_new_when_it_changes_what_is_seen(own_app, visitor):
    make = Factory()
    station = make.station()
    before = etag(visitor)
    make.shift(station)
    after = etag(visitor)
    assert after != before
    make.person()  # a write that nobody sees on this page
    assert etag(visitor) == after


def test_a_page_follows_the_clock(own_app, visitor, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    make = Factory()
    shift = make.shift(starts_at=clock.now() + timedelta(hours=2))
    before = visitor.get("/activities")
    assert "进行中" not in before.text
    time_machine.move_to(shift.starts_at, tick=False)
    assert "进行中" in visitor.get("/activities").text
    time_machine.move_to(shift.ends_at, tick=False)
    assert shift.public_id not in visitor.get("/activities").text


def test_each_way_of_reading_has_bytes_of_its_own(visitor):
    plain = etag(visitor)
    seen = {plain}
    for name, value in (("view", "elder"), ("lang", "en")):
        visitor.set_cookie(name, value)
        seen.add(etag(visitor))
    assert len(seen) == 3
    visitor.set_cookie("lang", "zh")
    elder = visitor.get("/activities")
    assert 'class="view-elder"' in elder.text
    visitor.set_cookie("view", "normal")
    assert etag(visitor) == plain
    for strange in ("xx", "", "elder2", "<script>"):
        visitor.set_cookie("view", strange)
        visitor.set_cookie("lang", strange)
        assert etag(visitor) == plain


def test_other_cookies_and_headers_change_nothing(visitor):
    plain = visitor.get("/").data
    visitor.set_cookie("tracking", "1")
    visitor.set_cookie("session", "not-a-session")
    response = visitor.get("/", headers={"User-Agent": "x", "Referer": "http://localhost/me"})
    assert response.data == plain
    assert "Set-Cookie" not in response.headers


def test_a_fragment_is_not_given_to_who_wants_the_page(visitor):
    part = visitor.get("/activities", headers={"HX-Request": "true"})
    whole = visitor.get("/activities")
    assert "<html" not in part.text
    assert "<html" in whole.text
    restored = visitor.get(
        "/activities", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    assert restored.data == whole.data


def test_an_address_is_not_another(visitor):
    assert etag(visitor, "/activities?free=1") != etag(visitor, "/activities")
    seen = {visitor.get(f"/activities?q={word}").data for word in ("清洁", "义诊", "")}
    assert len(seen) == 3


def test_signed_in_pages_are_kept_by_nobody(browser, make):
    public = browser.get("/activities").data
    browser.sign_in(make.person())
    response = browser.get("/activities")
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert 'name="csrf-token"' in response.text
    browser.post("/logout")
    assert browser.get("/activities").data == public


def test_what_is_said_once_is_not_kept(browser):
    """A visitor's sentence after a form stands on their page alone."""
    plain = browser.get("/accessibility").data
    with browser.client.session_transaction() as session:
        session["_flashes"] = [("success", "密码改好了")]
    said = browser.get("/accessibility")
    assert "密码改好了" in said.text
    assert said.headers["Cache-Control"] == "no-store"
    assert browser.app.test_client().get("/accessibility").data == plain
    assert browser.get("/accessibility").data == plain


def test_errors_are_not_kept(browser):
    for path in ("/no-such-page", "/activities/zzzzzzzzzz", "/stations/zzzzzzzzzz"):
        response = browser.get(path)
        assert response.status_code == 404
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers


def test_the_copies_are_a_small_cache():
    few = copies._Copies(most=3, most_bytes=100)
    for number in range(5):
        few.put((str(number),), copies._Copy("v", b"x" * 10, "etag", ()))
    assert [bool(few.get((str(n),), "v")) for n in range(5)] == [False, False, True, True, True]
    assert few.get(("4",), "w") is None
    few.put(("big",), copies._Copy("v", b"x" * 95, "etag", ()))
    assert few.get(("4",), "v") is None
    assert few.get(("big",), "v")
    few.put(("big",), copies._Copy("w", b"x" * 90, "etag", ()))
    assert few._bytes == 90


def test_a_setting_shows_on_the_next_page(own_app, visitor):
    before = visitor.get("/").text
    write(settings.change, "site_name", "河畔区文明实践", actor=SYSTEM, now=clock.now())
    after = visitor.get("/").text
    assert "河畔区文明实践" in after
    assert "河畔区文明实践" not in before


def test_a_new_station_shows_on_the_next_page(own_app, visitor):
    make = Factory()
    make.centre()
    visitor.get("/stations")
    details = org.StationDetails(name="新河社区实践站", level=Level.STATION)
    write(org.create_station, make.centre().id, details, actor=SYSTEM, now=clock.now())
    assert "新河社区实践站" in visitor.get("/stations").text


def test_two_applications_of_one_process_do_not_share_what_differs(databases):
    """As one process serves one district, this only says that the tests' own order is none."""
    copies.forget()
    app = create_app(config_for(databases.copy()))
    assert app.test_client().get("/").status_code == 200
    with app.app_context():
        db.engine.dispose()
