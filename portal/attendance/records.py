"""What /me/hours shows: every record in words, and for each missing or zero one why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.attendance import decisions, queries
from portal.attendance.decisions import Decision
from portal.attendance.models import Pending, Visit, VisitState
from portal.attendance.rules import earns
from portal.core import clock, filters
from portal.core.access import Actor
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.hours import queries as ledger
from portal.hours.models import SOURCE_LABELS, LedgerEntry, Source
from portal.org import queries as org
from portal.people import queries as people
from portal.people.models import VolunteerState
from portal.records import notes
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
    # What settles it by the person's own word, when it waits for that.
    decision: Decision | None = None
    # By what the record is explained, and whether it is part of the total.
    key: str = ""
    counts: bool = False
    # The way to say that this one is wrong, or missing, and that way in words.
    ask_url: str = ""
    ask_text: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """The whole page: lines with the latest first, what counts, and what waits."""

    rows: Sequence[Record]
    total: int
    provisional: int


def records_of(person_id: int, actor: Actor, now: datetime) -> Records:
    """Return all records of a person, as this actor sees them."""
    entries = ledger.entries_of(person_id)
    reversed_ids = {row.reverses_id for row in entries}
    live = [row for row in entries if row.reverses_id is None and row.id not in reversed_ids]
    by_visit = {row.source_id: row for row in live if row.source_kind == "visit"}
    taken_back = {row.source_id for row in entries if row.source_kind == "visit"} - set(by_visit)
    own = queries.visits_of(person_id)
    state = _volunteer_state(person_id)
    recorded = {row.shift_id for row in live}
    waiting = {one.key: one for one in decisions.of_person(person_id, actor, now)}
    rows = [
        _of_visit(
            visit,
            by_visit.get(visit.id),
            state,
            waiting.get(visit.public_id),
            is_corrected=visit.id in taken_back and _serves(visit),
            is_made_up=visit.state == VisitState.LAPSED and visit.shift_id in recorded,
        )
        for visit in own
    ]
    others = [row for row in entries if row.source_kind != "visit"]
    said = _said(others)
    rows += [_of_entry(row, said, is_reversed=row.id in reversed_ids) for row in others]
    rows += [
        _missing(row, waiting.get(row.public_id))
        for row in queries.without_visit(person_id, now)
        if row.shift_id not in recorded
    ]
    provisional = sum(row.minutes for row in own if row.state == VisitState.PROVISIONAL)
    rows.sort(key=lambda row: (row.day, row.span), reverse=True)
    return Records(rows, sum(row.minutes for row in entries), provisional)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known of entries without a shift: as what they were told of, where, and whose."""

    titles: Mapping[Ref, str]
    places: Mapping[Ref, str]
    stations: Mapping[int, str]


def _said(entries: Sequence[LedgerEntry]) -> _Said:
    """Return it in as many queries for one as for many. The thing itself says it by a note."""
    bare = [row for row in entries if row.shift is None]
    sources = {Ref(row.source_kind, row.source_id) for row in bare}
    return _Said(
        notes.latest_of(sources, "title"),
        notes.latest_of(sources, "place"),
        org.names_of({row.station_id for row in bare}),
    )


def _volunteer_state(person_id: int) -> VolunteerState | None:
    volunteer = people.volunteer_of(person_id)
    return VolunteerState(volunteer.state) if volunteer else None


def _serves(visit: Visit) -> bool:
    return visit.signup is not None and earns(visit.role, visit.signup.participant)


def _of_visit(
    visit: Visit,
    entry: LedgerEntry | None,
    volunteer: VolunteerState | None,
    decision: Decision | None,
    *,
    is_corrected: bool,
    is_made_up: bool,
) -> Record:
    out = filters.hour(visit.out_at) if visit.out_at else "…"
    state, tone, why = _standing(visit, entry)
    if is_corrected:
        state, tone, why = _("已更正"), "neutral", _("这一条更正过，现在算的另列一条。")
    if is_made_up:
        why = _("没有签退，后来补录了，另列一条。")
    may_ask = visit.state == VisitState.LAPSED and not is_made_up and _serves(visit)
    way_text, way_url = "", ""
    if visit.pending == Pending.NOT_REGISTERED:
        why, way_text, way_url = _registration(volunteer)
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
        decision=decision,
        key=visit.public_id,
        counts=entry is not None,
        **_way_to_ask(entry, visit.shift if may_ask else None),
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
    if visit.pending == Pending.SHORT_STAY:
        until = filters.day(visit.settle_by_on) if visit.settle_by_on else ""
        why = _("在场时间比班次短得多，等负责人在 %(until)s 前确认。", until=until)
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
        return (
            _("未计入"),
            "neutral",
            _("没有签退，到期也没有确认，按 0 计。做了服务的，可以申请补录。"),
        )
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


