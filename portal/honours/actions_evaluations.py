"""Verbs on evaluations: enter several of a shift at once, one of a period, answer one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.honours import queries_evaluations as queries
from portal.honours import rules
from portal.honours.models_evaluations import Evaluation
from portal.honours.queries_evaluations import Period
from portal.notices.actions import tell
from portal.org import queries as org
from portal.people import queries as people
from portal.people.locks import lock_person
from portal.records import audit, notes, settings, steps
from portal.shifts.models import Shift

REMARK, ANSWER = "remark", "answer"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well one person served; the remark is erasable."""

    person_id: int
    quality_id: int
    remark: str = ""


def enter_shift(
    shift_id: int, said: Sequence[Judgement], *, actor: Actor, now: datetime
) -> Sequence[Evaluation]:
    """Evaluate people who served on a shift that is over: all of it or nothing.

    One for each person and shift; a second one changes the first, and the step tells it. Raises
    Refused: `not_over`, `own_record`. Who did not serve there is passed over.
    """
    shift = db.session.get_one(Shift, shift_id)
    day = clock.local_day(shift.ends_at)
    reasons = rules.may_evaluate(day, clock.local_day(now), over=shift.ends_at <= now)
    served = queries.served_on(shift_id)
    wanted = [one for one in said if one.person_id in served]
    if any(_is_own(one, actor) for one in wanted):
        reasons.append(rules.own_record())
    if reasons:
        raise Refused(*reasons)
    period = Period(shift.station_id, clock.local_day(shift.starts_at), day)
    ordered = sorted(wanted, key=lambda one: one.person_id)
    return [_enter(one, period, shift_id, actor=actor, now=now) for one in ordered]


def enter_period(said: Judgement, period: Period, *, actor: Actor, now: datetime) -> Evaluation:
    """Evaluate somebody's service over a time that is over. Raises as `enter_shift`."""
    reasons = rules.may_evaluate(period.last_on, clock.local_day(now), over=True)
    if _is_own(said, actor):
        reasons.append(rules.own_record())
    if reasons:
        raise Refused(*reasons)
    return _enter(said, period, None, actor=actor, now=now)


def answer(evaluation_id: int, words: str, *, actor: Actor, now: datetime) -> Evaluation:
    """Say what one thinks of one's own evaluation; the newest words are shown."""
    row = cast(Evaluation, locked(Evaluation, evaluation_id))
    row.answered_at = now
    notes.put(ref(row), ANSWER, words, actor=actor, now=now)
    _audit("evaluation.answer", row, actor=actor, now=now)
    return row


def ref(row: Evaluation) -> Ref:
    """Return how steps, notes, notices and the log name it."""
    return Ref("evaluation", row.id)


# --- parts ---------------------------------------------------------------------------------------


def _is_own(said: Judgement, actor: Actor) -> bool:
    return actor.person_id in people.own_ids(said.person_id)


def _enter(
    said: Judgement, period: Period, shift_id: int | None, *, actor: Actor, now: datetime
) -> Evaluation:
    lock_person(said.person_id)
    row = queries.known(said.person_id, shift_id, period)
    if row is None:
        return _new(said, period, shift_id, actor=actor, now=now)
    if said.remark and said.remark != notes.latest(ref(row), REMARK):
        notes.put(ref(row), REMARK, said.remark, actor=actor, now=now)
    if row.quality_id != said.quality_id:
        before, row.quality_id = row.quality_id, said.quality_id
        _step(row, before, "change", actor=actor, now=now)
        _audit("evaluation.change", row, actor=actor, now=now)
    return row


def _new(
    said: Judgement, period: Period, shift_id: int | None, *, actor: Actor, now: datetime
) -> Evaluation:
    row = Evaluation(
        person_id=said.person_id,
        shift_id=shift_id,
        station_id=period.station_id,
        first_on=period.first_on,
        last_on=period.last_on,
        quality_id=said.quality_id,
        # 民政部令第67号 art. 11: within ten working days.
        due_on=org.add_working_days(period.last_on, settings.get("record_working_days")),
        entered_by_id=actor.person_id,
        entered_at=now,
    )
    db.session.add(row)
    db.session.flush()
    notes.put(ref(row), REMARK, said.remark, actor=actor, now=now)
    _step(row, None, "enter", actor=actor, now=now)
    _audit("evaluation.enter", row, actor=actor, now=now)
    tell(said.person_id, "evaluation_entered", ref(row), now=now)
    return row


def _step(row: Evaluation, before: int | None, verb: str, *, actor: Actor, now: datetime) -> None:
    codes = {one.id: one.code for one in org.terms_by_id({row.quality_id, before or 0}).values()}
    steps.record(
        ref(row), codes.get(before or 0, ""), verb, codes[row.quality_id][:20], actor=actor, now=now
    )


def _audit(verb: str, row: Evaluation, *, actor: Actor, now: datetime) -> None:
    audit.record(
        verb, ref(row), actor=actor, now=now, station_id=row.station_id, person=row.person_id
    )
