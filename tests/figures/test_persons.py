from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.figures import persons

sets = st.sets(st.integers(1, 5000))


@given(some=sets, others=sets)
def test_sets_as_bits_are_sets(some, others):
    bits = persons.of(some)
    assert set(persons.ids(bits)) == some
    assert bits.bit_count() == len(some)
    assert set(persons.ids(bits | persons.of(others))) == some | others
    assert persons.unpack(persons.pack(bits)) == bits


def test_nobody_takes_no_room():
    assert persons.of([]) == 0
    assert persons.pack(0) == b""
    assert persons.unpack(b"") == 0


def test_a_person_takes_two_bytes_at_most_whether_few_or_many_serve():
    everybody = range(1, 20_001)
    for every in (1, 2, 30, 1000):
        chosen = everybody[::every]
        assert len(persons.pack(persons.of(chosen))) <= 2 * len(chosen) + 100


@given(some=sets, pairs=st.dictionaries(st.integers(1, 2500), st.integers(2501, 5000)))
def test_a_merged_record_counts_as_the_one_that_was_kept(some, pairs):
    kept = persons.as_kept(persons.of(some), pairs)
    assert set(persons.ids(kept)) == {pairs.get(one, one) for one in some}
