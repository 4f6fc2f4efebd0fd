"""What the sign-up panel of a shift shows: ready words and flags, for many shifts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from portal.core import filters
from portal.core.access import Actor
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.i18n import ngettext
from portal.people import queries_family as families
from portal.records import settings
from portal.shifts.models import (
    PLACE_ROLE_LABELS,
    Offering,
    OfferingState,
    PlaceRole,
    Shift,
    ShiftState,
)
from portal.signups import queries, queries_changes, queries_waiting, rules, takable
from portal.signups.models import (
    KINDS_OF,
    PARTICIPANT_LABELS,
    SIGNUP_STATE_LABELS,
    Signup,
    SignupState,
)
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
    """Places of one role, or of one stall, in words. `key` is what a form sends for it."""

    role: str
    label: str
    text: str
    tone: str
    is_full: bool
    stall: str = ""

    @property
    def key(self) -> str:
        """The role, with the stall's name where there is one."""
        return f"{self.role}:{self.stall}" if self.stall else self.role


@dataclass(frozen=True, slots=True)
class SignupShown:
    """A person's own sign-up in words."""

    row: Signup
    state: str
    tone: str
    may_withdraw: bool
    is_offer: bool
    position: int | None = None
    # How many wait together, or were offered places together; 0 for somebody alone.
    party: int = 0
    may_change_stall: bool = False

    @property
    def until_text(self) -> str:
        """Until when an offer holds."""
        return filters.moment(self.row.offered_until) if self.row.offered_until else ""

    @property
    def offer_text(self) -> str:
        """Until when an offer holds, and how that was counted."""
        said = _("请在 %(until)s 前确认，过期让给下一位。", until=self.until_text)
        first, last = settings.get("quiet_from_hour"), settings.get("quiet_until_hour")
        if first == last:
            return said
        return said + _("夜里（%(first)d 点到 %(last)d 点）不算时间。", first=first, last=last)

    @property
    def is_together(self) -> bool:
        """Whether it stands or falls with others."""
        return self.party > 1


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody whom the reader can still sign up."""

    id: str
    name: str
    is_self: bool = False


@dataclass(frozen=True, slots=True)
class OfFamily:
    """Somebody of the reader's family who is signed up."""

    name: str
    own: SignupShown


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What stands against the reader before they press; `role` where it is of one role only."""

    role: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Panel:
    """One shift's panel. `askers`: whom the reader can still sign up, themselves first.

    `is_barred`: no role is open to the reader, and there is nobody else to sign up.
    """

    shift: Shift
    when: str
    state_text: str
    places: Sequence[PlaceShown]
    own: SignupShown | None
    is_open: bool
    is_over: bool
    queue_open: bool
    reasons: Sequence[Reason] = field(default_factory=tuple)
    askers: Sequence[Asker] = ()
    family: Sequence[OfFamily] = ()
    foreseen: Sequence[Foreseen] = ()
    is_barred: bool = False
    # Why it was changed, for who signed up.
    changed: str = ""
    # How many came, once it is over.
    turnout: str = ""

    @property
    def with_family(self) -> bool:
        """Whether the reader chooses for whom."""
        return any(not one.is_self for one in self.askers)

    @property
    def may_ask(self) -> bool:
        """Whether there is anything to ask for on this shift alone."""
        return self.is_open and bool(self.open_places)

    @property
    def venue(self) -> str:
        """Where it is held, when it is not the offering's own place."""
        shift = self.shift
        return shift.place if shift.place and shift.place != shift.offering.place else ""

    @property
    def open_places(self) -> Sequence[PlaceShown]:
        """What one can ask for on this shift alone."""
        return _open_to(self.shift.offering, self.places)

    @property
    def kinds(self) -> Sequence[tuple[str, str]]:
        """As what one may serve; nothing where nobody serves."""
        serves = any(place.role == PlaceRole.VOLUNTEER for place in self.open_places)
        of_role = KINDS_OF[PlaceRole.VOLUNTEER] if serves else ()
        return [(kind.value, str(PARTICIPANT_LABELS[kind])) for kind in of_role]

    @property
    def first_free(self) -> str:
        """What is chosen beforehand: a role, or a stall of it."""
        places = self.open_places
        free = [place.key for place in places if not place.is_full]
        return free[0] if free else (places[0].key if places else "")

    @property
    def other_stalls(self) -> Sequence[PlaceShown]:
        """The stalls with free places to which the reader could still go from their own."""
        if self.own is None or self.is_over or not self.own.may_change_stall:
            return ()
        mine = self.own.row
        return [
            one
            for one in self.places
            if one.role == mine.role and one.stall != mine.place.label and not one.is_full
        ]


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
    circle = _circle(actor) if ids and actor.person_id else []
    live = queries.live_of(ids, [person_id for person_id, _asker in circle]) if circle else ()
    positions = queries.positions(live)
    parties = queries_waiting.party_sizes(live)
    why = queries_changes.told_reasons({row.shift_id for row in live}, now)
    found: dict[int, dict[int, SignupShown]] = {}
    for row in live:
        found.setdefault(row.shift_id, {})[row.person_id] = shown(
            row, now, positions.get(row.id), parties.get(row.party_id or 0, 0)
        )
    return [
        _panel(
            shift,
            [place_shown(row) for row in places.get(shift.id, ())],
            _Circle(circle, found.get(shift.id, {})),
            now,
            (reasons or {}).get(shift.id, ()),
            why.get(shift.id, ""),
        )
        for shift in shifts
    ]


