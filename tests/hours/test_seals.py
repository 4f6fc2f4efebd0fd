"""Seals of the ledger: whoever changes, moves, removes or cuts off an entry is found."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from portal.cli import doctor, rounds
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.triggers import install_triggers, remove_triggers
from portal.hours import actions, hooks, rules, seals
from portal.hours.models import LedgerEntry, LedgerHead, LedgerSeal
from portal.hours.rules import EntryFields
from portal.records.outbox import OutboxRow
from tests.conftest import PROFILE
from tests.hours.test_ledger import credit_of

PEOPLE, EACH = 4, 6
TAMPERINGS = 1000 if PROFILE == "full" else 120
DAY = date(2026, 3, 1)


def write_entries(make, people=PEOPLE, each=EACH):
    """Let some people earn minutes, some of which are taken back; return how many entries."""
    station = make.station()
    persons = [make.volunteer(station) for _ in range(people)]
    for number in range(each):
        shift = make.shift(station, starts_at=clock.now() - timedelta(days=20 + number))
        for person in persons:
            source = number * people + persons.index(person)
            entry = write(
                actions.credit,
                credit_of(shift, person, source_id=source, minutes=30 + source),
                actor=SYSTEM,
                now=clock.now(),
            )
            if source % 5 == 0:
                write(actions.reverse, entry.id, actor=SYSTEM, now=clock.now())
    return db.session.scalar(select(func.count()).select_from(LedgerEntry))


def sealed(make):
    count = write_entries(make)
    hooks.due(clock.now())
    rounds.relay(clock.now())
    return count


# --- sealing -------------------------------------------------------------------------------------


def test_each_entry_is_sealed_once_and_a_head_leaves_the_house(make):
    count = sealed(make)
    hooks.due(clock.now())
    rounds.relay(clock.now())
    numbers = db.session.scalars(select(LedgerSeal.number).order_by(LedgerSeal.number)).all()
    assert numbers == list(range(1, count + 1))
    head = db.session.scalars(select(LedgerHead)).one()
    assert (head.day, head.number) == (seals.due_day(clock.now()), count)
    [line] = seals.heads_file().read_text().splitlines()
    assert line.split() == [head.day.isoformat(), str(count), head.digest]
    assert hooks.check() == []
    assert doctor.ledger().level == "OK"


def test_what_comes_later_goes_on_where_the_seals_ended(make):
    count = sealed(make)
    more = write_entries(make, people=1, each=2)
    write(seals.seal, now=clock.now())
    assert seals.head().number == more > count
    assert hooks.check() == []


def test_an_entry_committed_late_under_a_lower_id_is_sealed_too(make):
    write_entries(make, people=2, each=2)
    first = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).first()
    others = select(LedgerEntry.id, LedgerEntry.digest).where(LedgerEntry.id != first.id)
    digest = rules.CHAIN_START
    for number, (entry_id, entry_digest) in enumerate(
        db.session.execute(others.order_by(LedgerEntry.id)).all(), 1
    ):
        digest = rules.seal(digest, entry_id, entry_digest)
        db.session.add(LedgerSeal(number=number, entry_id=entry_id, digest=digest, at=clock.now()))
    db.session.commit()
    assert write(seals.seal, now=clock.now()) == 1
    assert hooks.check() == []


def test_without_entries_there_is_no_head(app):
    hooks.due(clock.now())
    assert db.session.scalars(select(LedgerHead)).all() == []
    assert db.session.scalars(select(OutboxRow)).all() == []


def test_a_database_made_anew_has_heads_of_its_own(app):
    seals.heads_file().write_text(f"2026-01-01 3 {'a' * 64}\n")
    [line] = hooks.check()
    assert line.startswith("ledger seal 3: is gone, the head of 2026-01-01 in ")
    aside = seals.put_aside(clock.now())
    assert hooks.check() == []
    aside.unlink()


def test_the_doctor_sees_entries_that_wait(make, monkeypatch):
    sealed(make)
    write_entries(make, people=1, each=1)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "wait for their seal" in doctor.ledger().found


# --- tampering -----------------------------------------------------------------------------------


@pytest.fixture
def open_ledger(make):
    """A sealed ledger without its triggers: what somebody with the database's password has."""
    sealed(make)
    remove_triggers(db.session.connection())
    unbound = "PRAGMA defer_foreign_keys = ON"
    if db.engine.dialect.name == "postgresql":
        unbound = "SET LOCAL session_replication_role = replica"
    db.session.execute(text(unbound))
    yield
    install_triggers(db.session.connection())


def entry_ids():
    return list(db.session.scalars(select(LedgerEntry.id).order_by(LedgerEntry.id)))


