"""From the upload to the list: the report row by row, the import in one write, and what it tells."""

import io
import os
import time
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from portal.core import clock
from portal.core.db import db
from portal.membership import actions, actions_import, checking, hooks, sheets
from portal.membership.checking import Fate
from portal.membership.models import MembershipImport
from portal.people import consents
from portal.people.models import Person
from portal.people.models_consents import Channel, Consent, ConsentKind
from portal.people.models_party import PartyMember
from portal.records.audit import AuditEntry
from tests.membership.made import (
    HEADER,
    act,
    branch,
    keeper,
    kept,
    member,
    workbook,
)

SENTENCE = "手机号登记的是另一个姓名，或者要由本人"


@pytest.fixture
def tree(make):
    above = branch("东湾街道党工委")
    return above, branch("和平社区党委", above), branch("桥头社区党委", above)


@pytest.fixture
def secretary(make, tree, browser):
    person = keeper(make, tree[1])
    browser.sign_in(person)
    return person


def checked(row, *rows):
    lines = sheets.read(workbook(*rows))
    return checking.check(lines, kept(row), clock.today())


def fate(row, *cells):
    (found,) = checked(row, cells)
    return found.fate, found.sentence


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (("", "13800030001"), "没有填姓名"),
        (("程", "13800030001"), "姓名不像"),
        (("=1+1", "13800030001"), "姓名不像"),
        (("@SUM(A1)", "13800030001"), "姓名不像"),
        (("程启明", ""), "手机号要填 11 位数字"),
        (("程启明", "1380003000"), "手机号要填 11 位数字"),
        (("程启明", "13800030001", "没有的支部"), "没有这个党组织，或者它不归您管"),
        (("程启明", "13800030001", "桥头社区党委"), "没有这个党组织，或者它不归您管"),
        (("程启明", "13800030001", "", "去年"), "日期请写成"),
        (("程启明", "13800030001", "", "2999-01-01"), "日期请写成"),
        (("程启明", "13800030001", "", "2021-02-30"), "日期请写成"),
        (("程启明", "13800030001", "", "1900-01-01"), "日期请写成"),
    ],
)
def test_each_fault_has_its_sentence(app, make, tree, cells, sentence):
    with app.test_request_context():
        found, said = fate(tree[1], *cells)
    assert found == Fate.WRONG
    assert sentence in said


@pytest.mark.parametrize("since", ["2021-03-01", "2021/3/1", "2021.03.01", "2021年3月1日", ""])
@pytest.mark.parametrize("name", ["程启明", "阿卜杜拉·买买提", "Li Wei"])
def test_what_can_be_taken(app, make, tree, since, name):
    with app.test_request_context():
        assert fate(tree[1], name, "+86 138-0003-0001", "和平社区党委", since)[0] == Fate.NEW


def test_the_same_phone_twice_names_the_first_row(app, make, tree):
    with app.test_request_context():
        rows = checked(tree[1], ("程启明", "13800030001"), ("傅红梅", "13800030001"))
    assert [row.fate for row in rows] == [Fate.NEW, Fate.WRONG]
    assert "第 2 行" in rows[1].sentence


def test_who_is_on_record_is_found_by_phone_and_name(app, make, tree):
    known = make.person("程启明", phone="13800030001")
    own = member(make, tree[1], name="傅红梅", phone="13800030002")
    low = branch("第一党支部", tree[1])
    with app.test_request_context():
        rows = checked(
            tree[1],
            ("程启明", "13800030001"),
            ("傅红梅", "13800030002"),
            ("傅红梅", "13800030002", "第一党支部"),
        )
    assert (rows[0].fate, rows[0].person_id) == (Fate.NEW, known.id)
    assert (rows[1].fate, rows[1].person_id) == (Fate.SAME, own.id)
    assert low.id


def test_a_member_of_elsewhere_is_told_apart_from_another_name_by_nothing(app, make, tree):
    make.person("另一个人", phone="13800030001")
    member(make, tree[2], name="傅红梅", phone="13800030002")
    withdrew = member(make, tree[1], name="蔡勤勤", phone="13800030003")
    act(actions.withdraw_consent, withdrew.id)
    with app.test_request_context():
        rows = checked(
            tree[1], ("程启明", "13800030001"), ("傅红梅", "13800030002"),
            ("蔡勤勤", "13800030003"),
        )  # fmt: skip
    assert {(row.fate, row.sentence) for row in rows} == {(Fate.WRONG, rows[0].sentence)}
    assert SENTENCE in rows[0].sentence


def test_who_keeps_both_branches_moves_a_member(app, make, tree):
    person = member(make, tree[2], name="傅红梅", phone="13800030002")
    with app.test_request_context():
        assert fate(tree[0], "傅红梅", person.phone, "和平社区党委")[0] == Fate.MOVED


# --- through the pages -----------------------------------------------------------------------------


def send(browser, row, content, name="名单.xlsx"):
    file = (io.BytesIO(content), name)
    return browser.client.post(
        f"/branches/{row.public_id}/import",
        data={"file": file, "csrf_token": browser.token()},
        content_type="multipart/form-data",
    )


