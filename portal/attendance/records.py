"""What /me/hours shows: every record in words, and for each missing or zero one why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.attendance import queries
from portal.attendance.models import Pending, Visit, VisitState
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.hours import queries as ledger
from portal.hours.models import SOURCE_LABELS, LedgerEntry, Source
from portal.hours.rules import Terms
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole, Shift
from portal.signups.models import ParticipantKind, Signup, SignupState


@dataclass(frozen=True, slots=True)
class Record:
    """One line: when, what, where, as what, how long, from where, in what state, and why."""

    day: date
    span: str
    title: str
    activity_id: str
    place: str
    role: str
    minutes: str
    source: str
    state: str
    tone: str
    why: str = ""
    way_text: str = ""
    way_url: str = ""
    visit_id: str = ""
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """The whole page: lines with the latest first, what counts, and what waits."""

    rows: Sequence[Record]
    total: int
    provisional: int


def records_of(person_id: int, now: datetime) -> Records:
    """Return all records of a person."""
    entries = ledger.entries_of(person_id)
    reversed_ids = {row.reverses_id for row in entries}
    by_visit = {
        row.source_id: row
        for row in entries
        if row.source_kind == "visit" and row.reverses_id is None and row.id not in reversed_ids
    }
    own = queries.visits_of(person_id)
    state = _volunteer_state(person_id)
    rows = [_of_visit(visit, by_visit.get(visit.id), state) for visit in own]
    rows += [_of_entry(row) for row in entries if row.source_kind != "visit"]
    rows += [_missing(row) for row in queries.without_visit(person_id, now)]
    provisional = sum(row.minutes for row in own if row.state == VisitState.PROVISIONAL)
    rows.sort(key=lambda row: (row.day, row.span), reverse=True)
    return Records(rows, sum(row.minutes for row in entries), provisional)


def rounding_words(terms: Terms) -> str:
    """Return the rounding rule in a sentence, as it stands on the page."""
    words = {
        "down": _("按 %(n)d 分钟取整，不足的舍去。", n=terms.step),
        "nearest": _("按 %(n)d 分钟取整，四舍五入。", n=terms.step),
        "up": _("按 %(n)d 分钟取整，不足的补足。", n=terms.step),
    }
    return words[terms.rounding]


def _volunteer_state(person_id: int) -> VolunteerState | None:
    volunteer = people.volunteer_of(person_id)
    return VolunteerState(volunteer.state) if volunteer else None


def _of_visit(visit: Visit, entry: LedgerEntry | None, volunteer: VolunteerState | None) -> Record:
    out = filters.hour(visit.out_at) if visit.out_at else "…"
    state, tone, why = _standing(visit, entry)
    way_text, way_url = "", ""
    if visit.pending == Pending.NOT_REGISTERED:
        why, way_text, way_url = _registration(volunteer)
    waits = visit.pending == Pending.NO_CHECK_OUT
    counts = entry is not None or visit.state == VisitState.PROVISIONAL
    return Record(
        day=clock.local_day(visit.in_at),
        span=f"{filters.hour(visit.in_at)}-{out}",
        role=str(PLACE_ROLE_LABELS[PlaceRole(visit.role)]),
        minutes=filters.minutes(visit.minutes) if counts else "",
        source=_source(entry),
        state=state,
        tone=tone,
        why=why,
        way_text=way_text,
        way_url=way_url,
        visit_id=visit.public_id if waits else "",
        confirm=_("确认 %(minutes)s", minutes=filters.minutes(visit.minutes)) if waits else "",
        **_what(visit.shift),
    )


def _source(entry: LedgerEntry | None) -> str:
    """Return where a visit's minutes come from, with the sheet where they stand on paper."""
    source = Source(entry.source) if entry else Source.CHECK_IN
    label = str(SOURCE_LABELS[source])
    if entry is None or "sheet" not in entry.rule:
        return label
    return _("%(source)s 第 %(n)d 份", source=label, n=entry.rule["sheet"])


