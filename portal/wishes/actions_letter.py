"""Verbs of the weekly letter: send it, and say whether one wants it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.ref import Ref
from portal.notices.actions import tell
from portal.people.models import Person
from portal.records import settings
from portal.wishes import queries_reach as reach
from portal.wishes import rules
from portal.wishes.models_reach import WishDigest, WishDigestItem


def week_of(now: datetime) -> date:
    """Return the day on which the present letter is due."""
    return rules.letter_week(clock.local_day(now), settings.get("wish_letter_weekday"))


def send_letter(person_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Choose this week's wishes for a person and tell them; once a week, nothing where none suits."""
    person = locked(Person, person_id)
    if person is None or not reach.wants_letter(person_id):
        return
    row, week_on = _row(person_id), week_of(now)
    if row.week_on is not None and row.week_on >= week_on:
        return
    row.week_on = week_on
    found = reach.fitting(person)
    if not found:
        return
    db.session.execute(delete(WishDigestItem).where(WishDigestItem.person_id == person_id))
    db.session.add_all(
        WishDigestItem(
            person_id=person_id, wish_id=one.wish_id, is_near=one.is_near, skill_id=one.skill_id
        )
        for one in found
    )
    tell(person_id, "wish_letter", Ref("wish_letter", person_id), now=now)


def want_letter(person_id: int, *, wanted: bool, actor: Actor, now: datetime) -> None:  # noqa: ARG001
    """Say whether one wants the letter. Twice is harmless."""
    locked(Person, person_id)
    _row(person_id).wanted = wanted


def _row(person_id: int) -> WishDigest:
    row = db.session.get(WishDigest, person_id)
    if row is None:
        row = WishDigest(person_id=person_id)
        db.session.add(row)
    return row
