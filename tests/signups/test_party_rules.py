"""Whatever the places, the queue and the party: all or nobody, nobody twice, never too many."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole
from portal.signups import actions, hooks, party, queries
from portal.signups.asking import Asks
from portal.signups.models import HOLDING
from portal.signups.party import Mode

SEAT = PlaceRole.ATTENDEE
PEOPLE = 6


def test_any_party_on_any_shift(make):
    make.any_number_of_signups()
    persons = [make.person(account=False) for _ in range(PEOPLE)]
    days = iter(range(3, 2000))

    @given(
        capacity=st.integers(1, 5),
        before=st.lists(st.integers(0, PEOPLE - 1), unique=True, max_size=4),
        asked=st.lists(st.integers(0, PEOPLE - 1), unique=True, min_size=1),
        mode=st.sampled_from(Mode),
        late=st.booleans(),
    )
    def check(capacity, before, asked, mode, late):
        start = clock.now().replace(microsecond=0) + timedelta(days=next(days))
        shift = make.shift(starts_at=start, places={"attendee": capacity})
        for n in before:
            write(actions.sign_up, shift.id, persons[n].id, SEAT, actor=SYSTEM, now=clock.now())
        was = {row.person_id: row.state for row in queries.on_shift(shift.id)}
        now = start - timedelta(hours=1) if late else clock.now()
        wanted = [Asks(shift.id, persons[n].id, SEAT) for n in asked]
        refused = False
        try:
            write(party.sign_up, wanted, mode, actor=SYSTEM, now=now)
        except Refused:
            refused = True
        db.session.expire_all()
        rows = {row.person_id: row.state for row in queries.on_shift(shift.id)}
        place = shifts.place_of(shift.id, SEAT)
        assert place.taken == sum(state in HOLDING for state in rows.values()) <= capacity
        ids = [asks.person_id for asks in wanted]
        new = [one for one in ids if one not in was]
        if refused:
            assert rows == was
        elif mode == Mode.ALL:
            assert set(ids) <= set(rows)
            assert len({rows[one] for one in new}) <= 1
        else:
            # As many as fit: while a place is free and nobody waits, nobody of them is left out.
            assert not (place.taken < capacity and set(ids) - set(rows))
        assert hooks.check() == []

    check()
