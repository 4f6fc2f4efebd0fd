"""Who and what the rows are measured with: people with a live sign-in, shifts to be on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count

from flask import Flask, current_app, g, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select, update

from benchmarks.data import environment
from portal import create_app
from portal.activities import actions as activities
from portal.attendance import codes
from portal.attendance.models import Direction
from portal.cli.district import programme
from portal.config import Config
from portal.core import clock, tokens
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, write
from portal.org import queries as org
from portal.people import passwords, queries
from portal.people import session as sign_ins
from portal.people.models import Account, Person
from portal.people.models_sign_ins import SignIn
from portal.shifts.actions import NewShift
from portal.shifts.models import Offering, OfferingState, Place, PlaceRole, Shift, ShiftState
from portal.signups.models import ParticipantKind, Signup, SignupState

PASSWORD = "a password of the benchmark"
OFFICER, MANAGER = "13900000006", "13900000004"
# Small enough shifts that a board's code is shared by a plausible number of people.
ON_A_SHIFT = 40


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser: its cookies, and the token of its forms."""

    cookie: str
    csrf_token: str
    person_id: int = 0
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A shift with the one place of it."""

    id: int
    public_id: str
    key: str
    place_id: int


class Prepared:
    """Makes what is needed, directly in the database the server works on."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = count()
        self._days = count(3)
        self._password_hash = passwords.hash_password(PASSWORD)
        self._activity_id = write(self._publish)

    def visitor(self) -> Visitor:
        """Return a browser nobody is signed in with, as it is after the sign-in page."""
        with self.app.test_request_context():
            return self._visitor()

    def officer(self) -> Visitor:
        """Return the browser of the campaign office."""
        return self._of(OFFICER)

    def manager(self) -> Visitor:
        """Return the browser of the station that the measured shifts belong to."""
        return self._of(MANAGER)

    def _of(self, phone: str) -> Visitor:
        account = queries.account_by_phone(phone)
        if account is None:
            raise LookupError(phone)
        return self._signed_in([account.person])[0]

    def residents(self, number: int) -> list[Visitor]:
        """Return the browsers of new residents, each signed in just now."""
        return self._signed_in(write(self._people, number)) if number else []

    def evening(self, places: int) -> Meeting:
        """Return a new shift on a day of its own, so that none clashes with another."""
        day = clock.today() + timedelta(days=next(self._days))
        return self._shift(clock.at_local(day, time(19, 0)), places)

    def now(self, places: int = ON_A_SHIFT) -> Meeting:
        """Return a new shift that is on now, with places for as many as a board serves."""
        return self._shift(clock.now() - timedelta(minutes=20), places)

    def roster(self, number: int) -> tuple[Meeting, Sequence[str]]:
        """Return a shift that is on now, and the sign-ups of so many people who have a place."""
        meeting = self.now(number)
        people = write(self._people, number)
        write(_confirm, meeting, [one.id for one in people], clock.now())
        db.session.rollback()
        query = select(Signup.public_id).where(Signup.place_id == meeting.place_id)
        return meeting, db.session.scalars(query).all()

    def expected(self, number: int) -> Iterator[tuple[Visitor, str]]:
        """Yield residents who have a place on a shift that is on now, each with its board's code."""
        people = self.residents(number)
        for first in range(0, number, ON_A_SHIFT):
            group, meeting = people[first : first + ON_A_SHIFT], self.now()
            write(_confirm, meeting, [one.person_id for one in group], clock.now())
            code = codes.shown(meeting.key, Direction.IN, clock.now()).code
            yield from ((one, code) for one in group)

    def holding(self, meeting: Meeting) -> int:
        """Return how many hold a place."""
        db.session.rollback()
        query = select(Signup.id).where(
            Signup.place_id == meeting.place_id, Signup.state == SignupState.CONFIRMED
        )
        return len(db.session.scalars(query).all())

    def coming_activities(self) -> Sequence[str]:
        """Return the public ids of the activities of the list, the next first."""
        db.session.rollback()
        query = (
            select(Offering.public_id)
            .join(Shift, Shift.offering_id == Offering.id)
            .where(
                Offering.state == OfferingState.PUBLISHED,
                Shift.state == ShiftState.PLANNED,
                Shift.ends_at > clock.now(),
            )
            .group_by(Offering.id)
        )
        return db.session.scalars(query.order_by(Offering.id)).all()

    # --- parts -----------------------------------------------------------------------------------

    def _publish(self) -> int:
        idea, station = programme.READING, org.communities()[0]
        now = clock.now()
        starts_at = programme.usual_start(idea, clock.today() + timedelta(days=2))
        return programme.publish(idea, station, starts_at, actor=SYSTEM, now=now).id

    def _shift(self, starts_at: datetime, places: int) -> Meeting:
        details = NewShift(
            starts_at, starts_at + timedelta(hours=2), ((PlaceRole.ATTENDEE, places),)
        )
        row = write(activities.add_shift, self._activity_id, details, actor=SYSTEM, now=clock.now())
        place_id = db.session.scalars(select(Place.id).where(Place.shift_id == row.id)).one()
        return Meeting(row.id, row.public_id, row.check_in_key, place_id)

    def _people(self, number: int) -> list[Person]:
        now, numbers = clock.now(), [next(self._numbers) for _ in range(number)]
        rows = [
            Person(name=f"居民{n}", phone=f"159{n:08d}", birth_on=date(1980, 1, 1), created_at=now)
            for n in numbers
        ]
        db.session.add_all(rows)
        db.session.flush()
        db.session.execute(
            insert(Account),
            [
                {
                    "person_id": row.id,
                    "phone": row.phone,
                    "password_hash": self._password_hash,
                    "created_at": now,
                }
                for row in rows
            ],
        )
        return rows

    def _signed_in(self, people: Sequence[Person]) -> list[Visitor]:
        now, secrets = clock.now(), [tokens.new_token() for _ in people]
        rows = [
            SignIn(
                token_hash=tokens.fingerprint(secret),
                person_id=person.id,
                created_at=now,
                last_seen_at=now,
            )
            for person, secret in zip(people, secrets, strict=True)
        ]
        write(_add_all, rows)
        made = []
        for person, secret, row in zip(people, secrets, rows, strict=True):
            with self.app.test_request_context():
                sign_ins.begin(secret, row, Actor(person.id, person.public_id, person.name))
                made.append(self._visitor(person.id, person.phone or ""))
        return made

    def _visitor(self, person_id: int = 0, phone: str = "") -> Visitor:
        """Return the browser of the present session, signed as the application signs it."""
        g.pop(current_app.config["WTF_CSRF_FIELD_NAME"], None)  # the one before's, kept in `g`
        token = generate_csrf()
        interface = self.app.session_interface
        serializer = interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        cookie = f"{self.app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(session))}"
        return Visitor(cookie, token, person_id, phone)


@contextmanager
def prepared(database_url: str) -> Iterator[Prepared]:
    """Yield the makers over the application as the server has it."""
    app = create_app(Config.from_env(environment(database_url)))
    with app.app_context():
        try:
            yield Prepared(app)
        finally:
            db.session.remove()
            db.engine.dispose()


def _add_all(rows: Sequence[object]) -> None:
    db.session.add_all(rows)


def _confirm(meeting: Meeting, person_ids: Sequence[int], now: datetime) -> None:
    db.session.add_all(
        Signup(
            shift_id=meeting.id,
            place_id=meeting.place_id,
            person_id=person_id,
            role=PlaceRole.ATTENDEE,
            participant=ParticipantKind.GUEST,
            state=SignupState.CONFIRMED,
            created_at=now,
            updated_at=now,
            actor_id=person_id,
        )
        for person_id in person_ids
    )
    holding = update(Place).where(Place.id == meeting.place_id)
    db.session.execute(holding.values(taken=len(person_ids)))
