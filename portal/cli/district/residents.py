"""Who lives in the demo district. All persons are invented; seven of them can sign in."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.cli.district.places import Places
from portal.core.access import SYSTEM, Actor, Role
from portal.org.models import Station, Vocabulary
from portal.org.queries import term
from portal.people import actions as people_actions
from portal.people import queries as people
from portal.people.actions import NewPerson
from portal.people.models import IdentityCheck, Person
from portal.people.models_consents import Channel
from portal.registration import actions as registration
from portal.registration import decisions
from portal.registration.application import Application

SURNAMES = "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
GIVEN = (
    "秀英",
    "建国",
    "丽华",
    "志强",
    "桂兰",
    "文博",
    "晓燕",
    "海涛",
    "玉梅",
    "俊杰",
    "淑珍",
    "国庆",
    "雨桐",
    "子轩",
    "美玲",
    "永福",
    "佳怡",
    "德明",
    "思远",
    "春花",
)
VOLUNTEERS_PER_STATION = 8
# Phone, name, what the contract calls the role.
ACCOUNTS = {
    "resident": ("13900000001", "林小满"),
    "volunteer": ("13900000002", "陈乐群"),
    "member": ("13900000003", "周向明"),
    "manager": ("13900000004", "何站长"),
    "other_manager": ("13900000005", "罗站长"),
    "officer": ("13900000006", "方主任"),
    "administrator": ("13900000007", "管理员"),
}


@dataclass(slots=True)
class Residents:
    """The demo accounts by role, and the volunteers of each station."""

    accounts: dict[str, Person] = field(default_factory=dict)
    volunteers: dict[int, list[Person]] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        """Return a demo account as it acts."""
        return people.actor_of(self.accounts[role])


def make(places: Places, password_hash: str, now: datetime, long_ago: datetime) -> Residents:
    """Create the accounts, their roles, and the registered volunteers of every station."""
    chance = random.Random(20261122)  # noqa: S311  the same district every time
    residents = Residents()
    first, other = places.stations[0], places.stations[1]
    for role, (phone, name) in ACCOUNTS.items():
        born = date(1950 + 5 * len(residents.accounts), 3, 12)
        details = NewPerson(name, phone, born, first.id)
        row = people_actions.register(details, password_hash, actor=SYSTEM, now=long_ago)
        row.phone_confirmed_at = long_ago
        residents.accounts[role] = row
    _grant(residents, "manager", Role.STATION_MANAGER, first, long_ago)
    _grant(residents, "other_manager", Role.STATION_MANAGER, other, long_ago)
    _grant(residents, "officer", Role.CAMPAIGN_OFFICER, places.centre, long_ago)
    _grant(residents, "administrator", Role.ADMINISTRATOR, places.centre, long_ago)
    for role in ("volunteer", "member"):
        _register(
            residents.accounts[role], first, residents, long_ago, skills=("repair", "teaching")
        )
    for number, station in enumerate(places.everywhere):
        rows = []
        for n in range(VOLUNTEERS_PER_STATION):
            row = _neighbour(chance, number * 100 + n, station, long_ago)
            _register(row, station, residents, long_ago + timedelta(days=chance.randrange(20)))
            rows.append(row)
        residents.volunteers[station.id] = rows
    for n in range(3):
        row = _neighbour(chance, 9000 + n, first, now - timedelta(days=n))
        _apply(row, first, now - timedelta(days=n, hours=1))
    return residents


def _grant(residents: Residents, who: str, role: Role, station: Station, now: datetime) -> None:
    person_id = residents.accounts[who].id
    people_actions.grant_role(person_id, role, station.id, actor=SYSTEM, now=now)


def _neighbour(chance: random.Random, number: int, station: Station, now: datetime) -> Person:
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    born = date(1945 + chance.randrange(58), chance.randrange(1, 13), chance.randrange(1, 29))
    details = NewPerson(name, f"1380001{number:04d}", born, station.id)
    return people_actions.record_person(details, actor=SYSTEM, now=now)


def _apply(person: Person, station: Station, now: datetime, skills: Sequence[str] = ()) -> int:
    known = [term(Vocabulary.SKILL, code) for code in skills]
    given = Application(
        name=person.name,
        birth_on=person.birth_on or date(1980, 1, 1),
        station_id=station.id,
        channel=Channel.PAPER,
        term_ids=frozenset(one.id for one in known if one),
    )
    return registration.apply(person.id, given, actor=SYSTEM, now=now).id


def _register(
    person: Person,
    station: Station,
    residents: Residents,
    now: datetime,
    *,
    skills: Sequence[str] = (),
) -> None:
    volunteer_id = _apply(person, station, now, skills)
    manager = residents.actor("other_manager")
    decisions.approve(volunteer_id, IdentityCheck.SEEN, "", actor=manager, now=now)
