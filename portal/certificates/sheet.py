"""What is printed on a certificate, in words already, and how it is kept as it was issued."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from flask import current_app

from portal.certificates.models import Certificate
from portal.certificates.rules import typed_part
from portal.core import tokens

_SHEET = "certificate_sheet"
_CODE = "certificate_code"

Item = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words of the paper; `items` has a row of five cells for each entry.

    Day, content, recording unit, source, length.
    """

    number: str
    sentence: str
    facts: Sequence[tuple[str, str]]
    items: Sequence[Item]
    issuer: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody checks the paper: the address of its code, and what is typed by hand."""

    check_address: str
    form_address: str
    typed: str


def seal(sheet: Sheet) -> bytes:
    """Return the sheet for its column: it holds a name."""
    return tokens.seal(_SHEET, json.dumps(asdict(sheet), ensure_ascii=False))


def sheet_of(row: Certificate) -> Sheet | None:
    """Return the sheet as it was issued; None once it was erased, or under another secret key."""
    text = opened(row.sheet_sealed or b"")
    if not text:
        return None
    kept = json.loads(text)
    facts = [(name, value) for name, value in kept["facts"]]
    items = [(day, what, unit, source, length) for day, what, unit, source, length in kept["items"]]
    return Sheet(**{**kept, "facts": facts, "items": items})


def opened(sealed: bytes) -> str:
    """Return a sheet as it is kept; an empty text when it cannot be read."""
    try:
        return tokens.unseal(_SHEET, sealed) if sealed else ""
    except InvalidTag:
        return ""


def seal_code(code: str) -> bytes:
    """Return the code for its column."""
    return tokens.seal(_CODE, code)


def code_of(row: Certificate) -> str:
    """Return the code on the paper; an empty text under another secret key."""
    try:
        return tokens.unseal(_CODE, row.code_sealed)
    except InvalidTag:
        return ""


def ways_of(row: Certificate) -> Ways:
    """Return how the certificate is checked."""
    code, site = code_of(row), current_app.config["PORTAL"].public_url
    return Ways(f"{site}/certificates/{code}", f"{site}/certificates", typed_part(code))
