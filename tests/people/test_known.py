"""Who is found on record by what they say at the desk."""

from datetime import date

import pytest

from portal.core import clock
from portal.core.db import db
from portal.people.actions import NewPerson
from portal.people.known import known

BORN = date(1950, 5, 4)


def found(*said):
    return [one.person.id for one in known(NewPerson(*said))]


def test_by_the_phone_whoever_shares_it_those_of_the_name_first(make):
    mother = make.person("王秀英", phone="13812341234", birth_on=BORN)
    son = make.person("王大明", phone="13812341234", account=False)
    first, second = known(NewPerson("王大明", "13812341234"))
    assert (first.person.id, first.same_name, first.same_phone) == (son.id, True, True)
    assert (second.person.id, second.same_name, second.same_phone) == (mother.id, False, True)
    assert not first.same_birth


def test_by_name_and_birth_date_together(make):
    person = make.person("王秀英", birth_on=BORN)
    (one,) = known(NewPerson("王秀英", None, BORN))
    assert (one.person.id, one.same_name, one.same_phone, one.same_birth) == (
        person.id, True, False, True,
    )  # fmt: skip
    assert found("王秀英", "13899990000", BORN) == [person.id]


@pytest.mark.parametrize(
    "said",
    [
        ("王秀英",),
        ("王秀英", None, date(1950, 5, 5)),
        ("王秀", None, BORN),
        ("王%", None, BORN),
        ("王秀英", "13800000000"),
    ],
)
def test_less_finds_nobody(make, said):
    make.person("王秀英", phone="13812341234", birth_on=BORN)
    make.person("李小红", phone="13812345555", birth_on=None)
    assert found(*said) == []


def test_merged_and_erased_records_are_nobodys(make):
    kept = make.person("王秀英", birth_on=BORN)
    merged, erased = (make.person("王秀英", birth_on=BORN, account=False) for _ in range(2))
    merged.merged_into_id = kept.id
    erased.erased_at = clock.now()
    db.session.commit()
    assert found("王秀英", None, BORN) == [kept.id]


def test_at_most_twenty(make):
    for _ in range(25):
        make.person("王秀英", phone="13812341234", account=False)
    assert len(found("王秀英", "13812341234")) == 20
