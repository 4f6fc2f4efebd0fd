"""Loads the records that are looked through together, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, or_, select

from portal.anomalies.rules import Check, Entry, Figures, Spot, Window, window_start
from portal.attendance.models import Direction, Scan, ScanVerdict
from portal.attendance.models_devices import ScanDevice
from portal.core import clock
from portal.core.db import db
from portal.hours.models import LedgerEntry
from portal.hours.queries import is_live, terms
from portal.org.models import Level, Station
from portal.people import queries as people
from portal.people.models_family import FamilyMember
from portal.records import settings
from portal.shifts.models import Shift
from portal.signups.models import HOLDING, Signup

# By which names the rule of an entry says who had it written, and who let it count.
_AUTHORS = ("asked_by", "typed_by", "entered_by")
_APPROVERS = ("approved_by", "released_by")


def figures(yesterday: date) -> Figures:
    """Return the district's figures that hold now; the day's cap is that of the rules of the day."""
    return Figures(
        burst_persons=settings.get("anomaly_burst_persons"),
        burst_seconds=settings.get("anomaly_burst_seconds"),
        equal_count=settings.get("anomaly_equal_count"),
        week_hours=settings.get("anomaly_week_hours"),
        night_hours=settings.get("anomaly_night_hours"),
        approver_percent=settings.get("anomaly_approver_percent"),
        approver_acts=settings.get("anomaly_approver_acts"),
        back_days=settings.get("anomaly_back_days"),
        back_entries=settings.get("anomaly_back_entries"),
        device_persons=settings.get("anomaly_device_persons"),
        travel_minutes=settings.get("anomaly_travel_minutes"),
        no_signup_entries=settings.get("anomaly_no_signup_entries"),
        day_minutes=terms(yesterday).day_cap,
    )


def window(yesterday: date) -> Window:
    """Return what there is up to the end of a local day, from the beginning of whole months on.

    A record that was merged into another counts as that one's.
    """
    first, until = clock.day_span(window_start(yesterday), yesterday)
    kept = people.kept_ids()
    return Window(
        checks=tuple(_check(row, kept) for row in db.session.execute(_scans(first, until))),
        entries=tuple(_entry(row, kept) for row in db.session.execute(_entries(first, until))),
        spots=_spots(),
        families=_families(kept),
    )


def _scans(first: Any, until: Any) -> Any:
    return (
        select(
            Scan.id,
            Scan.person_id,
            Scan.shift_id,
            Scan.direction,
            Scan.way,
            Scan.actor_id,
            Scan.occurred_at,
            Shift.station_id,
            ScanDevice.device,
        )
        .join(Shift, Shift.id == Scan.shift_id)
        .outerjoin(ScanDevice, ScanDevice.scan_id == Scan.id)
        .where(
            Scan.verdict == ScanVerdict.STORED,
            Scan.person_id.is_not(None),
            Scan.at >= first,
            Scan.at < until,
        )
        .order_by(Scan.occurred_at, Scan.id)
    )


def _check(row: Any, kept: Mapping[int, int]) -> Check:
    return Check(
        id=row.id,
        person_id=kept.get(row.person_id, row.person_id),
        shift_id=row.shift_id,
        station_id=row.station_id,
        comes=row.direction == Direction.IN,
        way=row.way,
        hand_id=row.actor_id,
        at=row.occurred_at,
        device=row.device or "",
    )


def _entries(first: Any, until: Any) -> Any:
    # Who was put on the list after it was over did not sign up.
    signed_up = exists().where(
        Signup.shift_id == LedgerEntry.shift_id,
        Signup.person_id == LedgerEntry.person_id,
        Signup.state.in_(HOLDING),
        Signup.created_at <= Shift.ends_at,
    )
    return (
        select(LedgerEntry, signed_up.label("has_signup"))
        .outerjoin(Shift, Shift.id == LedgerEntry.shift_id)
        .where(
            is_live(),
            LedgerEntry.at < until,
            or_(LedgerEntry.at >= first, LedgerEntry.starts_at >= first),
        )
        .order_by(LedgerEntry.starts_at, LedgerEntry.id)
    )


def _entry(row: Any, kept: Mapping[int, int]) -> Entry:
    entry: LedgerEntry = row.LedgerEntry
    rule = entry.rule or {}
    return Entry(
        id=entry.id,
        person_id=kept.get(entry.person_id, entry.person_id),
        station_id=entry.station_id,
        shift_id=entry.shift_id,
        source=entry.source,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        minutes=entry.minutes,
        written_at=entry.at,
        author_id=_named(rule, _AUTHORS) or entry.actor_id,
        approver_id=_named(rule, _APPROVERS) or entry.actor_id,
        has_signup=bool(row.has_signup),
        cut_by=tuple(rule.get("cut_by", ())),
    )


def _named(rule: Mapping[str, Any], names: Iterable[str]) -> int | None:
    return next((int(rule[name]) for name in names if rule.get(name)), None)


def _spots() -> dict[int, Spot]:
    """Return where stations and points are. Centres and institutes hold things anywhere."""
    columns = select(Station.id, Station.parent_id, Station.level)
    rows = {row.id: row for row in db.session.execute(columns)}
    spots = {}
    for row in rows.values():
        station = rows.get(row.parent_id) if row.level == Level.POINT else row
        if station is not None and station.level == Level.STATION:
            spots[row.id] = Spot(station.id, station.parent_id or 0)
    return spots


def _families(kept: Mapping[int, int]) -> dict[int, int]:
    """Return a number for each who is in a family on record: the same for all of one family."""
    query = select(FamilyMember.holder_id, FamilyMember.person_id).where(
        FamilyMember.removed_at.is_(None)
    )
    root: dict[int, int] = {}

    def head(person_id: int) -> int:
        while root.setdefault(person_id, person_id) != person_id:
            person_id = root[person_id]
        return person_id

    for holder_id, person_id in db.session.execute(query.order_by(FamilyMember.id)):
        root[head(kept.get(person_id, person_id))] = head(kept.get(holder_id, holder_id))
    return {person_id: head(person_id) for person_id in list(root)}
