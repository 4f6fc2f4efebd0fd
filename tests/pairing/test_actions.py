import pytest
from sqlalchemy.exc import IntegrityError

from portal.core import clock, ids
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.org.models_units import Pairing
from portal.pairing import actions, actions_projects, hooks, queries
from portal.pairing.models import ItemKind, ItemState, PairingProject
from portal.people import units
from portal.records import notes, steps
from portal.records.audit import AuditEntry
from tests.pairing.given import COMMUNITY, UNIT, Pair, fresh, liaison, pairings, told, unit


def states(pair):
    """Return the states of needs and of resources."""
    items = queries.items_of(pair.row.id, queries.projects_of(pair.row.id))
    return {kind: [one.state for one in rows] for kind, rows in items.items()}


def audited():
    return [
        row.verb for row in db.session.query(AuditEntry).filter(AuditEntry.verb.like("pairing.%"))
    ]


# --- pairing ---------------------------------------------------------------------------------------


def test_pairing_twice_is_one_pairing_and_the_liaison_is_told(make):
    station, library = make.station(), unit()
    person = liaison(make, library)
    rows = [
        write(actions.pair, library.id, station.id, actor=SYSTEM, now=clock.now()) for _ in "12"
    ]
    assert rows[0].id == rows[1].id
    assert len(pairings()) == 1
    assert told(person) == ["pairing_paired"]
    assert audited() == ["pairing.pair"]


def test_who_cannot_be_paired(make):
    library = unit()
    street = make.station("东湾实践所", level="institute")
    with pytest.raises(Refused, match="no_community"):
        write(actions.pair, library.id, street.id, actor=SYSTEM, now=clock.now())
    write(units.close, library.id, actor=SYSTEM, now=clock.now())
    with pytest.raises(Refused, match="closed_unit"):
        write(actions.pair, library.id, make.station().id, actor=SYSTEM, now=clock.now())


def test_two_live_pairings_of_the_same_are_refused_by_the_database(make):
    pair = Pair(make)
    values = {"unit_id": pair.unit.id, "station_id": pair.station.id, "since_on": clock.today()}
    db.session.add(Pairing(**values))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_an_end_gives_up_what_was_to_be_done_and_closes_the_lists(make):
    pair = Pair(make)
    project, done = pair.agreed(), pair.agreed()
    pair.act(UNIT, actions_projects.finish, done.id, "办成了。")
    for _twice in range(2):
        write(actions.end, pair.row.id, "学校搬走了。", actor=SYSTEM, now=clock.now())
    assert fresh(pair.row).ended_on == clock.today()
    assert (fresh(project).state, fresh(done).state) == ("given_up", "done")
    assert notes.latest(actions.ref(pair.row), "end") == "学校搬走了。"
    assert told(pair.liaison).count("pairing_ended") == 1
    for verb, given in (
        (actions.add, (pair.row.id, UNIT, actions.NewItem("书", ids.code(20)))),
        (actions_projects.start, (project.id,)),
        (actions_projects.propose, (pair.row.id, UNIT, pair.plan(), ids.code(20))),
    ):
        with pytest.raises(Refused, match="ended"):
            pair.act(UNIT, verb, *given)
    again = write(actions.pair, pair.unit.id, pair.station.id, actor=SYSTEM, now=clock.now())
    assert again.id != pair.row.id
    assert hooks.check() == []


# --- the lists ---------------------------------------------------------------------------------------


def test_each_side_writes_its_own_list_and_the_other_is_told(make):
    pair = Pair(make)
    need, resource = pair.add(COMMUNITY), pair.add(UNIT)
    assert (need.kind, resource.kind) == (ItemKind.NEED, ItemKind.RESOURCE)
    assert "pairing_need" in told(pair.liaison)
    assert "pairing_resource" in told(pair.manager)


def test_the_same_form_twice_writes_once(make):
    pair = Pair(make)
    key = ids.code(20)
    assert pair.add(UNIT, key=key).id == pair.add(UNIT, key=key).id
    assert told(pair.manager) == ["pairing_resource"]
    first, second = (pair.propose(UNIT, key=key) for _ in "12")
    assert first.id == second.id


def test_withdrawing_is_for_ones_own_and_not_from_a_project(make):
    pair = Pair(make)
    need, resource = pair.add(COMMUNITY), pair.add(UNIT)
    with pytest.raises(Refused, match="not_theirs"):
        pair.act(UNIT, actions.withdraw, need.id, UNIT)
    project = pair.propose(UNIT, need=need.public_id)
    with pytest.raises(Refused, match="in_project"):
        pair.act(COMMUNITY, actions.withdraw, need.id, COMMUNITY)
    for _twice in range(2):
        pair.act(UNIT, actions.withdraw, resource.id, UNIT)
    assert states(pair) == {"need": [ItemState.MATCHED], "resource": [ItemState.WITHDRAWN]}
    pair.act(UNIT, actions_projects.give_up, project.id, "不行。")
    pair.act(COMMUNITY, actions.withdraw, need.id, COMMUNITY)
    assert states(pair)["need"] == [ItemState.WITHDRAWN]


