"""What the pages of claims show; which phone somebody used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app

from portal.arrivals import queries_claims as queries
from portal.arrivals.models_claims import CLAIM_STATE_LABELS, Claim, ClaimState
from portal.arrivals.rules_claims import read_poster_code
from portal.attendance.models import Direction
from portal.core import filters, tokens
from portal.core.access import Actor
from portal.core.i18n import gettext as _
from portal.records import settings
from portal.shifts import queries as shifts
from portal.shifts.models import Offering, OfferingState, OfferingType, Shift
from portal.signups import queries as signups
from portal.signups.models import HOLDING

DEVICE = "device"
_YEAR = 366 * 24 * 3600
_TONES = {
    ClaimState.WAITING: "info",
    ClaimState.CONFIRMED: "success",
    ClaimState.REFUSED: "danger",
    ClaimState.LAPSED: "neutral",
}


def post_by_code(code: str) -> Offering | None:
    """Return the published post whose poster has this code."""
    public_id = read_poster_code(code)
    row = shifts.offering_by_id(public_id) if public_id else None
    if row is None or row.type != OfferingType.SERVICE_POST:
        return None
    return row if row.state == OfferingState.PUBLISHED else None


def on_now(post: Offering, now: datetime) -> Sequence[Shift]:
    """Return the duties that somebody can come to or go from now."""
    early, late = settings.get("check_in_early_minutes"), settings.get("check_out_late_minutes")
    return queries.shifts_on(post.id, now, early, late)


@dataclass(frozen=True, slots=True)
class Line:
    """One claim in words."""

    claim_id: str
    name: str
    way: str
    at: str
    state: str
    tone: str
    warning: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty that is on now, what the person said of it, and what they can say."""

    shift_id: str
    when: str
    is_signed_up: bool
    said: Sequence[Line]
    may_come: bool
    may_go: bool


def here(post: Offering, actor: Actor, now: datetime) -> Sequence[Duty]:
    """Return the duties of now, those first on which the actor holds a place."""
    rows = on_now(post, now)
    person_id = actor.person_id or 0
    said: dict[int, list[Claim]] = {}
    for claim in queries.of_person_on([row.id for row in rows], person_id):
        said.setdefault(claim.shift_id, []).append(claim)
    own = signups.live_on([row.id for row in rows], person_id)
    duties = [
        _duty(row, said.get(row.id, []), is_mine=row.id in own and own[row.id].state in HOLDING)
        for row in rows
    ]
    return sorted(duties, key=lambda duty: not duty.is_signed_up)


def _duty(shift: Shift, said: Sequence[Claim], *, is_mine: bool) -> Duty:
    live = [row for row in said if row.state in {ClaimState.WAITING, ClaimState.CONFIRMED}]
    last = Direction(live[-1].direction) if live else None
    return Duty(
        shift_id=shift.public_id,
        when=filters.when(shift.starts_at, shift.ends_at),
        is_signed_up=is_mine,
        said=[_line(row, "") for row in said],
        may_come=last != Direction.IN,
        may_go=last != Direction.OUT,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits on a shift for a word, and what was settled."""

    lines: Sequence[Line]
    settled: Sequence[Line]
    until: str
    others: int


def waiting(shift: Shift, actor: Actor) -> Waiting:
    """Return what the leader's page shows, in a constant number of queries."""
    rows, devices = queries.waiting_on(shift.id), queries.others_by_device(shift.id)
    lines = []
    for row in rows:
        others = devices.get(row.device, 0) - 1
        warning = _("同一部手机还替另外 %(n)d 个人点过", n=others) if others > 0 else ""
        kept = row.person.merged_into_id or row.person_id
        lines.append(_line(row, row.person.name, warning, is_own=kept == actor.person_id))
    settled = [_line(row, row.person.name) for row in queries.settled_on(shift.id)]
    until = filters.day(min(row.settle_by_on for row in rows)) if rows else ""
    return Waiting(lines, settled, until, sum(not line.is_own for line in lines))


def _line(row: Claim, name: str, warning: str = "", *, is_own: bool = False) -> Line:
    state = ClaimState(row.state)
    return Line(
        claim_id=row.public_id,
        name=name,
        way=_("我到了") if row.direction == Direction.IN else _("我要走了"),
        at=filters.moment(row.at),
        state=str(CLAIM_STATE_LABELS[state]),
        tone=_TONES[state],
        warning=warning,
        is_own=is_own,
    )


# --- which phone ---------------------------------------------------------------------------------


def new_device() -> str:
    """Return what a phone keeps to be told from others."""
    return tokens.sign("device", tokens.new_token())


def device_of(kept: str) -> str:
    """Return the short hash of what a phone keeps; empty when it is none of ours."""
    value = tokens.unsign("device", kept, max_age_seconds=_YEAR)
    return tokens.keyed_hash("device", value)[:32] if isinstance(value, str) else ""


def keep_device(response: Response, token: str) -> None:
    """Let the phone keep it; it is sent to the pages behind posters alone."""
    response.set_cookie(
        DEVICE, token, max_age=_YEAR, path="/here", httponly=True, samesite="Lax",
        secure=current_app.config["PORTAL"].production,
    )  # fmt: skip
