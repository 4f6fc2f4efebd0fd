"""A district that is there already gets kinds of teams and its leaders; the way back works, too."""

from datetime import UTC, datetime

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from portal.core.db import db

BEFORE, AFTER = "0012-1", "0012"
AT = datetime(2026, 5, 1, tzinfo=UTC)


def run(statement, **values):
    db.session.execute(text(statement), {"at": AT, **values})
    db.session.commit()


def rows(statement):
    found = [tuple(row) for row in db.session.execute(text(statement))]
    db.session.rollback()
    return found


@pytest.fixture
def old(own_app):
    """Two teams of a station below a centre; who leads is known by the role alone."""
    downgrade(revision=BEFORE)
    for one, above in ((1, None), (2, 1)):
        run(
            "INSERT INTO station (id, public_id, parent_id, level, name, community, address,"
            " directions, phone, summary, population, position) VALUES (:id, :public, :above,"
            " 'station', '站', '', '', '', '', '', 0, 0)",
            id=one, public=f"station{one:03d}", above=above,
        )  # fmt: skip
        run("INSERT INTO station_tree VALUES (:id, :id, 0)", id=one)
    run("INSERT INTO station_tree VALUES (1, 2, 1)")
    for one in range(1, 6):
        run(
            "INSERT INTO person (id, public_id, name, created_at) VALUES (:id, :public, '人', :at)",
            id=one, public=f"person{one:04d}",
        )  # fmt: skip
    for one in (1, 2):
        run(
            "INSERT INTO team (id, public_id, name, station_id) VALUES (:id, :public, '队', 2)",
            id=one, public=f"team{one:06d}",
        )  # fmt: skip
    member = (
        "INSERT INTO team_member (team_id, person_id, state, at) VALUES (:team, :id, :state, :at)"
    )
    for team, person, state in (
        (1, 1, "member"), (1, 2, "member"), (1, 3, "member"), (1, 4, "left"), (2, 5, "member"),
    ):  # fmt: skip
        run(member, team=team, id=person, state=state)
    grant = (
        "INSERT INTO role_grant (person_id, role, station_id, granted_at, revoked_at)"
        " VALUES (:id, :role, :station, :at, :revoked)"
    )
    for person, role, station, revoked in (
        (5, "team_leader", 2, AT), (2, "team_leader", 1, None), (2, "team_leader", 2, None),
        (1, "team_leader", 2, None), (3, "auditor", 2, None), (4, "team_leader", 2, None),
    ):  # fmt: skip
        run(grant, id=person, role=role, station=station, revoked=revoked)
    return own_app


def test_who_held_the_role_first_leads_and_others_stand_in(old):
    upgrade(revision=AFTER)
    found = rows("SELECT team_id, person_id, role FROM team_member ORDER BY team_id, person_id")
    assert found == [
        (1, 1, "deputy"), (1, 2, "leader"), (1, 3, "member"), (1, 4, "member"), (2, 5, "member"),
    ]  # fmt: skip
    assert rows("SELECT brand, slogan, kind_id FROM team WHERE id = 1") == [("", "", None)]


def test_a_district_gets_the_kinds_it_would_begin_with(old):
    upgrade(revision=AFTER)
    codes = {code for (code,) in rows("SELECT code FROM term WHERE vocabulary = 'team_kind'")}
    assert {"service", "red_armband", "vanguard", "organisation"} <= codes


def test_an_empty_one_gets_none(own_app):
    downgrade(revision=BEFORE)
    run("DELETE FROM term_link")
    run("DELETE FROM term")
    upgrade(revision=AFTER)
    assert rows("SELECT code FROM term WHERE vocabulary = 'team_kind'") == []


def test_back_again_a_declined_one_has_left(old):
    upgrade(revision=AFTER)
    run("UPDATE team_member SET state = 'declined' WHERE team_id = 2")
    downgrade(revision=BEFORE)
    assert rows("SELECT state FROM team_member WHERE team_id = 2") == [("left",)]
    assert rows("SELECT count(*) FROM term WHERE vocabulary = 'team_kind'") == [(0,)]
    upgrade(revision=AFTER)