def _of_entry(entry: LedgerEntry, said: _Said, *, is_reversed: bool) -> Record:
    state, tone = _("已计入"), "success"
    if is_reversed or entry.reverses_id is not None:
        state, tone = (_("已更正") if is_reversed else _("更正")), "neutral"
    live = not is_reversed and entry.reverses_id is None
    return Record(
        day=entry.day,
        span=filters.span(entry.starts_at, entry.ends_at),
        role=str(PLACE_ROLE_LABELS[PlaceRole.VOLUNTEER]),
        minutes=filters.minutes(entry.minutes),
        source=str(SOURCE_LABELS[Source(entry.source)]),
        state=state,
        tone=tone,
        why=_why_less(entry),
        key=entry.digest[-12:],
        counts=True,
        **_way_to_ask(entry if live else None, None),
        **(_what(entry.shift) if entry.shift else _told(entry, said)),
    )


def _told(entry: LedgerEntry, said: _Said) -> Mapping[str, Any]:
    source = Ref(entry.source_kind, entry.source_id)
    where = (said.stations.get(entry.station_id, ""), said.places.get(source, ""))
    place = " · ".join(part for part in where if part)
    return {"title": said.titles.get(source, ""), "activity_id": "", "place": place}


def _way_to_ask(entry: LedgerEntry | None, missing: Shift | None) -> Mapping[str, Any]:
    """Return the way to have a record put right, or one made up that is not there."""
    if entry is not None:
        return {"ask_url": f"/me/corrections/new?entry={entry.ref}", "ask_text": _("这条不对")}
    if missing is not None:
        address = f"/me/corrections/new?shift={missing.public_id}"
        return {"ask_url": address, "ask_text": _("申请补录")}
    return {}


def _missing(signup: Signup, decision: Decision | None) -> Record:
    shift = signup.shift
    if decision is not None:
        return _only_out(signup, decision)
    absent = signup.state == SignupState.NO_SHOW
    serves = earns(signup.role, signup.participant)
    why = _("没有签到记录，不计时长和到场。到过现场的话，请联系站点。")
    if serves:
        why = _("没有签到记录，不计时长和到场。到过现场的话，可以申请补录。")
    return Record(
        day=clock.local_day(shift.starts_at),
        span=filters.span(shift.starts_at, shift.ends_at),
        role=str(PLACE_ROLE_LABELS[PlaceRole(signup.role)]),
        minutes="",
        source="",
        state=_("没有到场") if absent else _("没有签到"),
        tone="neutral",
        why=why,
        **_way_to_ask(None, shift if serves else None),
        **_what(shift),
    )


def _only_out(signup: Signup, decision: Decision) -> Record:
    """Whose going out was scanned, and nothing else, says when they came."""
    shift = signup.shift
    return Record(
        day=clock.local_day(shift.starts_at),
        span=filters.span(shift.starts_at, shift.ends_at),
        role=str(PLACE_ROLE_LABELS[PlaceRole(signup.role)]),
        minutes="",
        source=str(SOURCE_LABELS[Source.CHECK_IN]),
        state=_("待确认"),
        tone="warning",
        why=_(
            "只有签退，没有签到。请在 %(until)s 前确认几点到的，过期不计。", until=decision.until
        ),
        decision=decision,
        **_what(shift),
    )


def _what(shift: Shift) -> Mapping[str, Any]:
    offering = shift.offering
    return {
        "title": offering.title,
        "activity_id": offering.public_id,
        "place": " · ".join(part for part in (offering.station.name, offering.place) if part),
    }
