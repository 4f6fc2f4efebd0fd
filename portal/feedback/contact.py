"""How to reach who filed feedback, and how they prove that it is theirs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from portal.core import tokens
from portal.feedback.models import Feedback
from portal.feedback.rules import CODE_DIGITS

_CONTACT = "feedback_contact"
_CODE = "feedback_code"
_FOLLOWED = "feedback_followed"
# As long as somebody reads an answer and writes why it does not do.
FOLLOWED_SECONDS = 60 * 60


@dataclass(frozen=True, slots=True)
class Contact:
    """Name and phone, each of which may be empty."""

    name: str = ""
    phone: str = ""


def seal(contact: Contact) -> bytes | None:
    """Return the contact for its column; nothing when there is none."""
    if not (contact.name or contact.phone):
        return None
    return tokens.seal(_CONTACT, json.dumps([contact.name, contact.phone]))


def of(row: Feedback) -> Contact:
    """Return how to reach who filed it: as they wrote, or as their account has it."""
    if row.contact_sealed:
        return Contact(*json.loads(tokens.unseal(_CONTACT, row.contact_sealed)))
    if row.person is not None:
        return Contact(row.person.name, row.person.phone or "")
    return Contact()


def code_of(number: str) -> str:
    """Return the code that proves a number where no phone was given; nothing of it is stored."""
    return tokens.mac_digits(_CODE, number, CODE_DIGITS)


def proves(row: Feedback, proof: str) -> bool:
    """Return whether this is the phone that was given, or the code where none was."""
    return tokens.same(of(row).phone or code_of(row.number), proof)


def followed(row: Feedback) -> str:
    """Return the token of the page on which who proved the number follows it."""
    return tokens.sign(_FOLLOWED, row.public_id)


def public_id_of(token: str) -> str | None:
    """Return whose page a token opens; None when it is not ours or too old."""
    found = tokens.unsign(_FOLLOWED, token, max_age_seconds=FOLLOWED_SECONDS)
    return found if isinstance(found, str) else None
