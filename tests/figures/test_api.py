from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.figures import hooks, queries, scope
from portal.figures.rules import By, Span
from portal.people import actions as people_actions
from portal.people.models import ApiToken
from tests.figures.written import NOW, TODAY

PATH = "/api/v1/figures"


@pytest.fixture
def token(make, street, officer):
    return write(
        people_actions.create_api_token, "市平台", street.institute.id, actor=make.actor(officer),
        now=NOW,
    )  # fmt: skip


@pytest.fixture
def ask(browser, token):
    def ask(query="", value=token):
        headers = {"Authorization": f"Bearer {value}"}
        return browser.client.get(f"{PATH}?{query}", headers=headers)

    return ask


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("rolled_up", [False, True])
def test_the_api_gives_the_numbers_of_the_page_with_definitions(ask, street, by, rolled_up):
    if rolled_up:
        hooks.due(NOW)
    answer = ask(f"by={by}&from=2026-11-01&to=2026-11-20").json
    where = scope.of_district().below(street.institute.public_id)
    table = queries.table(where, Span(date(2026, 11, 1), TODAY), by, now=NOW)
    assert answer["total"]["minutes"] == table.total.figures.minutes
    assert [row["figures"]["minutes"] for row in answer["rows"]] == [
        row.figures.minutes for row in table.rows
    ]
    assert [row["name"] for row in answer["rows"]] == [row.name for row in table.rows]
    assert answer["total"]["hours"] == 5.2
    assert answer["total"]["attendances"] == 9
    assert {one["key"] for one in answer["definitions"]} >= {"sessions", "attendances", "hours"}
    assert ("registered" in answer["total"]) == (by != By.KIND)


def test_a_subtree_is_asked_for_by_its_station(ask, street):
    answer = ask(f"station={street.inside.public_id}").json
    assert answer["station"] == {"id": street.inside.public_id, "name": street.inside.name}
    assert (answer["from"], answer["to"], answer["by"]) == ("2026-11-01", "2026-11-20", "station")
    assert answer["total"]["sessions"] == 2


def test_a_token_sees_its_subtree_and_nothing_beside_it(make, ask, street):
    for public_id in (street.outside.public_id, make.centre().public_id, "nonsense22"):
        answer = ask(f"station={public_id}")
        assert (answer.status_code, answer.json["error"]["field"]) == (404, "station")


def test_without_a_token_nobody_reads_figures(make, browser, ask, street):
    for answer in (
        browser.client.get(PATH),
        browser.client.get(PATH, headers={"Authorization": "Basic eDp5"}),
        ask(value="wrong"),
        ask(value=""),
        browser.sign_in(make.holder("administrator", make.centre())).client.get(PATH),
    ):
        assert answer.status_code == 401
        assert answer.json["error"]["code"] == "unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_refused_at_once(ask):
    row = db.session.query(ApiToken).one()
    write(people_actions.revoke_api_token, row.id, actor=SYSTEM, now=NOW)
    assert ask().status_code == 401


def test_the_last_use_is_written_down(ask, noon):
    assert ask().status_code == 200
    row = db.session.query(ApiToken).one()
    assert row.last_used_at == NOW
    noon.move_to(NOW + timedelta(minutes=2), tick=False)
    ask()
    db.session.expire_all()
    assert row.last_used_at == NOW
    noon.move_to(NOW + timedelta(minutes=6), tick=False)
    ask()
    db.session.expire_all()
    assert row.last_used_at == NOW + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=soon", "from"),
        ("to=2026-13-01", "to"),
        ("from=2026-11-02&to=2026-11-01", "to"),
        ("by=colour", "by"),
        ("from=2025-01-01&by=day", "by"),
        ("from=2020-01-01", "from"),
        ("stations=all", "stations"),
    ],
)
def test_parameters_that_cannot_be_used_are_named(ask, query, field):
    answer = ask(query)
    assert (answer.status_code, answer.json["error"]["field"]) == (422, field)
    assert answer.json["error"]["message"]


def test_no_person_is_in_an_answer(ask, street):
    text = json.dumps(ask("by=day").json, ensure_ascii=False)
    assert not any(person.name in text or person.public_id in text for person in street.people)


def test_the_description_fits_the_answers(browser, ask):
    document = browser.client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    for by in By:
        answer = ask(f"by={by}").json
        assert_fits(answer, schemas["Answer"], schemas)
    assert_fits(ask("by=x").json, schemas["Error"], schemas)


def assert_fits(value, schema, schemas):
    """A small part of JSON Schema: what the document uses."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    python = {"string": str, "integer": int, "number": (int, float), "object": dict, "array": list}
    assert (value is None and "null" in kinds) or any(
        isinstance(value, python[kind]) for kind in kinds if kind != "null"
    ), (value, schema)
    if isinstance(value, dict):
        assert set(schema["required"]) <= set(value) <= set(schema["properties"])
        for name, one in value.items():
            assert_fits(one, schema["properties"][name], schemas)
    if isinstance(value, list):
        for one in value:
            assert_fits(one, schema["items"], schemas)
