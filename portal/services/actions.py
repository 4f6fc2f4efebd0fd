"""Verbs of the asker: file, withdraw, rate, say that it is not done."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.people import consents
from portal.people.models_consents import CONSENT_VERSIONS, ConsentKind
from portal.records import notes
from portal.services import moves, queries, queries_menu, rules
from portal.services.models import Service, ServicePlace
from portal.services.models_orders import (
    DayPart,
    Order,
    OrderPrivate,
    OrderState,
    OrderWay,
    RatingWay,
)

# What an order that was not done well is given to be done again.
REOPENED_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where; only the station reads it, and who accepts the order."""

    name: str
    phone: str = ""
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it comes in. `asker_id` is the asker's record, when they have one."""

    service_id: int
    form_key: str
    asker: Asker
    at_home: bool = False
    wished_on: date | None = None
    day_part: DayPart = DayPart.ANY
    way: OrderWay = OrderWay.WEB
    asker_id: int | None = None


def file(given: NewOrder, *, actor: Actor, now: datetime) -> Order:
    """Take an order down under a number of its own; the same form sent twice is one order.

    Raises Refused(`not_on_menu`) for a service that is not in use, Invalid beside the field for a
    home without an address or a day that is over.
    """
    known = queries.by_form(given.form_key)
    if known is not None:
        return known
    service = queries_menu.service(given.service_id)
    at_home = _where(service, given)
    _must_be_possible(service, given, at_home=at_home, now=now)
    _must_not_have_withdrawn(given, actor)
    row = Order(
        number=_free_number(),
        form_key=given.form_key,
        service_id=service.id,
        station_id=service.station_id,
        state=OrderState.FILED,
        way=given.way,
        asker_id=given.asker_id,
        filed_by_id=actor.person_id,
        notice_version=CONSENT_VERSIONS[ConsentKind.NOTICE],
        at_home=at_home,
        wished_on=given.wished_on,
        day_part=given.day_part,
        due_on=moves.first_day(now),
        told=0,
        filed_at=now,
        moved_at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(_private(row.id, given.asker, at_home=at_home))
    moves.record(row, "", rules.FILE, actor=actor, now=now, way=given.way)
    return row


def _where(service: Service, given: NewOrder) -> bool:
    """Return whether it is given at home: the service says, or where both do the asker."""
    if service.place == ServicePlace.EITHER:
        return given.at_home or service.home_visit
    return service.place == ServicePlace.HOME


def _private(order_id: int, asker: Asker, *, at_home: bool) -> OrderPrivate:
    # Least collection: nobody needs the address of who comes to the station.
    address = asker.address if at_home else ""
    return OrderPrivate(
        order_id=order_id, name=asker.name, phone=asker.phone, address=address, note=asker.note
    )


def _free_number() -> str:
    """Return a number nobody has; who guesses numbers meets one in thousands at most."""
    while True:
        number = rules.checked_number(secrets.randbelow(10 ** (rules.NUMBER_DIGITS - 1)))
        if not queries.is_taken(number):
            return number


def _must_be_possible(service: Service, given: NewOrder, *, at_home: bool, now: datetime) -> None:
    today = clock.local_day(now)
    on_menu = rules.may_be_ordered(
        service.in_use_from, service.in_use_until, service.closed_at, today
    )
    if not on_menu:
        message = _("这项服务现在不能点。可以看看别的服务，或者打电话问站点。")
        raise Refused(Reason("not_on_menu", message, _("看服务菜单"), "/services"))
    if at_home and not given.asker.address:
        raise Invalid("address", _("上门的服务要有住址，请填写。"))
    if given.wished_on and given.wished_on < today:
        raise Invalid("wished_on", _("请选今天或者以后的日期。"))


def _must_not_have_withdrawn(given: NewOrder, actor: Actor) -> None:
    own = actor.person_id
    if own and own == given.asker_id and consents.standing(own).withdrew_notice:
        message = _("您撤回了隐私告知的同意，不能点单。重新同意以后就可以。")
        raise Refused(Reason("consent_withdrawn", message, _("去看隐私和我的数据"), "/me/privacy"))


def withdraw(order_id: int, reason: str, *, actor: Actor, now: datetime) -> Order:
    """Take an order back; those with whom it lies are told. Twice is harmless."""
    row = moves.lock(order_id)
    if row.state == OrderState.WITHDRAWN:
        return row
    moves.move(row, "withdraw", actor=actor, now=now)
    notes.put(moves.ref(row), "withdraw", reason, actor=actor, now=now)
    moves.recall(row, now=now, notice="order_withdrawn")
    return row


@dataclass(frozen=True, slots=True)
class Rating:
    """The asker's word on what was done: 1 to 5, and words if they like."""

    way: RatingWay
    satisfaction: int
    words: str = ""


def rate(order_id: int, given: Rating, *, actor: Actor, now: datetime) -> Order:
    """Take down the rating (评单). Twice is harmless: the first one stands.

    Raises Refused(`own_help`) for who carried it out.
    """
    row = moves.lock(order_id)
    if row.state in {OrderState.RATED, OrderState.CLOSED}:
        return row
    moves.must_not_have_helped(row, actor)
    if not 1 <= given.satisfaction <= 5:
        raise Invalid("satisfaction", _("请选 1 到 5 分。"))
    # Said before it is moved: a rated order has its rating.
    row.satisfaction, row.rated_by = given.satisfaction, given.way
    moves.move(row, "rate", actor=actor, now=now, way=given.way)
    notes.put(moves.ref(row), "rate", given.words, actor=actor, now=now)
    return row


def reopen(order_id: int, words: str, *, actor: Actor, now: datetime) -> Order:
    """Say that it is not done yet; those who did it get some more days. Twice is harmless."""
    row = moves.lock(order_id)
    if row.state == OrderState.ACCEPTED:
        return row
    moves.must_not_have_helped(row, actor)
    held = queries.holding(row.id)
    until = clock.local_day(now) + REOPENED_DAYS
    moves.move(row, "reopen", actor=actor, now=now, promised_on=until)
    row.done_at = None
    notes.put(moves.ref(row), "reopen", words, actor=actor, now=now)
    if held is not None:
        moves.move_dispatch(held, "reopen", now=now)
        held.promised_on = until
        moves.tell_doers(held, row, "order_reopened", now=now)
    return row
