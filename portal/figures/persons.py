"""Sets of persons as the bits of an integer: bit n stands for the person with id n.

Different persons cannot be added up, only counted anew for each span, subtree and kind. As bits,
sets of tens of thousands are united and counted in microseconds, and packed they take two bytes
for a person at most, whether many or few of all persons are in.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping

# The fastest: what is packed is either nearly empty, or as good as random.
_LEVEL = 1


def of(person_ids: Collection[int]) -> int:
    """Return the set of these persons."""
    bits = bytearray(max(person_ids, default=0) // 8 + 1)
    for number in person_ids:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def ids(persons: int) -> Iterator[int]:
    """Yield the ids of the persons of the set, ascending."""
    while persons:
        lowest = persons & -persons
        yield lowest.bit_length() - 1
        persons ^= lowest


def as_kept(persons: int, kept: Mapping[int, int]) -> int:
    """Return the set with each merged record as the one it was merged into: {merged: kept}."""
    for merged, keeper in kept.items():
        if persons >> merged & 1:
            persons = persons & ~(1 << merged) | 1 << keeper
    return persons


def pack(persons: int) -> bytes:
    """Return the set as it is stored; nothing for nobody."""
    length = (persons.bit_length() + 7) // 8
    return zlib.compress(persons.to_bytes(length, "little"), _LEVEL) if persons else b""


def unpack(stored: bytes) -> int:
    """Return the set that was stored."""
    return int.from_bytes(zlib.decompress(stored), "little") if stored else 0
