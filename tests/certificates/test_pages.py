"""One's own pages, the desk's, and the public check."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.attendance.models import Pending, Visit, VisitState
from portal.certificates import actions
from portal.certificates.models import Certificate, Revocation
from portal.certificates.sheet import code_of
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.notices import hooks as notice_hooks
from portal.records import outbox
from portal.records.audit import AuditEntry
from portal.shifts.models import PlaceRole
from tests.certificates.given import issued, served, taken_back
from tests.support.queries import count_queries

KNOWN = {"way": "desk", "identified": "known"}


def asked(station, /, *, since=10, **changes):
    today = clock.today()
    first = (today - timedelta(days=since)).isoformat()
    return {"station": station.public_id, "from": first, "to": today.isoformat(), **changes}


@pytest.fixture
def certified(make):
    """A station, somebody with records there, and a certificate of them."""
    station = make.station("和平社区实践站")
    person = make.volunteer(station, name="欧阳小明")
    served(person, station, shift=make.shift(station))
    return station, person, issued(person, station)


# --- one's own -----------------------------------------------------------------------------------


def test_whoever_has_no_records_reads_why(browser, make):
    make.centre()
    browser.sign_in(make.person())
    assert "还没有开过证明" in browser.get("/me/certificates").text
    assert "还没有已计入的服务时长" in browser.get("/me/certificates/new").text
    assert browser.post("/me/certificates", {}).status_code == 422


def test_from_the_preview_to_the_paper(browser, make):
    station = make.station("和平社区实践站")
    person = make.volunteer(station)
    served(person, station, days_ago=3)
    browser.sign_in(person)
    page = browser.get("/me/certificates/new").text
    assert "全部（区实践中心）" in page
    assert "1 小时 30 分钟，共 1 次" in page
    answer = browser.post("/me/certificates", asked(station))
    assert answer.status_code == 303
    shown = browser.get(answer.location).text
    assert "这份证明有效" in shown
    assert browser.post("/me/certificates", asked(station)).location == answer.location
    assert (
        "已经开过一份一样的"
        in browser.get("/me/certificates/new", query_string=asked(station)).text
    )
    paper = browser.get(f"{answer.location}.pdf")
    assert paper.data.startswith(b"%PDF")
    assert paper.headers["Cache-Control"] == "no-store"
    assert "attachment" in paper.headers["Content-Disposition"]
    served(person, station, days_ago=4)
    assert "又记入了 1 小时 30 分钟" in browser.get(answer.location).text
    renewed = browser.post(f"{answer.location}/renewal").location
    assert "请看新的证明" in browser.get(answer.location).text
    assert "3 小时" in browser.get(renewed).text
    assert browser.get(f"{answer.location}.pdf").status_code == 409


@pytest.mark.parametrize(
    "changes",
    [{"to": "2999-01-01"}, {"from": "2026-13-01"}, {"station": "zzzzzzzzzz"}, {"from": ""}],
)
def test_what_cannot_be_used_is_said_beside_it(browser, make, certified, changes):
    station, person, _row = certified
    browser.sign_in(person)
    wrong = asked(station, **changes)
    assert browser.post("/me/certificates", wrong).status_code == 422
    assert browser.get("/me/certificates/new", query_string=wrong).status_code == 422
    assert len(db.session.scalars(select(Certificate)).all()) == 1


def test_nothing_in_the_period_is_said(browser, make):
    station = make.station()
    person = make.volunteer(station)
    served(person, station, days_ago=50)
    browser.sign_in(person)
    page = browser.get("/me/certificates/new", query_string=asked(station)).text
    assert "可以换一段时间" in page
    assert "开证明</span></button>" not in page
    assert browser.post("/me/certificates", asked(station)).status_code == 409


def test_what_waits_for_a_confirmation_stands_apart(browser, make):
    station, beside = make.station(), make.station()
    person = make.volunteer(station)
    served(person, station, days_ago=3)
    for where, days_ago in ((station, 2), (station, 30), (beside, 2)):
        starts_at = clock.now() - timedelta(days=days_ago)
        shift = make.shift(where, starts_at=starts_at)
        db.session.add(
            Visit(
                shift_id=shift.id, person_id=person.id, role=PlaceRole.VOLUNTEER, in_at=starts_at,
                out_at=starts_at + timedelta(minutes=45), minutes=45,
                state=VisitState.PROVISIONAL, pending=Pending.NO_CHECK_OUT,
            )
        )  # fmt: skip
    db.session.commit()
    browser.sign_in(person)
    page = browser.get("/me/certificates/new", query_string=asked(station)).text
    assert "另有 45 分钟 待确认，不写进证明" in page
    assert "1 小时 30 分钟，共 1 次" in page
    nothing = browser.get("/me/certificates/new", query_string=asked(station, since=2)).text
    assert "另有 45 分钟 待确认，确认以后才算" in nothing
    assert issued(person, station).minutes == 90


def test_one_and_thirty_certificates_ask_the_same(browser, make, certified):
    station, person, _row = certified
    manager = make.manager(station)
    counts = []
    for number in (0, 29):
        for ago in range(number):
            issued(person, station, since=401 + ago)
        for ago in range(number // 3):
            served(person, station, days_ago=ago + 2, shift=make.shift(station))
        for who, path in (
            (person, "/me/certificates"),
            (person, "/me/certificates/new"),
            (manager, "/desk/certificates"),
        ):
            browser.sign_in(who)
            with count_queries() as seen:
                browser.get(path)
            counts.append(len(seen))
    assert counts[:3] == counts[3:]


# --- who may -------------------------------------------------------------------------------------


def test_who_may(browser, make, certified):
    station, person, row = certified
    beside = make.station()
    own, desk = f"/me/certificates/{row.public_id}", f"/desk/certificates/{row.public_id}"
    theirs = f"/desk/people/{person.public_id}/certificates"
    one = f"{theirs}/{row.public_id}"
    keepers = {
        "person": person,
        "somebody": make.volunteer(station),
        "manager": make.manager(station),
        "beside": make.manager(beside),
        "officer": make.holder(Role.CAMPAIGN_OFFICER, make.centre()),
        "auditor": make.holder(Role.AUDITOR, make.centre()),
    }
    table = {
        own: {"person": 200},
        f"{own}.pdf": {"person": 200},
        desk: {"manager": 200, "officer": 200, "person": 403, "somebody": 403},
        f"{desk}/revocation": {"manager": 200, "officer": 200, "person": 403, "somebody": 403},
        theirs: {"manager": 200, "person": 403, "somebody": 403},
        f"{theirs}/new": {"manager": 200, "person": 403, "somebody": 403},
        one: {"manager": 200, "person": 403, "somebody": 403},
    }
    for name, who in keepers.items():
        browser.sign_in(who)
        for path, expected in table.items():
            assert browser.get(path).status_code == expected.get(name, 404), (name, path)
        index = 403 if name in {"person", "somebody", "auditor"} else 200
        assert browser.get("/desk/certificates").status_code == index, name
    browser.sign_in(keepers["beside"])
    assert row.number not in browser.get("/desk/certificates").text.replace(" ", "")
    for path in (f"{own}/renewal", f"{desk}/revocation", f"{one}/paper", f"{one}/renewal", theirs):
        assert browser.post(path, KNOWN).status_code == 404
    stranger = make.volunteer(beside)
    served(stranger, beside)
    other = issued(stranger, beside)
    browser.sign_in(keepers["manager"])
    assert browser.get(f"{theirs}/{other.public_id}").status_code == 404


# --- the desk ------------------------------------------------------------------------------------


def test_for_somebody_without_a_phone(browser, make):
    station = make.station()
    manager = make.manager(station)
    person = make.volunteer(station, account=False, name="桂奶奶")
    served(person, station)
    browser.sign_in(manager)
    base = f"/desk/people/{person.public_id}/certificates"
    assert base in browser.get(f"/desk/people/{person.public_id}").text
    assert "替本人开证明" in browser.get(f"{base}/new").text
    assert browser.post(base, asked(station)).status_code == 422
    answer = browser.post(base, {**asked(station), **KNOWN})
    row = db.session.scalars(select(Certificate)).one()
    assert (row.person_id, row.issued_by_id) == (person.id, manager.id)
    assert answer.location == f"{base}/{row.public_id}"
    assert browser.post(f"{answer.location}/paper", {}).status_code == 422
    assert browser.post(f"{answer.location}/paper", KNOWN).data.startswith(b"%PDF")
    noted = {
        entry.verb: (entry.actor_id, entry.details["person"], entry.details["identified"])
        for entry in db.session.scalars(select(AuditEntry).filter_by(subject_kind="certificate"))
    }
    expected = (manager.id, person.id, "known")
    assert noted == {"certificate.issue": expected, "certificate.print": expected}
    renewed = browser.post(f"{answer.location}/renewal", KNOWN)
    assert renewed.location != answer.location


def test_taking_back_asks_first_and_tells_the_person(browser, make, certified):
    station, person, row = certified
    browser.sign_in(make.manager(station))
    path = f"/desk/certificates/{row.public_id}"
    assert f"{path}/revocation" in browser.get(path).text
    assert browser.post(f"{path}/revocation", {"words": "查过了"}).status_code == 422
    given = {"reason": "untrue", "words": "现场没有您的签到。"}
    assert browser.post(f"{path}/revocation", given).location == path
    assert "原因：服务记录不实" in browser.get(path).text
    assert row.number in browser.get("/desk/certificates?show=revoked").text.replace(" ", "")
    assert "没有这样的证明" in browser.get("/desk/certificates?show=notice").text
    outbox.relay({"notice": notice_hooks.deliver_notice}, now=clock.now())
    browser.sign_in(person)
    own = f"/me/certificates/{row.public_id}"
    assert own in browser.get("/me").text
    assert "现场没有您的签到。" in browser.get(own).text
    assert "现场没有您的签到。" not in browser.get(f"/certificates/{code_of(row)}").text


# --- the check -----------------------------------------------------------------------------------


def revoked(row, _entry, make):
    actor = make.actor(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    write(actions.revoke, row.id, Revocation.MISTAKE, "错", actor=actor, now=clock.now())


def forged(row, _entry, _make):
    db.session.get(Certificate, row.id).minutes += 600
    db.session.commit()


STANDINGS = {
    "valid": (lambda *_: None, "这份证明有效"),
    "changed": (lambda _row, entry, _make: taken_back(entry), "里面的服务记录有更正"),
    "superseded": (
        lambda row, *_: write(actions.reissue, row.id, actor=SYSTEM, now=clock.now()),
        "请看新的证明，编号",
    ),
    "revoked": (revoked, "原因：开错了"),
    "doubtful": (forged, "和服务记录对不上"),
}


@pytest.mark.parametrize("name", STANDINGS)
def test_whoever_holds_the_paper_reads_whether_it_holds(browser, make, name):
    station = make.station("和平社区实践站")
    person = make.volunteer(station, name="欧阳小明")
    entry = served(person, station, minutes=125)
    row = issued(person, station)
    change, sentence = STANDINGS[name]
    change(row, entry, make)
    answer = browser.get(f"/certificates/{code_of(row)}")
    assert sentence in answer.text
    assert "欧*" in answer.text
    assert "欧阳" not in answer.text
    assert person.phone not in answer.text
    assert "和平社区实践站" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert browser.get(f"/certificates/{code_of(row).upper()}").status_code == 200


def test_number_and_code_typed_by_hand(browser, certified):
    _station, _person, row = certified
    code = code_of(row)
    spaced = {"number": f" {row.number[:4]} {row.number[4:]} ", "code": f"{code[:4]} {code[4:8]}"}
    assert browser.post("/certificates", spaced).location == f"/certificates/{code}"
    whole = {"number": row.number, "code": code}
    assert browser.post("/certificates", whole).location == f"/certificates/{code}"
    for wrong in ({"code": code[:7]}, {"code": ""}, {"number": "4403"}, {"number": ""}):
        assert browser.post("/certificates", {**whole, **wrong}).status_code == 422


def test_guessing_is_stopped(browser, certified):
    _station, _person, row = certified
    for _attempt in range(10):
        answer = browser.post("/certificates", {"number": row.number, "code": "abcdefgh"})
        assert answer.status_code == 422
    right = {"number": row.number, "code": code_of(row)}
    assert browser.post("/certificates", right).status_code == 429
    for number in range(50):
        assert browser.client.get(f"/certificates/guess{number}").status_code == 404
    assert browser.get("/certificates/guess").status_code == 429
    assert browser.get(f"/certificates/{code_of(row)}").status_code == 200


def test_the_public_notice_shows_no_names(browser, make, certified):
    station, person, row = certified
    assert "这里开证明不用公示" in browser.get("/certificates/notice").text
    make.set("certificate_notice_days", 7)
    assert "现在没有正在公示" in browser.get("/certificates/notice").text
    new = issued(person, station, since=30)
    page = browser.get("/certificates/notice").text
    assert "欧*" in page
    assert "欧阳" not in page
    assert row.number not in page.replace(" ", "")
    assert new.number in page.replace(" ", "")
    assert f"/feedback?station={station.public_id}" in page
    assert "公示结束，没有异议才有效" in browser.get(f"/certificates/{code_of(new)}").text
    browser.sign_in(person)
    own = f"/me/certificates/{new.public_id}"
    assert "下载证明" not in browser.get(own).text
    assert browser.get(f"{own}.pdf").status_code == 409
