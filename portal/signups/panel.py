"""What the sign-up panel of a shift shows: ready words and flags, for many shifts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.core import filters
from portal.core.access import Actor
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.i18n import ngettext
from portal.shifts.models import (
    PLACE_ROLE_LABELS,
    Offering,
    OfferingState,
    PlaceRole,
    Shift,
    ShiftState,
)
from portal.signups import queries, rules
from portal.signups.models import SIGNUP_STATE_LABELS, Signup, SignupState
from portal.signups.queries import PlacesOf

TONES = {
    SignupState.CONFIRMED: "success",
    SignupState.ATTENDED: "success",
    SignupState.WAITLISTED: "info",
    SignupState.OFFERED: "warning",
    SignupState.WITHDRAWN: "neutral",
    SignupState.CALLED_OFF: "danger",
    SignupState.NO_SHOW: "danger",
}


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """Places of one role in words."""

    role: str
    label: str
    text: str
    tone: str
    is_full: bool


@dataclass(frozen=True, slots=True)
class SignupShown:
    """A person's own sign-up in words."""

    row: Signup
    state: str
    tone: str
    may_withdraw: bool
    is_offer: bool
    position: int | None = None

    @property
    def until_text(self) -> str:
        """Until when an offer holds."""
        return filters.moment(self.row.offered_until) if self.row.offered_until else ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One shift's panel."""

    shift: Shift
    when: str
    state_text: str
    places: Sequence[PlaceShown]
    own: SignupShown | None
    may_ask: bool
    is_over: bool
    queue_open: bool
    reasons: Sequence[Reason] = field(default_factory=tuple)

    @property
    def first_free(self) -> str:
        """The role that is chosen beforehand."""
        free = [place.role for place in self.places if not place.is_full]
        return free[0] if free else (self.places[0].role if self.places else "")


def panel(shift: Shift, actor: Actor, now: datetime, reasons: Sequence[Reason] = ()) -> Panel:
    """Return the panel of one shift."""
    return panels([shift], actor, now, {shift.id: reasons})[0]


def panels(
    shifts: Sequence[Shift],
    actor: Actor,
    now: datetime,
    reasons: Mapping[int, Sequence[Reason]] | None = None,
) -> list[Panel]:
    """Return the panels of an offering's shifts with a fixed number of queries."""
    ids = [shift.id for shift in shifts]
    places = queries.places_of(ids) if ids else {}
    own = queries.live_on(ids, actor.person_id) if ids and actor.person_id else {}
    positions = queries.positions(list(own.values()))
    return [
        _panel(
            shift,
            [_place(row) for row in places.get(shift.id, ())],
            shown(own[shift.id], now, positions.get(own[shift.id].id)) if shift.id in own else None,
            now,
            (reasons or {}).get(shift.id, ()),
        )
        for shift in shifts
    ]


def _panel(
    shift: Shift,
    places: Sequence[PlaceShown],
    own: SignupShown | None,
    now: datetime,
    reasons: Sequence[Reason],
) -> Panel:
    published = shift.offering.state == OfferingState.PUBLISHED
    planned = shift.state == ShiftState.PLANNED and published
    return Panel(
        shift=shift,
        when=filters.when(shift.starts_at, shift.ends_at),
        state_text=state_text(shift, shift.offering, now),
        places=places,
        own=own,
        may_ask=planned and now < shift.ends_at and bool(places),
        is_over=now >= shift.ends_at,
        queue_open=rules.queue_is_open(shift.starts_at, now),
        reasons=reasons,
    )


def state_text(shift: Shift, offering: Offering, now: datetime) -> str:
    """Return the state of a shift in a word; empty while it is simply to come."""
    if shift.state == ShiftState.CALLED_OFF or offering.state == OfferingState.CALLED_OFF:
        return _("已取消")
    if now >= shift.ends_at:
        return _("已结束")
    return _("进行中") if now >= shift.starts_at else ""


def shown(row: Signup, now: datetime, position: int | None = None) -> SignupShown:
    """Return a sign-up in words."""
    state = SignupState(row.state)
    return SignupShown(
        row=row,
        state=str(SIGNUP_STATE_LABELS[state]),
        tone=TONES[state],
        may_withdraw=rules.may_withdraw(state, row.shift.ends_at, now),
        is_offer=state == SignupState.OFFERED,
        position=position,
    )


def places_left(capacity: int, taken: int, waiting: int) -> tuple[str, str]:
    """Return the places left in words, and a tone."""
    left = capacity - taken
    if waiting:
        return _("名额已满 · 候补 %(n)d 人", n=waiting), "warning"
    if left <= 0:
        return _("名额已满"), "warning"
    text = ngettext("还有 %(n)d 个名额", "还有 %(n)d 个名额", left, n=left)
    return text, "success" if left > 1 else "info"


def _place(row: PlacesOf) -> PlaceShown:
    text, tone = places_left(row.capacity, row.taken, row.waiting)
    full = row.taken >= row.capacity or bool(row.waiting)
    return PlaceShown(row.role, str(PLACE_ROLE_LABELS[PlaceRole(row.role)]), text, tone, full)
