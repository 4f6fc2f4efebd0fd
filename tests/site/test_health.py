"""What machines ask."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from portal.core import schema
from portal.core.db import db


def test_the_process_answers_without_the_database(browser, monkeypatch):
    monkeypatch.setattr(db.session, "execute", None)
    response = browser.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert response.headers["Cache-Control"] == "no-store"


def test_ready(browser):
    assert browser.get("/readyz").status_code == 200


def test_not_ready_with_another_schema(browser):
    db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    response = browser.get("/readyz")
    assert response.status_code == 503
    assert "0000" in response.text


def test_not_ready_without_the_database(browser, monkeypatch):
    def fail():
        raise OperationalError("SELECT 1", {}, Exception("password of the database"))

    monkeypatch.setattr(schema, "database_head", fail)
    response = browser.get("/readyz")
    assert (response.status_code, response.text) == (503, "the database does not answer\n")


def test_both_answer_under_any_name_in_production(own_app, monkeypatch):
    from dataclasses import replace

    config = replace(own_app.config["PORTAL"], public_url="https://portal.example.org")
    monkeypatch.setitem(own_app.config, "PORTAL", config)
    client = own_app.test_client()
    for path, status in (("/healthz", 200), ("/readyz", 200), ("/robots.txt", 400)):
        assert client.get(path, base_url="http://10.0.0.7:8000").status_code == status


def test_robots_may_read_calendars_and_not_the_desk(browser):
    lines = browser.get("/robots.txt").text.splitlines()
    assert "Allow: /cal/" in lines
    assert "Disallow: /desk" in lines


def test_security_txt_holds_for_some_months(browser):
    response = browser.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=90) < expires - datetime.now(UTC) < timedelta(days=365)
    assert fields["Contact"].startswith("tel:+86-")
