"""Makes what tests need, through the features' own actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import SYSTEM, Actor, Role
from portal.core.db import db, write
from portal.org import actions as org_actions
from portal.org import queries as org_queries
from portal.org import seed
from portal.org.models import Level, Station, Vocabulary
from portal.people import actions as people_actions
from portal.people import passwords, queries
from portal.people.models import Person, Volunteer, VolunteerState
from portal.records import settings
from portal.shifts import actions as shift_actions
from portal.shifts.models import OfferingState, PlaceRole, Shift

PASSWORD = "a-good-long-password"
_HASH = passwords.hash_password(PASSWORD)


class Factory:
    """One for each test; commits what it makes (into the test's own transaction)."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._seeded = False
        self._centre: Station | None = None

    def _seed(self) -> None:
        if not self._seeded and not org_queries.terms(Vocabulary.ACTIVITY_KIND):
            write(seed.seed, actor=SYSTEM, now=clock.now())
        self._seeded = True

    def centre(self) -> Station:
        """Return the one centre of the district."""
        if self._centre is None:
            self._centre = self._station(None, Level.CENTRE, "区实践中心")
        return self._centre

    def station(
        self,
        name: str = "",
        *,
        parent: Station | None = None,
        level: Level = Level.STATION,
        population: int = 1000,
    ) -> Station:
        """Make a station (below the centre unless told otherwise)."""
        above = parent or self.centre()
        return self._station(
            above.id, level, name or f"第{next(self._numbers)}社区实践站", population
        )

    def _station(
        self, parent_id: int | None, level: Level, name: str, population: int = 0
    ) -> Station:
        self._seed()
        details = org_actions.StationDetails(
            name=name,
            level=level,
            community=name.removesuffix("实践站"),
            address="和平路 1 号",
            phone="0755-1234567",
            population=population,
            hours=tuple((weekday, 9 * 60, 18 * 60) for weekday in range(7)),
        )
        return write(org_actions.create_station, parent_id, details, actor=SYSTEM, now=clock.now())

    def person(
        self,
        name: str = "",
        *,
        phone: str = "",
        birth_on: date | None = date(1980, 5, 4),
        station: Station | None = None,
        account: bool = True,
    ) -> Person:
        """Make a person, with an account (password `PASSWORD`) unless told otherwise."""
        number = next(self._numbers)
        details = people_actions.NewPerson(
            name=name or f"测试{chr(0x4E00 + number)}",
            phone=phone or f"137{number:08d}",
            birth_on=birth_on,
            home_station_id=station.id if station else None,
        )
        if not account:
            return write(people_actions.record_person, details, actor=SYSTEM, now=clock.now())
        return write(people_actions.register, details, _HASH, actor=SYSTEM, now=clock.now())

    def volunteer(
        self,
        station: Station,
        *,
        state: VolunteerState = VolunteerState.REGISTERED,
        **kwargs: object,
    ) -> Person:
        """Make a person with a volunteer row in a state."""
        person = self.person(station=station, **kwargs)  # type: ignore[arg-type]
        now = clock.now()
        number = f"4403{next(self._numbers):08d}0" if state in {"registered", "paused"} else None
        db.session.add(
            Volunteer(
                person_id=person.id,
                station_id=station.id,
                state=state,
                volunteer_no=number,
                applied_at=now,
                due_on=clock.today(),
                registered_at=now if number else None,
            )
        )
        db.session.commit()
        return person

    def holder(self, role: Role, station: Station, **kwargs: object) -> Person:
        """Make a person with a role at a station."""
        person = self.person(**kwargs)  # type: ignore[arg-type]
        write(people_actions.grant_role, person.id, role, station.id, actor=SYSTEM, now=clock.now())
        return person

    def manager(self, station: Station) -> Person:
        """Make a manager of a station."""
        return self.holder(Role.STATION_MANAGER, station)

    @staticmethod
    def set(key: str, value: object) -> None:
        """Let a setting hold."""
        write(settings.change, key, value, actor=SYSTEM, now=clock.now())

    def any_number_of_signups(self) -> None:
        """Let people have as many open sign-ups as a test needs."""
        self.set("open_signups_most", 0)

    @staticmethod
    def actor(person: Person) -> Actor:
        """Return the actor a person is."""
        return queries.actor_of(person)

    def activity(
        self,
        station: Station,
        *,
        title: str = "",
        kind: str = "environment",
        state: OfferingState = OfferingState.PUBLISHED,
        **columns: object,
    ) -> Activity:
        """Make an activity without shifts."""
        now = clock.now()
        values: dict[str, object] = {
            "title": title or f"活动{next(self._numbers)}",
            "place": "社区广场",
            "summary": "一起来。",
            "leader_name": "李队长",
            "contact_phone": "0755-1234567",
        }
        row = Activity(
            station_id=station.id,
            state=state,
            created_at=now,
            updated_at=now,
            kind_id=org_queries.term(Vocabulary.ACTIVITY_KIND, kind).id,
            field_id=org_queries.term(Vocabulary.FIELD, "environment").id,
            target_group_id=org_queries.term(Vocabulary.TARGET_GROUP, "everyone").id,
            published_at=now if state == OfferingState.PUBLISHED else None,
            **{**values, **columns},
        )
        db.session.add(row)
        db.session.commit()
        return row

    def shift(
        self,
        station: Station | None = None,
        *,
        activity: Activity | None = None,
        starts_at: datetime | None = None,
        minutes: int = 120,
        places: dict[str, int] | None = None,
    ) -> Shift:
        """Make a shift of a (new) activity: tomorrow, two hours, five volunteers, ten seats."""
        offering = activity or self.activity(station or self.station())
        start = starts_at or clock.now().replace(microsecond=0) + timedelta(days=1)
        wanted = {"volunteer": 5, "attendee": 10} if places is None else places
        details = shift_actions.NewShift(
            start,
            start + timedelta(minutes=minutes),
            tuple((PlaceRole(role), capacity) for role, capacity in wanted.items()),
        )
        return write(shift_actions.add_shift, offering, details, actor=SYSTEM, now=clock.now())