def edit(chance):
    """Change one value of an entry."""
    entry_id = chance.choice(entry_ids())
    row = db.session.get(LedgerEntry, entry_id)
    change = chance.choice(
        (
            {"minutes": LedgerEntry.minutes + (1 if row.minutes >= 0 else -1)},
            {"day": row.day - timedelta(days=1)},
            {"ends_at": row.ends_at + timedelta(minutes=chance.randint(1, 30))},
            {"source": "paper"},
            {"rule": {"grace": chance.randint(16, 60)}},
            {"actor_id": 4711},
            {"at": row.at - timedelta(seconds=1)},
        )
    )
    db.session.execute(update(LedgerEntry).where(LedgerEntry.id == entry_id).values(change))


def edit_and_chain_anew(chance):
    """Change an entry and write the person's chain anew behind it."""
    edit(chance)
    for person_id in db.session.scalars(select(LedgerEntry.person_id).distinct()).all():
        rechain(person_id)


def rechain(person_id):
    db.session.expire_all()
    before = rules.CHAIN_START
    rows = db.session.scalars(
        select(LedgerEntry).where(LedgerEntry.person_id == person_id).order_by(LedgerEntry.seq)
    )
    for row in rows.all():
        before = rules.digest(
            before, EntryFields(*(getattr(row, name) for name in EntryFields.__slots__))
        )
        changed = update(LedgerEntry).where(LedgerEntry.id == row.id).values(digest=before)
        db.session.execute(changed)


def edit_chain_and_seal_anew(chance):
    """Rewrite entry, chain, seals and the heads in the database; the file is somewhere else."""
    edit_and_chain_anew(chance)
    heads_anew(seal_all_anew())


def seal_all_anew():
    digest, digests = rules.CHAIN_START, {}
    query = (
        select(LedgerSeal.number, LedgerEntry.id, LedgerEntry.digest)
        .join(LedgerEntry, LedgerEntry.id == LedgerSeal.entry_id)
        .order_by(LedgerSeal.number)
    )
    for number, entry_id, entry_digest in db.session.execute(query).all():
        digest = digests[number] = rules.seal(digest, entry_id, entry_digest)
        changed = update(LedgerSeal).where(LedgerSeal.number == number)
        db.session.execute(changed.values(digest=digest))
    return digests


def heads_anew(digests):
    last = max(digests)
    db.session.execute(update(LedgerHead).values(number=last, digest=digests[last]))


def remove(chance):
    """Take an entry out."""
    delete_entries([chance.choice(entry_ids())])


def remove_a_person(chance):
    """Take everything of a person out: no chain misses it."""
    people = db.session.scalars(select(LedgerEntry.person_id).distinct()).all()
    person_id = chance.choice(people)
    delete_entries(
        db.session.scalars(select(LedgerEntry.id).where(LedgerEntry.person_id == person_id)).all()
    )


def delete_entries(ids, *, with_seals=False):
    if with_seals:
        db.session.execute(delete(LedgerSeal).where(LedgerSeal.entry_id.in_(ids)))
    db.session.execute(delete(LedgerEntry).where(LedgerEntry.id.in_(ids)))


def reorder(chance):
    """Let two entries change places: each takes what the other said."""
    one, other = chance.sample(entry_ids(), 2)
    aside = 10**6
    for before, after in ((one, aside), (other, one), (aside, other)):
        db.session.execute(
            update(LedgerSeal).where(LedgerSeal.entry_id == before).values(entry_id=after)
        )


def cut_tail(chance):
    """Cut off the newest entries with their seals, and the heads in the database."""
    ids = entry_ids()
    delete_entries(ids[-chance.randint(1, 6) :], with_seals=True)
    rest = select(LedgerSeal.number, LedgerSeal.digest).order_by(LedgerSeal.number)
    heads_anew(dict(db.session.execute(rest).tuples().all()))


WAYS = (
    edit,
    edit_and_chain_anew,
    edit_chain_and_seal_anew,
    remove,
    remove_a_person,
    reorder,
    cut_tail,
)


def test_every_tampering_is_found(open_ledger):
    chance = random.Random(4711)
    missed = []
    for number in range(TAMPERINGS):
        way = WAYS[number % len(WAYS)]
        with db.session.begin_nested() as step:
            way(chance)
            db.session.expire_all()
            if not hooks.check():
                missed.append((number, way.__name__))
            step.rollback()
        db.session.expire_all()
    assert missed == []
    assert hooks.check() == []


def test_a_ledger_that_nobody_touched_is_well_without_the_triggers(open_ledger):
    assert hooks.check() == []
