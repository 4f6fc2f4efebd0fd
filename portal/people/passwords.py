"""Passwords: argon2id with 19 MiB, two passes, one lane (OWASP minimum; ASVS 5.0 11.4.2)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 8
LONGEST = 128

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash to store; slow by design, so done before the transaction begins."""
    return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Return whether the password fits; takes the same time when there is no account."""
    try:
        _hasher.verify(password_hash or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobody() -> str:
    return _hasher.hash("no such account")
