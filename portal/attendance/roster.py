"""What the roster of a shift shows: ready words and flags, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.attendance import queries
from portal.attendance.finding import Asked
from portal.attendance.models import Direction, Pending, Visit, VisitState
from portal.attendance.rules import MAY_ENTER, earns
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.hours import queries as ledger
from portal.records import settings
from portal.shifts.models import PLACE_ROLE_LABELS, OfferingType, PlaceRole, Shift, ShiftState
from portal.signups import missed, queries_missed, rules
from portal.signups import queries as signups
from portal.signups import queries_teams as team_signups
from portal.signups.models import (
    KINDS_OF,
    PARTICIPANT_LABELS,
    SIGNUP_STATE_LABELS,
    ParticipantKind,
    Signup,
    SignupState,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One sign-up on the roster. `next` is the tick that comes next, if any."""

    signup_id: str
    name: str
    phone: str
    role: str
    state: str
    tone: str
    in_time: str
    out_time: str
    minutes: str
    next: Direction | None
    next_label: str = ""
    message: str = ""
    is_on_behalf: bool = False
    team: str = ""
    is_offer: bool = False
    may_withdraw: bool = False
    has_kinds: bool = False
    missed: str = ""
    may_appeal: bool = False
    may_cover: bool = False
    # Minutes that were recorded late or put right, always shown as such.
    made_up: str = ""
    may_make_up: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """The whole page."""

    rows: Sequence[Row]
    came: int
    gone: int
    holding: int
    is_open: bool
    opens_text: str
    may_add: bool
    everybody: int
    asked: Asked


NOTHING = Asked()


def roster(
    shift: Shift, now: datetime, said: tuple[str, str] = ("", ""), asked: Asked = NOTHING
) -> Roster:
    """Return the roster of a shift: of all its rows those that are asked for.

    `said` is what to say beside the row of a sign-up, which is shown in any case.
    """
    opened = _is_open(shift, now)
    people = signups.on_shift(shift.id)
    visits: dict[int, list[Visit]] = {}
    for visit in queries.on_shift(shift.id):
        visits.setdefault(visit.person_id, []).append(visit)
    teams = team_signups.team_names([row.id for row in people])
    present = _by_person(people, visits)
    counts = queries_missed.counts_at(
        shift.station_id, [row.person_id for row in people], missed.kept_since(now)
    )
    made_up = ledger.made_up_on(shift.id)
    return Roster(
        rows=[
            _row(
                row,
                visits.get(row.person_id, []),
                said,
                is_open=opened,
                team=teams.get(row.id, ""),
                missed=counts.get(row.person_id, 0),
                made_up=made_up.get(row.person.merged_into_id or row.person_id),
                is_over=shift.ends_at <= now,
                may_withdraw=rules.may_withdraw(SignupState(row.state), shift.ends_at, now),
                may_cover=_may_cover(row, shift, now),
            )
            for row in people
            if row.public_id == said[0] or asked.fits(row, _last(visits.get(row.person_id)))
        ],
        came=len(present),
        gone=sum(1 for rows in present if rows[-1].state != VisitState.OPEN),
        holding=sum(1 for row in people if row.state in MAY_ENTER),
        is_open=opened,
        opens_text=filters.moment(_opens_at(shift)),
        may_add=shift.state == ShiftState.PLANNED and now < shift.ends_at,
        everybody=len(people),
        asked=asked,
    )


def _last(visits: Sequence[Visit] | None) -> Visit | None:
    return visits[-1] if visits else None


def _by_person(
    people: Sequence[Signup], visits: Mapping[int, Sequence[Visit]]
) -> list[list[Visit]]:
    """Return the visits of each person, the last one last; records merged since are one person."""
    kept = {row.person_id: row.person.merged_into_id or row.person_id for row in people}
    found: dict[int, list[Visit]] = {}
    for person_id, rows in visits.items():
        found.setdefault(kept.get(person_id, person_id), []).extend(rows)
    return [sorted(rows, key=lambda visit: visit.in_at) for rows in found.values()]


def _opens_at(shift: Shift) -> datetime:
    return shift.starts_at - timedelta(minutes=settings.get("check_in_early_minutes"))


def _is_open(shift: Shift, now: datetime) -> bool:
    closes_at = shift.ends_at + timedelta(minutes=settings.get("check_out_late_minutes"))
    return shift.state == ShiftState.PLANNED and _opens_at(shift) <= now <= closes_at


