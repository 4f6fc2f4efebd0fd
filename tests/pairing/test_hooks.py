from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.core import clock
from portal.core.db import db, write
from portal.notices.hooks import deliver_notice
from portal.org.models_units import CivilizedUnit, Pairing
from portal.pairing import actions_projects, hooks
from portal.pairing.models import JointActivity, PairingProject
from portal.records import notes, outbox
from portal.site import personal
from tests.pairing.given import COMMUNITY, UNIT, Pair, fresh, told


def after(project, days=1):
    return clock.day_start(project.planned_on + timedelta(days=days))


def test_who_is_in_charge_is_reminded_once(make):
    pair = Pair(make)
    project = pair.agreed()
    hooks.due(after(project, 0))
    assert "pairing_overdue" not in told(pair.liaison)
    for _twice in range(2):
        hooks.due(after(project))
    assert told(pair.liaison).count("pairing_overdue") == 1
    assert "pairing_overdue" not in told(pair.manager)


def test_a_new_day_lets_it_be_reminded_again(make):
    pair = Pair(make)
    project = pair.agreed()
    hooks.due(after(project))
    later = pair.plan(
        in_charge=pair.manager.public_id, planned_on=project.planned_on + timedelta(days=9)
    )
    pair.act(UNIT, actions_projects.change, project.id, later, 1)
    hooks.due(after(fresh(project)))
    assert told(pair.manager).count("pairing_overdue") == 1


def test_what_is_not_agreed_to_or_over_is_not_late(make):
    pair = Pair(make)
    proposed, done = pair.propose(UNIT), pair.agreed()
    pair.act(UNIT, actions_projects.finish, done.id, "好了。")
    hooks.due(after(proposed, 30))
    assert "pairing_overdue" not in told(pair.liaison)


@pytest.mark.parametrize("side", [COMMUNITY, UNIT])
def test_a_notice_leads_to_ones_own_side(make, browser, side):
    pair = Pair(make)
    pair.add(side.other)
    outbox.relay({"notice": deliver_notice}, now=clock.now() + timedelta(minutes=30))
    page = browser.sign_in(pair.people[side]).get("/me").text
    assert f'href="{pair.address(side)}"' in page
    assert browser.get(pair.address(side)).status_code == 200


def faults(project):
    """Return what may go wrong, by what the check says of it."""
    return {
        "its unit is closed": update(CivilizedUnit).values(closed_at=clock.now()),
        "its pairing has ended": update(Pairing).values(ended_on=clock.today()),
        "takes up a need": update(PairingProject).values(need_id=project.resource_id),
        "its last step led to": update(PairingProject).values(state="under_way"),
    }


@pytest.mark.parametrize(
    "words",
    ["its unit is closed", "its pairing has ended", "takes up a need", "its last step led to"],
)
def test_the_check_finds(make, words):
    project = Pair(make).agreed()
    assert hooks.check() == []
    db.session.execute(faults(project)[words])
    assert any(words in line for line in hooks.check())


def test_the_check_finds_a_joint_activity_of_another_place(make):
    pair = Pair(make)
    activity = make.activity(pair.station).public_id
    pair.act(COMMUNITY, actions_projects.join, pair.row.id, COMMUNITY, activity)
    assert hooks.check() == []
    elsewhere = make.activity(make.station())
    db.session.execute(update(JointActivity).values(activity_id=elsewhere.id))
    assert any("another place" in line for line in hooks.check())


def test_export_and_erasure(make):
    pair = Pair(make)
    item = pair.add(UNIT, "送书", details="找我本人拿，电话在前台")
    project = pair.agreed()
    pair.act(UNIT, actions_projects.finish, project.id, "由本人送到。")
    found = personal.gathered(pair.liaison.id)
    written = {one["title"]: one["details"] for one in found["pairing_items"]}
    assert written["送书"] == "找我本人拿，电话在前台"
    assert [one["state"] for one in found["pairing_projects"]] == ["done"]
    actor = make.actor(pair.liaison)
    write(personal.erase, pair.liaison.id, actor=actor, now=clock.now())
    assert (fresh(item).title, item.details) == ("送书", "")
    assert notes.of(actions_projects.project_ref(project)) == []
    assert fresh(project).state == "done"
    assert fresh(pair.liaison).name not in {"", pair.actor(COMMUNITY).name}
    assert hooks.check() == []
