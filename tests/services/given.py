"""Services, orders and those who carry them out, made through the feature's own actions."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from portal.core import clock, ids
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.notices.models import Notice
from portal.org.models_units import CivilizedUnit, UnitKind
from portal.people import units
from portal.people.models_teams import MemberState, Team, TeamMember, TeamRole
from portal.records import steps
from portal.records.outbox import OutboxRow
from portal.services import (
    actions,
    actions_closing,
    actions_desk,
    actions_dispatch,
    actions_menu,
    moves,
    queries_menu,
    seed,
)
from portal.services.actions import Asker, NewOrder, Rating
from portal.services.actions_desk import Target
from portal.services.actions_menu import Details
from portal.services.models import ServicePlace
from portal.services.models_dispatches import Dispatch
from portal.services.models_orders import Order, RatingWay

PHONE = "13812345678"
ADDRESS = "和平里 9 栋 1203"
NAME = "欧阳桂英"
NOTE = "钥匙在门垫下面"
_numbers = count(1)


def details(category="haircut", **changes):
    if queries_menu.category(category) is None:
        write(seed.seed, actor=SYSTEM)
    values = {
        "title": f"上门理发{next(_numbers)}",
        "place": ServicePlace.HOME,
        "in_use_from": clock.today() - timedelta(days=400),
        "summary": "理发志愿者到家里来。",
        "open_to_claim": True,
        **changes,
    }
    return Details(category_id=queries_menu.category(category).id, **values)


def offered(station, *, category="haircut", actor=SYSTEM, **changes):
    return write(
        actions_menu.create, station.id, details(category, **changes), actor=actor, now=clock.now()
    )


def asking(service, **changes):
    values = {
        "asker": Asker(NAME, PHONE, ADDRESS, NOTE),
        "form_key": ids.code(20),
        "at_home": True,
        **changes,
    }
    return NewOrder(service.id, **values)


def filed(service, *, actor=SYSTEM, now=None, **changes):
    return write(actions.file, asking(service, **changes), actor=actor, now=now or clock.now())


def reviewed(service, *, now=None, **changes):
    row = filed(service, now=now, **changes)
    return write(actions_desk.review, row.id, actor=SYSTEM, now=now or clock.now())


def send(row, *, team=None, unit=None, words="", actor=SYSTEM, now=None):
    target = Target(team.id if team else None, unit.id if unit else None)
    return write(actions_desk.dispatch, row.id, target, words, actor=actor, now=now or clock.now())


def sent(service, *, team=None, unit=None, now=None, **changes):
    return send(reviewed(service, now=now, **changes), team=team, unit=unit, now=now)


def accept(held, *, actor=SYSTEM, days=3, now=None):
    now = now or clock.now()
    until = clock.local_day(now) + timedelta(days=days)
    return write(actions_dispatch.accept, held.id, until, actor=actor, now=now)


def claim(held, actor, *, team=None, days=3, now=None):
    now = now or clock.now()
    until = clock.local_day(now) + timedelta(days=days)
    team_id = team.id if team else None
    return write(actions_dispatch.claim, held.id, until, team_id, actor=actor, now=now)


def finish(held, *helps, note="剪好了", actor=SYSTEM, now=None):
    return write(actions_dispatch.finish, held.id, note, helps, actor=actor, now=now or clock.now())


def rate(row, stars=5, *, actor=SYSTEM, now=None):
    given = Rating(RatingWay.CALL_BACK, stars, "很满意")
    return write(actions.rate, row.id, given, actor=actor, now=now or clock.now())


def close(row, reason="", *, actor=SYSTEM, now=None):
    return write(actions_closing.close, row.id, reason, actor=actor, now=now or clock.now())


def done(service, team, *helps, now=None, **changes):
    """Return the order and its dispatch, carried out by the team."""
    held = sent(service, team=team, now=now, **changes)
    accept(held, now=now)
    finish(held, *helps)
    return fresh(db.session.get(Order, held.order_id)), held


def a_team(station, name=""):
    row = Team(name=name or f"第{next(_numbers)}服务队", station_id=station.id)
    db.session.add(row)
    db.session.commit()
    return row


def join(team, person, role=TeamRole.MEMBER):
    state, at = MemberState.MEMBER, clock.now()
    db.session.add(TeamMember(team_id=team.id, person_id=person.id, state=state, role=role, at=at))
    db.session.commit()


def a_leader(make, team, station):
    """Return somebody who leads the team, with the role at its station that follows from it."""
    person = make.holder(Role.TEAM_LEADER, station)
    join(team, person, TeamRole.LEADER)
    return person


def a_unit(station=None, *, liaison=None, kind=UnitKind.DEPARTMENT):
    row = CivilizedUnit(
        name=f"第{next(_numbers)}科", kind=kind, station_id=station.id if station else None
    )
    db.session.add(row)
    db.session.commit()
    if liaison is not None:
        write(units.appoint, row.id, liaison.id, actor=SYSTEM, now=clock.now())
    return row


def fresh(row):
    """Return the row as it stands now."""
    return db.session.get(type(row), row.id, populate_existing=True)


def order_of(held):
    return fresh(db.session.get(Order, held.order_id))


def holding(row):
    """Return the dispatches that hold an order."""
    live = ("offered", "accepted", "done")
    return db.session.query(Dispatch).filter(
        Dispatch.order_id == row.id, Dispatch.state.in_(live)
    ).all()  # fmt: skip


def verbs_of(row):
    return [step.verb for step in steps.of(moves.ref(row))]


def told(person):
    """Return the kinds of notices that wait for a person, or were delivered."""
    waiting = [
        row.payload["kind"]
        for row in db.session.query(OutboxRow).filter_by(kind="notice").order_by(OutboxRow.id)
        if row.payload["person_id"] == person.id
    ]
    return waiting + [row.kind for row in db.session.query(Notice).filter_by(person_id=person.id)]