def _row(  # noqa: PLR0913  what a row is made of
    signup: Signup,
    visits: Sequence[Visit],
    said: tuple[str, str],
    *,
    is_open: bool,
    may_withdraw: bool,
    may_cover: bool,
    team: str,
    missed: int,
    made_up: int | None,
    is_over: bool,
) -> Row:
    last = _last(visits)
    state, tone = _state(signup, last)
    counted = sum(visit.minutes for visit in visits)
    serves = earns(signup.role, signup.participant)
    following = _next(signup, last) if is_open else None
    return Row(
        signup_id=signup.public_id,
        name=signup.person.name,
        phone=filters.masked_phone(signup.person.phone),
        role=_role(signup),
        has_kinds=len(KINDS_OF[PlaceRole(signup.role)]) > 1,
        state=state,
        tone=tone,
        in_time=filters.hour(visits[0].in_at) if visits else "",
        out_time=filters.hour(last.out_at) if last and last.out_at else "",
        minutes=filters.minutes(counted) if serves and last and last.out_at else "",
        next=following,
        next_label=_next_label(following, signup.person.name),
        message=said[1] if said[0] == signup.public_id else "",
        is_on_behalf=signup.is_on_behalf,
        team=team,
        is_offer=signup.state == SignupState.OFFERED,
        may_withdraw=may_withdraw,
        missed=_missed(missed),
        may_appeal=signup.state == SignupState.NO_SHOW,
        may_cover=may_cover,
        made_up=filters.minutes(counted + made_up) if made_up is not None else "",
        may_make_up=_may_make_up(signup, last, is_over=is_over, is_made_up=made_up is not None),
    )


def _may_cover(signup: Signup, shift: Shift, now: datetime) -> bool:
    """Return whether staff can look for somebody else: a duty of a post that is still to come."""
    is_duty = shift.offering.type == OfferingType.SERVICE_POST
    return is_duty and signup.state == SignupState.CONFIRMED and shift.starts_at > now


def _may_make_up(signup: Signup, last: Visit | None, *, is_over: bool, is_made_up: bool) -> bool:
    """Return whether hours are missing that may be entered late: nobody checked in, or confirmed."""
    came = last is None or last.state == VisitState.LAPSED
    holds = signup.state in {SignupState.CONFIRMED, SignupState.NO_SHOW, SignupState.ATTENDED}
    serves = earns(signup.role, signup.participant)
    return is_over and came and holds and serves and not is_made_up


def _missed(count: int) -> str:
    """Return how often somebody did not come, as a plain fact; it decides nothing."""
    days = settings.get("missed_days")
    return _("近 %(days)d 天缺席 %(n)d 次", days=days, n=count) if count else ""


def _role(signup: Signup) -> str:
    """Return the role, or as what somebody serves who is no volunteer."""
    kind = ParticipantKind(signup.participant)
    if kind in {ParticipantKind.ON_DUTY, ParticipantKind.PAID_POST}:
        return str(PARTICIPANT_LABELS[kind])
    role = str(PLACE_ROLE_LABELS[PlaceRole(signup.role)])
    return f"{role} · {signup.place.label}" if signup.place.label else role


def _state(signup: Signup, last: Visit | None) -> tuple[str, str]:
    if last is None:
        tone = "danger" if signup.state == SignupState.NO_SHOW else "neutral"
        return str(SIGNUP_STATE_LABELS[SignupState(signup.state)]), tone
    if last.state == VisitState.OPEN:
        return _("已到"), "success"
    if last.pending:
        return _pending(Pending(last.pending))
    if last.state == VisitState.LAPSED:
        return _("过期未确认"), "neutral"
    return _("已签退"), "success"


def _pending(pending: Pending) -> tuple[str, str]:
    if pending == Pending.NOT_REGISTERED:
        return _("已签退，等志愿者登记通过"), "info"
    if pending == Pending.SHORT_STAY:
        return _("在场时间短，待确认"), "warning"
    return _("没有签退，待确认"), "warning"


def _next(signup: Signup, last: Visit | None) -> Direction | None:
    if signup.state not in MAY_ENTER:
        return None
    if last is None or last.state != VisitState.OPEN:
        return Direction.IN if last is None else None
    return Direction.OUT


def _next_label(following: Direction | None, name: str) -> str:
    if following == Direction.IN:
        return _("为 %(name)s 签到", name=name)
    return _("为 %(name)s 签退", name=name) if following else ""


CSV_HEADER = (
    "signup_id",
    "name",
    "phone",
    "role",
    "place",
    "participant",
    "state",
    "in_at",
    "out_at",
    "minutes",
    "made_up_minutes",
)


def csv_rows(shift: Shift) -> list[tuple[object, ...]]:
    """Return the rows of the CSV: names and phones masked, codes instead of words."""
    visits: dict[int, list[Visit]] = {}
    for visit in queries.on_shift(shift.id):
        visits.setdefault(visit.person_id, []).append(visit)
    made_up = ledger.made_up_on(shift.id)
    rows: list[tuple[object, ...]] = []
    for row in signups.on_shift(shift.id):
        own = visits.get(row.person_id, [])
        out_at = own[-1].out_at if own else None
        rows.append(
            (
                row.public_id,
                filters.masked_name(row.person.name),
                filters.masked_phone(row.person.phone),
                row.role,
                row.place.label,
                row.participant,
                row.state,
                clock.local(own[0].in_at).isoformat() if own else "",
                clock.local(out_at).isoformat() if out_at else "",
                sum(visit.minutes for visit in own) if out_at else "",
                made_up.get(row.person.merged_into_id or row.person_id, ""),
            )
        )
    return rows
