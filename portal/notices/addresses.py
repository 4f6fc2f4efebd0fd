"""Mail addresses at rest, and the code that proves one. Nothing of the code is stored."""

from __future__ import annotations

from portal.core import tokens
from portal.notices.models_reach import NoticeReach
from portal.notices.rules import CODE_DIGITS

_ADDRESS = "mail_address"
_CODE = "mail_code"


def seal(address: str) -> bytes:
    """Return the address for its column."""
    return tokens.seal(_ADDRESS, address)


def unseal(sealed: bytes) -> str:
    """Return the address of a column."""
    return tokens.unseal(_ADDRESS, sealed)


def code_of(reach: NoticeReach) -> str:
    """Return the code that proves the address which waits for it; another salt, another code."""
    address = unseal(reach.pending_sealed) if reach.pending_sealed else ""
    return tokens.mac_digits(_CODE, f"{reach.person_id}/{reach.code_salt}/{address}", CODE_DIGITS)


def masked(address: str) -> str:
    """Return z***@example.org: enough to know one's own by."""
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}"
