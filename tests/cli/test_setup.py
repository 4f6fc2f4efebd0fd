"""`init` makes what is missing and nothing twice; `reset-password` hands out a code."""

import pytest
from sqlalchemy import func, select

from portal import create_app
from portal.core import schema
from portal.core.access import Role
from portal.core.db import db
from portal.org import queries as org_queries
from portal.org.models import CalendarDay, Station, Term
from portal.people import passwords, queries
from portal.people.models import Account, RoleGrant
from portal.records.audit import AuditEntry
from tests.conftest import config_for

PHONE = "13812345678"
PASSWORD = {"PORTAL_ADMIN_PASSWORD": "a-long-password"}


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_new_database_gets_schema_centre_and_administrator(run, tmp_path):
    app = create_app(config_for(f"sqlite:///{tmp_path / 'new.db'}"))
    result = run("init", "--phone", "138 1234 5678", "--name", "王管理", app=app, env=PASSWORD)
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert schema.database_head() == schema.code_head()
        account = queries.account_by_phone(PHONE)
        assert passwords.verify(account.password_hash, PASSWORD["PORTAL_ADMIN_PASSWORD"])
        (centre,) = org_queries.all_stations()
        actor = queries.actor_of(queries.person(account.person_id))
        assert (actor.name, actor.holds(Role.ADMINISTRATOR, at=centre.id)) == ("王管理", True)
        db.engine.dispose()
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0


def test_again_changes_nothing(run, own_app):
    run("init", "--phone", PHONE, env=PASSWORD)
    day = db.session.scalars(select(CalendarDay)).first()
    db.session.delete(day)  # the office mended the list
    db.session.commit()
    models = (Account, Station, RoleGrant, Term, CalendarDay, AuditEntry)
    before = [count(model) for model in models]
    result = run("init", "--phone", PHONE)
    assert result.exit_code == 0
    assert "stays as it was" in result.output
    assert [count(model) for model in models] == before


def test_an_existing_account_becomes_administrator(run, filled):
    person = filled.person(phone=PHONE)
    filled.centre()
    assert run("init", "--phone", PHONE).exit_code == 0
    assert queries.actor_of(person).is_admin
    assert count(Station) == 1


def test_without_a_phone_it_says_what_is_missing(run):
    assert "run it again with --phone" in run("init").output
    run("init", "--phone", PHONE, env=PASSWORD)
    assert "--phone" not in run("init").output


@pytest.mark.parametrize(
    ("args", "env", "given", "words"),
    [
        (("--phone", "123"), PASSWORD, "", "not a mobile number"),
        (("--phone", PHONE), {"PORTAL_ADMIN_PASSWORD": "short"}, "", "needs 8 to 128"),
        (("--phone", PHONE), {}, "", "No password was given"),
    ],
)
def test_refusals(run, args, env, given, words):
    result = run("init", *args, env=env, input=given)
    assert result.exit_code == 1
    assert words in result.output
    assert count(Account) == 0


def test_the_password_can_be_typed(run):
    assert run("init", "--phone", PHONE, input="typed-password\ntyped-password\n").exit_code == 0
    assert passwords.verify(queries.account_by_phone(PHONE).password_hash, "typed-password")


def test_reset_password_hands_out_a_code_even_for_staff_and_logs_it(run, filled):
    manager = filled.manager(filled.station())
    phone = queries.account_of(manager.id).phone
    result = run("reset-password", phone)
    assert result.exit_code == 0
    assert len(result.output.split()[0]) == 8
    entries = select(AuditEntry).where(AuditEntry.verb == "account.hand_reset_code")
    assert db.session.scalars(entries).one().subject_id == manager.id


@pytest.mark.parametrize(
    ("phone", "words"), [("13700000000", "No account"), ("abc", "not a mobile")]
)
def test_reset_password_refusals(run, phone, words):
    result = run("reset-password", phone)
    assert result.exit_code == 1
    assert words in result.output


def test_commands_before_init_say_so(run, tmp_path):
    app = create_app(config_for(f"sqlite:///{tmp_path / 'empty.db'}"))
    for command in ("tick", "check-data", "backup x.zip", "reset-password 13812345678"):
        result = run(*command.split(), app=app)
        assert result.exit_code == 1
        assert "Run: flask --app wsgi init" in result.output
