"""What is on record of a person: trainings that run out, a guardian's word with a scope, the community."""

from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import family, guardians, hooks, rules_training, trainings
from portal.people import queries as people
from portal.people.family import NewMember
from portal.people.models_consents import ConsentScope
from portal.people.models_family import Relation
from portal.people.trainings import Held
from portal.records.audit import AuditEntry
from portal.records.notes import Note


def training(code="first_aid"):
    return org.term(Vocabulary.TRAINING, code)


def verbs():
    return [row.verb for row in db.session.query(AuditEntry).order_by(AuditEntry.id)]


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def manager(make, station):
    return make.manager(station)


@pytest.fixture
def child(make, station):
    return make.person("林小苗", birth_on=clock.today() - timedelta(days=15 * 366), station=station)


@pytest.mark.parametrize(
    ("held", "months", "until"),
    [
        (date(2026, 5, 4), 12, date(2027, 5, 4)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 4), None, None),
    ],
)
def test_until_when_a_training_holds(held, months, until):
    assert rules_training.valid_until(held, months) == until
    assert rules_training.holds_on(until, held)
    if until:
        assert rules_training.holds_on(until, until)
        assert not rules_training.holds_on(until, until + timedelta(days=1))


def test_a_training_is_recorded_once_and_revoked(make, manager):
    person, actor = make.person(), make.actor(manager)
    held = Held(training().id, clock.today(), "看过证书")
    row = write(trainings.record, person.id, held, actor=actor, now=clock.now())
    assert write(trainings.record, person.id, held, actor=actor, now=clock.now()).id == row.id
    assert row.valid_until == rules_training.valid_until(clock.today(), 24)
    for _ in range(2):
        write(trainings.revoke, row.id, actor=actor, now=clock.now())
    again = write(trainings.record, person.id, held, actor=actor, now=clock.now())
    assert again.id != row.id
    assert verbs().count("training.record") == 2
    assert verbs().count("training.revoke") == 1
    with pytest.raises(Refused) as refused:
        write(trainings.record, manager.id, held, actor=actor, now=clock.now())
    assert refused.value.codes == ("own_record",)


def test_trainings_are_exported_erased_and_follow_a_merge(make, station):
    one, other = make.person(station=station), make.person(station=station)
    for person in (one, other):
        for code in ("first_aid", "fire") if person is other else ("first_aid",):
            held = Held(training(code).id, clock.today(), "看过证书")
            write(trainings.record, person.id, held, actor=SYSTEM, now=clock.now())
    write(trainings.join, one.id, other.id, clock.now())
    rows = trainings.of_person(one.id)
    assert sorted((row.term.code, row.revoked_at is None) for row in rows) == [
        ("fire", True), ("first_aid", False), ("first_aid", True),
    ]  # fmt: skip
    said = hooks.export(one.id)["trainings"]
    assert {"fire", "first_aid"} == {row["training"] for row in said}
    assert db.session.query(Note).filter_by(subject_kind="training").count() == 3
    write(hooks.erase, one.id, actor=SYSTEM, now=clock.now())
    assert db.session.query(Note).filter_by(subject_kind="training").count() == 0
    assert len(trainings.of_person(one.id)) == 3


# --- at the desk ---------------------------------------------------------------------------------


