"""Verbs at the end of a wish: confirm, reopen, close by number (销号), credit the time it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.core import clock, tokens
from portal.core.access import Actor
from portal.core.db import locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.hours import given
from portal.notices.actions import tell
from portal.records import notes, settings
from portal.wishes import actions_stories, moves, numbers, queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.models import ConfirmWay, Wish, WishState
from portal.wishes.models_pledges import PledgeState, WishHelp


@dataclass(frozen=True, slots=True)
class Proof:
    """By what somebody without an account shows that it is their wish: the code, or the phone."""

    way: ConfirmWay
    words: str


@dataclass(frozen=True, slots=True)
class Word:
    """The wisher's word that it is done. `proof`: the code, or the phone beside the number."""

    way: ConfirmWay
    satisfaction: int
    note: str = ""
    proof: str = ""
    # Whether the wish may be told of, and with photos; None: not to be told.
    with_photo: bool | None = None


def confirm(wish_id: int, word: Word, *, actor: Actor, now: datetime) -> Wish:
    """Note that the wish came true, and how satisfied the wisher is. Twice is harmless.

    Raises Refused(`wrong_proof`) for a wrong code or phone, Refused(`own_pledge`) for a helper.
    """
    row = moves.lock(wish_id)
    if row.state in {WishState.CONFIRMED, WishState.CLOSED}:
        return row
    _must_not_have_helped(row, actor)
    _must_be_proved(row, Proof(word.way, word.proof))
    if not 1 <= word.satisfaction <= 5:
        raise Invalid("satisfaction", _("请选 1 到 5 分。"))
    # Said before it is moved: a confirmed wish has its satisfaction.
    row.satisfaction, row.confirmed_by = word.satisfaction, word.way
    moves.move(row, "confirm", actor=actor, now=now, reason=word.way, way=word.way)
    notes.put(moves.ref(row), "feedback", word.note, actor=actor, now=now)
    if word.with_photo is not None:
        actions_stories.agree(row.id, word.way, with_photo=word.with_photo, actor=actor, now=now)
    return row


def _must_be_proved(row: Wish, given: Proof) -> None:
    private = queries.private_of(row.id)
    phones = {private.phone, private.filer_phone} - {""} if private else set()
    proved = {
        ConfirmWay.CODE: tokens.same(given.words, numbers.confirmation_code(row.number)),
        ConfirmWay.NUMBER_AND_PHONE: given.words in phones,
    }
    if not proved.get(given.way, True):
        message = _("对不上。请看一看确认码，或者登记心愿时留的手机号。")
        raise Refused(Reason("wrong_proof", message))


def reopen(
    wish_id: int, note: str, proof: Proof | None = None, *, actor: Actor, now: datetime
) -> Wish:
    """Note that the wisher is not satisfied; those who pledged get some more days.

    `proof`: as in `confirm`, from who has no account here.
    """
    row = moves.lock(wish_id)
    if row.state == WishState.PLEDGED:
        return row
    _must_not_have_helped(row, actor)
    if proof is not None:
        _must_be_proved(row, proof)
    moves.move(row, "reopen", actor=actor, now=now)
    notes.put(moves.ref(row), "reopening", note, actor=actor, now=now)
    until = clock.local_day(now) + timedelta(days=settings.get("pledge_extension_days"))
    for pledge in queries.lock_holding(row.id):
        moves.move_pledge(pledge, row, "reopen", actor=actor, now=now)
        pledge.promised_on = until
        tell(pledge.person_id, "wish_reopened", moves.ref(row), now=now)
    return row


def close(wish_id: int, reason: str, *, actor: Actor, now: datetime) -> Wish:
    """Close the wish by its number and credit the time the help took. Twice is harmless.

    The station approves with it; whoever helped cannot. Without the wisher's word a reason is
    needed.
    """
    given.lock_givers(one.person_id for one in pledges.helps_for(wish_id))
    row = moves.lock(wish_id)
    if row.state == WishState.CLOSED:
        return row
    _must_not_have_helped(row, actor)
    if row.state == WishState.FULFILLED and not reason:
        raise Invalid("reason", _("许愿人还没有确认。请写明为什么可以销号。"))
    moves.move(row, "close", actor=actor, now=now)
    notes.put(moves.ref(row), "closing", reason, actor=actor, now=now)
    for pledge in queries.lock_holding(row.id):
        if pledge.state == PledgeState.FULFILLED:
            tell(pledge.person_id, "wish_closed", moves.ref(row), now=now)
    for one in pledges.helps_for(row.id):
        one.approved_by_id = actor.person_id
        given.credit(one, pledges.HELP_KIND, row.station_id, actor=actor, now=now)
    return row


def credit_late(help_id: int, *, actor: Actor, now: datetime) -> None:
    """Credit time that waited for its giver's registration. Twice is harmless."""
    row = locked(WishHelp, help_id)
    if row is not None and row.approved_by_id and row.credited_at is None:
        station_id = queries.wish(row.pledge.wish_id).station_id
        given.credit(row, pledges.HELP_KIND, station_id, actor=actor, now=now)


def _must_not_have_helped(row: Wish, actor: Actor) -> None:
    helped = {one.person_id for one in pledges.holding(row.id)}
    helped |= {one.person_id for one in pledges.helps_for(row.id)}
    if actor.person_id in helped:
        message = _("这个心愿是您帮忙办的，要由许愿人或者另一位工作人员来确认。")
        raise Refused(Reason("own_pledge", message))
