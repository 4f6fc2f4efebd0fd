"""The consents are rebuilt by the migration: rows and triggers survive it, both ways."""

from datetime import UTC, datetime

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.core.db import db

BEFORE, AFTER = "0010-1", "0010"


def put(kind):
    db.session.execute(
        text(
            "INSERT INTO consent (person_id, kind, text_version, given, channel, at)"
            " SELECT id, :kind, '2026-11', :given, 'web', :at FROM person"
        ),
        {"kind": kind, "given": True, "at": datetime(2026, 5, 1, tzinfo=UTC)},
    )
    db.session.commit()


def kinds():
    found = db.session.execute(text("SELECT kind, text_version FROM consent ORDER BY id")).all()
    db.session.rollback()
    return [tuple(one) for one in found]


def is_refused(statement):
    with pytest.raises(DBAPIError) as caught:
        db.session.execute(text(statement))
    db.session.rollback()
    return "append-only" in str(caught.value.orig)


def is_known(kind):
    try:
        put(kind)
    except DBAPIError:
        db.session.rollback()
        return False
    return True


@pytest.fixture
def old(own_app):
    downgrade(revision=BEFORE)
    db.session.execute(
        text("INSERT INTO person (public_id, name, created_at) VALUES ('aaaaaaaaaa', '测试', :at)"),
        {"at": datetime(2026, 5, 1, tzinfo=UTC)},
    )
    db.session.commit()
    put("notice")
    put("publication")


def test_rows_and_triggers_survive_the_wider_check(old):
    assert not is_known("party")
    upgrade(revision=AFTER)
    assert kinds() == [("notice", "2026-11"), ("publication", "2026-11")]
    assert is_known("party")
    assert not is_known("something")
    assert is_refused("UPDATE consent SET given = given")
    assert is_refused("DELETE FROM consent")


def test_the_way_back_keeps_all_consents_but_those_it_does_not_know(old):
    upgrade(revision=AFTER)
    put("party")
    downgrade(revision=BEFORE)
    assert kinds() == [("notice", "2026-11"), ("publication", "2026-11")]
    assert not is_known("party")
    assert is_refused("UPDATE consent SET given = given")
    assert is_refused("DELETE FROM consent")
    upgrade(revision=AFTER)
    assert [kind for kind, _version in kinds()] == ["notice", "publication"]
