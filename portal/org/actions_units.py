"""Verbs on civilized units: create, change, close, reopen, import a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org import queries_units as queries
from portal.org.models_units import CivilizedUnit, UnitKind
from portal.org.rules_units import LineState, UnitLine
from portal.records import audit


@dataclass(frozen=True, slots=True)
class UnitDetails:
    """What a unit is made of. `seen`: how it read when the form was opened (`queries.as_seen`)."""

    name: str
    kind: UnitKind
    station_id: int | None = None
    address: str = ""
    phone: str = ""
    seen: str = ""


def create_unit(details: UnitDetails, *, actor: Actor, now: datetime) -> CivilizedUnit:
    """Add a unit. Raises Invalid(`name`) when one of this name is there, also a closed one."""
    _must_be_free(details.name)
    row = CivilizedUnit(name=details.name)
    _fill(row, details)
    db.session.add(row)
    db.session.flush()
    _record("unit.create", row, actor=actor, now=now)
    return row


def change_unit(
    unit_id: int, details: UnitDetails, *, actor: Actor, now: datetime
) -> CivilizedUnit:
    """Change a unit. Raises Invalid(`name`), and Refused when it was changed since it was read."""
    row = _lock(unit_id)
    if details.seen and details.seen != queries.as_seen(row):
        message = _("您打开以后，别人改过这个单位。请看看现在的内容，再改一次。")
        raise Refused(Reason("changed_since", message))
    if details.name != row.name:
        _must_be_free(details.name)
    _fill(row, details)
    _record("unit.change", row, actor=actor, now=now)
    return row


def close_unit(unit_id: int, *, actor: Actor, now: datetime) -> CivilizedUnit:
    """Take a unit out of every list to choose from; twice is harmless.

    Raises Refused while it is paired: an end has its reason, which somebody gives.
    """
    row = _lock(unit_id)
    if row.closed_at is not None:
        return row
    count = queries.live_pairings(unit_id)
    if count:
        message = _("这个单位还有 %(n)d 个结对。请先结束结对，再停用。", n=count)
        raise Refused(Reason("still_paired", message))
    row.closed_at = now
    _record("unit.close", row, actor=actor, now=now)
    return row


def reopen_unit(unit_id: int, *, actor: Actor, now: datetime) -> CivilizedUnit:
    """Take it back that a unit was closed; twice is harmless."""
    row = _lock(unit_id)
    if row.closed_at is not None:
        row.closed_at = None
        _record("unit.reopen", row, actor=actor, now=now)
    return row


def import_units(lines: Sequence[UnitLine], *, actor: Actor, now: datetime) -> int:
    """Add the new units of a list that was read; return how many. Raises Refused for a faulty one."""
    if any(line.state == LineState.FAULTY for line in lines):
        raise Refused(Reason("faulty_list", _("名单里还有要改的行，没有导入。")))
    taken = set(db.session.scalars(select(CivilizedUnit.name)))
    rows = [line for line in lines if line.state == LineState.NEW and line.name not in taken]
    for line in rows:
        details = UnitDetails(
            line.name, line.kind or UnitKind.INSTITUTION, line.station_id, line.address, line.phone
        )
        create_unit(details, actor=actor, now=now)
    return len(rows)


def _lock(unit_id: int) -> CivilizedUnit:
    row = locked(CivilizedUnit, unit_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(unit_id)
    return row


def _must_be_free(name: str) -> None:
    if db.session.scalar(select(CivilizedUnit.id).where(CivilizedUnit.name == name)) is not None:
        raise Invalid("name", _("已经有一个单位叫这个名字"))


def _fill(row: CivilizedUnit, details: UnitDetails) -> None:
    row.name, row.kind, row.station_id = details.name, details.kind, details.station_id
    row.address, row.phone = details.address, details.phone


def _record(verb: str, row: CivilizedUnit, *, actor: Actor, now: datetime) -> None:
    ref = Ref("civilized_unit", row.id)
    audit.record(verb, ref, actor=actor, now=now, station_id=row.station_id)
