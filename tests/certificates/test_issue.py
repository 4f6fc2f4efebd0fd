"""Issuing, replacing and taking back; whether a certificate holds follows from the ledger."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.certificates import actions, hooks, queries, queries_ledger, rules
from portal.certificates.models import Certificate, Revocation
from portal.certificates.rules import Scope
from portal.certificates.sheet import code_of, sheet_of
from portal.core import clock, tokens
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.hours import queries as hours
from portal.hours.models import LedgerEntry, Source
from portal.people.models import Person
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow
from tests.certificates.given import issued, scope, served, state_of, taken_back
from tests.conftest import PROFILE
from tests.support.factory import Factory


def told():
    rows = db.session.scalars(select(OutboxRow).filter_by(kind="notice").order_by(OutboxRow.id))
    return [row.payload["kind"] for row in rows]


def test_it_says_what_counts_in_the_period_at_the_unit(make):
    station, beside = make.station("和平社区站"), make.station("桥头社区站")
    person = make.volunteer(station, name="龑䶮")
    shift = make.shift(station, activity=make.activity(station, title="楼道清洁"))
    served(person, station, days_ago=2, shift=shift)
    served(person, station, days_ago=3, minutes=30, source=Source.MAKE_UP)
    served(person, station, days_ago=40)
    served(person, beside, days_ago=4)
    taken_back(served(person, station, days_ago=5))
    served(make.volunteer(station), station)
    row = issued(person, station, since=10)
    assert (row.minutes, row.entries, row.name_masked) == (120, 2, "龑*")
    sheet = sheet_of(row)
    facts = dict(sheet.facts)
    assert facts["姓名"] == "龑䶮"
    assert facts["服务时长"] == "2 小时，共 2 次"
    assert facts["其中补录"].startswith("1 次，30 分钟")
    assert facts["计时规则"].startswith("按 30 分钟取整，不足的舍去")
    assert facts["联系方式"] == station.phone
    assert facts["明细校验值"] == row.entry_digest
    assert [item[3] for item in sheet.items] == ["补录", "签到"]
    assert sheet.items[1][1] == "楼道清洁（环境清洁）\n地点：社区广场"
    assert sheet.items[1][2] == "和平社区站\n负责人：李队长"
    assert sheet.items[1][4] == "1 小时 30 分钟"
    assert issued(person, make.centre(), since=10).minutes == 210
    assert issued(person, make.centre()).minutes == 300
    assert hooks.check() == []


def test_the_code_is_long_and_kept_by_its_hash_alone(make):
    station = make.station()
    person = make.volunteer(station)
    served(person, station)
    row = issued(person, station)
    code = code_of(row)
    assert 30 ** len(code) > 2**128
    assert row.code_hash == tokens.fingerprint(code)
    assert code.encode() not in row.code_sealed
    assert person.name.encode() not in row.sheet_sealed
    assert len(row.number) <= 20


def test_numbers_follow_one_another_and_years_begin_anew(make):
    station = make.station()
    person = make.volunteer(station)
    served(person, station, days_ago=500)
    numbers = [
        issued(person, station, since=600, until=450, now=now).number
        for now in (clock.now() - timedelta(days=400), clock.now() - timedelta(days=399))
    ]
    first, again = numbers
    assert first == again  # the same words twice are one certificate
    served(person, station, days_ago=501)
    numbers.append(issued(person, station, since=600, until=450).number)
    year = str(clock.today().year)
    assert numbers[2] == rules.normal(numbers[2])
    assert numbers[2][4:8] == year
    assert numbers[2][8:15] == numbers[0][8:15] == "0000001"


@pytest.mark.parametrize(
    ("since", "until", "error"), [(10, 20, Invalid), (10, -1, Invalid), (30, 20, Refused)]
)
def test_what_cannot_be_certified(make, since, until, error):
    station = make.station()
    person = make.volunteer(station)
    served(person, station, days_ago=5)
    with pytest.raises(error):
        issued(person, station, since=since, until=until)
    assert db.session.scalar(select(func.count(Certificate.id))) == 0


def test_a_broken_chain_is_not_certified(make, monkeypatch):
    station = make.station()
    person = make.volunteer(station)
    served(person, station)
    fault = ["ledger entry 1: the chain breaks here"]
    monkeypatch.setattr("portal.hours.hooks.chain_faults", lambda _rows: iter(fault))
    with pytest.raises(Refused, match="broken_ledger"):
        issued(person, station)


def test_a_correction_ends_it_and_the_new_one_stands_in_its_place(make):
    station = make.station()
    person = make.volunteer(station)
    entry = served(person, station)
    served(person, station, days_ago=2)
    row = issued(person, station)
    other = issued(person, station, until=2)
    assert state_of(row) == "valid"
    taken_back(entry)
    assert (state_of(row), state_of(other)) == ("changed", "valid")
    hooks.due(clock.now())
    hooks.due(clock.now())
    assert told() == ["certificate_changed"]
    new = issued(person, station)
    assert (state_of(row), state_of(new), new.minutes) == ("superseded", "valid", 90)
    assert queries.certificate(row.id).superseded_by_id == new.id
    hooks.due(clock.now())
    assert told() == []  # nobody need hear any more that the old one ended
    assert hooks.check() == []


def test_what_comes_later_does_not_end_it(make):
    station = make.station()
    person = make.volunteer(station)
    served(person, station)
    row = issued(person, station)
    later = served(person, station, days_ago=3)
    taken_back(served(person, station, days_ago=4))
    assert state_of(row) == "valid"
    assert queries_ledger.minutes_since(row) == later.minutes
    actor = make.actor(person)
    new = write(actions.reissue, row.id, actor=actor, now=clock.now())
    again = write(actions.reissue, row.id, actor=actor, now=clock.now())
    assert (new.minutes, again.id, state_of(row)) == (180, new.id, "superseded")


def test_a_new_name_is_certified_anew_although_nothing_else_changed(make):
    station = make.station()
    person = make.volunteer(station, name="章三")
    served(person, station)
    row = issued(person, station)
    db.session.get(Person, person.id).name = "张三"
    db.session.commit()
    assert issued(person, station).id == row.id
    new = write(actions.reissue, row.id, actor=make.actor(person), now=clock.now())
    assert new.name_masked == "张*"


def test_taking_back_is_final_and_says_why(make):
    station = make.station()
    person, manager = make.volunteer(station), make.manager(station)
    served(person, station)
    row = issued(person, station)
    actor = make.actor(manager)
    for _twice in range(2):
        write(actions.revoke, row.id, Revocation.UNTRUE, "查过了。", actor=actor, now=clock.now())
    assert state_of(row) == "revoked"
    assert told() == ["certificate_revoked"]
    with pytest.raises(Refused, match="revoked"):
        write(actions.reissue, row.id, actor=make.actor(person), now=clock.now())
    verbs = db.session.scalars(select(AuditEntry.verb).filter_by(subject_kind="certificate")).all()
    assert verbs == ["certificate.issue", "certificate.revoke"]
    own = issued(manager, station) if served(manager, station) else None
    with pytest.raises(Refused, match="own_certificate"):
        write(actions.revoke, own.id, Revocation.ASKED, "不要了。", actor=actor, now=clock.now())


def test_a_public_notice_comes_first_where_the_district_says_so(make):
    make.set("certificate_notice_days", 7)
    station = make.station()
    person = make.volunteer(station)
    served(person, station, days_ago=30)
    row = issued(person, station, until=20, now=clock.now() - timedelta(days=7))
    assert state_of(row) == "in_notice"
    over = issued(person, station, until=21, now=clock.now() - timedelta(days=8))
    assert state_of(over) == "valid"
    assert told() == ["certificate_ready"] * 2
    actor = make.actor(make.manager(station))
    write(actions.revoke, row.id, Revocation.OBJECTION, "查实。", actor=actor, now=clock.now())
    assert told() == ["certificate_ready", "certificate_revoked"]


def test_what_a_merged_record_earned_is_certified_and_followed(make):
    station = make.station()
    person, double = make.volunteer(station), make.person(account=False)
    served(person, station)
    entry = served(double, station, days_ago=2)
    before = issued(double, station, actor=make.actor(person))
    db.session.get(Person, double.id).merged_into_id = person.id
    db.session.commit()
    row = issued(person, station, until=1)
    assert (row.minutes, state_of(before)) == (180, "valid")
    taken_back(entry)
    assert (state_of(row), state_of(before)) == ("changed", "changed")
    assert {one.id for one in queries.of_person(person.id)} == {row.id, before.id}
    assert hooks.check() == []


def test_a_crowd_of_clicks_makes_one_certificate(own_app):
    make = Factory()
    station = make.station()
    first, other = make.volunteer(station), make.volunteer(station)
    for person in (first, other):
        served(person, station)
    clicks = [first, other] * 4
    barrier, rows, faults = Barrier(len(clicks)), [], []

    def click(person_id, actor):
        try:
            with own_app.app_context():
                barrier.wait()
                wanted = scope(station)
                row = write(actions.issue, person_id, wanted, actor=actor, now=clock.now())
                rows.append((person_id, row.number))
        except Exception as error:  # noqa: BLE001  every fault of a thread is a fault of the test
            faults.append(error)

    threads = [Thread(target=click, args=(one.id, make.actor(one))) for one in clicks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert faults == []
    assert len(rows) == 8
    assert len({number for _person, number in rows}) == len(set(rows)) == 2
    assert hooks.check() == []


@settings(max_examples=200 if PROFILE == "full" else 10)
@examples(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(10, 90), st.booleans(), st.booleans()),
        min_size=1, max_size=6,
    ),
    st.integers(1, 9),
)  # fmt: skip
def test_the_total_is_that_of_the_ledger_where_it_was_issued(make, records, since):
    """Whatever is credited and corrected, before and after, within the period or without."""
    station, beside = make.station(), make.station()
    person = make.volunteer(station)

    def put():
        for at, (days_ago, minutes, is_beside, is_wrong) in enumerate(records):
            where = beside if is_beside else station
            entry = served(person, where, days_ago=days_ago, minutes=minutes, at=2 * at)
            if is_wrong:
                taken_back(entry)

    put()
    wanted = scope(station, since=since)
    seq = hours.last_of(person.id).seq
    said = _sum(person, wanted, seq)
    if not said:
        with pytest.raises(Refused):
            issued(person, station, since=since)
        return
    row = issued(person, station, since=since)
    put()
    for entry in hours.live_of(person.id)[:2]:
        taken_back(entry)
    assert row.minutes == said == _sum(person, wanted, seq)
    assert rules.agrees(row, queries_ledger.behind(row.id))
    assert hooks.check() == []


def _sum(person, wanted: Scope, seq: int) -> int:
    query = select(func.coalesce(func.sum(LedgerEntry.minutes), 0)).where(
        LedgerEntry.person_id == person.id,
        LedgerEntry.station_id == wanted.station_id,
        LedgerEntry.day.between(wanted.from_on, wanted.to_on),
        LedgerEntry.seq <= seq,
    )
    return db.session.scalar(query)
