"""How an asker proves that an order is theirs: the phone they gave, or the code handed to them."""

from __future__ import annotations

from portal.core import tokens
from portal.services import queries
from portal.services.models_orders import Order
from portal.services.rules import CODE_DIGITS

_CODE = "order_code"
_FOLLOWED = "order_followed"
# As long as somebody reads where it stands and writes a rating.
FOLLOWED_SECONDS = 60 * 60


def code_of(number: str) -> str:
    """Return the code that proves a number where no phone was given; nothing of it is stored."""
    return tokens.mac_digits(_CODE, number, CODE_DIGITS)


def has_phone(row: Order) -> bool:
    """Return whether a phone is on record with the order."""
    private = queries.private_of(row.id)
    return bool(private and private.phone)


def proves(row: Order, proof: str) -> bool:
    """Return whether this is the phone that was given, or the order's code."""
    private = queries.private_of(row.id)
    phone = private.phone if private else ""
    by_phone = bool(phone) and tokens.same(phone, proof)
    return tokens.same(code_of(row.number), proof) or by_phone


def followed(row: Order) -> str:
    """Return the token of the page on which who proved the number follows it."""
    return tokens.sign(_FOLLOWED, row.public_id)


def public_id_of(token: str) -> str | None:
    """Return whose page a token opens; None when it is not ours or too old."""
    found = tokens.unsign(_FOLLOWED, token, max_age_seconds=FOLLOWED_SECONDS)
    return found if isinstance(found, str) else None
