"""Selects over the audit log, with public ids and masked names for what its rows point at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from portal.anomalies.models import Anomaly
from portal.attendance.models import Visit
from portal.core import clock, filters
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.ref import Ref
from portal.core.tables import PAGE_SIZE, Page
from portal.feedback.models import Feedback
from portal.honours.models import Honour
from portal.honours.models_evaluations import Evaluation
from portal.honours.models_stars import StarRecognition
from portal.honours.models_upstream import UpstreamBatch
from portal.org.models import Station
from portal.org.models_party import PartyBranch
from portal.people.models import ApiToken, Person, Volunteer
from portal.posts.models import Absence, StandingPlace
from portal.records.audit import SEALED, VERBS, AuditEntry
from portal.services.models import Service
from portal.services.models_orders import Order
from portal.shifts.models import Offering, Shift
from portal.shifts.models_series import Series
from portal.signups.models import Signup
from portal.signups.models_course import CourseSignup
from portal.signups.models_cover import CoverRequest
from portal.wishes.models import Wish
from portal.wishes.models_pledges import Pledge

KIND_LABELS = {
    "person": _l("人员"),
    "volunteer": _l("志愿者"),
    "activity": _l("活动"),
    "offering": _l("活动"),
    "post": _l("志愿服务岗"),
    "standing": _l("固定岗"),
    "absence": _l("请假"),
    "cover": _l("接班"),
    "duty_log": _l("值岗记录"),
    "closeout": _l("活动收尾"),
    "headcount": _l("现场人数"),
    "shift": _l("班次"),
    "signup": _l("报名"),
    "series": _l("系列"),
    "course_signup": _l("课程报名"),
    "visit": _l("签到"),
    "scan": _l("签到"),
    "ledger_entry": _l("时长"),
    "honour": _l("荣誉"),
    "evaluation": _l("服务评价"),
    "star": _l("星级"),
    "upstream_batch": _l("上报批次"),
    "feedback": _l("意见建议"),
    "wish": _l("心愿"),
    "pledge": _l("认领"),
    "service": _l("服务"),
    "order": _l("点单"),
    "anomaly": _l("异常线索"),
    "station": _l("站点"),
    "party_branch": _l("党组织"),
    "term": _l("词表"),
    "setting": _l("设置"),
    "calendar": _l("日历"),
    "api_token": _l("令牌"),
    "figures": _l("数据"),
    "backup": _l("备份"),
}
# Kinds whose rows have a public id; an offering is called by two names.
_TABLES: dict[str, Any] = {
    "person": Person,
    "volunteer": Volunteer,
    "activity": Offering,
    "offering": Offering,
    "post": Offering,
    "standing": StandingPlace,
    "absence": Absence,
    "cover": CoverRequest,
    "shift": Shift,
    "signup": Signup,
    "series": Series,
    "course_signup": CourseSignup,
    "visit": Visit,
    "honour": Honour,
    "evaluation": Evaluation,
    "star": StarRecognition,
    "upstream_batch": UpstreamBatch,
    "feedback": Feedback,
    "anomaly": Anomaly,
    "wish": Wish,
    "pledge": Pledge,
    "service": Service,
    "order": Order,
    "station": Station,
    "party_branch": PartyBranch,
    "api_token": ApiToken,
}
_MORE_IDS = {"duplicate", "entry"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of these local days, of a verb, about (or by) something, at stations."""

    first: date
    last: date
    verb: str = ""
    subjects: tuple[Ref, ...] = ()
    # None: all of the district.
    station_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row in words."""

    at: datetime
    actor: str
    sentence: str
    subject_kind: str
    subject_id: str
    subject_name: str
    station: str
    details: str


def page_of(wanted: Wanted, number: int) -> Page[Entry]:
    """Return a page of the log, the newest first."""
    clauses = _clauses(wanted)
    total = db.session.scalar(select(func.count()).select_from(AuditEntry).where(*clauses)) or 0
    query = select(AuditEntry).where(*clauses).order_by(AuditEntry.id.desc())
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(_in_words(rows), number, total)


def subjects_of(public_id: str) -> tuple[Ref, ...]:
    """Return what a public id stands for; nothing when it is unknown."""
    found = []
    for kind, model in _TABLES.items():
        row_id = db.session.scalar(select(model.id).where(model.public_id == public_id))
        if row_id is not None:
            found.append(Ref(kind, row_id))
    return tuple(found)


def _clauses(wanted: Wanted) -> list[ColumnElement[bool]]:
    start, end = clock.day_span(wanted.first, wanted.last)
    clauses = [
        AuditEntry.at >= start,
        AuditEntry.at < end,
        AuditEntry.verb.not_in(sorted(SEALED)),
    ]
    if wanted.verb:
        clauses.append(AuditEntry.verb == wanted.verb)
    if wanted.station_ids is not None:
        clauses.append(AuditEntry.station_id.in_(wanted.station_ids))
    if wanted.subjects:
        clauses.append(or_(*map(_about_or_by, wanted.subjects)))
    return clauses


def _about_or_by(subject: Ref) -> ColumnElement[bool]:
    about = (AuditEntry.subject_kind == subject.kind) & (AuditEntry.subject_id == subject.id)
    return about | (AuditEntry.actor_id == subject.id) if subject.kind == "person" else about


# --- words ---------------------------------------------------------------------------------------


def _in_words(rows: Sequence[AuditEntry]) -> list[Entry]:
    public_ids = _public_ids(rows)
    actors = (row.actor_id for row in rows)
    people = _names(Person, [*actors, *(row.subject_id for row in _of(rows, "person"))])
    stations = _names(
        Station,
        [*(row.station_id for row in rows), *(row.subject_id for row in _of(rows, "station"))],
    )
    return [
        Entry(
            at=row.at,
            actor=_masked(people, row.actor_id) if row.actor_id else _("系统或访客"),
            sentence=str(VERBS.get(row.verb, row.verb)),
            subject_kind=str(KIND_LABELS.get(row.subject_kind, row.subject_kind)),
            subject_id=public_ids.get(Ref(row.subject_kind, row.subject_id), ""),
            subject_name=_name_of(row, people, stations),
            station=stations.get(row.station_id or 0, ""),
            details=_details(row.details),
        )
        for row in rows
    ]


def _of(rows: Sequence[AuditEntry], kind: str) -> list[AuditEntry]:
    return [row for row in rows if row.subject_kind == kind]


def _public_ids(rows: Sequence[AuditEntry]) -> dict[Ref, str]:
    found: dict[Ref, str] = {}
    for kind, model in _TABLES.items():
        ids = {row.subject_id for row in _of(rows, kind)}
        query = select(model.id, model.public_id).where(model.id.in_(ids))
        found.update({Ref(kind, one): public for one, public in db.session.execute(query)})
    return found


def _names(model: Any, ids: Iterable[int | None]) -> dict[int, str]:
    query = select(model.id, model.name).where(model.id.in_({one for one in ids if one}))
    return dict(db.session.execute(query).tuples().all())


def _masked(people: dict[int, str], person_id: int) -> str:
    return filters.masked_name(people.get(person_id, "?"))


def _name_of(row: AuditEntry, people: dict[int, str], stations: dict[int, str]) -> str:
    if row.subject_kind == "person" and row.subject_id:
        return _masked(people, row.subject_id)
    return stations.get(row.subject_id, "") if row.subject_kind == "station" else ""


def _details(details: dict[str, Any]) -> str:
    """Return numbers and codes; internal ids (by the names of kinds) never leave the house."""
    shown = {
        key: value
        for key, value in details.items()
        if not (key.endswith("id") or key in KIND_LABELS or key in _MORE_IDS)
    }
    return " ".join(f"{key}={value}" for key, value in shown.items())
