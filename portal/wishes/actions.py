"""Verbs of the wisher: file, change, withdraw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.notices.actions import tell
from portal.org.queries import add_working_days
from portal.people import consents
from portal.people.models_consents import CONSENT_VERSIONS, ConsentKind
from portal.records import notes, settings
from portal.wishes import moves, numbers, queries, rules
from portal.wishes.models import Filer, Urgency, Way, Wish, WishPrivate, WishState
from portal.wishes.models_pledges import PledgeState


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wished for: in the wisher's own words, which nobody but the station reads."""

    kind_id: int
    what: str
    why: str = ""
    amount: int = 0
    urgency: Urgency = Urgency.NORMAL
    wished_on: date | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call."""

    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A wish as it comes in. `wisher_id` is the wisher's record, when they have one."""

    station_id: int
    wanted: Wanted
    wisher: Contact
    way: Way = Way.WEB
    filer: Filer = Filer.WISHER
    wisher_id: int | None = None
    # Filed at the desk for a relative: the relative's record, when they have one.
    relative_id: int | None = None
    filer_contact: Contact = field(default_factory=Contact)


def file(given: Filing, *, actor: Actor, now: datetime) -> Wish:
    """Take a wish down under a number of its own; the same words sent twice are one wish.

    Raises Invalid beside the field for a band above the district's ceiling, or a day that is over.
    """
    _must_be_possible(given.wanted, now)
    _must_not_have_withdrawn(given, actor)
    before = queries.same_filed(given.wisher.phone, given.wanted.what)
    if before is not None:
        return before
    wanted = given.wanted
    row = Wish(
        number=numbers.next_number(clock.local_day(now)),
        station_id=given.station_id,
        kind_id=wanted.kind_id,
        state=WishState.FILED,
        urgency=wanted.urgency,
        amount=wanted.amount,
        wished_on=wanted.wished_on,
        way=given.way,
        filer=given.filer,
        wisher_id=given.wisher_id,
        filed_by_id=_filed_by(given, actor),
        verify_by=_verify_by(now),
        notice_version=CONSENT_VERSIONS[ConsentKind.NOTICE],
        filed_at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(_private(row.id, given))
    moves.record(row, "", rules.FILE, actor=actor, now=now, way=given.way, filer=given.filer)
    return row


def _filed_by(given: Filing, actor: Actor) -> int | None:
    """Return whose wish it is to follow: at the desk a relative's, not that of who types."""
    by_relative_at_desk = given.filer == Filer.RELATIVE and given.way != Way.WEB
    return given.relative_id if by_relative_at_desk else actor.person_id


def _verify_by(now: datetime) -> date:
    return add_working_days(clock.local_day(now), settings.get("wish_verify_days"))


def _private(wish_id: int, given: Filing) -> WishPrivate:
    return WishPrivate(
        wish_id=wish_id,
        name=given.wisher.name,
        phone=given.wisher.phone,
        address=given.wanted.address,
        what=given.wanted.what,
        why=given.wanted.why,
        filer_name=given.filer_contact.name,
        filer_phone=given.filer_contact.phone,
    )


def _must_be_possible(wanted: Wanted, now: datetime) -> None:
    ceiling = settings.get("wish_ceiling")
    if wanted.amount not in rules.bands(ceiling):
        raise Invalid("amount", _("心愿的金额最多 %(n)d 元。请从列表中选择。", n=ceiling))
    if wanted.wished_on and wanted.wished_on < clock.local_day(now):
        raise Invalid("wished_on", _("请选今天或者以后的日期。"))


def _must_not_have_withdrawn(given: Filing, actor: Actor) -> None:
    own = actor.person_id if given.filer == Filer.WISHER else None
    if own and own == given.wisher_id and consents.standing(own).withdrew_notice:
        message = _("您撤回了隐私告知的同意，不能提出心愿。重新同意以后就可以。")
        raise Refused(Reason("consent_withdrawn", message, _("去看隐私和我的数据"), "/me/privacy"))


def change(wish_id: int, wanted: Wanted, *, actor: Actor, now: datetime) -> Wish:
    """Say the wish anew while nobody has verified it; the desk looks at it again."""
    row = moves.lock(wish_id)
    _must_be_possible(wanted, now)
    moves.move(row, "change", actor=actor, now=now)
    row.kind_id, row.amount, row.urgency = wanted.kind_id, wanted.amount, wanted.urgency
    row.wished_on, row.returned_at = wanted.wished_on, None
    row.verify_by, row.overdue_told_at = _verify_by(now), None
    private = queries.private_of(row.id)
    if private is not None:
        private.what, private.why, private.address = wanted.what, wanted.why, wanted.address
    return row


def withdraw(wish_id: int, reason: str, *, actor: Actor, now: datetime) -> Wish:
    """Take a wish back; who pledged it is told and need not do anything. Twice is harmless."""
    row = moves.lock(wish_id)
    if row.state == WishState.WITHDRAWN:
        return row
    moves.move(row, "withdraw", actor=actor, now=now)
    notes.put(moves.ref(row), "reason", reason, actor=actor, now=now)
    for pledge in queries.lock_holding(row.id):
        if pledge.state == PledgeState.ACTIVE:
            moves.move_pledge(pledge, row, "call_off", actor=actor, now=now)
            row.taken -= 1
            tell(pledge.person_id, "wish_withdrawn", moves.ref(row), now=now)
    return row
