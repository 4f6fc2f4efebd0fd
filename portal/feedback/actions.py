"""Verbs on feedback: file, answer, hand over, decline, withdraw, reopen."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.feedback import contact, policy, queries, rules
from portal.feedback.contact import Contact
from portal.feedback.models import OPEN, Feedback, FeedbackState
from portal.notices.actions import tell
from portal.org.queries import add_working_days
from portal.people.models_consents import Channel
from portal.records import audit, notes, settings, steps

# What a person with an account is told of.
_NOTICES = {"answer": "feedback_answered", "decline": "feedback_declined"}


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """What somebody has to say. `person_id` is who filed it signed in, for themselves."""

    kind_id: int
    words: str
    form_key: str
    channel: Channel = Channel.WEB
    person_id: int | None = None
    contact: Contact = field(default_factory=Contact)
    about_station_id: int | None = None
    about_staff: bool = False
    about_path: str = ""


def file(given: NewFeedback, *, actor: Actor, now: datetime) -> Feedback:
    """File it under a number of its own; the same form sent twice is filed once.

    It lies at the station it is about, else with the office at the centre.
    """
    known = queries.by_form(given.form_key)
    if known is not None:
        return known
    row = Feedback(
        number=_free_number(),
        form_key=given.form_key,
        kind_id=given.kind_id,
        state=FeedbackState.FILED,
        channel=given.channel,
        station_id=given.about_station_id or _centre_id(),
        with_office=given.about_station_id is None,
        about_station_id=given.about_station_id,
        about_staff=given.about_staff,
        about_path=given.about_path,
        person_id=given.person_id,
        contact_sealed=contact.seal(given.contact),
        filed_at=now,
        due_on=_due_on(now),
    )
    db.session.add(row)
    db.session.flush()
    _record(row, "", rules.FILE, given.words, actor=actor, now=now)
    return row


def _free_number() -> str:
    """Return a number nobody has; who guesses numbers meets one in thousands at most."""
    while True:
        number = f"{secrets.randbelow(10**rules.NUMBER_DIGITS):0{rules.NUMBER_DIGITS}d}"
        if not queries.is_taken(number):
            return number


def _centre_id() -> int:
    row = queries.centre()
    if row is None:
        raise Refused(Reason("no_centre", _("网站还没有设好站点，请先打电话告诉我们。")))
    return row.id


def _due_on(now: datetime) -> date:
    return add_working_days(clock.local_day(now), settings.get("feedback_days"))


def answer(feedback_id: int, words: str, *, actor: Actor, now: datetime) -> Feedback:
    """Answer it; who filed it is told. The same answer twice is harmless."""
    return _close(feedback_id, "answer", words, actor=actor, now=now)


def decline(feedback_id: int, words: str, *, actor: Actor, now: datetime) -> Feedback:
    """Close it as what cannot be done, with the reason, which is told."""
    return _close(feedback_id, "decline", words, actor=actor, now=now)


def _close(feedback_id: int, verb: str, words: str, *, actor: Actor, now: datetime) -> Feedback:
    row = _lock(feedback_id)
    following = rules.STEPS[FeedbackState.FILED, verb]
    if row.state == following and notes.latest(ref(row), verb) == words:
        return row
    _must_be_theirs(row, actor)
    return _move(row, verb, words, actor=actor, now=now)


def hand_over(
    feedback_id: int, target: str, words: str, *, actor: Actor, now: datetime
) -> Feedback:
    """Give it to a station of the tree (by public id), or to the campaign office.

    The day by which it is to be answered stays. Raises Invalid(`target`) for another station.
    """
    row = _lock(feedback_id)
    _must_be_theirs(row, actor)
    next_state(rules.STEPS, FeedbackState(row.state), "hand_over")
    if target == rules.OFFICE and not row.with_office:
        row.with_office = True
    else:
        row.station_id = _target_id(row, target)
        row.with_office = False
    return _move(row, "hand_over", words, actor=actor, now=now, reason=target)


def _target_id(row: Feedback, target: str) -> int:
    found = next((one.id for one in queries.targets(row) if one.public_id == target), None)
    if found is None:
        raise Invalid("target", _("请从列表中选择一项"))
    return found


def withdraw(feedback_id: int, *, actor: Actor, now: datetime) -> Feedback:
    """Take it back; twice is harmless."""
    row = _lock(feedback_id)
    if row.state == FeedbackState.WITHDRAWN:
        return row
    return _move(row, "withdraw", "", actor=actor, now=now)


def reopen(feedback_id: int, words: str, *, actor: Actor, now: datetime) -> Feedback:
    """Say that the answer does not do: once, and with a new day by which it is answered."""
    row = _lock(feedback_id)
    if row.state in OPEN and row.reopened_at is not None:
        return row
    if row.reopened_at is not None:
        message = _("已经要求重新办过一次。还不满意，请打电话或者到上一级站点当面说。")
        raise Refused(Reason("reopened_before", message))
    _move(row, "reopen", words, actor=actor, now=now)
    row.reopened_at, row.overdue_told_at = now, None
    row.due_on = _due_on(now)
    return row


def tell_overdue(feedback_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell who is to answer that somebody waits too long; once."""
    row = _lock(feedback_id)
    late = rules.is_overdue(FeedbackState(row.state), row.due_on, clock.local_day(now))
    if not late or row.overdue_told_at is not None:
        return
    row.overdue_told_at = now
    for person_id in queries.answerers(row):
        tell(person_id, "feedback_overdue", ref(row), now=now)


