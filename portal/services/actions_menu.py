"""Verbs on the menu: create, change, take out of use; and on the category tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from portal.core import ids
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.records import audit, search
from portal.services import queries_menu
from portal.services.models import Service, ServiceCategory, ServicePlace


@dataclass(frozen=True, slots=True)
class Details:
    """What stands on the menu, besides the station."""

    category_id: int
    title: str
    place: ServicePlace
    in_use_from: date
    summary: str = ""
    for_whom: str = ""
    bring: str = ""
    usual_minutes: int = 0
    team_id: int | None = None
    unit_id: int | None = None
    open_to_claim: bool = False
    home_visit: bool = False
    in_use_until: date | None = None

    @property
    def columns(self) -> Mapping[str, Any]:
        """The values by column."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def create(station_id: int, details: Details, *, actor: Actor, now: datetime) -> Service:
    """Put a service on the station's menu. Raises Invalid for what does not fit together."""
    _must_fit(details)
    row = Service(
        station_id=station_id,
        created_at=now,
        created_by_id=actor.person_id,
        updated_at=now,
        **details.columns,
    )
    db.session.add(row)
    db.session.flush()
    _changed(row, "service.create", actor=actor, now=now)
    return row


def change(service_id: int, details: Details, *, actor: Actor, now: datetime) -> Service:
    """Change what stands on the menu; orders that are there keep what they were."""
    _must_fit(details)
    row = _locked(service_id)
    for name, value in details.columns.items():
        setattr(row, name, value)
    row.updated_at = now
    _changed(row, "service.change", actor=actor, now=now)
    return row


def close(service_id: int, *, actor: Actor, now: datetime) -> Service:
    """Take a service out of use; its orders go on. Twice is harmless."""
    row = _locked(service_id)
    if row.closed_at is None:
        row.closed_at = row.updated_at = now
        _changed(row, "service.close", actor=actor, now=now)
    return row


def reopen(service_id: int, *, actor: Actor, now: datetime) -> Service:
    """Put a service back on the menu. Twice is harmless."""
    row = _locked(service_id)
    if row.closed_at is not None:
        row.closed_at, row.updated_at = None, now
        _changed(row, "service.reopen", actor=actor, now=now)
    return row


def _must_fit(details: Details) -> None:
    if details.team_id is not None and details.unit_id is not None:
        raise Invalid("provider", _("请从列表中选择一项"))
    if details.home_visit and details.place == ServicePlace.STATION:
        raise Invalid("home_visit", _("上门取件的服务，地点要选上门。"))
    until = details.in_use_until
    if until is not None and until < details.in_use_from:
        raise Invalid("in_use_until", _("结束的日期要在开始以后。"))


def _locked(service_id: int) -> Service:
    row = locked(Service, service_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(service_id)
    return row


def _changed(row: Service, verb: str, *, actor: Actor, now: datetime) -> None:
    ref = Ref("service", row.id)
    if row.closed_at is None:
        search.put(ref, f"{row.title}\n{row.summary}\n{row.for_whom}")
    else:
        search.drop(ref)
    audit.record(verb, ref, actor=actor, now=now, station_id=row.station_id)


# --- categories ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """What a category is called, and below which one it stands."""

    name_zh: str
    name_en: str
    parent_id: int | None = None
    active: bool = True


def add_category(named: Named, *, actor: Actor, now: datetime) -> ServiceCategory:
    """Add a category at the end of its branch. Raises Invalid for a name that stands there."""
    _must_be_new(named, None)
    beside = [row for row in queries_menu.all_categories() if row.parent_id == named.parent_id]
    row = ServiceCategory(
        parent_id=named.parent_id,
        code=f"c{ids.code(8)}",
        name_zh=named.name_zh,
        name_en=named.name_en,
        position=max((one.position for one in beside), default=-1) + 1,
        active=named.active,
    )
    db.session.add(row)
    db.session.flush()
    _note_category(row, actor=actor, now=now)
    return row


def change_category(category_id: int, named: Named, *, actor: Actor, now: datetime) -> None:
    """Rename a category, or take it out of use; its place in the tree stays."""
    row = locked(ServiceCategory, category_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(category_id)
    _must_be_new(named, row)
    row.name_zh, row.name_en, row.active = named.name_zh, named.name_en, named.active
    _note_category(row, actor=actor, now=now)


def _must_be_new(named: Named, own: ServiceCategory | None) -> None:
    parent_id = own.parent_id if own else named.parent_id
    for row in queries_menu.all_categories():
        if row is not own and (row.parent_id, row.name_zh) == (parent_id, named.name_zh):
            raise Invalid("name_zh", _("这里已经有这个类别了。"))


def _note_category(row: ServiceCategory, *, actor: Actor, now: datetime) -> None:
    ref = Ref("service_category", row.id)
    audit.record("service_category.change", ref, actor=actor, now=now)
