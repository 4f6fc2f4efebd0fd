"""The tree of branches and who keeps them: verbs, and the administrator's pages."""

import pytest

from portal.core.db import db
from portal.core.errors import Invalid, Refused
from portal.membership import actions_branches as actions
from portal.membership import queries
from portal.membership.actions_branches import BranchDetails
from portal.org.models_party import BRANCH_LEVELS, BranchLevel, PartyBranch, PartyBranchTree
from portal.people import party
from tests.membership.made import act, branch, keeper, member, unit


@pytest.fixture
def admin(make, browser):
    return browser.sign_in(make.holder("administrator", make.centre()))


def chain():
    row = None
    for number, level in enumerate(BRANCH_LEVELS):
        row = branch(f"第{number}级", row, level)
    return row


def test_the_tree_has_six_levels_and_its_closure(make):
    lowest = chain()
    assert db.session.query(PartyBranchTree).count() == 6 + 5 + 4 + 3 + 2 + 1
    assert [node.depth for node in queries.all_branches()] == [0, 1, 2, 3, 4, 5]
    with pytest.raises(Invalid) as caught:
        branch("第七级", lowest, BranchLevel.UNIT_HOUSEHOLD)
    assert caught.value.field == "level"


def test_levels_may_be_left_out_but_not_turned_round(make):
    above = branch("街道")
    below = branch("党小组", above, BranchLevel.BUILDING)
    with pytest.raises(Invalid):
        branch("党委", below, BranchLevel.COMMUNITY)


def test_a_name_is_taken_once(make):
    one, other = branch("甲支部"), branch("乙支部")
    with pytest.raises(Invalid):
        branch("甲支部")
    with pytest.raises(Invalid):
        act(actions.change, other.id, BranchDetails("甲支部", BranchLevel.STREET))
    act(actions.change, one.id, BranchDetails("甲支部", BranchLevel.STREET))


def test_a_branch_closes_when_nobody_is_in_it_and_none_stands_below(make):
    above = branch("上级")
    below = branch("下级", above)
    secretary = keeper(make, below)
    member(make, below)
    for row, code in ((above, "has_below"), (below, "has_members")):
        with pytest.raises(Refused) as caught:
            act(actions.close, row.id)
        assert caught.value.codes == (code,)
    empty = branch("空支部", above)
    keeper(make, empty)
    for _twice in range(2):
        act(actions.close, empty.id)
    assert queries.kept_branch(empty.public_id) is None
    assert queries.secretaries_of([empty.id]) == {}
    assert party.branches_kept_by(secretary.id) == {below.id}


def test_a_secretary_keeps_what_stands_below_and_nothing_beside(make):
    above = branch("上级")
    one, other = branch("一支部", above), branch("二支部", above)
    low = branch("党小组", one)
    secretary = keeper(make, one)
    assert party.branches_kept_by(secretary.id) == {one.id, low.id}
    assert secretary.id in queries.keepers_of(low.id)
    assert secretary.id not in queries.keepers_of(other.id) | queries.keepers_of(above.id)
    grant = queries.secretaries_of([one.id])[one.id][0]
    for _twice in range(2):
        act(actions.revoke, grant.id)
    assert party.branches_kept_by(secretary.id) == frozenset()


def test_the_administrator_builds_the_tree(make, admin):
    station = make.station("和平社区实践站")
    school = unit()
    page = admin.post("/admin/branches/new", {"name": "东湾街道党工委", "level": "street"})
    assert page.status_code == 303
    above = db.session.query(PartyBranch).one()
    fields = {"name": "和平社区党委", "level": "community", "station": station.public_id,
              "unit": school.public_id}  # fmt: skip
    assert admin.post(f"/admin/branches/{above.public_id}/below", fields).status_code == 303
    below = db.session.query(PartyBranch).filter_by(name="和平社区党委").one()
    assert (below.parent_id, below.station_id, below.unit_id) == (above.id, station.id, school.id)
    admin.get("/admin/branches")  # says once what was made
    shown = admin.get("/admin/branches").text
    assert shown.index("东湾街道党工委") < shown.index("和平社区党委")
    changed = admin.post(f"/admin/branches/{below.public_id}", {"name": "和平社区党总支"})
    assert changed.status_code == 303
    assert "和平社区党总支" in admin.get("/admin/branches").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "level": "street"}, "请填写这一项"),
        ({"name": "甲支部", "level": "street"}, "已经有叫这个名称的党组织了"),
        ({"name": "乙支部", "level": "nonsense"}, "请从列表中选择一项"),
    ],
)
def test_what_cannot_be_made_comes_back_with_a_sentence(make, admin, fields, sentence):
    branch("甲支部")
    page = admin.post("/admin/branches/new", fields)
    assert page.status_code == 422
    assert sentence in page.text


def test_the_administrator_names_secretaries_and_takes_them_back(make, admin):
    row = branch("甲支部")
    person = make.person("程守信")
    base = f"/admin/branches/{row.public_id}/secretaries"
    assert admin.post(base, {"phone": "13700009999"}).status_code == 422
    assert admin.post(base, {"phone": person.phone}).status_code == 303
    assert "程守信" in admin.get(base).text
    assert "程守信" in admin.get("/admin/branches").text
    asked = f"{base}/revocation?person={person.public_id}"
    assert "不再负责" in admin.get(asked).text
    assert party.branches_kept_by(person.id)
    assert admin.post(f"{base}/revocation", {"person": person.public_id}).status_code == 303
    assert not party.branches_kept_by(person.id)
    assert admin.get(asked).status_code == 404


def test_closing_asks_first_and_says_what_is_in_the_way(make, admin):
    row = branch("甲支部")
    member(make, row, name="卜某某")
    page = admin.get(f"/admin/branches/{row.public_id}/closing")
    assert page.status_code == 200
    refused = admin.post(f"/admin/branches/{row.public_id}/closing")
    assert refused.status_code == 409
    assert "名单还没有清空" in refused.text
    assert "卜某某" not in refused.text


@pytest.mark.parametrize("role", ["station_manager", "campaign_officer", "auditor"])
def test_who_does_not_administer_is_kept_out(make, browser, role):
    row = branch("甲支部")
    browser.sign_in(make.holder(role, make.centre()))
    for path in ("/admin/branches", "/admin/branches/new"):
        assert browser.get(path).status_code == 403
    assert browser.get(f"/admin/branches/{row.public_id}").status_code == 404


def test_an_administrator_of_one_street_arranges_its_branches_alone(make, browser):
    here, there = make.station("甲站", level="institute"), make.station("乙站", level="institute")
    own = branch("甲街道党工委", station=here)
    low = branch("甲支部", own)
    other = branch("乙街道党工委", station=there)
    browser.sign_in(make.holder("administrator", here))
    shown = browser.get("/admin/branches").text
    assert "甲街道党工委" in shown
    assert "乙街道党工委" not in shown
    assert browser.get(f"/admin/branches/{low.public_id}").status_code == 200
    assert browser.get(f"/admin/branches/{other.public_id}").status_code == 404
    assert browser.post(f"/admin/branches/{other.public_id}/closing").status_code == 404
