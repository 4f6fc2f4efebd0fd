"""Families: whom one may add and how, codes, what ends, what is exported and erased."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.notices import actions as notices
from portal.notices.models import Notice
from portal.people import family, hooks, queries, queries_family
from portal.people import rules_family as rules
from portal.people.guardians import GUARDIAN_PURPOSE, unseal_contact
from portal.people.models import Person
from portal.people.models_consents import GuardianConsent
from portal.people.models_family import FamilyCode, FamilyMember, Relation
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow
from tests.people.relatives import CHILD_BORN, added, linked, said

TODAY = date(2026, 5, 8)
ADULT = date(1950, 1, 1)


def act(action, *args, by, now=None):
    return write(action, *args, actor=queries.actor_of(by), now=now or clock.now())


# --- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth_on", "is_guardian", "agreed", "members", "codes"),
    [
        (date(2018, 1, 1), True, False, 0, []),
        (date(2018, 1, 1), False, True, 0, ["not_guardian"]),
        (date(2008, 5, 9), False, True, 0, ["not_guardian"]),
        (date(2008, 5, 8), False, True, 0, []),
        (date(2008, 5, 8), True, False, 0, ["not_agreed"]),
        (ADULT, False, True, rules.MOST_MEMBERS, ["too_many_members"]),
        (date(2018, 1, 1), False, False, rules.MOST_MEMBERS, ["too_many_members", "not_guardian"]),
    ],
)
def test_whom_one_may_add(app, birth_on, is_guardian, agreed, members, codes):
    found = rules.may_add(
        Relation.CHILD, birth_on, TODAY, is_guardian=is_guardian, agreed=agreed, members=members
    )
    assert [reason.code for reason in found] == codes


def test_a_minor_is_nobodys_spouse(app):
    found = rules.may_add(
        Relation.SPOUSE, date(2012, 1, 1), TODAY, is_guardian=True, agreed=True, members=0
    )
    assert [reason.code for reason in found] == ["too_young"]


# --- adding, changing, removing ------------------------------------------------------------------


def test_a_child_is_added_with_the_guardians_consent(make):
    mother = make.person("李梅")
    row = added(mother)
    assert (row.person.name, row.person.birth_on, row.is_linked) == ("小明", CHILD_BORN, False)
    assert queries.account_of(row.person_id) is None
    assert row.person.created_by_id == mother.id
    (consent,) = db.session.scalars(select(GuardianConsent).filter_by(person_id=row.person_id))
    guardian = unseal_contact(GUARDIAN_PURPOSE, consent.guardian_sealed)
    assert (guardian.name, guardian.phone) == ("李梅", mother.phone)
    assert consent.actor_id == mother.id
    assert queries.has_guardian_consent(row.person_id)


def test_the_same_said_twice_is_one_member(make):
    mother = make.person()
    assert added(mother).id == added(mother).id
    assert len(queries_family.members_of(mother.id)) == 1


def test_a_child_without_a_guardian_leaves_nothing_behind(make):
    mother = make.person()
    before = db.session.query(Person).count()
    with pytest.raises(Refused) as refused:
        added(mother, is_guardian=False)
    assert refused.value.codes == ("not_guardian",)
    assert db.session.query(Person).count() == before


def test_a_changed_birth_date_asks_for_the_guardian_again(make):
    mother = make.person()
    row = added(mother, "外婆", birth_on=ADULT, agreed=True, is_guardian=False)
    with pytest.raises(Refused):
        act(family.change, row.id, said("外婆", is_guardian=False), by=mother)
    act(family.change, row.id, said("小红", relation=Relation.OTHER), by=mother)
    assert (row.person.name, row.relation) == ("小红", Relation.OTHER)
    assert queries.has_guardian_consent(row.person_id)


def test_a_removed_one_keeps_its_row_and_can_be_added_again(make):
    mother = make.person()
    row = added(mother)
    act(family.remove, row.id, by=mother)
    act(family.remove, row.id, by=mother)
    assert queries_family.members_of(mother.id) == []
    assert db.session.get(FamilyMember, row.id).removed_at is not None
    assert db.session.get(Person, row.person_id).name == "小明"
    assert added(mother).id != row.id


# --- codes ---------------------------------------------------------------------------------------


def test_who_types_the_code_may_be_signed_up(make):
    wife, husband = make.person(), make.person()
    row = linked(wife, husband)
    assert (row.holder_id, row.person_id, row.is_linked) == (wife.id, husband.id, True)
    assert queries_family.holders_of(husband.id) == {wife.id}
    assert queries_family.held_by(husband.id) == [row]


@pytest.mark.parametrize("wrong", ["used", "old", "own", "replaced", "unknown"])
def test_a_code_that_does_not_fit(make, wrong):
    wife, husband = make.person(), make.person()
    now = clock.now()
    code = act(family.make_code, wife.id, Relation.SPOUSE, by=wife, now=now)
    who, at = husband, now
    if wrong == "used":
        act(family.agree, code, make.person().id, by=husband)
    elif wrong == "old":
        at = now + family.CODE_LIFE
    elif wrong == "own":
        who = wife
    elif wrong == "replaced":
        act(family.make_code, wife.id, Relation.SPOUSE, by=wife)
    else:
        code = "zzzzzzzz"
    with pytest.raises(Refused) as refused:
        act(family.agree, code, who.id, by=who, now=at)
    assert refused.value.codes == ("own_code" if wrong == "own" else "no_code",)
    assert queries_family.holders_of(husband.id) == frozenset()


def test_a_code_is_stored_as_a_hash(make):
    wife = make.person()
    code = act(family.make_code, wife.id, Relation.SPOUSE, by=wife)
    (row,) = db.session.scalars(select(FamilyCode))
    assert code not in row.code_hash


def test_what_has_an_account_is_changed_by_itself_alone(make):
    wife, husband = make.person(), make.person("王强")
    row = linked(wife, husband)
    act(family.change, row.id, said("别的", relation=Relation.OTHER), by=wife)
    assert (husband.name, row.relation) == ("王强", Relation.OTHER)


# --- telling -------------------------------------------------------------------------------------


def told(kind="offer"):
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice"))
    return {(row.payload["person_id"], row.payload.get("for")) for row in rows}


def test_what_concerns_a_child_is_told_to_the_holders(make):
    mother, father = make.person(), make.person()
    child = added(mother).person_id
    db.session.add(
        FamilyMember(
            holder_id=father.id, person_id=child, relation=Relation.CHILD, added_at=clock.now()
        )
    )
    db.session.commit()
    write(notices.tell, child, "offer", Ref("shift", 1), now=clock.now())
    assert told() == {(child, None), (mother.id, child), (father.id, child)}


def test_who_has_an_account_is_told_alone(make):
    wife, husband = make.person(), make.person()
    linked(wife, husband)
    write(notices.tell, husband.id, "offer", Ref("shift", 1), now=clock.now())
    assert told() == {(husband.id, None)}


def test_the_own_page_says_for_whom(make, browser):
    mother = make.person()
    child = added(mother)
    shift = make.shift()
    db.session.add(
        Notice(
            outbox_id=1, person_id=mother.id, kind="offer", subject_kind="shift",
            subject_id=shift.id, payload={"for": child.person_id}, created_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    browser.sign_in(mother)
    assert "给 小明 的通知" in browser.get("/me").text


# --- export, erasure, merging --------------------------------------------------------------------


def test_the_export_names_the_family_and_who_may_act(make):
    wife, husband = make.person("李梅"), make.person("王强")
    added(wife, phone="13811112222")
    linked(wife, husband)
    exported = hooks.export(wife.id)["family"]
    assert [(one["name"], one["has_account"]) for one in exported] == [
        ("小明", False),
        ("王强", True),
    ]
    assert exported[1]["phone"] is None
    assert hooks.export(husband.id)["may_act_for_me"][0]["name"] == "李梅"


def test_with_the_holder_go_those_for_whom_nobody_else_speaks(make, browser):
    wife, husband = make.person(), make.person("王强")
    child = added(wife)
    linked(wife, husband)
    assert queries_family.only_held_by(wife.id) == [child.person_id]
    browser.sign_in(wife)
    assert browser.post("/me/privacy/erasure", {"sure": "y"}).status_code == 303
    db.session.expire_all()
    assert db.session.get(Person, child.person_id).name == hooks.ERASED_NAME
    assert db.session.get(Person, husband.id).name == "王强"
    assert queries_family.held_by(husband.id) == []


def test_a_child_in_another_family_too_stays(make):
    mother, father = make.person(), make.person()
    child = added(mother).person_id
    db.session.add(
        FamilyMember(
            holder_id=father.id, person_id=child, relation=Relation.CHILD, added_at=clock.now()
        )
    )
    db.session.commit()
    assert queries_family.only_held_by(mother.id) == []


def test_families_follow_when_two_records_become_one(make):
    kept, double, child_of = make.person(), make.person(), make.person()
    first, again = added(double), added(double, "小红")
    same = FamilyMember(
        holder_id=kept.id,
        person_id=again.person_id,
        relation=Relation.CHILD,
        added_at=clock.now(),
    )
    db.session.add(same)
    db.session.commit()
    between = linked(kept, double)
    outer = linked(child_of, double)
    write(lambda: family.join(kept.id, double.id, clock.now()))
    db.session.expire_all()
    assert first.holder_id == kept.id
    assert again.removed_at is not None
    assert between.removed_at is not None
    assert outer.person_id == kept.id


# --- pages ---------------------------------------------------------------------------------------

FORM = {"name": "小明", "relation": "child", "birth_date": "2018-03-01", "guardian": "y"}


def test_a_mother_adds_changes_and_removes_a_child(make, browser):
    mother = make.person()
    browser.sign_in(mother)
    assert "还没有登记家人" in browser.get("/me/family").text
    assert browser.post("/me/family/new", FORM).status_code == 303
    (row,) = queries_family.members_of(mother.id)
    assert "小明" in browser.get("/me/family").text
    page = browser.get(f"/me/family/{row.public_id}").text
    assert 'value="2018-03-01"' in page
    changed = browser.post(f"/me/family/{row.public_id}", {**FORM, "name": "小刚"})
    assert changed.status_code == 303
    assert "移除 小刚" in browser.get(f"/me/family/{row.public_id}/removal").text
    assert browser.post(f"/me/family/{row.public_id}/removal").status_code == 303
    assert queries_family.members_of(mother.id) == []


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"name": ""}, 422, "请填写这一项"),
        ({"name": "123"}, 422, "真实姓名"),
        ({"birth_date": "2999-01-01"}, 422, "请检查这个日期"),
        ({"phone": "12"}, 422, "11 位数字"),
        ({"relation": "cat"}, 422, "从列表中选择"),
        ({"guardian": ""}, 409, "监护人"),
        ({"birth_date": "1950-01-01", "guardian": ""}, 409, "家人知道并且同意"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(make, browser, changes, status, words):
    browser.sign_in(make.person())
    data = {name: value for name, value in {**FORM, **changes}.items() if value}
    response = browser.post("/me/family/new", data)
    assert response.status_code == status
    assert words in response.text
    assert f'value="{data["birth_date"]}"' in response.text


def test_somebody_elses_family_is_not_found(make, browser):
    row = added(make.person())
    browser.sign_in(make.person())
    for path in ("", "/removal"):
        assert browser.get(f"/me/family/{row.public_id}{path}").status_code == 404
        assert browser.post(f"/me/family/{row.public_id}{path}", FORM).status_code == 404
    assert row.removed_at is None


def test_a_code_goes_from_one_screen_to_the_other(make, browser, app):
    wife, husband = make.person("李梅"), make.person("王强")
    browser.sign_in(wife)
    shown = browser.post("/me/family/codes", {"relation": "spouse"}).text
    code = "".join(shown.split('id="family-code">')[1].split("</p>")[0].split('class="nowrap">'))
    code = code.replace("<span ", "").replace("</span>", "").replace(" ", "")
    browser.sign_in(husband)
    assert browser.post("/me/family/joining", {"code": "nonsense"}).status_code == 422
    typed = f"{code[:4].upper()} {code[4:]}"
    asked = browser.post("/me/family/joining", {"code": typed}).text
    assert "让 李* 替您报名" in asked
    assert "李梅" not in asked
    agreed = browser.post("/me/family/joining", {"code": code, "agree": "1"})
    assert agreed.status_code == 303
    page = browser.get("/me/family").text
    assert "能替我报名的家人" in page
    (row,) = queries_family.held_by(husband.id)
    assert browser.get(f"/me/family/{row.public_id}").status_code == 404
    assert browser.post(f"/me/family/{row.public_id}/removal").status_code == 303
    assert queries_family.held_by(husband.id) == []


def test_codes_are_not_guessed(make, browser):
    browser.sign_in(make.person())
    answers = [browser.post("/me/family/joining", {"code": f"aaaa{n}"}) for n in range(11)]
    assert [one.status_code for one in answers] == [422] * 10 + [429]


def test_below_14_nobody_registers_alone(browser, app):
    born = clock.today() - timedelta(days=365 * 13)
    answer = browser.post(
        "/register",
        {
            "name": "小明", "phone": "13899990000", "password": "a-good-long-password",
            "birth_date": born.isoformat(), "consent": "y",
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "我的家人" in answer.text
    assert queries.account_by_phone("13899990000") is None


def test_the_log_names_ids_alone(make):
    mother = make.person("李梅")
    added(mother, phone="13811112222")
    for row in db.session.scalars(select(AuditEntry)):
        assert "小明" not in str(row.details)
        assert "13811112222" not in str(row.details)
    assert SYSTEM.person_id is None
