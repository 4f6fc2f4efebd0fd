"""The feeds over HTTP: what is in them, what a revision does, and what is not rendered again."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.http import http_date

from portal.activities import actions as activities
from portal.calendars import views
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.org import actions as org_actions
from portal.org import queries as org
from portal.org.models import Level, Vocabulary
from portal.records import search, settings
from portal.shifts import actions as shift_actions
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions as signups
from tests.calendars.lint import lint
from tests.calendars.readers import read_all
from tests.support.queries import count_queries

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def morning(time_machine):
    time_machine.move_to(NOW, tick=False)


def events_of(browser, path="/cal/all.ics"):
    response = browser.get(path)
    assert response.status_code == 200, response.text
    assert lint(response.data) == []
    return read_all(response.data)


def at(days, hours=0):
    return NOW + timedelta(days=days, hours=hours)


def test_what_an_event_says(browser, make):
    station = make.station("幸福社区实践站")
    activity = make.activity(
        station, title="清洁家园", place="社区广场", summary="带上手套。\n一起来。"
    )
    shift = make.shift(activity=activity, starts_at=at(1))
    (one,) = events_of(browser)
    assert one.uid == f"{shift.public_id}@localhost"
    assert one.starts_at == at(1)
    assert one.ends_at == at(1, 2)
    assert one.summary == "清洁家园"
    assert one.location == "社区广场，和平路 1 号"
    assert one.status == "CONFIRMED"
    text = browser.get("/cal/all.ics").text.replace("\r\n ", "")
    assert f"URL:http://localhost/activities/{activity.public_id}\r\n" in text
    assert "CATEGORIES:环境清洁\r\n" in text
    assert "DESCRIPTION:带上手套。\\n一起来。\\n主办：幸福社区实践站\\n报名：打开 http://" in text
    assert "电话：0755-1234567" in text
    assert "X-WR-CALNAME:文明实践门户\r\n" in text


def test_drafts_never_show_and_called_off_ones_are_cancelled(browser, make):
    station = make.station()
    hidden = [
        make.shift(activity=make.activity(station, state=state))
        for state in (OfferingState.DRAFT, OfferingState.IN_REVIEW, OfferingState.CALLED_OFF)
    ]
    called_off = make.activity(station, title="义诊")
    shown = make.shift(activity=called_off)
    write(activities.call_off, called_off.id, "", actor=SYSTEM, now=clock.now())
    (one,) = events_of(browser)
    assert one.uid.startswith(shown.public_id)
    assert (one.status, one.summary) == ("CANCELLED", "【已取消】义诊")
    for shift in hidden:
        assert browser.get(f"/cal/shifts/{shift.public_id}.ics").status_code == 404


def test_create_move_cancel_keep_the_uid_and_raise_the_sequence(browser, make, time_machine):
    shift = make.shift(activity=make.activity(make.station(), title="读书会"), starts_at=at(2))
    path = f"/cal/shifts/{shift.public_id}.ics"
    seen = [events_of(browser, path)[0]]

    time_machine.move_to(at(0, 1), tick=False)
    write(shift_actions.move_shift, shift.id, at(3), at(3, 1), actor=SYSTEM, now=clock.now())
    seen.append(events_of(browser, path)[0])
    assert seen[1].starts_at == at(3)
    assert "时间改过：原定 11月24日 周二 10:00。" in browser.get(path).text.replace("\r\n ", "")

    time_machine.move_to(at(0, 2), tick=False)
    write(shift_actions.call_off_shift, shift.id, "下雨", actor=SYSTEM, now=clock.now())
    seen.append(events_of(browser, path)[0])
    assert seen[2].status == "CANCELLED"
    assert seen[2].summary == "【已取消】读书会"

    assert len({one.uid for one in seen}) == 1
    assert [one.sequence for one in seen] == sorted({one.sequence for one in seen})
    assert [one.stamp for one in seen] == [at(0), at(0, 1), at(0, 2)]


def test_cancelled_ones_leave_after_a_week(browser, make, time_machine):
    shift = make.shift(starts_at=at(1))
    kept = make.shift(starts_at=at(1))
    write(shift_actions.call_off_shift, shift.id, "", actor=SYSTEM, now=clock.now())
    time_machine.move_to(at(8), tick=False)
    assert {one.status for one in events_of(browser)} == {"CANCELLED", "CONFIRMED"}
    time_machine.move_to(at(9), tick=False)
    (one,) = events_of(browser)
    assert one.uid.startswith(kept.public_id)
    time_machine.move_to(at(35), tick=False)
    assert events_of(browser) == []


def test_the_window(browser, make):
    station = make.station()
    inside = {make.shift(station, starts_at=at(days)).public_id for days in (-30, -1, 0, 180)}
    for days in (-32, 182):
        make.shift(station, starts_at=at(days))
    assert {one.uid.split("@")[0] for one in events_of(browser)} == inside


def test_a_stations_feed_holds_its_subtree(browser, make):
    station = make.station()
    point = make.station(parent=station, level=Level.POINT)
    mine = {make.shift(row).public_id for row in (station, point)}
    make.shift(make.station())
    path = f"/cal/stations/{station.public_id}.ics"
    assert {one.uid.split("@")[0] for one in events_of(browser, path)} == mine
    assert ids(browser, f"station={station.public_id}") == mine
    assert f"NAME:{station.name}\r\n" in browser.get(path).text
    assert browser.get("/cal/stations/nosuchid22.ics").status_code == 404
    assert browser.get("/cal/shifts/nosuchid22.ics").status_code == 404


def ids(browser, query):
    return {one.uid.split("@")[0] for one in events_of(browser, f"/cal/all.ics?{query}")}


def test_what_is_on_the_list_is_in_the_feed(browser, make):
    station, other = make.station(), make.station()
    sport = make.activity(station, title="太极拳晨练", kind="sport")
    search.put(Ref("offering", sport.id), sport.title)
    db.session.commit()
    one = make.shift(activity=sport, starts_at=at(2), places={"attendee": 1})
    two = make.shift(other, starts_at=at(9), places={"volunteer": 3})
    both = {one.public_id, two.public_id}
    assert ids(browser, "") == both
    for query, found in (
        (f"station={station.public_id}", one),
        ("kind=sport", one),
        ("q=太极", one),
        ("role=volunteer", two),
        ("to=2026-11-25", one),
        ("from=2026-11-26", two),
        ("from=2026-12-01&to=2026-12-01&kind=environment", two),
    ):
        assert ids(browser, query) == {found.public_id}, query
        page = browser.get(f"/activities?{query}").text
        hidden = sport if found is two else two.offering
        assert f"/activities/{found.offering.public_id}" in page, query
        assert f"/activities/{hidden.public_id}" not in page, query
    assert ids(browser, "station=nosuchid22&kind=nonsense&from=tomorrow&page=7") == both


def test_only_free_places(browser, make):
    free, full = make.shift(places={"attendee": 1}), make.shift(places={"attendee": 1})
    assert ids(browser, "free=1") == {free.public_id, full.public_id}
    first = browser.get("/cal/all.ics?free=1")
    person = make.person()
    write(signups.sign_up, full.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=clock.now())
    again = browser.get("/cal/all.ics?free=1", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert ids(browser, "free=1") == {free.public_id}


def test_http(browser, make):
    shift = make.shift(activity=make.activity(make.station(), title="读书/会"), starts_at=at(2))
    for path in ("/cal/all.ics", f"/cal/shifts/{shift.public_id}.ics"):
        first = browser.get(path)
        assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "Set-Cookie" not in first.headers
        assert first.headers["ETag"].startswith('"')
        head = browser.client.head(path)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == str(len(first.data))
        again = browser.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        # Whoever asks by date gets the bytes: no date is told, and none is believed.
        assert "Last-Modified" not in first.headers
        by_date = browser.client.get(path, headers={"If-Modified-Since": http_date(at(9))})
        assert (by_date.status_code, by_date.data) == (200, first.data)
    assert "Content-Disposition" not in browser.get("/cal/all.ics").headers
    disposition = first.headers["Content-Disposition"]
    assert disposition.startswith("inline")
    assert "filename*=UTF-8''20261124-" in disposition


def test_signed_in_people_get_the_same_bytes(browser, make):
    station = make.station()
    make.shift(station)
    public = browser.get("/cal/all.ics")
    signed_in = browser.sign_in(make.manager(station)).get("/cal/all.ics")
    assert signed_in.data == public.data
    assert signed_in.headers["ETag"] == public.headers["ETag"]
    assert signed_in.headers["Cache-Control"] == public.headers["Cache-Control"]


def details_of(activity, **changes):
    columns = {one.name: getattr(activity, one.name) for one in fields(activities.Details)}
    return activities.Details(**{**columns, **changes})


def test_every_change_gives_new_bytes_and_is_never_answered_with_304(browser, make, time_machine):
    """Also what only leaves a feed: given another kind, moved out of the days asked for."""
    station = make.station()
    shift, leaving = make.shift(station, starts_at=at(2)), make.shift(station, starts_at=at(2))
    draft = make.shift(activity=make.activity(station, state=OfferingState.DRAFT), starts_at=at(3))
    other = details_of(draft.offering, kind_id=org.term(Vocabulary.ACTIVITY_KIND, "sport").id)
    renamed = org_actions.StationDetails("新名字的实践站", Level.STATION, address="新路 2 号")
    changes = (
        (org_actions.change_station, station.id, renamed),
        (settings.change, "site_name", "新的名字"),
        (activities.publish, draft.offering_id),
        (activities.change, draft.offering_id, other),
        (signups.move, leaving.id, at(20), at(20, 1)),
        (activities.call_off, shift.offering_id, "下雨"),
    )
    path = "/cal/all.ics?kind=environment&to=2026-11-30"
    for hour, change in enumerate(changes, 1):
        before = browser.get(path)
        time_machine.move_to(at(0, hour), tick=False)
        write(*change, actor=SYSTEM, now=clock.now())
        asked = {"If-None-Match": before.headers["ETag"]}, {"If-Modified-Since": http_date(at(9))}
        for headers in asked:
            after = browser.get(path, headers=headers)
            assert after.status_code == 200, change
            assert after.data != before.data, change
            assert "Last-Modified" not in after.headers


def test_what_took_place_before_its_activity_was_called_off_still_did(browser, make, time_machine):
    activity = make.activity(make.station(), title="书法课")
    held, coming = (make.shift(activity=activity, starts_at=at(days)) for days in (1, 9))
    time_machine.move_to(at(2), tick=False)
    before = {one.uid: one for one in events_of(browser)}
    write(activities.call_off, activity.id, "", actor=SYSTEM, now=clock.now())
    after = {one.uid: one for one in events_of(browser)}
    assert after[f"{held.public_id}@localhost"] == before[f"{held.public_id}@localhost"]
    assert after[f"{coming.public_id}@localhost"].status == "CANCELLED"


def test_an_unchanged_feed_is_rendered_once(browser, make, monkeypatch, time_machine):
    make.shift()
    rendered = []
    calendar = views.ical.calendar
    monkeypatch.setattr(views.ical, "calendar", lambda *a: rendered.append(1) or calendar(*a))
    etag = browser.get("/cal/all.ics?q=once").headers["ETag"]
    for minute in range(50):
        time_machine.move_to(NOW + timedelta(minutes=minute), tick=False)
        browser.get("/cal/all.ics?q=once", headers={"If-None-Match": etag})
    assert len(rendered) == 1


def test_one_and_thirty_shifts_take_the_same_statements(browser, make):
    station = make.station()
    counts = []
    for shifts in (1, 29):
        for _ in range(shifts):
            make.shift(station)
        with count_queries() as cold:
            events_of(browser)
        with count_queries() as warm:
            browser.get("/cal/all.ics")
        counts.append((len(cold), len(warm)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 3
    assert counts[0][1] <= 1
