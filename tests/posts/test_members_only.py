"""A post where only Party members serve: asked of who signs up, told to nobody else."""

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.people import consents
from portal.people.models_consents import Channel, ConsentKind
from portal.posts import actions, actions_standing
from portal.posts.models import ServicePost
from portal.shifts.actions_conditions import Conditions
from portal.signups import actions as signups
from portal.signups import cover
from portal.signups import queries as signup_queries
from tests.membership.made import branch, member
from tests.posts.given import ROLE, details, duties, every_day, first_slot, published, tried
from tests.posts.test_views import scan

ONLY = Conditions(members_only=True)


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def post(station):
    row = published(station, cells=every_day(1), is_party_post=True)
    return write(
        actions.change, row.id, details(is_party_post=True), conditions=ONLY,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip


@pytest.fixture
def party(make, station):
    """Return a Party member who is a volunteer."""
    return member(make, branch(), person=make.volunteer(station))


def sign_up(make, shift, person):
    actor = make.actor(person)
    return tried(signups.sign_up, shift.id, person.id, ROLE, actor=actor, now=clock.now())


def test_members_sign_up_and_others_learn_the_way(browser, make, station, post, party):
    shift, other = duties(post)[0], make.volunteer(station)
    browser.sign_in(other)
    page = browser.get(post.path).text
    assert "志愿者只由党员来做" in page
    assert "/me/party" in page
    assert sign_up(make, shift, other)[1] == ("not_a_member",)
    browser.sign_in(party)
    assert (
        browser.post(f"/shifts/{shift.public_id}/signup", {"role": "volunteer"}).status_code < 400
    )
    assert signup_queries.live(shift.id, party.id).state == "confirmed"


def test_to_another_hand_members_and_others_are_alike(make, station, post, party):
    """Whoever could put people there would learn from the answer who is a member."""
    manager, other = make.actor(make.manager(station)), make.volunteer(station)
    slot, shift = first_slot(post), duties(post)[0]
    row, _codes = sign_up(make, shift, party)
    second = member(make, branch("河西社区党支部"), person=make.volunteer(station))
    said = set()
    for person in (second, other):
        for verb, subject in (
            (actions_standing.give, slot.id),
            (cover.assign, row.id),
        ):
            with pytest.raises(Refused) as refused:
                write(verb, subject, person.id, actor=manager, now=clock.now())
            said.add(refused.value.args)
            assert refused.value.codes == ("members_themselves",)
    assert len(said) == 1


def test_who_waited_gets_the_place_and_takes_it_with_the_own_hand(make, station, post, party):
    second = member(make, branch("河西社区党支部"), person=make.volunteer(station))
    shift = duties(post)[0]
    first, _codes = sign_up(make, shift, party)
    waits, _codes = sign_up(make, shift, second)
    write(signups.withdraw, first.id, "", actor=make.actor(party), now=clock.now())
    db.session.refresh(waits)
    assert waits.state == "offered"


def test_members_swap_with_each_other(make, station, post, party):
    second = member(make, branch("河西社区党支部"), person=make.volunteer(station))
    here, there = duties(post)[:2]
    row, _codes = sign_up(make, here, party)
    sign_up(make, there, second)
    request = write(cover.ask, row.id, there.id, actor=make.actor(party), now=clock.now())
    actor = make.actor(second)
    _row, codes = tried(cover.accept, request.id, second.id, actor=actor, now=clock.now())
    assert codes == ()
    assert signup_queries.live(there.id, party.id).state == "confirmed"


def test_no_public_page_names_who_is_on_duty(browser, make, station, post, party):
    write(
        consents.give, party.id, ConsentKind.PUBLICATION, Channel.WEB, actor=SYSTEM, now=clock.now()
    )
    shift = duties(post)[0]
    row, _codes = sign_up(make, shift, party)
    write(cover.ask, row.id, None, actor=make.actor(party), now=clock.now())
    browser.sign_in(make.volunteer(station))
    assert f"{party.name[0]}*" not in browser.get("/posts/cover").text
    start = clock.now().replace(microsecond=0)
    write(signups.move, shift.id, start, start.replace(hour=23), actor=SYSTEM, now=clock.now())
    scan(shift, party)
    page = browser.get("/posts/on-duty").text
    assert "1 人" in page
    assert f"{party.name[0]}*" not in page


def test_the_desk_ticks_it_in_the_form(browser, make, station):
    row = published(station)
    browser.sign_in(make.manager(station))
    page = browser.get(f"/desk/posts/{row.public_id}/edit").text
    assert "只由党员来值" in page
    sent = {
        "title": row.title, "site_name": row.site_name, "venue_type": "service_hall",
        "kind": "order", "field": "order", "place": row.place, "members_only": "y",
    }  # fmt: skip
    assert browser.post(f"/desk/posts/{row.public_id}/edit", sent).status_code == 303
    db.session.expire_all()
    assert db.session.get(ServicePost, row.id).members_only
