from __future__ import annotations

import re

import pytest

from portal.core.access import Role
from portal.core.db import db
from portal.people.models import ApiToken
from portal.records.audit import AuditEntry

PAGE = "/office/tokens"


@pytest.fixture
def made(browser, street, officer):
    """A token made on the page by the street's officer; returns (token, row)."""
    browser.sign_in(officer)
    answer = browser.post(PAGE, {"name": "市平台", "station": street.inside.public_id})
    assert answer.status_code == 200
    token = re.search(r'<code id="token">([^<]+)', answer.text).group(1)
    return token, db.session.query(ApiToken).one(), answer


def test_a_token_is_shown_once_and_works(browser, street, made):
    token, row, answer = made
    assert answer.headers["Cache-Control"] == "no-store"
    assert row.station_id == street.inside.id
    text = browser.get(PAGE).text
    assert token not in text
    assert "市平台" in text
    headers = {"Authorization": f"Bearer {token}"}
    assert browser.client.get("/api/v1/figures", headers=headers).json["total"]["sessions"] == 2
    verbs = {verb for (verb,) in db.session.query(AuditEntry.verb)}
    assert "token.create" in verbs


def test_a_token_is_stopped_after_asking(browser, made):
    token, row, _answer = made
    ask = browser.get(f"{PAGE}/{row.public_id}/revocation")
    assert "市平台" in ask.text
    assert browser.post(f"{PAGE}/{row.public_id}/revocation").status_code == 303
    headers = {"Authorization": f"Bearer {token}"}
    assert browser.client.get("/api/v1/figures", headers=headers).status_code == 401
    assert "已停用" in browser.get(PAGE).text


def test_what_is_missing_is_said_beside_the_field(browser, street, officer):
    browser.sign_in(officer)
    answer = browser.post(PAGE, {"name": "", "station": street.inside.public_id})
    assert answer.status_code == 422
    answer = browser.post(PAGE, {"name": "x", "station": street.outside.public_id})
    assert answer.status_code == 422
    assert db.session.query(ApiToken).count() == 0


def test_tokens_are_kept_by_officers_and_administrators_of_the_station(make, browser, street, made):
    _token, row, _answer = made
    revocation = f"{PAGE}/{row.public_id}/revocation"
    stranger = make.holder(Role.CAMPAIGN_OFFICER, street.outside)
    assert "市平台" not in browser.sign_in(stranger).get(PAGE).text
    assert browser.get(revocation).status_code == 404
    assert browser.post(revocation).status_code == 404
    for person in (make.holder(Role.AUDITOR, make.centre()), make.manager(street.inside)):
        assert browser.sign_in(person).get(PAGE).status_code == 403
        assert browser.post(PAGE, {"name": "x"}).status_code == 403
        assert browser.post(revocation).status_code == 404
    admin = make.holder(Role.ADMINISTRATOR, make.centre())
    assert "市平台" in browser.sign_in(admin).get(PAGE).text
    assert browser.post(revocation).status_code == 303
