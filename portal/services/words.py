"""What the pages show of services and orders, in ready words. Nothing private is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.services import rules
from portal.services.models import SERVICE_PLACE_LABELS, Service, ServicePlace
from portal.services.models_dispatches import DISPATCH_STATE_LABELS, Dispatch, DispatchState
from portal.services.models_orders import (
    DAY_PART_LABELS,
    ORDER_STATE_LABELS,
    VISIT_STEP_LABELS,
    DayPart,
    Order,
    OrderState,
    VisitStep,
)

ORDER_TONES = {
    OrderState.FILED: "info",
    OrderState.REVIEWED: "info",
    OrderState.DISPATCHED: "info",
    OrderState.OPEN: "warning",
    OrderState.ACCEPTED: "info",
    OrderState.DONE: "success",
    OrderState.RATED: "success",
    OrderState.CLOSED: "success",
    OrderState.REFUSED: "warning",
}
DISPATCH_TONES = {
    DispatchState.OFFERED: "warning",
    DispatchState.ACCEPTED: "info",
    DispatchState.DONE: "success",
}
# What the asker reads instead of the desk's words.
ASKER_LABELS = {
    **ORDER_STATE_LABELS,
    OrderState.REVIEWED: _l("审过了，正在找人"),
    OrderState.DISPATCHED: _l("正在找人来办"),
    OrderState.OPEN: _l("正在找人来办"),
    OrderState.DONE: _l("已办好，请评一评"),
    OrderState.REFUSED: _l("这次办不了"),
}
_SUMMARY = 60


@dataclass(frozen=True, slots=True)
class Card:
    """A service of the menu."""

    id: str
    title: str
    summary: str
    category: str
    station: str
    place: str


def card(row: Service) -> Card:
    """Return the card of a service."""
    text = " ".join(row.summary.split())
    return Card(
        id=row.public_id,
        title=row.title,
        summary=text if len(text) <= _SUMMARY else text[:_SUMMARY] + "…",
        category=row.category.label,
        station=row.station.name,
        place=place(row),
    )


def place(row: Service) -> str:
    """Return where the service is given, in words."""
    return str(SERVICE_PLACE_LABELS[ServicePlace(row.place)])


def takes(row: Service) -> str:
    """Return how long it usually takes; nothing where nobody can say."""
    return _("大约 %(time)s", time=filters.minutes(row.usual_minutes)) if row.usual_minutes else ""


def provider(row: Service) -> str:
    """Return who gives the service, where that is fixed."""
    named = row.team or row.unit
    return named.name if named else ""


def wished(row: Order) -> str:
    """Return for when the order is wished."""
    part = DayPart(row.day_part)
    words = "" if part == DayPart.ANY else str(DAY_PART_LABELS[part])
    if row.wished_on is None:
        return words or _("哪天都行")
    return f"{filters.near_day(row.wished_on)} {words}".strip()


def where(row: Order) -> str:
    """Return whether they come, or the asker goes."""
    return _("上门") if row.at_home else _("到站")


def to_whom(row: Dispatch) -> str:
    """Return with whom a dispatch lies; a person's name is masked."""
    if row.team is not None or row.unit is not None:
        named = row.team or row.unit
        return named.name if named else ""
    return filters.masked_name(row.person.name) if row.person else _("开放接单")


def dispatch_state(row: Dispatch) -> str:
    """Return where a dispatch stands, in words."""
    return str(DISPATCH_STATE_LABELS[DispatchState(row.state)])


def visit_step(step: VisitStep | None) -> str:
    """Return a step of a home visit in words; nothing when none comes next."""
    return str(VISIT_STEP_LABELS[step]) if step else ""


def whats_next(row: Order) -> str:
    """Return what comes next for the asker, in a sentence."""
    day = filters.day(row.due_on) if row.due_on else ""
    sentences = {
        OrderState.FILED: _("站点最晚 %(day)s 看过，再安排人来办。", day=day),
        OrderState.REVIEWED: _("站点最晚 %(day)s 派人。", day=day),
        OrderState.DISPATCHED: _("已经告诉能办的人，最晚 %(day)s 给回音。", day=day),
        OrderState.OPEN: _("志愿者可以接单了。一直没人接的话，站点会另外找人。"),
        OrderState.ACCEPTED: _("有人接单了，最晚 %(day)s 办好。来之前会给您打电话。", day=day),
        OrderState.DONE: _("办好了。请您评一评，也可以说还没办好。"),
        OrderState.RATED: _("谢谢您的评价，站点核对以后办结。"),
        OrderState.CLOSED: _("这一单办结了，谢谢您。"),
        OrderState.REFUSED: _("这次办不了，原因写在下面的经过里。可以打电话再问问。"),
        OrderState.WITHDRAWN: _("您已经撤回，不会再办。"),
        OrderState.EXPIRED: _("一直没有人能办，这一单过期了。可以再点一次，或者打电话问站点。"),
    }
    return str(sentences[OrderState(row.state)])


@dataclass(frozen=True, slots=True)
class Line:
    """An order of a list."""

    id: str
    title: str
    number: str
    state: str
    tone: str
    station: str
    wished: str
    where: str
    due: str
    is_late: bool


def line(row: Order, today: date, *, for_asker: bool = False) -> Line:
    """Return an order of a list, for staff or for the asker."""
    state = OrderState(row.state)
    labels = ASKER_LABELS if for_asker else ORDER_STATE_LABELS
    return Line(
        id=row.public_id,
        title=row.service.title,
        number=rules.shown_number(row.number),
        state=str(labels[state]),
        tone=ORDER_TONES.get(state, "neutral"),
        station=row.station.name,
        wished=wished(row),
        where=where(row),
        due=filters.day(row.due_on) if row.due_on else "",
        is_late=rules.is_overdue(state, row.due_on, today),
    )


@dataclass(frozen=True, slots=True)
class Task:
    """A dispatch of a list, for those with whom it lies."""

    id: str
    title: str
    who: str
    state: str
    tone: str
    station: str
    wished: str
    where: str
    promised: str
    is_late: bool


def task(row: Dispatch, today: date) -> Task:
    """Return a dispatch of a list."""
    order = row.order
    active = row.state == DispatchState.ACCEPTED
    return Task(
        id=row.public_id,
        title=order.service.title,
        who=to_whom(row),
        state=dispatch_state(row),
        tone=DISPATCH_TONES.get(DispatchState(row.state), "neutral"),
        station=order.station.community or order.station.name,
        wished=wished(order),
        where=where(order),
        promised=filters.day(row.promised_on) if active and row.promised_on else "",
        is_late=rules.is_overdue(OrderState(order.state), order.due_on, today)
        and row.state in {DispatchState.OFFERED, DispatchState.ACCEPTED},
    )
