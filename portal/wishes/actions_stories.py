"""Verbs on what a wish leaves to tell: photos of the delivery, and the story the wisher agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.records import audit, files
from portal.records.files import Picture
from portal.wishes import actions_desk, actions_pledges, moves, rules
from portal.wishes import queries_stories as stories
from portal.wishes.actions_desk import PublicWords
from portal.wishes.actions_pledges import Help
from portal.wishes.models import ConfirmWay, Wish, WishState
from portal.wishes.models_pledges import Pledge, PledgeState
from portal.wishes.models_stories import Shown, WishPhoto, WishStory

DONE = (WishState.CONFIRMED, WishState.CLOSED)


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo as it comes with a delivery, and who is to be seen on it."""

    picture: Picture
    shown: Shown


def deliver(
    pledge_id: int,
    note: str,
    helps: Sequence[Help],
    shot: Shot | None,
    *,
    actor: Actor,
    now: datetime,
) -> Pledge:
    """Deliver as `actions_pledges.deliver` does, and keep the photo. Twice is harmless."""
    before, _wish = moves.lock_pledge(pledge_id)
    was_active = before.state == PledgeState.ACTIVE
    row = actions_pledges.deliver(pledge_id, note, helps, actor=actor, now=now)
    if shot is not None and was_active:
        add_photo(pledge_id, shot.picture, shot.shown, actor=actor, now=now)
    return row


def add_photo(
    pledge_id: int, given: Picture, shown: Shown, *, actor: Actor, now: datetime
) -> WishPhoto:
    """Keep a photo of a delivery. `shown` says that whoever is on it agreed, or that nobody is."""
    row, wish = moves.lock_pledge(pledge_id)
    if row.state != PledgeState.FULFILLED:
        raise Refused(Reason("not_delivered", _("登记送达以后才能加照片。")))
    if len(stories.photos_of([row.id])) >= rules.MOST_PHOTOS:
        raise Invalid("photo", _("最多放 %(n)d 张照片。", n=rules.MOST_PHOTOS))
    kept = files.put(given, now=now)
    made = WishPhoto(
        pledge_id=row.id, file_id=kept.id, shown=shown, added_at=now, added_by_id=actor.person_id
    )
    db.session.add(made)
    db.session.flush()
    _record_photo("pledge.add_photo", row, wish, actor=actor, now=now, shown=shown)
    return made


def remove_photo(photo_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete a photo with its bytes. Twice is harmless."""
    photo = db.session.get(WishPhoto, photo_id)
    if photo is None:
        return
    row, wish = moves.lock_pledge(photo.pledge_id)
    _delete_photos([photo])
    _record_photo("pledge.remove_photo", row, wish, actor=actor, now=now)


def _record_photo(
    verb: str, row: Pledge, wish: Wish, *, actor: Actor, now: datetime, **details: str
) -> None:
    audit.record(
        verb, moves.pledge_ref(row), actor=actor, now=now, station_id=wish.station_id, **details
    )


def agree(
    wish_id: int, way: ConfirmWay, *, with_photo: bool, actor: Actor, now: datetime
) -> WishStory:
    """Note that the wisher agrees to be told of. Again is how they change their mind on photos."""
    wish = moves.lock(wish_id)
    if wish.state not in DONE:
        raise Refused(Reason("not_done", _("心愿确认实现以后，才能讲它的故事。")))
    row = db.session.get(WishStory, wish_id)
    if row is None:
        row = WishStory(wish_id=wish_id, with_photo=with_photo, way=way, agreed_at=now)
        db.session.add(row)
    row.with_photo, row.way, row.agreed_at, row.actor_id = with_photo, way, now, actor.person_id
    _record("wish.agree_story", wish, actor=actor, now=now, way=way, photo=with_photo)
    db.session.flush()
    return row


def take_back(wish_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the consent back: the story is gone at once. Twice is harmless."""
    wish = moves.lock(wish_id)
    if db.session.get(WishStory, wish_id) is None:
        return
    forget_story(wish_id)
    _record("wish.take_back_story", wish, actor=actor, now=now)


def tell(wish_id: int, text: str, *, looked_over: bool, actor: Actor, now: datetime) -> WishStory:
    """Write the story for everybody, in words that do not tell who wished.

    Raises Refused(`no_consent`) without the wisher's consent, Refused(`leaks`) as publishing does.
    """
    wish = moves.lock(wish_id)
    row = db.session.get(WishStory, wish_id)
    if row is None:
        raise Refused(Reason("no_consent", _("许愿人没有同意讲这个故事。")))
    words = PublicWords(wish.alias, text, looked_over=looked_over)
    found = actions_desk.look_over(wish, words)
    row.text, row.told_at = text, row.told_at or now
    _record("wish.tell", wish, actor=actor, now=now, leaks=found)
    return row


def _record(verb: str, wish: Wish, *, actor: Actor, now: datetime, **details: object) -> None:
    audit.record(verb, moves.ref(wish), actor=actor, now=now, station_id=wish.station_id, **details)


def forget_story(wish_id: int) -> None:
    """Delete the story of a wish."""
    db.session.execute(delete(WishStory).where(WishStory.wish_id == wish_id))


def forget_photos(pledge_ids: Sequence[int]) -> None:
    """Delete all photos of these pledges with their bytes."""
    query = select(WishPhoto).where(WishPhoto.pledge_id.in_(pledge_ids))
    _delete_photos(db.session.scalars(query).all())


def _delete_photos(photos: Sequence[WishPhoto]) -> None:
    db.session.execute(delete(WishPhoto).where(WishPhoto.id.in_([one.id for one in photos])))
    files.remove(one.file_id for one in photos)