def foreseen(found: Sequence[Panel], actor: Actor, now: datetime) -> list[Panel]:
    """Return the panels with what stands against the reader already; a fixed number of queries."""
    asked = [one.shift.id for one in found if one.may_ask and not one.own]
    if not actor.person_id or not asked:
        return list(found)
    against = takable.against(asked, actor.person_id, actor=actor, now=now)
    return [_foreseen(one, against) if one.shift.id in asked else one for one in found]


def _foreseen(one: Panel, against: Mapping[tuple[int, str], Sequence[Reason]]) -> Panel:
    of_role = {place.role: against.get((one.shift.id, place.role), ()) for place in one.places}
    barred = all(of_role.values())
    said: dict[tuple[str, str], Foreseen] = {}
    for place in one.places:
        for reason in of_role[place.role]:
            everywhere = all(reason in reasons for reasons in of_role.values())
            role = "" if everywhere else place.label
            said.setdefault((reason.code, reason.message), Foreseen(role, reason))
    return replace(one, foreseen=list(said.values()), is_barred=barred and not one.with_family)


class _Circle(NamedTuple):
    """The reader and their family, and who of them is signed up on one shift."""

    persons: Sequence[tuple[int, Asker]]
    signed_up: Mapping[int, SignupShown]

    @property
    def own(self) -> SignupShown | None:
        own = (self.signed_up.get(one) for one, asker in self.persons if asker.is_self)
        return next(own, None)

    @property
    def family(self) -> list[OfFamily]:
        return [
            OfFamily(asker.name, self.signed_up[one])
            for one, asker in self.persons
            if one in self.signed_up and not asker.is_self
        ]

    @property
    def askers(self) -> list[Asker]:
        return [asker for one, asker in self.persons if one not in self.signed_up]


def _circle(actor: Actor) -> list[tuple[int, Asker]]:
    own = (actor.person_id or 0, Asker(actor.public_id, actor.name, is_self=True))
    family = families.members_of(actor.person_id or 0)
    return [own, *((one.person_id, Asker(one.person.public_id, one.person.name)) for one in family)]


def _panel(
    shift: Shift,
    places: Sequence[PlaceShown],
    circle: _Circle,
    now: datetime,
    reasons: Sequence[Reason],
    changed: str,
) -> Panel:
    published = shift.offering.state == OfferingState.PUBLISHED
    planned = shift.state == ShiftState.PLANNED and published
    return Panel(
        shift=shift,
        when=filters.when(shift.starts_at, shift.ends_at),
        state_text=state_text(shift, shift.offering, now),
        places=places,
        own=circle.own,
        is_open=planned and now < shift.ends_at and bool(places),
        is_over=now >= shift.ends_at,
        queue_open=rules.queue_is_open(shift.starts_at, now),
        reasons=reasons,
        askers=circle.askers,
        family=circle.family,
        changed=changed,
    )


def _open_to(offering: Offering, places: Sequence[PlaceShown]) -> list[PlaceShown]:
    """Return what one can ask for alone: the seats of a course are taken with all its dates."""
    return [one for one in places if not (offering.is_course and one.role == PlaceRole.ATTENDEE)]


def state_text(shift: Shift, offering: Offering, now: datetime) -> str:
    """Return the state of a shift in a word; empty while it is simply to come."""
    if shift.state == ShiftState.CALLED_OFF or offering.state == OfferingState.CALLED_OFF:
        return _("已取消")
    if now >= shift.ends_at:
        return _("已结束")
    return _("进行中") if now >= shift.starts_at else ""


def shown(row: Signup, now: datetime, position: int | None = None, party: int = 0) -> SignupShown:
    """Return a sign-up in words."""
    state = SignupState(row.state)
    return SignupShown(
        row=row,
        state=str(SIGNUP_STATE_LABELS[state]),
        tone=TONES[state],
        may_withdraw=rules.may_withdraw(state, row.shift.ends_at, now),
        is_offer=state == SignupState.OFFERED,
        position=position,
        party=party if state in {SignupState.OFFERED, SignupState.WAITLISTED} else 0,
        may_change_stall=state in {SignupState.CONFIRMED, SignupState.WAITLISTED},
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


def place_shown(row: PlacesOf) -> PlaceShown:
    """Return places in words."""
    text, tone = places_left(row.capacity, row.taken, row.waiting)
    full = row.taken >= row.capacity or bool(row.waiting)
    role = str(PLACE_ROLE_LABELS[PlaceRole(row.role)])
    label = f"{role} · {row.label}" if row.label else role
    return PlaceShown(row.role, label, text, tone, full, row.label)
