"""What the pages show of a wish and of a pledge, in ready words. Nothing private is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.org import queries as org
from portal.wishes import queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions_pledges import shown_name
from portal.wishes.models import (
    URGENCY_LABELS,
    WISH_STATE_LABELS,
    Filer,
    Urgency,
    Wish,
    WishState,
)
from portal.wishes.models_pledges import PLEDGE_STATE_LABELS, Pledge, PledgeState
from portal.wishes.rules import STEPS

_TITLE = 60
_TONES = {
    WishState.FILED: "warning",
    WishState.PUBLISHED: "warning",
    WishState.PLEDGED: "info",
    WishState.FULFILLED: "success",
    WishState.CONFIRMED: "success",
    WishState.CLOSED: "success",
}


_NEXT = {
    WishState.FILED: _l("请核实"),
    WishState.VERIFIED: _l("请公开到心愿墙"),
    WishState.CONFIRMED: _l("请销号"),
}
# What the wisher does next, or waits for.
_OWN_NEXT = {
    WishState.FILED: _l("站点会打电话核实"),
    WishState.VERIFIED: _l("站点正在准备放上心愿墙"),
    WishState.PUBLISHED: _l("等人认领"),
    WishState.PLEDGED: _l("有人认领了，等他来办"),
    WishState.FULFILLED: _l("请确认办好了没有"),
    WishState.CONFIRMED: _l("谢谢，站点会销号"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A wish of the wall."""

    id: str
    title: str
    about: str
    amount: str
    state: str
    tone: str
    urgency: str
    age: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a wish: free to pledge, or by whom it is taken as everybody sees it."""

    number: int
    label: str
    taken_by: str
    state: str


def cards(rows: Sequence[Wish]) -> list[Card]:
    """Return the cards of wishes."""
    return [card(row) for row in rows]


def card(row: Wish) -> Card:
    """Return the card of a wish."""
    state = WishState(row.state)
    pressing = row.urgency != Urgency.NORMAL and state == WishState.PUBLISHED
    return Card(
        id=row.public_id,
        title=shortened(row.public_text),
        about=" · ".join((row.alias, row.kind.label, row.station.community or row.station.name)),
        amount=amount(row.amount),
        state=state_words(row),
        tone=_TONES.get(state, "neutral"),
        urgency=str(URGENCY_LABELS[Urgency(row.urgency)]) if pressing else "",
        age=_age(row),
    )


def _age(row: Wish) -> str:
    """Return how long an unclaimed wish has stood on the wall."""
    if row.state != WishState.PUBLISHED or row.published_at is None:
        return ""
    days = (clock.today() - clock.local_day(row.published_at)).days
    return _("等了 %(n)d 天", n=days) if days else _("今天刚提出")


def amount(value: int) -> str:
    """Return the band in words."""
    return _("%(n)d 元以内", n=value) if value else _("不用花钱，出力就行")


def state_words(row: Wish) -> str:
    """Return the state in words; of a shared wish, how many parts are free."""
    if row.state == WishState.PUBLISHED and row.taken:
        return _("还差 %(n)d 份", n=row.parts - row.taken)
    return str(WISH_STATE_LABELS[WishState(row.state)])


def waits_for(row: Wish, live: Sequence[Pledge], *, is_overdue: bool) -> str:
    """Return whose move it is, for the desk; nothing when the wish came to its end."""
    state = WishState(row.state)
    if state == WishState.FILED and row.returned_at:
        return _("等许愿人改")
    if state == WishState.FILED and row.verify_by:
        return _("请核实，最晚 %(day)s", day=filters.day(row.verify_by))
    if state == WishState.PUBLISHED and not live:
        place = org.station(row.raised_to_id).name if row.raised_to_id else ""
        return _("交到了%(place)s", place=place) if place else _("等人认领")
    if live:
        until = filters.day(live[0].promised_on)
        return _("等%(who)s办，%(day)s 前", who=shown_name(live[0]), day=until)
    if state == WishState.FULFILLED:
        return _("请回访许愿人") if is_overdue else _("等许愿人确认")
    return str(_NEXT.get(state, ""))


def parts(row: Wish) -> list[Part]:
    """Return the parts of a wish with who took them."""
    holders = {one.part_id: one for one in pledges.holding(row.id)}
    return [
        Part(
            number=part.number,
            label=part.label or _("整个心愿"),
            taken_by=shown_name(holders[part.id]) if part.id in holders else "",
            state=_pledge_state(holders[part.id]) if part.id in holders else "",
        )
        for part in queries.parts_of(row.id)
    ]


def _pledge_state(row: Pledge) -> str:
    return str(PLEDGE_STATE_LABELS[PledgeState(row.state)])


@dataclass(frozen=True, slots=True)
class Own:
    """A pledge as its pledger sees it."""

    id: str
    wish_id: str
    title: str
    about: str
    part: str
    state: str
    promised: str
    is_active: bool
    is_done: bool
    is_late: bool
    may_extend: bool


def own(row: Pledge, today: date) -> Own:
    """Return one's own pledge in words."""
    shown = card(row.wish)
    active = row.state == PledgeState.ACTIVE
    return Own(
        id=row.public_id,
        wish_id=row.wish.public_id,
        title=shown.title,
        about=shown.about,
        part=row.part.label,
        state=_pledge_state(row),
        promised=filters.day(row.promised_on),
        is_active=active,
        is_done=row.state == PledgeState.FULFILLED,
        is_late=active and row.promised_on < today,
        may_extend=active and not row.extensions,
    )


@dataclass(frozen=True, slots=True)
class Mine:
    """A wish as the wisher, or who filed it for them, sees it in their list."""

    id: str
    number: str
    title: str
    about: str
    state: str
    tone: str
    next: str
    may_change: bool
    may_withdraw: bool
    may_confirm: bool


def mine(row: Wish, what: str) -> Mine:
    """Return one's own wish in words; `what` are the private words, which are theirs."""
    state = WishState(row.state)
    is_returned = state == WishState.FILED and row.returned_at is not None
    relative = _("替家人提出") if row.filer == Filer.RELATIVE else ""
    place = row.station.community or row.station.name
    return Mine(
        id=row.public_id,
        number=row.number,
        title=shortened(what or row.public_text) or row.number,
        about=" · ".join(filter(None, (relative, row.kind.label, place))),
        state=_("请您改一改") if is_returned else state_words(row),
        tone="warning" if is_returned else _TONES.get(state, "neutral"),
        next=_("请按站点说的改好再交") if is_returned else str(_OWN_NEXT.get(state, "")),
        may_change=(state, "change") in STEPS,
        may_withdraw=(state, "withdraw") in STEPS,
        may_confirm=state == WishState.FULFILLED,
    )


def shortened(text: str) -> str:
    """Return the beginning of a text that is long."""
    return text if len(text) <= _TITLE else text[:_TITLE] + "…"
