"""Verbs of the station: verify, send back, reject, publish, edit, look at what is private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.steps import next_state
from portal.records import audit, notes, search
from portal.wishes import moves, queries, rules
from portal.wishes.leaks import Leak, LeakKind, leaks
from portal.wishes.models import Wish, WishPart, WishPrivate, WishState, WishText


class Verified(StrEnum):
    """How staff made sure of a wish."""

    CALL = "call"
    VISIT = "visit"
    IN_PERSON = "in_person"


VERIFIED_LABELS = {
    Verified.CALL: _l("打电话核实"),
    Verified.VISIT: _l("上门核实"),
    Verified.IN_PERSON: _l("当面核实"),
}


@dataclass(frozen=True, slots=True)
class PublicWords:
    """What everybody reads. `labels` name the parts of a wish that several people may share.

    `looked_over`: staff saw what looks personal in the words, and let it stand.
    """

    alias: str
    text: str
    labels: Sequence[str] = ()
    looked_over: bool = False


def verify(wish_id: int, how: Verified, note: str, *, actor: Actor, now: datetime) -> Wish:
    """Note that staff spoke with the wisher: phone, name and wish are right."""
    row = _locked(wish_id, actor)
    if row.state == WishState.VERIFIED:
        return row
    moves.move(row, "verify", actor=actor, now=now, reason=how, how=how)
    row.returned_at = None
    notes.put(moves.ref(row), "verify", note, actor=actor, now=now)
    return row


def send_back(wish_id: int, note: str, *, actor: Actor, now: datetime) -> Wish:
    """Ask the wisher to change the wish; the note says what and how."""
    row = _locked(wish_id, actor)
    moves.move(row, "return", actor=actor, now=now)
    row.returned_at = now
    notes.put(moves.ref(row), "reason", note, actor=actor, now=now)
    moves.tell_wisher(row, "wish_returned", now=now)
    return row


def reject(wish_id: int, reason: str, *, actor: Actor, now: datetime) -> Wish:
    """Say no, for a reason that the wisher reads."""
    row = _locked(wish_id, actor)
    moves.move(row, "reject", actor=actor, now=now)
    row.returned_at = None
    notes.put(moves.ref(row), "reason", reason, actor=actor, now=now)
    moves.tell_wisher(row, "wish_rejected", now=now)
    return row


def publish(wish_id: int, words: PublicWords, *, actor: Actor, now: datetime) -> Wish:
    """Put a verified wish on the wall, in words that do not tell who wishes."""
    row = _locked(wish_id, actor)
    if row.state == WishState.PUBLISHED:
        return row
    next_state(rules.STEPS, WishState(row.state), "publish")
    found = look_over(row, words)
    labels = rules.part_labels(words.labels)
    if len(labels) > rules.MOST_PARTS:
        raise Invalid("labels", _("最多分成 %(n)d 份。", n=rules.MOST_PARTS))
    _put_text(row, words, actor=actor, now=now)
    row.parts = len(labels)
    row.published_at = row.wall_since = now
    moves.move(row, "publish", actor=actor, now=now, leaks=found)
    db.session.add_all(
        WishPart(wish_id=row.id, number=number, label=label)
        for number, label in enumerate(labels, 1)
    )
    moves.tell_wisher(row, "wish_published", now=now)
    return row


def edit(wish_id: int, words: PublicWords, *, actor: Actor, now: datetime) -> Wish:
    """Change the public words while nobody has pledged; the words before are kept.

    What somebody pledged stays what it was: Refused(`frozen`). The parts stay in any case.
    """
    row = _locked(wish_id, actor)
    if row.taken:
        message = _("已经有人认领，公开的内容不能再改。可以请认领人先退回。")
        raise Refused(Reason("frozen", message))
    found = look_over(row, words)
    moves.move(row, "edit", actor=actor, now=now, leaks=found)
    _put_text(row, words, actor=actor, now=now)
    return row


def reveal(wish_id: int, *, actor: Actor, now: datetime) -> WishPrivate | None:
    """Show staff what is private; that they looked is written down."""
    row = db.session.get_one(Wish, wish_id)
    audit.record("wish.reveal", moves.ref(row), actor=actor, now=now, station_id=row.station_id)
    return queries.private_of(wish_id)


def found_in(wish_id: int, words: PublicWords) -> list[Leak]:
    """Return what in the words may tell who wishes."""
    return leaks("\n".join([words.alias, words.text, *words.labels]), _known(wish_id))


def _locked(wish_id: int, actor: Actor) -> Wish:
    """Lock the wish. Nobody decides on their own."""
    row = moves.lock(wish_id)
    if actor.person_id is not None and actor.person_id == row.wisher_id:
        message = _("这是您自己的心愿，要由另一位负责人或者上级站点来办。")
        raise Refused(Reason("own_wish", message))
    return row


def _known(wish_id: int) -> list[str]:
    private = queries.private_of(wish_id)
    if private is None:
        return []
    return [private.name, private.phone, private.address, private.filer_name, private.filer_phone]


def look_over(row: Wish, words: PublicWords) -> int:
    """Return how much looks personal. Raises Refused(`leaks`) until staff have looked it over.

    The wisher's own data, and an ID number, are never let through.
    """
    found = found_in(row.id, words)
    known = _known(row.id)
    certain = [one for one in found if one.kind == LeakKind.ID_NUMBER or one.words in known]
    shown = "、".join(one.words for one in certain or found)
    if certain:
        message = _("公开的内容里有个人信息，请删去：%(words)s。", words=shown)
        raise Refused(Reason("leaks", message))
    if found and not words.looked_over:
        message = _(
            "公开的内容里好像有个人信息：%(words)s。请改掉，或者确认可以公开。", words=shown
        )
        raise Refused(Reason("leaks", message))
    return len(found)


def _put_text(row: Wish, words: PublicWords, *, actor: Actor, now: datetime) -> None:
    row.alias, row.public_text = words.alias, words.text
    db.session.add(
        WishText(
            wish_id=row.id,
            version=len(queries.texts_of(row.id)) + 1,
            alias=words.alias,
            text=words.text,
            actor_id=actor.person_id,
            at=now,
        )
    )
    index(row.id)


def index(wish_id: int) -> None:
    """Put what everybody may read of the wish into the search index."""
    row = queries.wish(wish_id)
    said = f"{row.alias} {row.public_text} {row.kind.name_zh} {row.number}"
    search.put(moves.ref(row), said)
