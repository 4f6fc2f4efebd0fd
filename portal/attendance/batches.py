"""The desk's scans: many at once, each judged alone, each told its own verdict."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import OperationalError

from portal.attendance import actions, codes, own_codes, queries, queries_desk
from portal.attendance.actions import ScanInput, Verdict
from portal.attendance.models import Direction, Scan, ScanVerdict, Way
from portal.attendance.queries_desk import Expected
from portal.attendance.rules import ScanReason
from portal.core.access import Actor
from portal.core.db import db
from portal.shifts import queries as shifts
from portal.shifts.models import Shift

DUPLICATE = "duplicate"
_log = logging.getLogger("portal.attendance")


@dataclass(frozen=True, slots=True)
class DeskScan:
    """One record of a batch, its form checked. Exactly one of `code` and `signup_id` is set."""

    scan_id: str
    direction: Direction
    way: Way
    occurred_at: datetime
    code: str = ""
    signup_id: str = ""
    skew_seconds: int | None = None


def record_batch(
    shift_id: int, records: Sequence[DeskScan], *, actor: Actor, now: datetime
) -> list[Verdict]:
    """Record the scans in the order sent, each in a savepoint of its own."""
    shift = shifts.shift(shift_id)
    resolver = _Resolver(shift, records)
    inputs = resolver.inputs()
    for person_id in sorted({scan.person_id for scan in inputs if scan.person_id}):
        actions.hold(person_id)
    before = queries_desk.scans_by_ids({record.scan_id for record in records})
    sent: set[str] = set()
    verdicts = []
    for record, scan in zip(records, inputs, strict=True):
        if record.scan_id in sent:
            before.update(queries_desk.scans_by_ids({record.scan_id}))
        sent.add(record.scan_id)
        first = before.get(record.scan_id)
        verdict = _again(first, shift_id) if first else _alone(scan, shift_id, actor, now)
        if verdict.reason == ScanReason.REPLACED_CODE:
            verdict = replace(verdict, replaced_at=resolver.replaced_at(record))
        verdicts.append(verdict)
    return verdicts


def _alone(scan: ScanInput, shift_id: int, actor: Actor, now: datetime) -> Verdict:
    try:
        with db.session.begin_nested():
            return actions.record_scan(scan, actor=actor, now=now)
    except OperationalError:
        raise  # a lock or a deadlock concerns the whole batch: `write` begins it again
    except Exception:  # noqa: BLE001  a fault of ours in one record is answered, and leaves the rest
        # It may be that somebody else's batch stored the same scan a moment ago.
        first = queries_desk.scans_by_ids({scan.scan_id or ""}).get(scan.scan_id or "")
        if first is not None:
            return _again(first, shift_id)
        _log.exception("scan not stored")
        return Verdict(ScanVerdict.REJECTED, ScanReason.INTERNAL, scan.direction)


def _again(first: Scan, shift_id: int) -> Verdict:
    """Answer a replay with the verdict given then; what belongs to another shift is not shown."""
    visit = None
    if first.shift_id == shift_id and first.person_id is not None:
        rows = queries.visits_at(shift_id, first.person_id)
        visit = rows[-1] if rows else None
    return Verdict(
        DUPLICATE,
        ScanReason(first.reason),
        Direction(first.direction),
        visit,
        first=str(first.verdict),
    )


class _Resolver:
    """Finds out whom the records of a batch mean, in a constant number of queries."""

    def __init__(self, shift: Shift, records: Sequence[DeskScan]) -> None:
        self.shift, self.records = shift, records
        self.signups: Mapping[str, Expected] = queries_desk.signups_by_ids(
            {record.signup_id for record in records if record.signup_id}
        )
        self.personal = {record.code: codes.read_personal(record.code) for record in records}
        self.people = own_codes.holders(
            {personal.public_id for personal in self.personal.values() if personal}
        )
        self.spoken = self._spoken()

    def inputs(self) -> list[ScanInput]:
        """Return each record as the scan it is, or as the refusal it gets."""
        return [self._input(record) for record in self.records]

    def _input(self, record: DeskScan) -> ScanInput:
        scan = ScanInput(
            person_id=None,
            shift_id=self.shift.id,
            direction=record.direction,
            way=record.way,
            occurred_at=record.occurred_at,
            scan_id=record.scan_id,
            skew_seconds=record.skew_seconds,
        )
        if record.signup_id:
            return self._by_signup(scan, self.signups.get(record.signup_id))
        return self._by_code(scan, record.code)

    def _by_signup(self, scan: ScanInput, signup: Expected | None) -> ScanInput:
        if signup is None:
            return replace(scan, refusal=ScanReason.NOT_SIGNED_UP)
        if signup.shift_id == self.shift.id:
            return replace(scan, person_id=signup.person_id)
        here = signup.station_id == self.shift.station_id
        # Whom another station's sign-up stands for is not this desk's business.
        refusal = ScanReason.WRONG_SHIFT if here else ScanReason.WRONG_STATION
        return replace(scan, refusal=refusal)

    def _by_code(self, scan: ScanInput, code: str) -> ScanInput:
        personal = self.personal[code]
        if personal is None:
            person_id = self.spoken.get(code.strip().lower())
            refusal = None if person_id else ScanReason.MALFORMED
            return replace(scan, person_id=person_id, refusal=refusal)
        holder = self.people.get(personal.public_id)
        if holder is None:
            return replace(scan, refusal=ScanReason.MALFORMED)
        is_old = personal.version < holder.version
        refusal = ScanReason.REPLACED_CODE if is_old else None
        return replace(scan, person_id=holder.person_id, refusal=refusal)

    def replaced_at(self, record: DeskScan) -> datetime | None:
        """Return since when the code of a record is an old one."""
        personal = self.personal[record.code]
        return own_codes.replaced_at(*personal) if personal else None

    def _spoken(self) -> Mapping[str, int]:
        """Return the spoken codes of the shift's people; six characters say no more than that."""
        if not any(codes.is_spoken(record.code) for record in self.records):
            return {}
        return own_codes.spoken_on(self.shift.id)
