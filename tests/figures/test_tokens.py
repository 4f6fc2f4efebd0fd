from __future__ import annotations

import re
from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.people import actions, queries
from portal.people.models import ApiToken, RoleGrant
from portal.records.audit import AuditEntry
from tests.figures.written import NOW

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


def _grant_of(person, role=Role.CAMPAIGN_OFFICER):
    return db.session.query(RoleGrant).filter_by(person_id=person.id, role=role).one()


def _status(browser, token):
    headers = {"Authorization": f"Bearer {token}"}
    return browser.client.get("/api/v1/figures", headers=headers).status_code


def test_a_token_ends_with_the_role_it_was_made_under(make, browser, street, officer, made, noon):
    token, row, _answer = made
    assert _status(browser, token) == 200
    noon.move_to(NOW + timedelta(days=1), tick=False)
    write(actions.revoke_role, _grant_of(officer).id, actor=SYSTEM, now=clock.now())
    answer = browser.client.get("/api/v1/figures", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "unauthorized"
    admin = make.holder(Role.ADMINISTRATOR, make.centre())
    text = browser.sign_in(admin).get(PAGE).text
    assert "已失效" in text
    assert "新建它的人已经没有这个权限" in text
    assert f"{row.public_id}/revocation" not in text
    # Given again it is another grant; what was made under the first one stays ended.
    write(
        actions.grant_role, officer.id, Role.CAMPAIGN_OFFICER, street.institute.id, actor=SYSTEM,
        now=clock.now(),
    )  # fmt: skip
    assert _status(browser, token) == 401


def test_another_role_of_the_maker_keeps_a_token_only_where_it_would_have_allowed_it(
    make, browser, street, officer
):
    def grant(role, station):
        write(actions.grant_role, officer.id, role, station.id, actor=SYSTEM, now=clock.now())

    grant(Role.STATION_MANAGER, street.inside)
    grant(Role.CAMPAIGN_OFFICER, street.outside)
    made = [
        write(actions.create_api_token, "x", one.id, actor=make.actor(officer), now=clock.now())
        for one in (street.inside, street.outside)
    ]
    first = next(one for one in queries.live_grants() if one.station_id == street.institute.id)
    write(actions.revoke_role, first.id, actor=SYSTEM, now=clock.now())
    assert [_status(browser, token) for token in made] == [401, 200]


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
