"""Public ids: what stands in addresses, files and codes. Integers never leave the house."""

from __future__ import annotations

import secrets

# No 0/o, 1/i/l and u: read over the telephone without a mistake.
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
PUBLIC_ID_LENGTH = 10
CHECK_IN_KEY_LENGTH = 6
FORM_KEY_LENGTH = 20


def code(length: int) -> str:
    """Return `length` random characters of the alphabet, from the system's generator."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def public_id() -> str:
    """Return a new public id (10 characters, 49 bits)."""
    return code(PUBLIC_ID_LENGTH)


def check_in_key() -> str:
    """Return a new check-in key of a shift (6 characters)."""
    return code(CHECK_IN_KEY_LENGTH)


def form_key(typed: str | None) -> str:
    """Return the key a form was sent with, or a new one for what is none of ours."""
    known = typed is not None and len(typed) == FORM_KEY_LENGTH and set(typed) <= set(ALPHABET)
    return typed if typed and known else code(FORM_KEY_LENGTH)
