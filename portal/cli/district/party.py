"""Party branches of the demo district in six levels, a unit's branch, and a year of their members.

All persons are invented. What they did is told through the features' own actions, when it was.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.membership import (
    actions,
    actions_branches,
    actions_import,
    actions_reports,
    queries,
    rules,
    standing,
)
from portal.membership import queries_members as members
from portal.membership.actions_branches import BranchDetails
from portal.membership.actions_reports import Offer
from portal.membership.sheets import Line
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.org.models_party import BranchLevel, PartyBranch
from portal.people import queries as people
from portal.people.models import Person

STREET = "东湾街道党工委"
UNIT = "新河区图书馆"
UNIT_BRANCH = "新河区图书馆党支部"
# Name, level, the name above, the number of the community's station (none: the street's).
BRANCHES: tuple[tuple[str, BranchLevel, str, int | None], ...] = (
    (STREET, BranchLevel.STREET, "", None),
    ("和平社区党委", BranchLevel.COMMUNITY, STREET, 0),
    ("和平社区第一网格党支部", BranchLevel.GRID, "和平社区党委", 0),
    ("和平里楼院党小组", BranchLevel.BUILDING, "和平社区第一网格党支部", 0),
    ("和平里三栋党员中心户", BranchLevel.CENTRE_HOUSEHOLD, "和平里楼院党小组", 0),
    ("和平里三栋一单元中心户", BranchLevel.UNIT_HOUSEHOLD, "和平里三栋党员中心户", 0),
    ("和平社区第二网格党支部", BranchLevel.GRID, "和平社区党委", 0),
    ("桥头社区党委", BranchLevel.COMMUNITY, STREET, 1),
    ("桥头第一网格党支部", BranchLevel.GRID, "桥头社区党委", 1),
    (UNIT_BRANCH, BranchLevel.GRID, STREET, None),
)
# How many are on the list of each branch that has one.
SIZES = {
    "和平社区第一网格党支部": 10,
    "和平里楼院党小组": 4,
    "和平里三栋党员中心户": 3,
    "和平里三栋一单元中心户": 2,
    "和平社区第二网格党支部": 6,
    "桥头第一网格党支部": 7,
    UNIT_BRANCH: 8,
}
SURNAMES = "程傅沈曾彭萧田董潘袁蔡蒋于余杜叶"
GIVEN = ("启明", "守信", "爱华", "红梅", "长河", "文静", "卫东", "立新", "晓峰", "素芬", "勤勤")
OFFERED = ("medical", "repair", "law", "computer", "driving", "teaching")
MONTHS_BACK = 10


@dataclass(frozen=True, slots=True)
class _Made:
    """What the members are told with."""

    places: Places
    secretary: Actor
    chance: random.Random
    now: datetime


def make(places: Places, residents: Residents, now: datetime, long_ago: datetime) -> None:
    """Make the branches, who keeps them, their members, and what these did."""
    chance = random.Random(20261128)  # noqa: S311  the same district every time
    branches = _branches(places, residents, long_ago)
    made = _Made(places, residents.actor("officer"), chance, now)
    begun = _begun(clock.local_day(now))
    joined = _import(made, branches, begun)
    own = residents.accounts["member"]
    _join_own(own, branches["和平社区第一网格党支部"], made, begun)
    for number, person in enumerate((*joined, own)):
        _report(person, number, made, begun)
    for number, person in enumerate(residents.volunteers[places.stations[0].id][:3]):
        _offer(person, places.stations[0], number, made.now - timedelta(days=20))
    _let_one_wait(residents, branches, now)


def _branches(places: Places, residents: Residents, long_ago: datetime) -> dict[str, PartyBranch]:
    administrator = residents.actor("administrator")
    units = {row.name: row.id for row in org.civilized_units()}
    made: dict[str, PartyBranch] = {}
    for name, level, above, number in BRANCHES:
        station = places.institutes[0] if number is None else places.stations[number]
        unit_id = units[UNIT] if name == UNIT_BRANCH else None
        details = BranchDetails(name, level, station.id, unit_id)
        parent = made[above].id if above else None
        made[name] = actions_branches.create(parent, details, actor=administrator, now=long_ago)
    keeper = residents.accounts["officer"]
    actions_branches.grant(made[STREET].id, keeper.id, actor=administrator, now=long_ago)
    return made


def _begun(today: date) -> datetime:
    """Return the first forenoon of the year, or of ten months ago when that is later in it."""
    first = max(date(today.year, 1, 4), today - timedelta(days=31 * MONTHS_BACK))
    return clock.day_start(min(first, today)) + timedelta(hours=10)


def _import(made: _Made, branches: dict[str, PartyBranch], begun: datetime) -> list[Person]:
    """Bring the members in by a workbook, as a secretary does."""
    kept = queries.kept_branch(branches[STREET].public_id)
    if kept is None:
        raise LookupError(STREET)
    lines, number = [], 1
    for name, size in SIZES.items():
        for _n in range(size):
            number += 1
            called = made.chance.choice(SURNAMES) + made.chance.choice(GIVEN)
            lines.append(Line(number, called, f"1380003{number:04d}", name, "2021-03-01"))
    row = actions_import.keep(kept, lines, actor=made.secretary, now=begun)
    actions_import.take(row.id, kept, actor=made.secretary, now=begun)
    return [people.people_by_phone(line.phone)[0] for line in lines]


def _join_own(person: Person, branch: PartyBranch, made: _Made, begun: datetime) -> None:
    """Let the demo's member ask by themselves, and be confirmed."""
    actor, since_on = people.actor_of(person), date(2019, 7, 1)
    row = actions.ask(person.id, branch.id, since_on, actor=actor, now=begun)
    actions.confirm(row.id, actor=made.secretary, now=begun)


def _report(person: Person, number: int, made: _Made, begun: datetime) -> None:
    """Let a member choose a community and report in most of the periods since."""
    station = made.places.stations[number % 3]
    _offer(person, station, number, begun)
    tie = members.tie_of(person.id)
    actor = people.actor_of(person)
    today = clock.local_day(made.now)
    for period in rules.periods_of(rules.year_span(today.year), standing.targets().every):
        at = clock.day_start(period.first) + timedelta(days=number % 12 + 4, hours=9)
        is_missed = made.chance.random() < 0.2 or (period.last >= today and number % 3)
        if is_missed or at < begun or at > made.now or tie is None:
            continue
        if number % 5 != 1:
            actions_reports.report(person.id, actor=actor, now=at)
        else:
            actions_reports.report_for(tie.id, actor=SYSTEM, now=at)


def _offer(person: Person, station: Station, number: int, at: datetime) -> None:
    term = org.term(Vocabulary.SKILL, OFFERED[number % len(OFFERED)])
    given = Offer(station.id, frozenset({term.id} if term else ()), shown=number % 4 != 1)
    actions_reports.offer(person.id, given, actor=people.actor_of(person), now=at)


def _let_one_wait(residents: Residents, branches: dict[str, PartyBranch], now: datetime) -> None:
    """Let somebody wait for the secretary's word."""
    person = residents.accounts["resident"]
    actions.ask(
        person.id, branches["和平社区第二网格党支部"].id, date(2024, 7, 1),
        actor=people.actor_of(person), now=now - timedelta(days=1),
    )  # fmt: skip
