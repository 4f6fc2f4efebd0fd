"""One person's whole record as its page shows it (民政部令第67号): ready words and flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.honours import actions, queries, queries_evaluations, queries_stars, queries_upstream
from portal.honours.actions_evaluations import ANSWER, REMARK
from portal.honours.models import HONOURED_LABELS, Honour, Honoured
from portal.honours.models_evaluations import Evaluation
from portal.honours.rules import Standing
from portal.hours import queries as ledger
from portal.people import consents, records_shown
from portal.people import queries as people
from portal.people.models import Person
from portal.people.models_consents import ConsentKind
from portal.records import notes


@dataclass(frozen=True, slots=True)
class HonourShown:
    """An honour in words."""

    id: str
    title: str
    whom: str
    facts: str
    day: str
    note: str
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationShown:
    """An evaluation in words."""

    id: str
    title: str
    when: str
    quality: str
    tone: str
    entered: str
    is_late: bool
    remark: str
    answer: str


TONES = {"excellent": "success", "good": "success", "poor": "warning"}


def of(person: Person) -> dict[str, Any]:
    """Return what the page of a record shows."""
    entries = ledger.entries_of(person.id)
    years: dict[int, int] = {}
    for row in entries:
        years[row.day.year] = years.get(row.day.year, 0) + row.minutes
    star = queries_stars.standing(person.id)
    return {
        "person": person,
        "volunteer": people.volunteer_of(person.id),
        "years": sorted(years.items(), reverse=True),
        "star": star,
        "star_words": star_words(star),
        "recognised": queries_stars.live_of(person.id),
        "trainings": records_shown.trainings_of(person.id, clock.today()),
        "honours": honours(queries.of_person(person.id)),
        "evaluations": evaluations(queries_evaluations.of_person(person.id)),
        "upstream": queries_upstream.entered_minutes(people.selves(person.id)),
        "is_published": consents.holds(person.id, ConsentKind.PUBLICATION),
    }


def star_words(star: Standing) -> Sequence[tuple[str, str]]:
    """Return how it stands, each with its tone for the badge."""
    found = []
    if star.level:
        words = _("%(n)d 星志愿者", n=star.level)
        found.append((words, "success"))
    if star.waiting:
        found.append((_("已经达到 %(n)d 星，等认定", n=star.waiting), "info"))
    if star.lost:
        found.append((_("曾经达到 %(n)d 星，时长更正以后不再达到", n=star.lost), "warning"))
    if not found:
        found.append((_("还没有达到一星"), "neutral"))
    return found


def honours(rows: Sequence[Honour], names: Mapping[Any, Any] | None = None) -> list[HonourShown]:
    """Return honours in words; `names` says whose each is where that is shown."""
    said = notes.latest_of([actions.ref(row) for row in rows], actions.NOTE)
    why = notes.latest_of([actions.ref(row) for row in rows], actions.REASON)
    return [
        HonourShown(
            id=row.public_id,
            title=row.title,
            whom=_whom(row, names),
            facts=" · ".join(one for one in (row.level.label, row.issuer, row.document_no) if one),
            day=filters.day(row.given_on),
            note=said.get(actions.ref(row), ""),
            withdrawn=_withdrawn(why.get(actions.ref(row), "")) if row.withdrawn_at else "",
        )
        for row in rows
    ]


def _whom(row: Honour, names: Mapping[Any, Any] | None) -> str:
    kind = Honoured(row.subject_kind)
    found = names.get((row.subject_kind, row.subject_id)) if names is not None else None
    if found is None:
        return str(HONOURED_LABELS[kind])
    return _("%(name)s的家庭", name=found.name) if kind == Honoured.FAMILY else found.name


def _withdrawn(reason: str) -> str:
    return _("已撤销：%(why)s", why=reason) if reason else _("已撤销")


def evaluations(rows: Sequence[Evaluation]) -> list[EvaluationShown]:
    """Return evaluations in words, in a constant number of statements."""
    refs = [Ref("evaluation", row.id) for row in rows]
    remarks, answers = notes.latest_of(refs, REMARK), notes.latest_of(refs, ANSWER)
    by = people.names_of([row.entered_by_id or 0 for row in rows])
    return [
        EvaluationShown(
            id=row.public_id,
            title=row.shift.offering.title if row.shift else row.station.name,
            when=_when(row),
            quality=row.quality.label,
            tone=TONES.get(row.quality.code, "neutral"),
            entered=_entered(row, by.get(row.entered_by_id or 0, "")),
            is_late=row.is_late,
            remark=remarks.get(one, ""),
            answer=answers.get(one, ""),
        )
        for row, one in zip(rows, refs, strict=True)
    ]


def _when(row: Evaluation) -> str:
    first, last = filters.day(row.first_on), filters.day(row.last_on)
    if row.first_on == row.last_on:
        return first
    return _("%(first)s 至 %(last)s", first=first, last=last)


def _entered(row: Evaluation, name: str) -> str:
    day = filters.day(clock.local_day(row.entered_at))
    return _("%(day)s 由 %(name)s 评价", day=day, name=name) if name else day
