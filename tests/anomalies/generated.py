"""Invented records with known fraud among them: what the detectors are measured by.

Honest noise is made to look suspicious: buses that arrive at once, a diligent desk, night patrols,
families with one phone, sheets typed after a holiday, small stations with one who approves. Fraud
has tails below the district's figures, so that it cannot all be found. Ways, gaps and sizes are
drawn from distributions, none of which knows the detectors' figures.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from portal.anomalies.models import AnomalyKind
from portal.anomalies.rules import Check, Entry, Spot, Window
from portal.attendance.models import Way
from portal.core import clock
from portal.hours.models import Source

FIRST = date(2026, 3, 2)
DAYS = 28
PEOPLE_A_STATION = 50
STARTS = ((8, 30), (9, 0), (9, 30), (10, 0), (14, 0), (14, 30), (15, 0), (19, 0))
STREET_STATIONS = 6


@dataclass
class Truth:
    """The records, and which of them belong to which case of fraud."""

    window: Window
    checks: dict[int, tuple[AnomalyKind, int]]
    entries: dict[int, tuple[AnomalyKind, int]]
    cases: dict[AnomalyKind, int]
    shifts: int


@dataclass
class Generator:
    """Writes one district's four weeks. `fraud` is the share of shifts that become a case."""

    seed: int
    shifts: int = 10_000
    fraud: float = 0.02
    checks: list[Check] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    families: dict[int, int] = field(default_factory=dict)
    fraud_checks: dict = field(default_factory=dict)
    fraud_entries: dict = field(default_factory=dict)
    cases: Counter = field(default_factory=Counter)

    def make(self) -> Truth:
        self.chance = random.Random(self.seed)
        self.count = max(STREET_STATIONS * 2, self.shifts * 6 // 1000)
        self.shift_id = self.next_person = 0
        self.case: tuple[AnomalyKind, int] | None = None
        self.busy: dict[tuple[int, date], list] = defaultdict(list)
        self.people = {
            station: [station * 1000 + n for n in range(PEOPLE_A_STATION)]
            for station in range(1, self.count + 1)
        }
        self.next_person = (self.count + 10) * 1000
        plan = self._plan()
        for make in plan:
            make()
        spots = {one: Spot(one, one // STREET_STATIONS) for one in self.people}
        window = Window(tuple(self.checks), tuple(self.entries), spots, self.families)
        return Truth(window, self.fraud_checks, self.fraud_entries, dict(self.cases), len(plan))

    def _plan(self) -> list:
        """Return one maker for each shift, fraud and noise strewn among the usual."""
        each = round(self.shifts * self.fraud / len(AnomalyKind))
        cheats = {
            AnomalyKind.BURST: self._burst,
            AnomalyKind.EQUAL_SECOND: self._program,
            AnomalyKind.ROUND_CLOCK: self._sleepless,
            AnomalyKind.APPROVER: self._friend,
            AnomalyKind.BACK_ENTRY: self._late,
            AnomalyKind.SAME_DEVICE: self._lent_phone,
            AnomalyKind.TRAVEL: self._two_places,
            AnomalyKind.UNFOUNDED: self._from_nothing,
        }
        makers = [
            lambda kind=kind, cheat=cheat: self._as_fraud(kind, cheat)
            for kind, cheat in cheats.items()
            for _one in range(each)
        ]
        noise = (
            (self._bus, 0.006), (self._patrol, 0.004), (self._family, 0.004), (self._student, 0.002),
            (self._after_holiday, 0.002), (self._cyclist, 0.004), (self._forgot, 0.02),
            (self._sheet, 0.04), (self._festival, 0.002),
        )  # fmt: skip
        makers += [maker for maker, part in noise for _one in range(round(self.shifts * part))]
        makers += [self._usual] * (self.shifts - len(makers))
        self.chance.shuffle(makers)
        return makers

    # --- the grain ---------------------------------------------------------------------------

    def _as_fraud(self, kind, cheat):
        self.cases[kind] += 1
        self.case = (kind, self.cases[kind])
        cheat()
        self.case = None

    def _station(self):
        return self.chance.randint(1, self.count)

    def _day(self, most=DAYS):
        return FIRST + timedelta(days=self.chance.randrange(most))

    def _at(self, day, hour, minute=0):
        return clock.at_local(day, time(hour, minute))

    def _start(self, day):
        return self._at(day, *self.chance.choice(STARTS))

    def _crew(self, station, day, size):
        """Return people who serve nowhere else on the day, the less busy first."""
        free = [one for one in self.people[station] if not self.busy[one, day]]
        chosen = self.chance.sample(free, min(size, len(free)))
        for one in chosen:
            self.busy[one, day].append(station)
        return chosen

    def _strangers(self, size):
        """Return people with no other records."""
        self.next_person += size
        return list(range(self.next_person - size, self.next_person))

    def _new_shift(self):
        self.shift_id += 1
        return self.shift_id

    def _check(self, person, shift, station, at, *, comes=True, way=Way.CODE, hand=None, device=""):
        number = len(self.checks) + 1
        hand = person if hand is None else hand
        self.checks.append(Check(number, person, shift, station, comes, way, hand, at, device))
        if self.case:
            self.fraud_checks[number] = self.case

    def _entry(self, person, station, shift, starts_at, minutes, **changes):
        number = len(self.entries) + 1
        ends_at = starts_at + timedelta(minutes=minutes)
        values = {
            "source": Source.CHECK_IN, "written_at": ends_at,
            "author_id": person, "approver_id": person, **changes,
        }  # fmt: skip
        self.entries.append(
            Entry(number, person, station, shift, starts_at=starts_at, ends_at=ends_at,
                  minutes=minutes, **values)
        )  # fmt: skip
        if self.case:
            self.fraud_entries[number] = self.case

    def _stay(self, person, station, shift, starts_at, minutes, **how):
        """Come around the start, go around the end, and be credited."""
        came = starts_at + timedelta(seconds=self.chance.gauss(-240, 180))
        left = starts_at + timedelta(minutes=minutes, seconds=self.chance.gauss(200, 150))
        self._check(person, shift, station, came, **how)
        forgot = self.chance.random() < 0.06
        planned = starts_at + timedelta(minutes=minutes)
        if forgot:
            self._check(person, shift, station, planned, comes=False, way=Way.RULE, hand=0)
        else:
            self._check(person, shift, station, left, comes=False, **how)
        self._entry(person, station, shift, starts_at, minutes)

    def _manager(self, station):
        return -station * 10 - (
            1 if self._is_small(station) else self.chance.choice((1, 1, 1, 2, 2))
        )

    def _is_small(self, station):
        return station % 12 == 0

    # --- honest ------------------------------------------------------------------------------

    def _usual(self):
        station, day, shift = self._station(), self._day(), self._new_shift()
        starts_at, minutes = self._start(day), self.chance.choice((60, 90, 120, 120, 150, 180))
        for person in self._crew(station, day, self.chance.randint(2, 7)):
            roll = self.chance.random()
            if roll < 0.25:
                self._stay(person, station, shift, starts_at, minutes, way=Way.CAMERA,
                           hand=self._manager(station))  # fmt: skip
            else:
                way = Way.CODE if roll < 0.85 else Way.DIGITS
                device = f"own{person}-{day}" if roll < 0.8 else ""
                self._stay(person, station, shift, starts_at, minutes, way=way, device=device)

    def _bus(self):
        """A bus of pensioners; one diligent hand checks all of them by camera or from the list."""
        station, day, shift = self._station(), self._day(), self._new_shift()
        at, hand = self._start(day), self._manager(station)
        way, pace = self.chance.choice(((Way.CAMERA, 6.5), (Way.CAMERA, 5.0), (Way.MANUAL, 4.5)))
        for person in self._strangers(self.chance.randint(15, 50)):
            at += timedelta(seconds=max(1.5, self.chance.gauss(pace, pace / 3)))
            self._check(person, shift, station, at, way=way, hand=hand)

    def _patrol(self):
        """A night patrol: three to five evenings a week, some of them past midnight."""
        station, week = self._station(), FIRST + timedelta(days=7 * self.chance.randrange(4))
        hours = self.chance.choice((2, 3, 3, 4))
        nights = self.chance.sample(range(7), self.chance.randint(2, 5))
        for person in self._strangers(3):
            for night in nights:
                starts_at = self._at(week + timedelta(days=night), 21)
                self._stay(person, station, self._new_shift(), starts_at, hours * 60)

    def _family(self):
        """A family with one phone; most of them are on record as one."""
        station, day, shift = self._station(), self._day(), self._new_shift()
        size = self.chance.choice((2, 2, 2, 3, 3, 4))
        family, starts_at = self._strangers(size), self._start(day)
        if size == 2 or self.chance.random() < 0.85:
            self.families.update(dict.fromkeys(family, family[0]))
        for person in family:
            self._stay(person, station, shift, starts_at, 120, device=f"home{family[0]}")

    def _student(self):
        """A student in the holidays: every day, long."""
        station, week = self._station(), FIRST + timedelta(days=7 * self.chance.randrange(4))
        (person,) = self._strangers(1)
        for n in range(self.chance.randint(4, 6)):
            starts_at = self._at(week + timedelta(days=n), 9)
            self._stay(person, station, self._new_shift(), starts_at, self.chance.randint(300, 440))

    def _festival(self):
        """A festival: a crew stays long for two days."""
        station, day = self._station(), self._day(DAYS - 2)
        for person in self._strangers(4):
            for n in range(2):
                starts_at = self._at(day + timedelta(days=n), 8)
                self._stay(
                    person, station, self._new_shift(), starts_at, self.chance.randint(480, 600)
                )

    def _sheet(self):
        """A sheet on paper, typed by one and released by another within days."""
        self._typed(self.chance.choice((0, 0, 1, 1, 2, 3, 4)), self.chance.randint(3, 12))

    def _after_holiday(self):
        """A sheet that lay over a holiday."""
        self._typed(self.chance.randint(6, 10), self.chance.randint(2, 8))

    def _typed(self, days_late, rows):
        station, day, shift = self._station(), self._day(DAYS - 10), self._new_shift()
        starts_at, approver = self._start(day), self._manager(station)
        for person in self._crew(station, day, rows):
            self._entry(
                person, station, shift, starts_at, 120, source=Source.PAPER, author_id=-7 - station,
                approver_id=approver, written_at=starts_at + timedelta(days=days_late, hours=3),
            )  # fmt: skip

    def _forgot(self):
        """Somebody asks for a record that is missing."""
        station, day = self._station(), self._day(DAYS - 12)
        for person in self._crew(station, day, 1):
            starts_at = self._start(day)
            self._entry(
                person, station, self._new_shift(), starts_at, 90, source=Source.MAKE_UP,
                approver_id=self._manager(station), has_signup=self.chance.random() < 0.7,
                written_at=starts_at + timedelta(days=self.chance.randint(1, 12)),
            )  # fmt: skip

    def _cyclist(self):
        """Two shifts one after the other, with time for the way."""
        first = self._station()
        second = self._station()
        near = first // STREET_STATIONS == second // STREET_STATIONS
        (person,) = self._strangers(1)
        starts_at = self._at(self._day(), 9)
        minutes = self.chance.randint(11 if near else 21, 50)
        left = starts_at + timedelta(minutes=90)
        for station, came, gone in (
            (first, starts_at, left),
            (second, left + timedelta(minutes=minutes), left + timedelta(minutes=minutes + 80)),
        ):
            shift = self._new_shift()
            self._check(person, shift, station, came)
            self._check(person, shift, station, gone, comes=False)

    # --- fraud -------------------------------------------------------------------------------

    def _burst(self):
        """Somebody taps through a list of people who are not there."""
        station, day, shift = self._station(), self._day(), self._new_shift()
        at, hand = self._start(day), self._manager(station)
        pace = self.chance.lognormvariate(0.1, 0.35)
        for person in self._strangers(self.chance.randint(9, 25)):
            at += timedelta(seconds=max(0.4, self.chance.gauss(pace, pace / 4)))
            self._check(person, shift, station, at, way=Way.MANUAL, hand=hand)

    def _program(self):
        """A program checks in: always the same second, or stays of the same length."""
        station, day = self._station(), self._day()
        people = self._strangers(self.chance.randint(7, 12))
        same_second, second = self.chance.random() < 0.5, self.chance.randrange(60)
        alone = self.chance.random() < 0.3
        for n, person in enumerate(people):
            on = day + timedelta(days=n % 5) if alone else day
            who = people[0] if alone else person
            shift = self._new_shift() if alone or n == 0 else self.shift_id
            came = self._at(FIRST + (on - FIRST) % timedelta(days=DAYS), 9 + n // 5 if alone else 9)
            length = 7200
            if same_second:
                came += timedelta(minutes=n, seconds=second)
                length += self.chance.randint(-600, 600)
            else:
                came += timedelta(seconds=self.chance.randint(0, 900))
            if self.chance.random() < 0.08:  # one that somebody did by hand
                came += timedelta(seconds=self.chance.randint(1, 50))
                length += self.chance.randint(1, 500)
            self._check(who, shift, station, came)
            self._check(who, shift, station, came + timedelta(seconds=length), comes=False)

    def _sleepless(self):
        """One person's account serves through days and nights."""
        station, week = self._station(), FIRST + timedelta(days=7 * self.chance.randrange(4))
        (person,) = self._strangers(1)
        for n in range(self.chance.randint(6, 7)):
            minutes = self.chance.randint(460, 600)
            starts_at = self._at(week + timedelta(days=n), self.chance.choice((8, 14, 22)))
            self._entry(person, station, self._new_shift(), starts_at, minutes)

    def _friend(self):
        """One who approves lets their friends' make-ups count, few at a time, all in order."""
        station = self.count + 1 + self.cases[AnomalyKind.APPROVER]
        approver, other, friends = -station * 10 - 1, -station * 10 - 2, self._strangers(8)
        # Some are so modest that they stay below any figure.
        total = self.chance.randint(11, 30) if self.chance.random() < 0.96 else 8
        for n in range(total + 2):
            starts_at = self._at(FIRST + timedelta(days=n % 24), 9 + n // 24 * 5)
            self._entry(
                friends[n % 8], station, self._new_shift(), starts_at, 120, source=Source.MAKE_UP,
                approver_id=approver if n < total else other,
                written_at=starts_at + timedelta(days=self.chance.randint(1, 4)),
            )  # fmt: skip

    def _late(self):
        """An old list is written in at once, or a single record from long ago."""
        station, hand = self._station(), self._manager(self._station())
        written_at = self._at(FIRST + timedelta(days=self.chance.randrange(DAYS)), 16)
        if self.chance.random() < 0.2:
            days, people = self.chance.randint(32, 90), self._strangers(self.chance.randint(1, 4))
        else:
            days, people = self.chance.randint(8, 30), self._strangers(self.chance.randint(9, 40))
        for n, person in enumerate(people):
            starts_at = written_at - timedelta(days=days + n % 3, hours=6)
            self._entry(
                person, station, None, starts_at, 120, source=Source.MAKE_UP, author_id=hand,
                approver_id=hand - 1, written_at=written_at + timedelta(minutes=n),
            )  # fmt: skip

    def _lent_phone(self):
        """One phone checks in people who are not there, signing each in by turns."""
        station, day, shift = self._station(), self._day(), self._new_shift()
        starts_at, people = self._start(day), self._strangers(self.chance.randint(3, 12))
        device = f"lent{people[0]}"
        for n, person in enumerate(people):
            at = starts_at + timedelta(seconds=70 * n + self.chance.randint(0, 60))
            self._check(person, shift, station, at, device=device)

    def _two_places(self):
        """Somebody's account is at two places at nearly the same time."""
        first = self._station()
        second = first + STREET_STATIONS * (1 if first + STREET_STATIONS <= self.count else -1)
        if self.chance.random() < 0.3:  # within one street
            near = [
                one for one in self.people if one // STREET_STATIONS == first // STREET_STATIONS
            ]
            second = self.chance.choice([one for one in near if one != first] or [second])
        (person,) = self._strangers(1)
        left = self._start(self._day())
        minutes = min(self.chance.expovariate(1 / 2.5), 12)
        for station, at, comes in (
            (first, left - timedelta(minutes=self.chance.randint(60, 120)), True),
            (first, left, False),
            (second, left + timedelta(minutes=minutes), True),
        ):
            self._check(person, 10**6 * station + len(self.checks) // 3, station, at, comes=comes)

    def _from_nothing(self):
        """Hours for which nobody signed up, over what a day holds, or over one another."""
        station, day = self._station(), self._day(DAYS - 6)
        what = self.chance.choice(("no_signup", "no_signup", "over_day", "overlap"))
        hand, starts_at = -station * 10 - 9, self._at(day, 8)
        if what == "no_signup":
            for n, person in enumerate(self._strangers(self.chance.randint(3, 7))):
                written_at = self._at(day + timedelta(days=(7 - day.weekday()) % 7), 10 + n)
                self._entry(
                    person, station, None, starts_at, 120, source=Source.MAKE_UP, author_id=hand,
                    approver_id=hand - 1, has_signup=False, written_at=written_at,
                )  # fmt: skip
            return
        (person,) = self._strangers(1)
        cut = "day_cap" if what == "over_day" else "overlap"
        for n in range(2):
            self._entry(
                person, station, None, starts_at + timedelta(hours=5 * n), 300,
                source=Source.PAPER, author_id=hand, approver_id=hand - 1,
                written_at=starts_at + timedelta(days=1), cut_by=(cut,) if n else (),
            )  # fmt: skip


def instant(text: str) -> datetime:
    """Return a local moment written as 2026-03-02 09:00:00."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.zone())
