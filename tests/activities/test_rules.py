"""What publishing needs, and who may do what with an activity."""

import pytest

from portal.activities import policy, rules
from portal.core.access import VISITOR
from portal.org.models import Level
from portal.records.settings_catalogue import BY_KEY
from portal.shifts.models import OFFERING_STATE_LABELS, OfferingState

DRAFT, REVIEW, PUBLISHED, OFF = OfferingState


def test_every_state_has_its_word():
    assert set(OFFERING_STATE_LABELS) == set(OfferingState)


@pytest.mark.parametrize("level", list(Level))
def test_each_level_has_its_setting(level):
    setting = BY_KEY[rules.review_setting(level)]
    assert setting.default == "risky_only"
    assert {value for value, _label in setting.options} == {"none", "risky_only", "all"}


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({}, []),
        ({"is_risky": True}, ["insurance_missing"]),
        ({"is_risky": True, "insurance_note": "已投保"}, []),
        ({"has_shifts": False, "has_places": False}, ["no_shift"]),
        ({"has_places": False}, ["no_place"]),
        (
            {"is_risky": True, "has_shifts": False, "has_places": False},
            ["insurance_missing", "no_shift"],
        ),
    ],
)
def test_what_publishing_needs(app, facts, codes):
    usual = {"is_risky": False, "insurance_note": "", "has_shifts": True, "has_places": True}
    reasons = rules.may_be_published(**{**usual, **facts})
    assert [reason.code for reason in reasons] == codes
    assert all(reason.message.endswith("。") for reason in reasons)


# --- who may -------------------------------------------------------------------------------------


@pytest.fixture
def tree(make):
    """A station below an institute below the centre, and one beside."""
    institute = make.station("甲所", level=Level.INSTITUTE)
    return {
        "centre": make.centre(),
        "institute": institute,
        "station": make.station(parent=institute),
        "beside": make.station(),
    }


@pytest.mark.parametrize(
    ("role", "where", "may"),
    [
        ("station_manager", "station", {"plan"}),
        ("station_manager", "institute", {"plan", "review"}),
        ("station_manager", "centre", {"plan", "review"}),
        ("station_manager", "beside", set()),
        ("campaign_officer", "centre", {"review"}),
        ("campaign_officer", "institute", {"review"}),
        ("campaign_officer", "beside", set()),
        ("administrator", "centre", {"plan"}),
        ("team_leader", "station", set()),
        ("auditor", "centre", set()),
        (None, "station", set()),
    ],
)
def test_who_may_what_with_an_activity(make, tree, role, where, may):
    activity = make.activity(tree["station"], state=REVIEW)
    actor = make.actor(make.holder(role, tree[where]) if role else make.person())
    assert policy.may_plan(actor, activity) is ("plan" in may)
    assert policy.may_review(actor, activity) is ("review" in may)
    assert policy.may_see_at_desk(actor, activity) is bool(may)
    assert policy.may_read(actor, activity) is bool(may)
    shift = make.shift(activity=activity)
    assert policy.may_keep_shift(actor, shift) is ("plan" in may)


def test_nobody_reviews_their_own(make, tree):
    author = make.manager(tree["institute"])
    activity = make.activity(tree["station"], state=REVIEW, created_by_id=author.id)
    assert not policy.may_review(make.actor(author), activity)
    assert policy.may_review(make.actor(make.manager(tree["institute"])), activity)


@pytest.mark.parametrize(
    ("state", "visible"), [(DRAFT, False), (REVIEW, False), (PUBLISHED, True), (OFF, True)]
)
def test_what_a_visitor_may_read(make, state, visible):
    assert policy.may_read(VISITOR, make.activity(make.station(), state=state)) is visible