def test_a_list_is_checked_then_imported(make, tree, secretary, browser):
    known = make.person("程启明", phone="13800030001")
    content = workbook(
        ("程启明", "13800030001", "和平社区党委", "2021-03-01"),
        ("傅红梅", "13800030002"),
        ("错", "13800030003"),
    )
    answer = send(browser, tree[1], content)
    assert answer.status_code == 303
    report = browser.get(answer.location).text
    assert "新登记 2 人，转过来 0 人，已有 0 人，要改 1 行。" in report
    assert report.index("姓名不像") < report.index("程启明")
    assert db.session.query(PartyMember).count() == 0
    refused = browser.post(f"{answer.location}/confirmation")
    assert refused.status_code == 422
    assert "没有签同意书的人不能导入" in refused.text
    done = browser.post(f"{answer.location}/confirmation", {"signed": "y"})
    assert done.location == f"/branches/{tree[1].public_id}"
    page = browser.get(done.location).text
    assert "导入了 2 人，1 行没有导入" in page
    assert "程启明" in page
    assert "傅红梅" in page
    rows = db.session.query(PartyMember).order_by(PartyMember.id).all()
    assert {row.channel for row in rows} == {Channel.PAPER}
    assert rows[0].person_id == known.id
    assert all(consents.holds(row.person_id, ConsentKind.PARTY) for row in rows)
    assert {one.channel for one in db.session.query(Consent).filter_by(kind="party")} == {"paper"}
    assert hooks.check() == []
    assert browser.get(answer.location).status_code == 404


def test_nobody_is_named_in_the_log_of_an_import(make, tree, secretary, browser):
    answer = send(browser, tree[1], workbook(("傅红梅", "13800030002")))
    browser.post(f"{answer.location}/confirmation", {"signed": "y"})
    person = db.session.query(Person).filter_by(name="傅红梅").one()
    entries = db.session.query(AuditEntry).filter_by(actor_id=secretary.id).all()
    own = {"consent.give", "person.register", "account.sign_in"}
    assert [one.verb for one in entries if one.verb not in own] == [
        "membership.check", "membership.import",
    ]  # fmt: skip
    for one in entries:
        assert (one.subject_kind, one.subject_id) != ("person", person.id)
        assert person.id not in one.details.values()


def test_importing_twice_takes_nobody_twice(make, tree, secretary):
    actor = make.actor(secretary)
    lines = sheets.read(workbook(("傅红梅", "13800030002")))
    first, second = (
        act(actions_import.keep, kept(tree[1]), lines, actor=actor) for _twice in range(2)
    )
    assert act(actions_import.take, first.id, kept(tree[1]), actor=actor).taken == 1
    again = act(actions_import.take, second.id, kept(tree[1]), actor=actor)
    assert (again.taken, again.left_out) == (0, 1)
    assert db.session.query(PartyMember).count() == 1


def test_a_list_may_be_dropped_and_is_forgotten_after_a_day(make, tree, secretary, browser):
    dropped = send(browser, tree[1], workbook(("傅红梅", "13800030002"))).location
    assert browser.post(f"{dropped}/dropping").status_code == 303
    assert db.session.query(MembershipImport).count() == 0
    send(browser, tree[1], workbook(("傅红梅", "13800030002")))
    hooks.due(clock.now() + timedelta(hours=23))
    assert db.session.query(MembershipImport).count() == 1
    hooks.due(clock.now() + timedelta(hours=25))
    assert db.session.query(MembershipImport).count() == 0


def test_what_was_read_lies_sealed(make, tree, secretary, browser):
    send(browser, tree[1], workbook(("傅红梅", "13800030002")))
    sealed = db.session.query(MembershipImport).one().rows_sealed
    assert "傅红梅".encode() not in sealed
    assert b"13800030002" not in sealed


@pytest.mark.parametrize("content", [b"", b"no list at all", b"PK\x03\x04rubbish"])
def test_what_is_no_list_comes_back_with_a_sentence(make, tree, secretary, browser, content):
    answer = send(browser, tree[1], content)
    assert answer.status_code == 422
    assert "请改这几处" in answer.text


def test_another_secretary_sees_nothing_of_an_upload(make, tree, secretary, browser):
    location = send(browser, tree[1], workbook(("傅红梅", "13800030002"))).location
    for other in (keeper(make, tree[1]), keeper(make, tree[2]), make.person()):
        browser.sign_in(other)
        assert browser.get(location).status_code == 404
        assert browser.post(f"{location}/confirmation", {"signed": "y"}).status_code == 404
    assert db.session.query(PartyMember).count() == 0


def test_the_template_is_read_by_the_import(make, tree, secretary, browser):
    branch("第一党支部", tree[1])
    answer = browser.get(f"/branches/{tree[1].public_id}/import/template.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    assert [cell.value for cell in book.worksheets[0][1]] == list(HEADER)
    assert [row[0].value for row in book.worksheets[1].rows] == ["和平社区党委", "第一党支部"]
    book.worksheets[0].append(("程启明", "13800030001", "第一党支部", "2021-03-01"))
    stream = io.BytesIO()
    book.save(stream)
    assert sheets.read(stream.getvalue())[0].branch == "第一党支部"


@pytest.mark.skipif(os.environ.get("TEST_PROFILE") != "full", reason="large data: full profile")
def test_4097_rows_are_imported_in_one_write(make, tree, secretary, browser):
    rows = [(f"程{chr(0x4E00 + n % 2000)}", f"138{n:08d}", "", "2021-03-01") for n in range(4097)]
    began = time.perf_counter()
    answer = send(browser, tree[1], workbook(*rows))
    read = time.perf_counter()
    done = browser.post(f"{answer.location}/confirmation", {"signed": "y"})
    took = time.perf_counter() - read
    assert done.status_code == 303
    assert db.session.query(PartyMember).count() == 4097
    print(f"read and checked in {read - began:.1f} s, imported in {took:.1f} s")
    assert read - began < 15
    assert took < 15
