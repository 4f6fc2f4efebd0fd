"""What somebody asks for, from the form to what the verbs take: times, words and files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.core import clock, ids
from portal.core.errors import Invalid, Reason
from portal.core.i18n import gettext as _
from portal.corrections import judging, queries, rules, words
from portal.corrections.actions import Said
from portal.corrections.forms import (
    TAKE_BACK,
    CorrectionForm,
    ShiftForm,
    TimesForm,
    UnplannedForm,
)
from portal.corrections.judging import Claim
from portal.corrections.models import Correction
from portal.corrections.rules import Fault
from portal.hours import queries as ledger
from portal.hours.models import LedgerEntry
from portal.hours.rules import Span, rounded
from portal.org import queries as org
from portal.org.models import Station, Vocabulary
from portal.people.models import Person
from portal.records import documents, notes, settings
from portal.records.files import Keepable
from portal.shifts.models import Shift

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: a shift, a record, or neither; `row` is one that came back."""

    person: Person
    shift: Shift | None = None
    entry: LedgerEntry | None = None
    row: Correction | None = None

    @property
    def is_unplanned(self) -> bool:
        """Whether nobody had planned it."""
        return self.shift is None and self.entry is None

    @property
    def span(self) -> Span | None:
        """What stands now: the request's, the record's, or the plan's."""
        found = self.row or self.entry or self.shift
        return Span(found.starts_at, found.ends_at) if found else None


def subject_of(row: Correction) -> Subject:
    """Return what a request is about."""
    return Subject(row.person, row.shift if row.entry is None else None, row.entry, row)


# --- the form ------------------------------------------------------------------------------------


def form_of(subject: Subject, stations: Sequence[Station]) -> TimesForm:
    """Return the form as sent, or begun with what is known."""
    made = _class_of(subject)(**_known(subject))
    if isinstance(made, UnplannedForm):
        made.offer(stations, org.terms(Vocabulary.ACTIVITY_KIND))
    made.over_midnight = _crosses(subject.span)
    return made


def _class_of(subject: Subject) -> type[TimesForm]:
    if subject.is_unplanned:
        return UnplannedForm
    return CorrectionForm if subject.entry else ShiftForm


def _crosses(span: Span | None) -> bool:
    return span is not None and clock.local_day(span.starts_at) != clock.local_day(span.ends_at)


def _known(subject: Subject) -> dict[str, Any]:
    known: dict[str, Any] = {"key": ids.form_key(None)}
    if subject.span is not None:
        known["begun"] = _time(subject.span.starts_at)
        known["ended"] = _time(subject.span.ends_at)
    row = subject.row
    if row is not None:
        pause = round(subject.span.seconds / 60) - row.minutes if subject.span else 0
        known["rest"] = pause if row.minutes and pause > 0 else None
        known["what"] = None if row.minutes else TAKE_BACK
        said = {note.kind: note.text for note in reversed(notes.of(queries.ref(row)))}
        known["reason"] = said.get("submit") or said.get(rules.ASK, "")
        known |= {name: said.get(name, "") for name in ("title", "place", "story")}
        known |= {"station": row.station.public_id, "kind": row.term.code}
        known["day"] = clock.local_day(row.starts_at)
    return {name: value for name, value in known.items() if value is not None}


def _time(at: datetime) -> Any:
    return clock.local(at).time().replace(second=0, microsecond=0)


def claim_of(form: TimesForm, subject: Subject, stations: Sequence[Station]) -> Claim:
    """Return what a valid form claims, in minutes by the district's rounding."""
    if isinstance(form, CorrectionForm) and form.what.data == TAKE_BACK:
        return _taken_back(subject)
    if isinstance(form, UnplannedForm):
        return _unplanned(form, subject, stations)
    span = form.span_on(_day_of(subject))
    return _claim(form, span, subject)


def _day_of(subject: Subject) -> date:
    about = subject.entry or subject.shift
    return clock.local_day(about.starts_at) if about else clock.today()


def _claim(form: TimesForm, span: Span, subject: Subject, **where: int) -> Claim:
    return Claim(
        person_id=subject.person.id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        minutes=max(1, rounded(form.seconds(span), ledger.terms(clock.local_day(span.starts_at)))),
        shift_id=subject.shift.id if subject.shift else None,
        entry_id=subject.entry.id if subject.entry else None,
        **where,
    )


def _taken_back(subject: Subject) -> Claim:
    entry = subject.entry
    if entry is None:
        raise ValueError("only a record can be taken back")
    # A record that was cut to nothing has no length; what is taken back names a span all the same.
    ends_at = max(entry.ends_at, entry.starts_at + timedelta(minutes=1))
    return Claim(subject.person.id, entry.starts_at, ends_at, 0, entry_id=entry.id)


def _unplanned(form: UnplannedForm, subject: Subject, stations: Sequence[Station]) -> Claim:
    station = next(row for row in stations if row.public_id == form.station.data)
    kind = org.term(Vocabulary.ACTIVITY_KIND, form.kind.data)
    span = form.span_on(form.day.data)
    return _claim(form, span, subject, station_id=station.id, kind_id=kind.id if kind else 0)


def said_of(form: TimesForm) -> Said:
    """Return the words of a valid form."""
    if not isinstance(form, UnplannedForm):
        return Said(str(form.reason.data))
    return Said(
        str(form.reason.data),
        str(form.title.data),
        str(form.place.data),
        str(form.story.data),
    )


# --- files ---------------------------------------------------------------------------------------


def files_of(form: Any, *, needs_one: bool = False) -> list[Keepable]:
    """Return the files of a form looked through, before anything is locked. Raises Invalid."""
    sent = [one for one in form.evidence.data or () if getattr(one, "filename", "")]
    if needs_one and not sent:
        raise Invalid("evidence", _("请选择一个文件"))
    if len(sent) > rules.MOST_FILES:
        raise Invalid("evidence", _("最多放 %(n)d 个文件。", n=rules.MOST_FILES))
    most = settings.get("evidence_megabytes") * MEGABYTE
    found: list[Keepable] = []
    for one in sent:
        with closing(one):  # a large one is a temporary file
            found.append(documents.evidence(one.read(most + 1), most_bytes=most))
    return found


def hint() -> str:
    """Return what may be sent, as it stands beside the field."""
    return _(
        "现场照片、签到表照片或者 PDF。最多 %(n)d 个，每个不超过 %(size)d MB",
        n=rules.MOST_FILES,
        size=settings.get("evidence_megabytes"),
    )


# --- before anything is typed --------------------------------------------------------------------


def hindrances(subject: Subject, now: datetime) -> list[Reason]:
    """Return why it is of no use to fill in the form at all."""
    span = subject.span or Span(now - timedelta(minutes=1), now)
    claim = Claim(
        subject.person.id,
        span.starts_at,
        max(span.ends_at, span.starts_at + timedelta(minutes=1)),
        1,
        shift_id=subject.shift.id if subject.shift else None,
        entry_id=subject.entry.id if subject.entry else None,
    )
    own_id = subject.row.id if subject.row else None
    asked_at = subject.row.filed_at if subject.row else now
    held = judging.bounds(claim, now=now, asked_at=asked_at, correction_id=own_id)
    found = rules.faults(claim.span, claim.minutes, held, 1)
    blocking = held.standing | (set() if subject.entry else {Fault.TOO_LATE, Fault.NOT_OVER})
    return [words.reason(one, held) for one in found if one in blocking]
