"""What waits for somebody's decision in the office's stations, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from portal.attendance.models import Visit, VisitState
from portal.closeouts import queries_open as closeouts
from portal.core import clock, filters
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.feedback.models import OPEN, Feedback
from portal.figures import clauses
from portal.figures.scope import Scope
from portal.org.models import Station, Term
from portal.people.models import Person, Volunteer, VolunteerState
from portal.services.models import Service
from portal.services.models_orders import ORDER_STATE_LABELS, Order, OrderState
from portal.services.rules import OPEN as OPEN_ORDERS
from portal.shifts.models import Offering, OfferingState, Shift

SHOWN = 8
# A provisional visit is shown when so many days are left to settle it.
NEAR_DAYS = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, where, and whom to telephone."""

    title: str
    detail: str
    station: str
    phone: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Things of one sort: how many there are, and the first of them."""

    key: str
    title: str
    nothing: str
    count: int
    items: tuple[Item, ...]


def at_stations(where: Scope, *, now: datetime) -> Sequence[Waiting]:
    """Return what waits at the stations of the scope."""
    return (
        _overdue_feedback(where, now),
        _overdue_orders(where, now),
        _overdue_applications(where, now),
        _overdue_closeouts(where, now),
        _in_review(where),
        _nearly_lapsed(where, now),
    )


def _found(query: Select[Any]) -> tuple[int, list[Any]]:
    rows = db.session.execute(query.add_columns(func.count().over().label("every")).limit(SHOWN))
    found = list(rows)
    return (found[0].every if found else 0), found


def _overdue_feedback(where: Scope, now: datetime) -> Waiting:
    query = (
        select(Feedback.number, Feedback.due_on, Term, Station.name, Station.phone)
        .join(Term, Term.id == Feedback.kind_id)
        .join(Station, Station.id == Feedback.station_id)
        .where(
            Feedback.state.in_(OPEN),
            Feedback.due_on < clock.local_day(now),
            clauses.at(Feedback.station_id, where.station_ids),
        )
        .order_by(Feedback.due_on, Feedback.id)
    )
    count, rows = _found(query)
    items = [
        Item(
            f"{row.Term.label} {row.number}",
            _("应在 %(day)s 前答复", day=filters.day(row.due_on)),
            row.name,
            row.phone,
        )
        for row in rows
    ]
    title, nothing = _("意见建议超期"), _("没有超期的意见建议。")
    return Waiting("feedback", title, nothing, count, tuple(items))


def _overdue_orders(where: Scope, now: datetime) -> Waiting:
    query = (
        select(
            Order.number,
            Order.state,
            Order.due_on,
            Service.title,
            Station.name,
            Station.phone,
        )
        .join(Service, Service.id == Order.service_id)
        .join(Station, Station.id == Order.station_id)
        .where(
            Order.state.in_(OPEN_ORDERS),
            Order.due_on < clock.local_day(now),
            clauses.at(Order.station_id, where.station_ids),
        )
        .order_by(Order.due_on, Order.id)
    )
    count, rows = _found(query)
    items = [
        Item(
            f"{row.title} · {ORDER_STATE_LABELS[OrderState(row.state)]}",
            _("应在 %(day)s 前办这一步", day=filters.day(row.due_on)),
            row.name,
            row.phone,
        )
        for row in rows
    ]
    return Waiting("orders", _("点单超期"), _("没有超期的点单。"), count, tuple(items))


def _overdue_applications(where: Scope, now: datetime) -> Waiting:
    query = (
        select(Person.name.label("person"), Volunteer.due_on, Station.name, Station.phone)
        .join(Person, Person.id == Volunteer.person_id)
        .join(Station, Station.id == Volunteer.station_id)
        .where(
            Volunteer.state == VolunteerState.SUBMITTED,
            Volunteer.due_on < clock.local_day(now),
            clauses.at(Volunteer.station_id, where.station_ids),
        )
        .order_by(Volunteer.due_on, Volunteer.id)
    )
    count, rows = _found(query)
    items = [
        Item(
            filters.masked_name(row.person),
            _("应在 %(day)s 前处理", day=filters.day(row.due_on)),
            row.name,
            row.phone,
        )
        for row in rows
    ]
    title, nothing = _("志愿者申请超期"), _("没有超期的志愿者申请。")
    return Waiting("applications", title, nothing, count, tuple(items))


def _overdue_closeouts(where: Scope, now: datetime) -> Waiting:
    query = (
        select(Offering.title, Shift.starts_at, Station.name, Station.phone)
        .select_from(Shift)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .where(
            closeouts.is_asked(now),
            closeouts.is_late(now),
            clauses.at(Shift.station_id, where.station_ids),
        )
        .order_by(Shift.ends_at, Shift.id)
    )
    count, rows = _found(query)
    items = [
        Item(
            row.title,
            _("%(day)s 那一场，过了该填的日子", day=filters.day(clock.local_day(row.starts_at))),
            row.name,
            row.phone,
        )
        for row in rows
    ]
    title, nothing = _("活动收尾超期"), _("没有超期的活动收尾。")
    return Waiting("closeouts", title, nothing, count, tuple(items))


def _in_review(where: Scope) -> Waiting:
    query = (
        select(Offering.public_id, Offering.title, Offering.updated_at, Station.name, Station.phone)
        .join(Station, Station.id == Offering.station_id)
        .where(
            Offering.state == OfferingState.IN_REVIEW,
            clauses.at(Offering.station_id, where.station_ids),
        )
        .order_by(Offering.updated_at, Offering.id)
    )
    count, rows = _found(query)
    items = [
        Item(
            row.title,
            _("%(moment)s 起等待", moment=filters.moment(row.updated_at)),
            row.name,
            row.phone,
            f"/activities/{row.public_id}",
        )
        for row in rows
    ]
    return Waiting("reviews", _("等待审核的活动"), _("没有等待审核的活动。"), count, tuple(items))


def _nearly_lapsed(where: Scope, now: datetime) -> Waiting:
    query = (
        select(
            Person.name.label("person"),
            Visit.settle_by_on,
            Offering.title,
            Station.name,
            Station.phone,
        )
        .join(Shift, Shift.id == Visit.shift_id)
        .join(Offering, Offering.id == Shift.offering_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Person, Person.id == Visit.person_id)
        .where(
            Visit.state == VisitState.PROVISIONAL,
            Visit.settle_by_on <= clock.local_day(now) + timedelta(days=NEAR_DAYS),
            clauses.at(Shift.station_id, where.station_ids),
        )
        .order_by(Visit.settle_by_on, Visit.id)
    )
    count, rows = _found(query)
    items = [
        Item(
            f"{row.title} · {filters.masked_name(row.person)}",
            _("最晚 %(day)s 确认，否则按 0 计", day=filters.day(row.settle_by_on)),
            row.name,
            row.phone,
        )
        for row in rows
    ]
    title, nothing = _("时长快过期，还没确认"), _("没有快过期的时长。")
    return Waiting("provisional", title, nothing, count, tuple(items))
