"""A guardian agrees to one offering beforehand, in the family or on paper, and takes it back."""

from datetime import date

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.people import family, guardians
from portal.people.family import NewMember
from portal.people.models_consents import ConsentScope
from portal.people.models_family import Relation
from portal.shifts.models import PlaceRole
from portal.signups import actions
from tests.posts.given import tried
from tests.support.queries import count_queries


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


def years_ago(years):
    return date(clock.today().year - years, 1, 1)


def sign_up(shift, person_id):
    return tried(
        actions.sign_up, shift.id, person_id, PlaceRole.ATTENDEE, actor=SYSTEM, now=clock.now()
    )[1]


def test_in_the_family_for_one_and_taken_back(browser, make, station):
    holder = make.person(station=station)
    said = NewMember("王一", Relation.CHILD, years_ago(12), is_guardian=True)
    member = write(family.add, holder.id, said, actor=make.actor(holder), now=clock.now())
    for one in guardians.live_of(member.person_id):
        write(guardians.withdraw, one.id, actor=SYSTEM, now=clock.now())
    chosen = make.shift(activity=make.activity(station, title="剪纸课"))
    other = make.shift(activity=make.activity(station, title="合唱"))
    make.shift(activity=make.activity(station, title="攀岩", is_risky=True))
    path = f"/me/family/{member.public_id}/consents/offerings"
    browser.sign_in(holder)
    assert path in browser.get(f"/me/family/{member.public_id}/consent").text
    page = browser.get(path).text
    assert ("剪纸课" in page, "合唱" in page, "攀岩" in page) == (True, True, False)
    sent = {"offering": chosen.offering.public_id}
    assert browser.post(path, sent).status_code == 422  # the tick is the consent
    for _twice in range(2):
        assert browser.post(path, {**sent, "guardian": "y"}).status_code == 303
    (consent,) = guardians.live_of(member.person_id)
    assert (consent.scope, consent.offering_id) == (ConsentScope.OFFERING, chosen.offering_id)
    assert sign_up(other, member.person_id) == ("no_guardian_consent",)
    assert sign_up(chosen, member.person_id) == ()
    assert "剪纸课" in browser.get(path).text
    taken_back = f"/me/family/{member.public_id}/consents/{consent.public_id}/withdrawal"
    assert taken_back in browser.get(path).text
    assert browser.post(taken_back).status_code == 303
    assert guardians.live_of(member.person_id) == []
    browser.sign_in(make.person())
    assert browser.get(path).status_code == 404


def test_on_paper_at_the_desk(browser, make, station):
    child = make.person(station=station, birth_on=years_ago(15), account=False)
    shift = make.shift(activity=make.activity(station, title="剪纸课"))
    make.shift(activity=make.activity(station, title="攀岩", is_risky=True))
    browser.sign_in(make.manager(station))
    base = f"/desk/people/{child.public_id}"
    path = f"{base}/guardian-consents/offerings"
    assert path in browser.get(base).text
    sent = {
        "offering": shift.offering.public_id, "guardian_name": "林芳",
        "guardian_phone": "13812341234", "channel": "paper",
    }  # fmt: skip
    assert browser.post(path, {**sent, "guardian_name": ""}).status_code == 422
    assert browser.post(path, {**sent, "offering": "nosuchone2"}).status_code == 422
    assert browser.post(path, sent).status_code == 303
    assert sign_up(shift, child.id) == ()
    (consent,) = guardians.live_of(child.id)
    assert guardians.guardian_of(consent).name == "林芳"
    assert (
        browser.post(f"{base}/guardian-consents/{consent.public_id}/withdrawal").status_code == 303
    )
    assert guardians.live_of(child.id) == []
    db.session.expire_all()
    browser.sign_in(make.manager(make.station()))
    assert browser.get(path).status_code == 404


def test_grown_up_needs_nobodys_word(browser, make, station):
    person = make.person(station=station, birth_on=years_ago(30), account=False)
    browser.sign_in(make.manager(station))
    assert (
        browser.get(f"/desk/people/{person.public_id}/guardian-consents/offerings").status_code
        == 404
    )


def test_one_offering_and_thirty_ask_the_same_number_of_statements(browser, make, station):
    holder = make.person(station=station)
    said = NewMember("王一", Relation.CHILD, years_ago(12), is_guardian=True)
    member = write(family.add, holder.id, said, actor=make.actor(holder), now=clock.now())
    path = f"/me/family/{member.public_id}/consents/offerings"
    browser.sign_in(holder)
    counts = []
    for more in (1, 29):
        for number in range(more):
            make.shift(activity=make.activity(station, title=f"剪纸课{more}{number}"))
        browser.get(path)  # small tables kept by the process are read again after a write
        with count_queries() as seen:
            assert browser.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
