"""Verbs on pledges. A part is taken by one guarded statement on the wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, case, delete, update

from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.db import db, execute
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.notices.actions import tell
from portal.people import consents
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.people.models import Person
from portal.records import audit, notes, settings
from portal.wishes import moves, queries, rules
from portal.wishes import queries_pledges as pledges
from portal.wishes.models import Wish, WishPart, WishState
from portal.wishes.models_pledges import Pledge, PledgeState, WishHelp


@dataclass(frozen=True, slots=True)
class Promise:
    """Who takes on which part by when. `part` 0: the first that is free; `team_id`: for the team."""

    person_id: int
    promised_on: date
    part: int = 0
    team_id: int | None = None


def pledge(wish_id: int, given: Promise, *, actor: Actor, now: datetime) -> Pledge:
    """Take on a part of the wish. Pledging twice returns the first pledge.

    Raises Invalid beside the field, or Refused with all reasons; `taken` when somebody was first.
    """
    person = lock_person(given.person_id)
    before = pledges.live(wish_id, person.id, given.part)
    if before is not None:
        return before
    _must_be_possible(wish_id, given, person, now)
    taken = _take(wish_id)
    row = moves.lock(wish_id)
    db.session.refresh(row)  # the statement changed it behind the session's back
    part = _free_part(row, given.part) if taken else None
    if part is None:
        raise Refused(_taken(row, given.part))
    if row.state == WishState.PLEDGED:
        moves.record(row, WishState.PUBLISHED, rules.PLEDGE, actor=actor, now=now)
    made = Pledge(
        wish_id=row.id,
        part_id=part.id,
        person_id=person.id,
        team_id=given.team_id,
        state=PledgeState.ACTIVE,
        promised_on=given.promised_on,
        pledged_at=now,
        actor_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    moves.record_pledge(made, row, "", rules.PLEDGE, actor=actor, now=now)
    moves.tell_wisher(row, "wish_pledged", now=now)
    return made


_TAKE = (
    update(Wish)
    .where(
        Wish.id == bindparam("wish_id"),
        Wish.state == WishState.PUBLISHED,
        Wish.taken < Wish.parts,
    )
    .values(
        taken=Wish.taken + 1,
        state=case(
            (Wish.taken + 1 == Wish.parts, WishState.PLEDGED.value),
            else_=WishState.PUBLISHED.value,
        ),
    )
)


def _take(wish_id: int) -> bool:
    """Take one part by the one guarded statement; False when none is free."""
    return execute(_TAKE, {"wish_id": wish_id}).rowcount == 1


def _must_be_possible(wish_id: int, given: Promise, person: Person, now: datetime) -> None:
    today = clock.local_day(now)
    helper = rules.Helper(
        birth_on=person.birth_on,
        is_own=queries.is_own(queries.wish(wish_id), person.id, person.phone),
        live=pledges.count_active(person.id),
        withdrew_notice=consents.standing(person.id).withdrew_notice,
    )
    reasons = rules.may_pledge(helper, settings.get("pledge_most"), today)
    if reasons:
        raise Refused(*reasons)
    wrong_day = rules.promise_refusal(given.promised_on, today, settings.get("pledge_days"))
    if wrong_day:
        raise Invalid("promised_on", wrong_day)
    if given.team_id and not pledges.is_member(person.id, given.team_id):
        raise Invalid("team", _("您不在这个队里。请选自己的队伍，或者以个人名义认领。"))


def _free_part(row: Wish, number: int) -> WishPart | None:
    held = {one.part_id for one in pledges.holding(row.id)}
    free = (part for part in queries.parts_of(row.id) if part.id not in held)
    return next((part for part in free if number in {0, part.number}), None)


def _taken(row: Wish, part: int) -> Reason:
    """Return the refusal of who came second; who was first is named as everybody sees it."""
    holders = [one for one in pledges.holding(row.id) if part in {0, one.part.number}]
    if not holders:
        return Reason("not_on_wall", _("这个心愿现在不能认领。可以看看别的心愿。"))
    who = "、".join(dict.fromkeys(shown_name(one) for one in holders))
    return Reason("taken", _("这个心愿已经由 %(who)s 认领。可以看看别的心愿。", who=who))


def shown_name(row: Pledge) -> str:
    """Return who pledged as the wall shows it: the team, or the masked name."""
    return row.team.name if row.team else filters.masked_name(row.person.name)


def extend(pledge_id: int, until: date, reason: str, *, actor: Actor, now: datetime) -> Pledge:
    """Put the promised day off, once."""
    row, wish = moves.lock_pledge(pledge_id)
    if row.extensions:
        message = _("已经延过一次期。办不了的话，请退回，让别人来认领。")
        raise Refused(Reason("extended", message))
    wrong_day = rules.extension_refusal(
        row.promised_on, until, settings.get("pledge_extension_days")
    )
    if wrong_day:
        raise Invalid("promised_on", wrong_day)
    moves.move_pledge(row, wish, "extend", actor=actor, now=now)
    row.promised_on, row.extensions = until, 1
    notes.put(moves.pledge_ref(row), "extension", reason, actor=actor, now=now)
    return row


def give_back(pledge_id: int, reason: str, *, actor: Actor, now: datetime) -> Pledge:
    """Give a pledge back with a reason; the part returns to the wall. Twice is harmless."""
    row, wish = moves.lock_pledge(pledge_id)
    if row.state == PledgeState.RETURNED:
        return row
    moves.move_pledge(row, wish, "return", actor=actor, now=now)
    notes.put(moves.pledge_ref(row), "reason", reason, actor=actor, now=now)
    moves.release(wish, actor=actor, now=now)
    moves.tell_wisher(wish, "wish_released", now=now)
    return row


def lapse(pledge_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a pledge lapse whose day and days of grace have passed; the part returns to the wall."""
    row, wish = moves.lock_pledge(pledge_id)
    grace = settings.get("pledge_grace_days")
    late = rules.has_lapsed(row.promised_on, clock.local_day(now), grace)
    if row.state != PledgeState.ACTIVE or not late:
        return
    moves.move_pledge(row, wish, "lapse", actor=actor, now=now, reason="deadline")
    moves.release(wish, actor=actor, now=now)
    tell(row.person_id, "pledge_lapsed", moves.ref(wish), now=now)
    moves.tell_wisher(wish, "wish_released", now=now)