# --- projects ----------------------------------------------------------------------------------------


def test_a_project_of_both_lists_goes_from_planned_to_done(make):
    pair = Pair(make)
    project = pair.agreed()
    assert project.state == "planned"
    assert states(pair) == {"need": [ItemState.MATCHED], "resource": [ItemState.MATCHED]}
    for _twice in range(2):
        pair.act(COMMUNITY, actions_projects.start, project.id)
    for _twice in range(2):
        pair.act(UNIT, actions_projects.finish, project.id, "摆好了。")
    assert (fresh(project).state, project.done_on) == ("done", clock.today())
    assert actions_projects.result_of(project) == "摆好了。"
    assert states(pair) == {"need": [ItemState.DONE], "resource": [ItemState.DONE]}
    verbs = [step.verb for step in steps.of(actions_projects.project_ref(project))]
    assert verbs == ["plan", "start", "finish"]
    assert hooks.check() == []


@pytest.mark.parametrize("side", [COMMUNITY, UNIT])
def test_a_proposal_waits_for_the_other_side(make, side):
    pair = Pair(make)
    own = pair.add(side)
    taken = {"need" if side == COMMUNITY else "resource": own.public_id}
    project = pair.propose(side, **taken)
    assert project.state == "proposed"
    assert "pairing_proposed" in told(pair.people[side.other])
    with pytest.raises(Refused, match="own_proposal"):
        pair.act(side, actions_projects.agree, project.id, side)
    with pytest.raises(Refused, match="wrong_state"):
        pair.act(side, actions_projects.start, project.id)
    for _twice in range(2):
        pair.act(side.other, actions_projects.agree, project.id, side.other)
    assert fresh(project).state == "planned"
    assert told(pair.people[side]).count("pairing_planned") == 1


def test_a_need_is_in_one_project_and_free_when_it_is_given_up(make):
    pair = Pair(make)
    need = pair.add(COMMUNITY)
    first = pair.propose(UNIT, need=need.public_id)
    with pytest.raises(Invalid, match="need"):
        pair.propose(UNIT, need=need.public_id)
    db.session.add(
        PairingProject(
            pairing_id=pair.row.id, need_id=need.id, title="二", state="planned",
            proposed_by="unit", in_charge_id=pair.liaison.id, planned_on=clock.today(),
            form_key=ids.code(20), created_at=clock.now(),
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.flush()
    db.session.rollback()
    pair.act(UNIT, actions_projects.give_up, first.id, "没有车。")
    assert pair.propose(UNIT, need=need.public_id).state == "planned"


def test_what_is_not_in_the_lists_of_this_pairing_cannot_be_taken(make):
    pair, other = Pair(make), Pair(make, name="别的单位")
    strange, own = other.add(COMMUNITY), pair.add(COMMUNITY)
    for taken in ({"need": strange.public_id}, {"resource": own.public_id}, {"need": "zzzzzzzzzz"}):
        with pytest.raises(Invalid):
            pair.propose(COMMUNITY, **taken)
    with pytest.raises(Invalid, match="in_charge"):
        pair.propose(COMMUNITY, in_charge=other.liaison.public_id)


def test_whoever_read_an_older_version_is_refused(make):
    pair = Pair(make)
    project = pair.agreed()
    first = pair.plan(title="先改的", in_charge=pair.manager.public_id)
    pair.act(UNIT, actions_projects.change, project.id, first, 1)
    with pytest.raises(Refused, match="changed_since"):
        pair.act(COMMUNITY, actions_projects.change, project.id, pair.plan(title="后改的"), 1)
    assert (fresh(project).title, project.in_charge_id) == ("先改的", pair.manager.id)
    pair.act(COMMUNITY, actions_projects.change, project.id, pair.plan(title="看过再改"), 2)
    assert fresh(project).title == "看过再改"


def test_what_ended_is_not_changed(make):
    pair = Pair(make)
    project = pair.agreed()
    pair.act(UNIT, actions_projects.finish, project.id, "好了。")
    with pytest.raises(Refused, match="wrong_state"):
        pair.act(UNIT, actions_projects.change, project.id, pair.plan(), project.version)
    with pytest.raises(Refused, match="wrong_state"):
        pair.act(UNIT, actions_projects.give_up, project.id, "算了。")
    with pytest.raises(Refused, match="wrong_state"):
        pair.act(UNIT, actions_projects.finish, project.id, "又好了。")


def test_managers_above_are_told_where_a_community_has_none(make):
    street = make.station("东湾实践所", level="institute")
    station = make.station(parent=street)
    above = make.holder(Role.STATION_MANAGER, street)
    library = unit()
    person = liaison(make, library)
    row = write(actions.pair, library.id, station.id, actor=SYSTEM, now=clock.now())
    given = actions.NewItem("书", ids.code(20))
    write(actions.add, row.id, UNIT, given, actor=make.actor(person), now=clock.now())
    assert told(above) == ["pairing_resource"]