def forget_contact(feedback_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Delete name and phone of what ended long ago (个人信息保护法 art. 19: the shortest time)."""
    row = _lock(feedback_id)
    if row.closed_at is not None and row.closed_at < now - rules.CONTACT_KEPT:
        row.contact_sealed = None


def note_sight(feedback_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that staff saw how to reach who filed it; who may answer may see."""
    row = db.session.get_one(Feedback, feedback_id)
    _must_be_theirs(row, actor)
    subject = Ref("person", row.person_id) if row.person_id else ref(row)
    audit.record(
        "person.reveal", subject, actor=actor, now=now, station_id=row.station_id, what="contact"
    )


def ref(row: Feedback) -> Ref:
    """Return how steps, notes and notices name the row."""
    return Ref("feedback", row.id)


# --- moving --------------------------------------------------------------------------------------


def _lock(feedback_id: int) -> Feedback:
    row = locked(Feedback, feedback_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(feedback_id)
    return row


def _must_be_theirs(row: Feedback, actor: Actor) -> None:
    if policy.is_own(actor, row):
        message = _("这是您自己提的，要由另一位负责人或者上级站点来办。")
        raise Refused(Reason("own_feedback", message))
    if policy.may_answer(actor, row):
        return
    if row.about_staff:
        message = _("这是对工作人员的投诉，由上一级站点或者创建办答复。")
        raise Refused(Reason("about_staff", message))
    raise Refused(Reason("not_theirs", _("这一件已经转给别处，由他们答复。")))


def _move(
    row: Feedback, verb: str, words: str, *, actor: Actor, now: datetime, reason: str = ""
) -> Feedback:
    before = FeedbackState(row.state)
    row.state = next_state(rules.STEPS, before, verb)
    row.closed_at = None if row.state in OPEN else now
    _record(row, before, verb, words, actor=actor, now=now, reason=reason)
    return row


def _record(  # noqa: PLR0913  a move has these parts
    row: Feedback,
    before: str,
    verb: str,
    words: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    subject = ref(row)
    steps.record(subject, before, verb, row.state, actor=actor, now=now, reason=reason)
    notes.put(subject, verb, words, actor=actor, now=now)
    audit.record(f"feedback.{verb}", subject, actor=actor, now=now, station_id=row.station_id)
    if verb in _NOTICES and row.person_id is not None:
        tell(row.person_id, _NOTICES[verb], subject, now=now)