def remind(pledge_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Remind the pledger of the promised day, once for each day promised."""
    row, wish = moves.lock_pledge(pledge_id)
    if row.state == PledgeState.ACTIVE and row.reminded_of != row.promised_on:
        row.reminded_of = row.promised_on
        tell(row.person_id, "pledge_due", moves.ref(wish), now=now)


# --- delivering ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Help:
    """Time somebody gave, without the way there and back."""

    person_id: int
    starts_at: datetime
    minutes: int


def deliver(
    pledge_id: int, note: str, helps: Sequence[Help] = (), *, actor: Actor, now: datetime
) -> Pledge:
    """Note that the part was delivered, and whose time it took. Twice is harmless.

    With the last part the wish is fulfilled, and the wisher is asked to confirm.
    """
    row, wish = moves.lock_pledge(pledge_id)
    if row.state == PledgeState.FULFILLED:
        return row
    for one in helps:
        _must_be_plausible(one, row, wish, now)
    moves.move_pledge(row, wish, "deliver", actor=actor, now=now)
    notes.put(moves.pledge_ref(row), "delivery", note, actor=actor, now=now)
    _put_helps(row, helps)
    if wish.state == WishState.PLEDGED and _all_delivered(wish):
        moves.move(wish, "fulfil", actor=actor, now=now)
        moves.tell_wisher(wish, "wish_fulfilled", now=now)
    return row


def _must_be_plausible(one: Help, row: Pledge, wish: Wish, now: datetime) -> None:
    over = one.starts_at + timedelta(minutes=one.minutes)
    first = clock.day_start(clock.local_day(row.pledged_at))
    if not 0 < one.minutes <= rules.LONGEST_HELP_MINUTES:
        raise Invalid("minutes", _("请填 1 到 %(n)d 分钟。", n=rules.LONGEST_HELP_MINUTES))
    if not first <= one.starts_at <= over <= now:
        raise Invalid("starts_at", _("服务时间要在认领以后、现在以前。"))
    in_team = row.team_id is not None and pledges.is_member(one.person_id, row.team_id)
    if one.person_id != row.person_id and not in_team:
        raise Invalid("person", _("只能登记认领人自己和队员的服务时间。"))
    if one.person_id == wish.wisher_id:
        raise Invalid("person", _("许愿人自己不能记服务时间。"))


def _put_helps(row: Pledge, helps: Sequence[Help]) -> None:
    """Note the time anew: after a wish was reopened, what was said before no longer holds."""
    db.session.execute(delete(WishHelp).where(WishHelp.pledge_id == row.id))
    db.session.add_all(
        WishHelp(
            pledge_id=row.id,
            person_id=one.person_id,
            starts_at=one.starts_at,
            minutes=one.minutes,
        )
        for one in helps
    )
    db.session.flush()


def _all_delivered(wish: Wish) -> bool:
    return all(one.state == PledgeState.FULFILLED for one in queries.lock_holding(wish.id))


# --- the contact ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """Whom to call, and where to go."""

    name: str
    phone: str
    address: str


def reveal(pledge_id: int, *, actor: Actor, now: datetime) -> Address:
    """Show the pledger whom to call; each look is written down.

    Raises Refused(`not_known`) unless the pledge is live and the district knows the person.
    """
    row, wish = moves.lock_pledge(pledge_id)
    known = people.is_registered(row.person_id) or row.person.phone_confirmed_at is not None
    private = queries.private_of(wish.id)
    if private is None or not rules.may_see_contact(PledgeState(row.state), is_known=known):
        message = _("联系方式只给站点认识的认领人：注册志愿者，或者手机号经站点核实的人。")
        raise Refused(Reason("not_known", message))
    audit.record(
        "pledge.reveal", moves.pledge_ref(row), actor=actor, now=now,
        station_id=wish.station_id, person=row.person_id, wish=wish.id,
    )  # fmt: skip
    return Address(private.name, private.phone, private.address)
