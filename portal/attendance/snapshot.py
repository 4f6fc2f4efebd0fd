"""A shift's roster for a phone without network: each row can be read only with its person's code.

From a code come 64 bytes: 32 by which its row is found, 32 that are the row's key (AES-256-GCM).
A scanned code is long, so HKDF (RFC 5869) does; the six characters said aloud are few, so they are
stretched by PBKDF2 first. `static/attendance/scan-sealed.js` does the same on the phone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.attendance import own_codes, queries
from portal.attendance.models import Visit, VisitState
from portal.attendance.rules import MAY_ENTER, RECEIVED_WITHIN
from portal.core import clock, filters, tokens
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole, Shift
from portal.signups import queries as signups

ROUNDS = 10_000
_PURPOSE = b"portal scan snapshot"


def expires_at(shift: Shift) -> datetime:
    """Return until when a phone may hold the roster: as long as what it kept is still taken."""
    return shift.ends_at + RECEIVED_WITHIN


def snapshot(shift: Shift, now: datetime, *, have: str = "") -> dict[str, object]:
    """Return the roster sealed, with its counts; `people` is None when the phone has this version."""
    salt = tokens.mac("scan snapshot salt", shift.public_id)
    plain = _plain(shift)
    version = tokens.keyed_hash("scan snapshot", json.dumps([ROUNDS, plain]))[:20]
    came, gone, expected = queries.counts(shift.id)
    return {
        "version": version,
        "shift": shift.public_id,
        "now": clock.local(now).isoformat(),
        "expires_at": clock.local(expires_at(shift)).isoformat(),
        "salt": base64.b64encode(salt).decode(),
        "rounds": ROUNDS,
        "expected": expected,
        "came": came,
        "gone": gone,
        "people": None if have == version else _sealed(plain, salt),
    }


def _plain(shift: Shift) -> list[tuple[Sequence[str], str]]:
    """Return each person's codes and what they open; in a constant number of queries."""
    rows = [row for row in signups.on_shift(shift.id) if row.state in MAY_ENTER]
    last = {visit.person_id: visit for visit in queries.on_shift(shift.id)}
    texts = own_codes.texts([row.person for row in rows])
    found: list[tuple[Sequence[str], str]] = []
    for row, own in zip(rows, texts, strict=True):
        told = {
            "signup_id": row.public_id,
            "name": filters.masked_name(row.person.name),
            "role": str(PLACE_ROLE_LABELS[PlaceRole(row.role)]),
            "state": _state(last.get(row.person_id)),
        }
        found.append((own, json.dumps(told)))
    return found


def _state(visit: Visit | None) -> str:
    if visit is None:
        return ""
    return "in" if visit.state == VisitState.OPEN else "out"


def _sealed(plain: list[tuple[Sequence[str], str]], salt: bytes) -> list[dict[str, str]]:
    """Return a row for each code, in the order of what finds them: it says nothing of the people."""
    rows = []
    for (scanned, spoken), told in plain:
        for material in (_from_long(scanned, salt), _from_short(spoken, salt)):
            nonce = secrets.token_bytes(12)
            sealed = AESGCM(material[32:]).encrypt(nonce, told.encode(), None)
            text = base64.b64encode(nonce + sealed).decode()
            rows.append({"find": material[:32].hex(), "sealed": text})
    return sorted(rows, key=lambda row: row["find"])


def _from_long(code: str, salt: bytes) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=64, salt=salt, info=_PURPOSE)
    return kdf.derive(code.lower().encode())


# Dear on purpose, and asked for again by every phone of the desk.
@lru_cache(maxsize=4096)
def _from_short(code: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", code.lower().encode(), salt + _PURPOSE, ROUNDS, 64)
