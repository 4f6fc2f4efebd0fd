"""The lists whose entries are data: named anew, retired and restored; old records keep theirs."""

import pytest

from portal.core.db import db
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.posts.models import ServicePost
from portal.records.audit import AuditEntry
from tests.posts.given import published
from tests.support.queries import count_queries

KINDS = "/admin/terms/venue_type"


@pytest.fixture
def admin(browser, make):
    return browser.sign_in(make.holder("administrator", make.centre()))


def fields(post, **changes):
    values = {
        "title": post.title, "site_name": post.site_name, "venue_type": "service_hall",
        "kind": "order", "field": "order", "place": post.place,
    }  # fmt: skip
    return {**values, **changes}


def test_an_entry_is_added_named_anew_and_offered(admin, make):
    assert admin.post(f"{KINDS}/new", {"name_zh": "地铁站", "name_en": "Metro"}).status_code == 303
    row = next(one for one in org.terms(Vocabulary.VENUE_TYPE) if one.name_zh == "地铁站")
    twice = admin.post(f"{KINDS}/new", {"name_zh": "地铁站", "name_en": "Subway"})
    assert (twice.status_code, "已经有同名的一项" in twice.text) == (422, True)
    assert admin.post(f"{KINDS}/new", {"name_zh": "", "name_en": ""}).status_code == 422
    changed = admin.post(f"{KINDS}/{row.code}", {"name_zh": "地铁口", "name_en": "Metro gate"})
    assert changed.status_code == 303
    assert "地铁口" in admin.get("/posts").text
    verbs = [one.verb for one in db.session.query(AuditEntry).filter_by(subject_kind="term")]
    assert verbs == ["term.add", "term.change"]
    assert "词表加一项" in admin.get("/office/audit").text


def test_retired_is_offered_no_longer_and_old_records_keep_it(admin, make):
    post = published(make.station())
    for _twice in range(2):
        assert admin.post(f"{KINDS}/service_hall/retirement").status_code == 303
    name = org.term(Vocabulary.VENUE_TYPE, "service_hall").name_zh
    assert name in admin.get(post.path).text
    assert 'value="service_hall"' not in admin.get("/posts").text
    assert 'value="service_hall"' not in admin.get("/desk/posts/new").text
    edit = f"/desk/posts/{post.public_id}/edit"
    assert 'value="service_hall"' in admin.get(edit).text  # it may stay what it is
    assert admin.post(edit, fields(post, promise="随叫随到")).status_code == 303
    assert admin.post(edit, fields(post, venue_type="nothing")).status_code == 422
    assert db.session.get(ServicePost, post.id).venue_type.code == "service_hall"
    assert "已停用" in admin.get(KINDS).text
    assert admin.post(f"{KINDS}/service_hall/restoration").status_code == 303
    assert 'value="service_hall"' in admin.get("/posts").text


def test_a_list_always_offers_something(admin):
    rows = org.terms(Vocabulary.FIELD)
    for row in rows[1:]:
        assert admin.post(f"/admin/terms/field/{row.code}/retirement").status_code == 303
    last = admin.post(f"/admin/terms/field/{rows[0].code}/retirement")
    assert (last.status_code, "最后一项" in last.text) == (409, True)


def test_the_officer_keeps_the_trainings_and_nothing_else(browser, make):
    officer = make.holder("campaign_officer", make.centre())
    browser.sign_in(officer)
    assert "/admin/terms/training" in browser.get("/office").text
    (row, *_rest) = org.terms(Vocabulary.TRAINING)
    page = browser.get(f"/admin/terms/training/{row.code}")
    assert row.name_zh in page.text
    sent = {"name_zh": "新名培训", "name_en": "Renamed", "months": "7"}
    assert browser.post(f"/admin/terms/training/{row.code}", sent).status_code == 303
    assert org.months_of(row.id) == 7
    sent["months"] = ""
    assert browser.post(f"/admin/terms/training/{row.code}", sent).status_code == 303
    assert org.months_of(row.id) is None
    assert browser.get(KINDS).status_code == 404
    assert browser.post(f"{KINDS}/service_hall/retirement").status_code == 404
    assert browser.get("/admin/terms/nothing").status_code == 404
    assert browser.get("/admin/terms/training/nothing").status_code == 404


@pytest.mark.parametrize("who", ["manager", "street"])
def test_others_keep_no_list(browser, make, who):
    station = make.station()
    person = make.manager(station) if who == "manager" else make.holder("campaign_officer", station)
    browser.sign_in(person)
    assert browser.get("/admin/terms/training").status_code in {403, 404}


def test_one_more_entry_and_thirty_ask_the_same_number_of_statements(admin):
    counts = []
    for more in (1, 29):
        for number in range(more):
            name = f"地铁站{more}{number}"
            assert admin.post(f"{KINDS}/new", {"name_zh": name, "name_en": name}).status_code == 303
        admin.get(KINDS)  # small tables kept by the process are read again after a write
        with count_queries() as seen:
            assert admin.get(KINDS).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
