"""What the pages show of a wish and of a pledge, in ready words. Nothing private is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.wishes import queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions_pledges import shown_name
from portal.wishes.models import URGENCY_LABELS, WISH_STATE_LABELS, Urgency, Wish, WishState
from portal.wishes.models_pledges import PLEDGE_STATE_LABELS, Pledge, PledgeState

_TITLE = 60
_TONES = {
    WishState.PUBLISHED: "warning",
    WishState.PLEDGED: "info",
    WishState.FULFILLED: "success",
    WishState.CONFIRMED: "success",
    WishState.CLOSED: "success",
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
    text = row.public_text
    state = WishState(row.state)
    pressing = row.urgency != Urgency.NORMAL and state == WishState.PUBLISHED
    return Card(
        id=row.public_id,
        title=text if len(text) <= _TITLE else text[:_TITLE] + "…",
        about=" · ".join((row.alias, row.kind.label, row.station.community or row.station.name)),
        amount=amount(row.amount),
        state=state_words(row),
        tone=_TONES.get(state, "neutral"),
        urgency=str(URGENCY_LABELS[Urgency(row.urgency)]) if pressing else "",
    )


def amount(value: int) -> str:
    """Return the band in words."""
    return _("%(n)d 元以内", n=value) if value else _("不用花钱，出力就行")


def state_words(row: Wish) -> str:
    """Return the state in words; of a shared wish, how many parts are free."""
    if row.state == WishState.PUBLISHED and row.taken:
        return _("还差 %(n)d 份", n=row.parts - row.taken)
    return str(WISH_STATE_LABELS[WishState(row.state)])


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
        is_late=active and row.promised_on < today,
        may_extend=active and not row.extensions,
    )