def _standing(visit: Visit, entry: LedgerEntry | None) -> tuple[str, str, str]:
    """Return state, tone, and why no minutes count (empty when they do)."""
    if visit.pending == Pending.NO_CHECK_OUT:
        until = filters.day(visit.settle_by_on) if visit.settle_by_on else ""
        why = _("没有签退，按计划结束时间暂计。请在 %(until)s 前确认，过期按 0 计。", until=until)
        return _("待确认"), "warning", why
    if visit.pending == Pending.NOT_REGISTERED:
        return _("待登记"), "info", ""
    if entry is not None:
        return _("已计入"), "success", _why_less(entry)
    return _why_none(visit)


def _why_none(visit: Visit) -> tuple[str, str, str]:
    if visit.state == VisitState.OPEN:
        return _("还在现场"), "info", _("还没有签退。离开时签退，时长才记上。")
    if visit.state == VisitState.LAPSED:
        return _("未计入"), "neutral", _("没有签退，到期也没有确认，按 0 计。有疑问请联系站点。")
    if visit.state == VisitState.ANNULLED:
        return _("已作废"), "neutral", _("这次签到作废了，或者和签到表上的并成了一条，不另计时长。")
    if visit.role == PlaceRole.VOLUNTEER:
        paid = visit.signup is not None and visit.signup.participant == ParticipantKind.PAID_POST
        why = (
            _("公益岗有补贴，不计志愿时长，只计到场。")
            if paid
            else _("在岗工作不计志愿时长，只计到场。")
        )
        return _("已签退"), "neutral", why
    return _("已签退"), "neutral", _("参加活动计入到场人次，不计志愿时长。")


def _why_less(entry: LedgerEntry) -> str:
    """Return why an entry counts less than the stay, if it does."""
    cut_by = entry.rule.get("cut_by", [])
    if "overlap" in cut_by:
        return _("和另一条记录时间重叠，重叠的部分不重复计。")
    if "day_cap" in cut_by:
        return _("一天的时长到了上限，超过的部分不计。")
    if entry.minutes == 0:
        return _("在活动时间内停留不到一个计时单位，记为 0。")
    return ""


def _registration(state: VolunteerState | None) -> tuple[str, str, str]:
    """Return why minutes wait for the registration, and the way on."""
    if state in {VolunteerState.SUBMITTED, VolunteerState.RETURNED}:
        why = _("志愿者登记通过后自动计入，不会丢。")
        return why, _("看登记进度"), "/me/volunteer"
    why = _("现在不是注册志愿者。登记通过后自动计入。")
    return why, _("去登记"), "/volunteer/apply"


def _of_entry(entry: LedgerEntry) -> Record:
    taken_back = entry.reverses_id is not None
    return Record(
        day=entry.day,
        span=filters.span(entry.starts_at, entry.ends_at),
        role=str(PLACE_ROLE_LABELS[PlaceRole.VOLUNTEER]),
        minutes=filters.minutes(entry.minutes),
        source=str(SOURCE_LABELS[Source(entry.source)]),
        state=_("更正") if taken_back else _("已计入"),
        tone="neutral" if taken_back else "success",
        why=_why_less(entry),
        **_what(entry.shift),
    )


def _missing(signup: Signup) -> Record:
    shift = signup.shift
    absent = signup.state == SignupState.NO_SHOW
    why = _("没有签到记录，不计时长和到场。到过现场的话，请联系站点。")
    return Record(
        day=clock.local_day(shift.starts_at),
        span=filters.span(shift.starts_at, shift.ends_at),
        role=str(PLACE_ROLE_LABELS[PlaceRole(signup.role)]),
        minutes="",
        source="",
        state=_("没有到场") if absent else _("没有签到"),
        tone="neutral",
        why=why,
        **_what(shift),
    )


def _what(shift: Shift | None) -> Mapping[str, str]:
    if shift is None:
        return {"title": "", "activity_id": "", "place": ""}
    offering = shift.offering
    return {
        "title": offering.title,
        "activity_id": offering.public_id,
        "place": " · ".join(part for part in (offering.station.name, offering.place) if part),
    }
