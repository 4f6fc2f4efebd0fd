"""What others call by name: the tick's work, the check, the legal export, erasure, links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import url_for

from portal.certificates import actions, queries, rules, words
from portal.certificates import queries_ledger as ledger
from portal.certificates import sheet as sheets
from portal.certificates.models import Certificate
from portal.certificates.rules import Behind
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import write

_NOTHING = Behind(0, 0, rules.digest_of(()))


def due(now: datetime) -> None:
    """Tell people, once, that a correction ended a certificate of theirs."""
    for certificate_id in ledger.changed_untold(now):
        write(actions.tell_change, certificate_id, actor=SYSTEM, now=now)


def check() -> list[str]:
    """Return one line for each certificate that the ledger does not bear out as it was issued."""
    return list(_faults())


def _faults() -> Iterator[str]:
    behind = ledger.all_behind()
    for row in queries.all_certificates():
        held = behind.get(row.id, _NOTHING)
        if held.minutes != row.minutes:
            yield f"certificate {row.id}: says {row.minutes} minutes, the ledger {held.minutes}"
        elif not rules.agrees(row, held):
            yield f"certificate {row.id}: its digest is not that of its entries in the ledger"
    for certificate_id, sealed in queries.all_sheets():
        if not sheets.opened(sealed):
            yield f"certificate {certificate_id}: what is printed on it cannot be read"
    for certificate_id in ledger.moved_heads():
        yield f"certificate {certificate_id}: its place in the ledger is gone"


def export(person_id: int) -> dict[str, Any]:
    """Return the person's certificates, with the address that checks each."""
    rows = words.seen(queries.of_person(person_id), clock.today())
    return {"certificates": [_exported(one) for one in rows]}


def _exported(one: words.Seen) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.public_id,
        "number": row.number,
        "unit": row.station.name,
        "from": row.from_on.isoformat(),
        "to": row.to_on.isoformat(),
        "minutes": row.minutes,
        "issued_at": clock.local(row.issued_at).isoformat(),
        "on_behalf": row.issued_by_id not in {row.person_id, row.person.merged_into_id},
        "state": one.state.value,
        "since": clock.local(one.since).isoformat() if one.since else None,
        "check": sheets.ways_of(row).check_address,
    }


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Erase the name on the certificates of a record; nobody can compare it any more."""
    for row in queries.of_record(person_id):
        actions.forget(row.id, actor=actor, now=now)


def url_certificate(id: int) -> str:  # noqa: A002  the hook's form
    """Return where a notice about a certificate leads whose it is."""
    row: Certificate | None = queries.certificate(id)
    if row is None:
        return url_for("certificates.my_index")
    return url_for("certificates.my_show", certificate=row.public_id)
