"""The call list of a desk: who has no phone with the site on it, and must be told of a shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.core.tables import Page, page_number
from portal.core.web import changed, page
from portal.notices import actions
from portal.notices.models_reach import CallOutcome
from portal.records import audit
from portal.signups import queries_calls as calls
from portal.signups.queries_calls import Called, ToCall, Wanted
from portal.site import told
from portal.site.told import NoticeShown

bp = Blueprint("calls", __name__)
_ROLES = (Role.STATION_MANAGER, Role.ADMINISTRATOR)
# As much as somebody takes along on paper.
MOST_PRINTED = 200


def keeps_calls(actor: Actor) -> bool:
    """Managers of some station, and administrators."""
    return actor.holds_any(*_ROLES)


def may_call(actor: Actor, call: ToCall) -> bool:
    """Who manages the shift's station."""
    return actor.holds_any(*_ROLES, at=call.shift.station_id)


_one = allowed(may_call, call=calls.call_by_id)


@dataclass(frozen=True, slots=True)
class CallShown:
    """A row of the list: whom, what to say, and what came of it so far."""

    call: ToCall
    words: NoticeShown
    made: Sequence[Called]

    @property
    def last(self) -> Called | None:
        """The last call."""
        return self.made[-1] if self.made else None


@bp.get("/desk/calls")
@allowed(keeps_calls)
def index() -> ResponseReturnValue:
    """List whom to call, or who was told, by day."""
    actor, now = current_actor(), clock.now()
    wanted = _wanted(actor, now)
    found = calls.listed(wanted, page_number())
    days = calls.days(wanted.station_ids, now)
    return page(
        "site/calls.html",
        found=Page(_shown(found.rows), found.number, found.total, found.size),
        wanted=wanted,
        is_filtered=wanted.made or wanted.day is not None,
        chips=[
            _chip(_("全部要打的"), wanted),
            *[_chip(filters.near_day(day), wanted, day=day) for day in days],
            _chip(_("打过了"), wanted, made=True),
        ],
    )


def _chip(text: str, wanted: Wanted, day: date | None = None, *, made: bool = False) -> object:
    shown, iso = "told" if made else None, day.isoformat() if day else None
    return {
        "text": text,
        "href": url_for("calls.index", day=iso, show=shown),
        "current": (day, made) == (wanted.day, wanted.made),
    }


def _wanted(actor: Actor, now: datetime) -> Wanted:
    try:
        day = date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        day = None
    made = request.values.get("show") == "told"
    return Wanted(sorted(actor.stations(*_ROLES)), now, day, made)


def _shown(rows: Sequence[ToCall]) -> list[CallShown]:
    words = told.shown([row.notice for row in rows])
    made = calls.made([row.notice.id for row in rows])
    return [
        CallShown(row, said, made.get(row.notice.id, []))
        for row, said in zip(rows, words, strict=True)
    ]


@bp.get("/desk/calls/<call>")
@_one
def show(call: ToCall) -> ResponseReturnValue:
    """Show one, with name and phone masked."""
    return page("site/call.html", one=_shown([call])[0], revealed=False)


@bp.post("/desk/calls/<call>/reveal")
@_one
def reveal(call: ToCall) -> ResponseReturnValue:
    """Show name and phone in full; that it was done is written down."""
    write(_note_sight, [call], actor=current_actor(), now=clock.now())
    return page("site/call.html", one=_shown([call])[0], revealed=True)


@bp.post("/desk/calls/sheet")
@allowed(keeps_calls)
def sheet() -> ResponseReturnValue:
    """Show the list to be printed, with names and phones in full; each sight is written down."""
    actor, now = current_actor(), clock.now()
    wanted = _wanted(actor, now)
    found = calls.listed(wanted, 1, MOST_PRINTED)
    write(_note_sight, found.rows, actor=actor, now=now)
    return page(
        "site/calls_sheet.html",
        rows=_shown(found.rows),
        total=found.total,
        most=MOST_PRINTED,
        day=wanted.day,
        now=now,
    )


def _note_sight(rows: Sequence[ToCall], *, actor: Actor, now: datetime) -> None:
    for row in rows:
        audit.record(
            "person.reveal", Ref("person", row.person.id), actor=actor, now=now,
            station_id=row.shift.station_id, shift=row.shift.id,
        )  # fmt: skip


@bp.post("/desk/calls/<call>/told")
@_one
def told_by_phone(call: ToCall) -> ResponseReturnValue:
    """Write down that the person knows."""
    return _recorded(call, CallOutcome.TOLD, _("已经记下：告诉了本人。"))


@bp.post("/desk/calls/<call>/not-reached")
@_one
def not_reached(call: ToCall) -> ResponseReturnValue:
    """Write down that nobody answered; the person stays on the list."""
    said = _("已经记下：没打通。还在名单上，过一会儿再打。")
    return _recorded(call, CallOutcome.NOT_REACHED, said)


def _recorded(call: ToCall, outcome: CallOutcome, said: str) -> ResponseReturnValue:
    write(
        actions.record_call, call.notice.id, outcome, actor=current_actor(), now=clock.now(),
        station_id=call.shift.station_id,
    )  # fmt: skip
    flash(said, "success")
    return changed(url_for("calls.index"))
