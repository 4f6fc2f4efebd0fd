"""What can I take? exactly what signing up would give: random people, random shifts, one decision."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core import clock
from portal.core.access import SYSTEM, VISITOR
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.org import queries as org
from portal.org.models import Level, Vocabulary
from portal.people import guardians, trainings
from portal.people.guardians import Contact, Scope
from portal.people.models import VolunteerState, VolunteerTerm
from portal.people.models_consents import Channel, ConsentScope
from portal.people.queries import volunteer_of
from portal.people.trainings import Held
from portal.shifts.actions_conditions import Conditions, put_terms
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions, asking, queries, takable
from portal.signups.asking import Asks
from portal.signups.models import SignupState
from portal.signups.takable import Filter
from tests.conftest import PROFILE
from tests.support.queries import count_queries

DAYS = 20


class District:
    """A few communities, and what chance makes of people and shifts in them."""

    def __init__(self, make, chance):
        self.make, self.chance = make, chance
        self.now = clock.now().replace(microsecond=0)
        self.stations = [make.station() for _ in range(3)]
        self.stations.append(make.station(parent=self.stations[0], level=Level.POINT))
        self.trainings = [row.id for row in org.terms(Vocabulary.TRAINING)[:2]]
        self.skills = [row.id for row in org.terms(Vocabulary.SKILL)[:2]]

    def some(self, values):
        return [one for one in values if self.chance.random() < 0.4]

    def person(self):
        chance, today = self.chance, clock.local_day(self.now)
        age = chance.choice([12, 15, 17, 18, 40, 60, 61])
        born = today.replace(year=today.year - age, day=1)
        station = chance.choice(self.stations[:3])
        state = chance.choice([None, *([VolunteerState.REGISTERED] * 4), VolunteerState.PAUSED])
        if state is None:
            home = chance.choice([None, station])
            return self.trained(self.make.person(birth_on=born, station=home, account=False))
        person = self.make.volunteer(station, state=state, birth_on=born)
        row = volunteer_of(person.id)
        for one in self.some(self.skills):
            db.session.add(VolunteerTerm(volunteer_id=row.id, term_id=one))
        db.session.commit()
        return self.trained(person)

    def trained(self, person):
        for one in self.some(self.trainings):
            days_ago = self.chance.choice([10, 360, 900])
            held = Held(one, clock.local_day(self.now) - timedelta(days=days_ago))
            write(trainings.record, person.id, held, actor=SYSTEM, now=self.now)
        return person

    def agree(self, person, offering_ids):
        scope = self.chance.choice(
            [
                None,
                Scope(),
                Scope(ConsentScope.OFFERING, self.chance.choice(offering_ids)),
                Scope(
                    ConsentScope.UNTIL,
                    until_on=clock.local_day(self.now) + timedelta(days=self.chance.randint(0, 9)),
                ),
            ]
        )
        if scope:
            contact = Contact("王芳", "13800001234")
            row = write(
                guardians.put_guardian, person.id, contact, Channel.PAPER, scope,
                actor=SYSTEM, now=self.now,
            )  # fmt: skip
            if self.chance.random() < 0.2:
                write(guardians.withdraw, row.id, actor=SYSTEM, now=self.now)

    def shift(self):
        chance = self.chance
        low = chance.choice([0, 0, 14, 18])
        activity = self.make.activity(
            chance.choice(self.stations),
            state=chance.choice([OfferingState.PUBLISHED] * 5 + [OfferingState.DRAFT]),
            minimum_age=low,
            maximum_age=chance.choice([0, 0, 60]),
            is_risky=chance.random() < 0.2,
            team_only=chance.random() < 0.2,
            community_only=chance.random() < 0.3,
        )
        asked = Conditions(
            trainings=frozenset(self.some(self.trainings) if chance.random() < 0.4 else ()),
            skills=frozenset(self.some(self.skills) if chance.random() < 0.3 else ()),
            skills_wanted=frozenset(self.some(self.skills)),
        )
        write(put_terms, activity.id, asked)
        start = self.now + timedelta(hours=chance.choice([-1, 1, 30, 32, 100, 110, 24 * 7]))
        places = chance.choice([{"volunteer": 1}, {"attendee": 1}, {"volunteer": 2, "attendee": 1}])
        return self.make.shift(activity=activity, starts_at=start, minutes=180, places=places)


def judged_one_by_one(person, shifts, actor, now):
    """What signing up would say of each place: all reasons, where the next has the place at once."""
    found = {}
    for shift in shifts:
        for role in PlaceRole:
            asks = Asks(shift.id, person.id, role)
            case = asking.case(asks, actor=actor, now=now)
            if case.signup_id or case.place_id is None or now >= shift.ends_at:
                continue
            place = next(one for one in queries.places_of([shift.id])[shift.id] if one.role == role)
            queue_open = shift.starts_at - timedelta(hours=2) > now
            if place.taken < place.capacity and not (queue_open and place.waiting):
                reasons = asking.reasons_against(asks, case, actor=actor, now=now)
                found[shift.id, role] = [(one.code, one.message, one.way_url) for one in reasons]
    return found


@settings(max_examples=40 if PROFILE == "full" else 4)
@given(chance=st.randoms(use_true_random=False))
def check_the_inverse(make, chance):
    district = District(make, chance)
    make.set("open_signups_most", 2)
    people = [district.person() for _ in range(5)]
    shifts = [district.shift() for _ in range(10)]
    for person in people:
        district.agree(person, [shift.offering_id for shift in shifts])
    for person, shift in [(one, other) for one in people for other in shifts]:
        if chance.random() < 0.25:
            role = chance.choice(list(PlaceRole))
            try:
                write(actions.sign_up, shift.id, person.id, role, actor=SYSTEM, now=district.now)
            except Refused:
                continue
    leaving = db.session.query(queries.Signup).filter_by(state=SignupState.CONFIRMED).all()
    for row in leaving:
        if chance.random() < 0.3 and row.shift.ends_at > district.now:
            write(actions.withdraw, row.id, "", actor=SYSTEM, now=district.now)
    own_ids = {shift.id for shift in shifts}
    for person in people:
        for actor in (make.actor(person), VISITOR):
            expected = judged_one_by_one(person, shifts, actor, district.now)
            found = takable.takable(person.id, Filter(DAYS), actor=actor, now=district.now)
            free = {key for key, reasons in expected.items() if not reasons}
            assert {row.key for row in found.now if row.shift.id in own_ids} == free
            almost = {
                row.key: [(one.code, one.message, one.way_url) for one in row.reasons]
                for _reason, rows in found.almost
                for row in rows
                if row.shift.id in own_ids
            }
            published = {shift.id: shift.offering.state == "published" for shift in shifts}
            assert almost == {
                key: reasons
                for key, reasons in expected.items()
                if len(reasons) == 1
                and reasons[0][0] in takable.CAN_BE_MENDED
                and published[key[0]]
            }
            # What the page of an activity says beforehand is the same.
            said = takable.against(sorted(own_ids), person.id, actor=actor, now=district.now)
            for key, reasons in expected.items():
                told = [(one.code, one.message, one.way_url) for one in said.get(key, ())]
                assert told == reasons


def test_what_can_be_taken_is_what_signing_up_gives(make):
    check_the_inverse(make)


def test_what_is_listed_costs_the_same_for_one_and_for_many(make):
    district = District(make, chance=Random(7))
    person = make.volunteer(district.stations[0])
    terms = Conditions(trainings=frozenset(district.trainings), skills=frozenset(district.skills))

    def add():
        activity = make.activity(district.stations[0], community_only=True)
        write(put_terms, activity.id, terms)
        make.shift(activity=activity)
        make.shift(district.stations[1])

    def cost():
        with count_queries() as seen:
            found = takable.takable(
                person.id, Filter(DAYS), actor=make.actor(person), now=clock.now()
            )
        return len(seen), len(found.now) + sum(len(rows) for _reason, rows in found.almost)

    add()
    one, few = cost()
    for _ in range(15):
        add()
    thirty, many = cost()
    assert many == 16 * few
    assert thirty == one
