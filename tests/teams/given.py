"""Teams with people in them, made through the feature's own actions."""

from __future__ import annotations

from itertools import count

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.people import queries_teams
from portal.people.models_teams import Team, TeamRole
from portal.teams import actions, members
from portal.teams.actions import Details

_numbers = count(1)


def details(name="", **changes):
    values = {"brand": "社区陪伴", "slogan": "帮帮到家", "summary": "每周六出队。", **changes}
    kind = term(Vocabulary.TEAM_KIND, values.pop("kind", "service"))
    return Details(name or f"第{next(_numbers)}服务队", kind.id, **values)


def a_team(station, name="", **changes) -> Team:
    given = details(name, **changes)
    return write(actions.create, station.id, given, actor=SYSTEM, now=clock.now())


def does(action, team, person, *words, actor=SYSTEM, now=None):
    return write(action, team.id, person.id, *words, actor=actor, now=now or clock.now())


def joined(team, *persons, now=None):
    for person in persons:
        does(members.ask, team, person, now=now)
        does(members.accept, team, person, now=now)


def leads(team, person, role=TeamRole.LEADER):
    if person.id not in queries_teams.member_ids(team.id):
        joined(team, person)
    return does(members.appoint, team, person, role)