def test_the_desk_records_trainings_guardians_and_the_community(make, browser, manager, child):
    browser.sign_in(manager)
    base = f"/desk/people/{child.public_id}"
    assert "还没有监护人同意的记录" in browser.get(base).text
    today = clock.today().isoformat()
    assert (
        browser.post(f"{base}/trainings", {"training": "fire", "held_on": today}).status_code == 422
    )
    wrong = browser.post(f"{base}/trainings", {"training": "fire", "held_on": "2999-01-01"})
    assert 'value="2999-01-01"' in wrong.text
    fields = {"training": "fire", "held_on": today, "evidence": "看过证书"}
    assert browser.post(f"{base}/trainings", fields).status_code == 303
    said = {"guardian_name": "林芳", "guardian_phone": "13812341234", "channel": "paper"}
    assert browser.post(f"{base}/guardian-consents", {**said, "scope": "until"}).status_code == 422
    until = (clock.today() + timedelta(days=30)).isoformat()
    fields = {**said, "scope": "until", "until_on": until}
    assert browser.post(f"{base}/guardian-consents", fields).status_code == 303
    page = browser.get(base).text
    assert "消防" in page
    assert f"到 {until} 为止" in page
    assert "林芳" not in page
    (consent,) = guardians.live_of(child.id)
    assert (consent.scope, guardians.guardian_of(consent).name) == (ConsentScope.UNTIL, "林芳")
    assert guardians.covers(child.id, 1, clock.today() + timedelta(days=30))
    assert not guardians.covers(child.id, 1, clock.today() + timedelta(days=31))
    withdrawal = f"{base}/guardian-consents/{consent.public_id}/withdrawal"
    assert browser.post(withdrawal).status_code == 303
    assert guardians.live_of(child.id) == []
    (record,) = trainings.of_person(child.id)
    revocation = f"{base}/trainings/{record.public_id}/revocation"
    assert browser.post(revocation).status_code == 303
    assert "已撤销" in browser.get(base).text
    # That a minor's page was seen is written down, each time.
    assert verbs().count("person.reveal") == 3
    elsewhere = make.station()
    assert browser.post(f"{base}/home", {"station": elsewhere.public_id}).location == "/desk"
    assert people.person(child.id).home_station_id == elsewhere.id
    # Now another station keeps the person; whoever does not is told nothing.
    for address in (f"{base}/trainings", withdrawal, revocation, f"{base}/home"):
        assert browser.post(address).status_code == 404
    assert browser.get(f"{base}/open").status_code == 404


def test_a_consent_of_somebody_else_is_not_taken_back_through_another(
    make, browser, manager, child
):
    other = make.person(birth_on=child.birth_on, station=make.station())
    contact = guardians.Contact("王芳", "13800001234")
    row = write(guardians.put_guardian, other.id, contact, "paper", actor=SYSTEM, now=clock.now())
    browser.sign_in(manager)
    path = f"/desk/people/{child.public_id}/guardian-consents/{row.public_id}/withdrawal"
    assert browser.post(path).status_code == 404
    assert guardians.live_of(other.id)


# --- by oneself ----------------------------------------------------------------------------------


def test_the_own_trainings_and_the_own_community(make, browser, station):
    person = make.person()
    browser.sign_in(person)
    assert "您还没有培训记录" in browser.get("/me/trainings").text
    held = Held(training().id, clock.today() - timedelta(days=900))
    write(trainings.record, person.id, held, actor=SYSTEM, now=clock.now())
    assert "已过期" in browser.get("/me/trainings").text
    fields = {"station": station.public_id, "next": "/activities"}
    assert browser.post("/me/home", fields).location == "/activities"
    assert people.person(person.id).home_station_id == station.id
    assert browser.post("/me/home", {"station": "nowhere"}).status_code == 422
    browser.sign_in(make.volunteer(station))
    assert browser.get("/me/home").location == "/me/volunteer"


def test_a_guardian_agrees_and_takes_it_back(make, browser):
    mother, father = make.person("王芳"), make.person("王强")
    birth_on = clock.today() - timedelta(days=9 * 366)
    said = NewMember("王一", Relation.CHILD, birth_on, is_guardian=True)
    row = write(family.add, mother.id, said, actor=make.actor(mother), now=clock.now())
    path = f"/me/family/{row.public_id}"
    browser.sign_in(father)
    assert browser.get(f"{path}/consent").status_code == 404
    browser.sign_in(mother)
    assert f"{path}/consent" in browser.get("/me/family").text
    (first,) = guardians.live_of(row.person_id)
    assert browser.post(f"{path}/consents/{first.public_id}/withdrawal").status_code == 303
    assert not people.has_guardian_consent(row.person_id)
    assert browser.post(f"{path}/consent", {"scope": "all"}).status_code == 422
    for _ in range(2):
        agreed = {"scope": "all", "guardian": "y"}
        assert browser.post(f"{path}/consent", agreed).status_code == 303
    assert len(guardians.live_of(row.person_id)) == 1
    grown = NewMember("王母", Relation.PARENT, date(1950, 1, 1), agreed=True)
    parent = write(family.add, mother.id, grown, actor=make.actor(mother), now=clock.now())
    assert browser.get(f"/me/family/{parent.public_id}/consent").status_code == 404
