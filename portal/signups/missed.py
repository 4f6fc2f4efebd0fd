"""Verbs on appeals against what is counted as missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.steps import next_state
from portal.notices.actions import tell
from portal.records import audit, notes, settings, steps
from portal.signups import asking, queries_missed, rules_missed
from portal.signups.models import Signup
from portal.signups.models_missed import Appeal, AppealState


def kept_since(now: datetime) -> datetime:
    """Return since when what was missed is counted; before that it has expired."""
    return now - timedelta(days=settings.get("missed_days"))


def file(signup_id: int, words: str, *, actor: Actor, now: datetime) -> Appeal:
    """Say why a sign-up should not be counted. Once for each; twice returns the first appeal.

    Raises Refused(`not_counted`) where nothing is counted, or not any more.
    """
    row = db.session.get_one(Signup, signup_id)
    asking.lock_person(row.person_id)
    missed = queries_missed.of_signup(row)
    if missed and missed.appeal:
        return missed.appeal
    if missed is None or missed.at <= kept_since(now):
        raise Refused(Reason("not_counted", _("这一次没有计，或者已经过期，不用申诉。")))
    appeal = Appeal(
        signup_id=row.id, state=AppealState.OPEN, filed_at=now, actor_id=actor.person_id
    )
    db.session.add(appeal)
    db.session.flush()
    notes.put(Ref("appeal", appeal.id), "appeal", words, actor=actor, now=now)
    _record(appeal, "", "file", actor=actor, now=now)
    return appeal


def answer(appeal_id: int, words: str, *, grants: bool, actor: Actor, now: datetime) -> Appeal:
    """Grant an appeal, or refuse it with a reason; the person is told. Twice is harmless.

    Raises Refused: `own` (nobody answers their own), `wrong_state` (answered otherwise already).
    """
    appeal = cast(Appeal, locked(Appeal, appeal_id))
    signup = db.session.get_one(Signup, appeal.signup_id)
    if signup.person_id == actor.person_id:
        raise Refused(Reason("own", _("这是您自己的申诉，要请别的负责人答复。")))
    before = AppealState(appeal.state)
    verb = "grant" if grants else "refuse"
    if before == (AppealState.GRANTED if grants else AppealState.REFUSED):
        return appeal
    appeal.state = next_state(rules_missed.STEPS, before, verb)
    appeal.answered_at = now
    db.session.flush()
    notes.put(Ref("appeal", appeal.id), "answer", words, actor=actor, now=now)
    _record(appeal, before, verb, actor=actor, now=now)
    kind = "appeal_granted" if grants else "appeal_refused"
    tell(signup.person_id, kind, Ref("appeal", appeal.id), now=now)
    return appeal


def _record(appeal: Appeal, before: str, verb: str, *, actor: Actor, now: datetime) -> None:
    signup = db.session.get_one(Signup, appeal.signup_id)
    subject = Ref("appeal", appeal.id)
    steps.record(subject, before, verb, appeal.state, actor=actor, now=now)
    audit.record(
        f"appeal.{verb}", subject, actor=actor, now=now,
        station_id=signup.shift.station_id, person=signup.person_id, shift=signup.shift_id,
    )  # fmt: skip
