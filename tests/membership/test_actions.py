"""Asking, confirming, refusing, going over, leaving; always with a consent on record."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.db import db
from portal.core.errors import Invalid, Refused
from portal.membership import actions, actions_branches, hooks
from portal.membership import queries_members as members
from portal.membership.models import MembershipRequest
from portal.notices.models import Notice
from portal.people import consents, party
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_party import PartyMember
from portal.records import outbox
from portal.records.audit import SEALED, AuditEntry
from tests.membership.made import LONG_AGO, act, branch, keeper, member, membership


@pytest.fixture
def tree(make):
    above = branch("东湾街道党工委")
    below = branch("和平社区党委", above)
    return above, below, branch("桥头社区党委", above)


def agrees(person):
    return consents.holds(person.id, ConsentKind.PARTY)


def ask(make, person, row, since_on=LONG_AGO):
    return act(actions.ask, person.id, row.id, since_on, actor=make.actor(person))


def test_nobody_is_a_member_before_the_secretary_says_so(make, tree):
    person = make.person()
    row = ask(make, person, tree[1])
    assert membership(person) is None
    assert agrees(person)
    found = act(actions.confirm, row.id, actor=make.actor(keeper(make, tree[1])))
    assert (found.branch_id, found.since_on, found.channel) == (tree[1].id, LONG_AGO, Channel.WEB)
    assert members.request_of(person.id) is None
    assert hooks.check() == []


def test_asking_twice_is_one_request_and_asking_elsewhere_replaces_it(make, tree):
    person = make.person()
    first = ask(make, person, tree[1])
    assert ask(make, person, tree[1]).id == first.id
    assert ask(make, person, tree[2]).branch_id == tree[2].id
    assert db.session.query(MembershipRequest).count() == 1


def test_the_nearest_secretary_is_told(make, tree, app):
    above, below = keeper(make, tree[0]), keeper(make, tree[1])
    ask(make, make.person(), tree[1])
    ask(make, make.person(), tree[2])
    outbox.relay({"notice": _deliver()}, now=clock.now())
    told = [(row.person_id, row.kind) for row in db.session.query(Notice).order_by(Notice.id)]
    assert told == [(below.id, "membership_asked"), (above.id, "membership_asked")]


def _deliver():
    from portal.notices.hooks import deliver_notice

    return deliver_notice


@pytest.mark.parametrize("days", [1, -40_000])
def test_a_day_to_come_or_long_before_is_not_taken(make, tree, days):
    with pytest.raises(Invalid):
        ask(make, make.person(), tree[1], clock.today() + timedelta(days=days))


def test_a_closed_branch_takes_nobody(make, tree):
    act(actions_branches.close, tree[2].id)
    with pytest.raises(Refused) as caught:
        ask(make, make.person(), tree[2])
    assert caught.value.codes == ("closed",)


def test_only_who_keeps_the_branch_says_yes_or_no(make, tree):
    row = ask(make, make.person(), tree[1])
    stranger = make.actor(keeper(make, tree[2]))
    for action, given in ((actions.confirm, ()), (actions.refuse, ("不是",))):
        with pytest.raises(Refused) as caught:
            act(action, row.id, *given, actor=stranger)
        assert caught.value.codes == ("not_kept",)
    act(actions.confirm, row.id, actor=make.actor(keeper(make, tree[0])))


def test_a_refusal_tells_why_and_makes_room_for_another_request(make, tree):
    person = make.person()
    row = ask(make, person, tree[1])
    act(actions.refuse, row.id, "请找桥头社区")
    assert membership(person) is None
    with pytest.raises(Refused) as caught:
        act(actions.confirm, row.id)
    assert caught.value.codes == ("settled",)
    assert ask(make, person, tree[2]).refused_at is None


def test_taking_the_request_back_takes_the_consent_back(make, tree):
    person = make.person()
    row = ask(make, person, tree[1])
    for _twice in range(2):
        act(actions.withdraw_request, person.id, actor=make.actor(person))
    assert not agrees(person)
    with pytest.raises(Refused):
        act(actions.confirm, row.id)


def test_a_member_goes_over_and_keeps_when_they_were_recorded(make, tree):
    person = member(make, tree[1])
    before = membership(person)
    recorded_at = before.recorded_at
    with pytest.raises(Refused) as caught:
        ask(make, person, tree[1])
    assert caught.value.codes == ("is_member",)
    row = ask(make, person, tree[2])
    assert membership(person).branch_id == tree[1].id
    act(actions.confirm, row.id)
    after = membership(person)
    assert (after.id, after.branch_id, after.recorded_at) == (before.id, tree[2].id, recorded_at)
    assert db.session.query(PartyMember).count() == 1


def test_a_member_who_takes_back_a_request_stays_a_member(make, tree):
    person = member(make, tree[1])
    ask(make, person, tree[2])
    act(actions.withdraw_request, person.id)
    assert agrees(person)
    assert membership(person).branch_id == tree[1].id


def test_taking_the_consent_back_ends_the_membership(make, tree):
    person = member(make, tree[1])
    ask(make, person, tree[2])
    for _twice in range(2):
        act(actions.withdraw_consent, person.id, actor=make.actor(person))
    assert party.membership_of(person.id) is None
    assert members.request_of(person.id) is None
    assert not agrees(person)
    assert hooks.check() == []
    member(make, tree[1], person=person)
    assert membership(person) is not None


@pytest.mark.parametrize("withdrew", [True, False])
def test_the_secretary_takes_somebody_off(make, tree, withdrew):
    person = member(make, tree[1])
    row = membership(person)
    stranger = make.actor(keeper(make, tree[2]))
    with pytest.raises(Refused):
        act(actions.end, row.id, withdrew=withdrew, actor=stranger)
    for _twice in range(2):
        act(actions.end, row.id, withdrew=withdrew, actor=make.actor(keeper(make, tree[0])))
    assert membership(person) is None
    assert agrees(person) is not withdrew


def test_no_row_of_the_log_that_a_page_shows_names_a_member(make, tree):
    person = member(make, tree[1])
    act(actions.end, membership(person).id, withdrew=True)
    named = db.session.query(AuditEntry).filter(AuditEntry.verb.like("membership.%")).all()
    assert {row.verb for row in named} == {
        "membership.ask", "membership.agree", "membership.confirm", "membership.end",
        "membership.disagree",
    }  # fmt: skip
    for row in named:
        if row.verb not in SEALED:
            assert row.subject_kind == "party_branch"
            assert row.actor_id != person.id
            assert person.id not in row.details.values()


def test_a_membership_without_consent_is_found(make, tree):
    person = member(make, tree[1])
    consents_row = {"given": False, "actor": make.actor(person)}
    act(consents.put, person.id, ConsentKind.PARTY, Channel.WEB, **consents_row)
    assert hooks.check() == [f"party member {membership(person).id}: no consent is on record"]
