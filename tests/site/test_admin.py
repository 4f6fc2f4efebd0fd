"""The administrator's pages: stations and roles."""

from __future__ import annotations

import pytest

from portal.core.access import Role
from portal.org import queries as org
from portal.org.forms import parse_spans
from portal.people import queries as people


@pytest.fixture
def admin(make, browser):
    return browser.sign_in(make.holder(Role.ADMINISTRATOR, make.centre()))


def station_fields(**changes):
    return {
        "name": "新站",
        "level": "station",
        "point_type": "",
        "population": "100",
        "day_0": "08:30-12:00、14:00-18:00",
        **changes,
    }


def test_a_station_is_added_below_another_with_its_hours(make, admin):
    centre = make.centre()
    answer = admin.post(f"/admin/stations/{centre.public_id}/below", station_fields())
    assert answer.status_code == 303
    row = next(row for row in org.all_stations() if row.name == "新站")
    assert row.parent_id == centre.id
    assert [(one.weekday, one.opens_minute) for one in org.opening_hours(row.id)] == [
        (0, 510),
        (0, 840),
    ]
    assert "新站" in admin.get("/admin").text


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"level": "centre"}, {"level": "nothing"}, {"day_0": "25:00-26:00"}]
)
def test_what_cannot_be_used_comes_back_with_what_was_typed(make, admin, changes):
    address = f"/admin/stations/{make.centre().public_id}/below"
    answer = admin.post(address, station_fields(summary="写好的简介", **changes))
    assert answer.status_code == 422
    assert "写好的简介" in answer.text


def test_a_station_is_changed_and_keeps_its_level(make, admin):
    station = make.station("旧名")
    address = f"/admin/stations/{station.public_id}"
    assert "旧名" in admin.get(address).text
    assert admin.post(address, station_fields(name="新名", level="point")).status_code == 303
    row = org.station(station.id)
    assert (row.name, row.level) == ("新名", "station")


def test_a_role_is_granted_and_taken_back_at_once(make, admin, app):
    station, person = make.station(), make.person()
    fields = {"phone": person.phone, "role": "station_manager", "station": station.public_id}
    assert admin.post("/admin/roles", fields).status_code == 303
    manager = type(admin)(app).sign_in(person)
    assert manager.get("/desk").status_code == 200
    named = {"person": person.public_id, "role": "station_manager", "station": station.public_id}
    assert admin.get("/admin/roles/revocation", query_string=named).status_code == 200
    assert admin.post("/admin/roles/revocation", named).status_code == 303
    assert manager.get("/desk").status_code == 403


def test_a_role_needs_an_account_and_the_own_administration_stays(make, admin):
    centre = make.centre()
    fields = {"phone": "13700009999", "role": "auditor", "station": centre.public_id}
    assert admin.post("/admin/roles", fields).status_code == 422
    own = next(row for row in people.live_grants() if row.role == Role.ADMINISTRATOR)
    named = {
        "person": own.person.public_id,
        "role": "administrator",
        "station": centre.public_id,
    }
    assert admin.post("/admin/roles/revocation", named).status_code == 403


def test_only_administrators_and_only_their_part_of_the_tree(make, browser):
    street, other = make.station("甲站"), make.station("乙站")
    browser.sign_in(make.holder(Role.ADMINISTRATOR, street))
    assert "乙站" not in browser.get("/admin").text
    assert browser.get(f"/admin/stations/{other.public_id}").status_code == 404
    browser.sign_in(make.manager(street))
    assert browser.get("/admin").status_code == 403
    assert browser.get("/admin/roles").status_code == 403


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("8:30-12:00", [(510, 720)]),
        ("08:30-12:00、14:00-18:00", [(510, 720), (840, 1080)]),
        ("08:30至12:00，14：00-24:00", [(510, 720), (840, 1440)]),
        ("12:00-08:00", None),
        ("08:00-12:00 11:00-13:00", None),
        ("08:70-09:00", None),
        ("整天", None),
    ],
)
def test_opening_hours_as_typed(text, spans):
    assert parse_spans(text) == spans
