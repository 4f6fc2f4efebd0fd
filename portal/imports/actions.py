"""Verbs on uploads: keep what was read until it was looked over, take it in one write, forget it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.rows import FITTING, Fate, Judged
from portal.core.sheets import Sheet
from portal.imports import policy, queries
from portal.imports.models import ImportUpload, Sort
from portal.imports.sorts import SORTS
from portal.org import queries_units
from portal.org.models import Station
from portal.records import audit


def keep(sort: Sort, station_id: int, sheet: Sheet, *, actor: Actor, now: datetime) -> ImportUpload:
    """Keep the rows, sealed, until who sent them has looked at what would become of them."""
    _must_import_at(station_id, actor)
    row = ImportUpload(
        sort=sort,
        station_id=station_id,
        uploaded_by_id=actor.person_id or 0,
        uploaded_at=now,
        row_count=len(sheet.lines),
        rows_sealed=queries.sealed(sheet),
        taken_count=0,
    )
    db.session.add(row)
    db.session.flush()
    _record("import.check", row, len(sheet.lines), actor=actor, now=now)
    return row


def take(upload_id: int, *, actor: Actor, now: datetime) -> int:
    """Make what all rows say, or nothing; return how many were new.

    The rows are judged once more: what came in since the check is found by now. Taking twice
    returns the first count. Raises Refused(`rows_wrong`) when a row does not fit (any more).
    """
    _lock_imports()
    row = locked(ImportUpload, upload_id)
    if row is None:
        raise Refused(Reason("forgotten", _("这份表格放得太久，已经删除了。请重新上传。")))
    if row.taken_at is not None:
        return row.taken_count
    _must_import_at(row.station_id, actor)
    sort = SORTS[Sort(row.sort)]
    lines = queries.sheet_of(row).lines
    judged = sort.check(lines, row.station_id, actor=actor, now=now)
    _must_fit(judged)
    fresh = [one for one in judged if one.fate == Fate.NEW]
    sort.take(fresh, row.station_id, actor=actor, now=now)
    row.rows_sealed, row.taken_at, row.taken_count = None, now, len(fresh)
    _record("import.take", row, len(fresh), actor=actor, now=now)
    return len(fresh)


def drop(upload_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Forget an upload. Twice is harmless."""
    row = locked(ImportUpload, upload_id)
    if row is not None:
        db.session.delete(row)


def note_export(upload_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that the rows went out with what was found."""
    row = db.session.get_one(ImportUpload, upload_id)
    _record("import.export", row, row.row_count, actor=actor, now=now)


def _lock_imports() -> None:
    """One import at a time: no constraint says that two new rows are not the same thing.

    The lock leaves alone who only refers to the centre.
    """
    centre = queries_units.centre_id()
    db.session.get(Station, centre, with_for_update={"key_share": True}, populate_existing=True)


def _must_import_at(station_id: int, actor: Actor) -> None:
    if not policy.imports_at(actor, station_id):
        raise Refused(Reason("not_yours", _("您已经不管这个站点了，不能往里导入。")))


def _must_fit(judged: Sequence[Judged]) -> None:
    wrong = sum(one.fate not in FITTING for one in judged)
    if wrong:
        message = _("有 %(n)d 行要改，一行也没有导入。请改好表格，再传一次。", n=wrong)
        raise Refused(Reason("rows_wrong", message))


def _record(verb: str, row: ImportUpload, rows: int, *, actor: Actor, now: datetime) -> None:
    audit.record(
        verb, Ref("import", row.id), actor=actor, now=now, station_id=row.station_id,
        sort=row.sort, rows=rows,
    )  # fmt: skip
