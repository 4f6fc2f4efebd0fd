"""What is on record of a person in words: trainings and guardians' consents, for page and desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people import guardians, trainings
from portal.people.models_consents import (
    CHANNEL_LABELS,
    SCOPE_LABELS,
    Channel,
    ConsentScope,
    GuardianConsent,
)
from portal.people.models_training import TrainingRecord
from portal.people.rules_training import holds_on
from portal.records import notes


@dataclass(frozen=True, slots=True)
class TrainingShown:
    """One training in words; `tone` as in `badge.html`."""

    id: str
    name: str
    held: str
    valid: str
    state: str
    tone: str
    is_live: bool
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """One consent of a guardian in words; who it was is masked."""

    id: str
    scope: str
    way: str
    at: str
    guardian: str
    is_live: bool


def trainings_of(
    person_id: int, today: date, *, with_evidence: bool = False
) -> Sequence[TrainingShown]:
    """Return all trainings of a person, the newest first."""
    return [
        _training(row, today, with_evidence=with_evidence) for row in trainings.of_person(person_id)
    ]


def _training(row: TrainingRecord, today: date, *, with_evidence: bool) -> TrainingShown:
    holds = row.revoked_at is None and holds_on(row.valid_until, today)
    state = _("有效") if holds else _("已过期")
    if row.revoked_at:
        state = _("已撤销")
    until = row.valid_until.isoformat() if row.valid_until else ""
    return TrainingShown(
        id=row.public_id,
        name=row.term.label,
        held=row.held_on.isoformat(),
        valid=_("有效到 %(day)s", day=until) if until else _("长期有效"),
        state=state,
        tone="success" if holds else "neutral",
        is_live=row.revoked_at is None,
        evidence=notes.latest(Ref("training", row.id), trainings.EVIDENCE) if with_evidence else "",
    )


def consents_of(person_id: int) -> Sequence[ConsentShown]:
    """Return all consents of guardians for a person, the newest first."""
    return [_consent(row) for row in guardians.all_of(person_id)]


def _consent(row: GuardianConsent) -> ConsentShown:
    contact = guardians.guardian_of(row)
    scope = str(SCOPE_LABELS[ConsentScope(row.scope)])
    if row.until_on:
        scope = _("到 %(day)s 为止的活动", day=row.until_on.isoformat())
    return ConsentShown(
        id=row.public_id,
        scope=scope,
        way=str(CHANNEL_LABELS[Channel(row.channel)]),
        at=filters.moment(row.at),
        guardian=filters.masked_name(contact.name) if contact else "",
        is_live=row.withdrawn_at is None,
    )
