"""Desk and office: what waits for an answer, one with its evidence and decision, and the last days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import PAGE_SIZE, Page, page_number
from portal.core.web import changed, invalid, page
from portal.corrections import actions_desk, deadlines, policy, queries, queries_desk, rules, words
from portal.corrections.blueprint import bp
from portal.corrections.forms import ApproveForm, RefuseForm, ReturnForm
from portal.corrections.models import (
    CORRECTION_KIND_LABELS,
    CORRECTION_STATE_LABELS,
    Correction,
    CorrectionState,
)
from portal.corrections.queries_desk import Filter
from portal.corrections.views_me import added, detail, withdrawn
from portal.org import queries as org

_one = allowed(policy.may_see, correction=queries.correction_by_id)
_LATE, _MINE, _ALL, _OFFICE = "overdue", "mine", "all", "office"


@bp.get("/desk/corrections")
@allowed(policy.keeps_corrections)
def desk_index() -> ResponseReturnValue:
    """List what was asked at the own stations; at first what waits."""
    return _index("corrections.desk_index", CorrectionState.SUBMITTED.value, policy.ROLES)


@bp.get("/office/corrections")
@allowed(policy.reads_office)
def office_index() -> ResponseReturnValue:
    """List what was asked below; at first what a station cannot decide by itself."""
    return _index("corrections.office_index", _OFFICE, policy.OFFICE_ROLES)


def _index(endpoint: str, first: str, roles: tuple[Role, ...]) -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    shown = {**_SHOWN, **({_OFFICE: _("要创建办答复的")} if first == _OFFICE else {})}
    asked = request.args.get("show", first)
    chosen = asked if asked in shown else first
    state = CorrectionState(chosen) if chosen in set(CorrectionState) else None
    wanted = Filter(
        actor.stations(*roles),
        state,
        is_late=chosen == _LATE,
        author_id=actor.person_id if chosen == _MINE else None,
        for_office=chosen == _OFFICE,
    )
    found = queries_desk.listed(wanted, page_number(), today)
    titles = queries.titles(found.rows)
    order = sorted(shown, key=lambda key: key != first)
    return page(
        "corrections/desk_index.html",
        found=found,
        rows=[(row, words.shown(row, titles[row.id])) for row in found.rows],
        chips=[
            {"text": shown[key], "href": url_for(endpoint, show=key), "current": key == chosen}
            for key in order
        ],
        all_href=url_for(endpoint, show=_ALL),
        is_office=first == _OFFICE,
        is_filtered=chosen != _ALL,
        waiting=queries_desk.waiting_for(actor, today),
        kinds=CORRECTION_KIND_LABELS,
        labels=CORRECTION_STATE_LABELS,
        tones=words.STATE_TONES,
    )


_SHOWN: dict[str, Any] = {
    **{state.value: label for state, label in CORRECTION_STATE_LABELS.items()},
    _LATE: words.LATE,
    _MINE: words.MINE,
    _ALL: words.EVERY,
}


@bp.get("/desk/corrections/<correction>")
@_one
def desk_show(correction: Correction) -> ResponseReturnValue:
    """Show what was asked, with its evidence, and what can be done."""
    return page("corrections/desk_show.html", **_detail(correction))


def _detail(row: Correction, **values: Any) -> dict[str, Any]:
    actor = current_actor()
    own = queries.records_of([actor.person_id or 0])
    return {
        **detail(row, _base(row)),
        "is_second": rules.is_second(own, queries.hands(row)),
        "may_write": policy.may_write(actor, row),
        "is_author": row.author_id in own,
        "approving": ApproveForm(formdata=None),
        "returning": ReturnForm(formdata=None),
        "refusing": RefuseForm(formdata=None),
        **values,
    }


def _base(row: Correction) -> str:
    return url_for("corrections.desk_show", correction=row.public_id)


def _again(row: Correction, name: str, form: Any) -> Response:
    """Show the page once more with a form that cannot be used."""
    return invalid("corrections/desk_show.html", **_detail(row, **{name: form}), form=form)


@bp.post("/desk/corrections/<correction>/approval")
@_one
def approve(correction: Correction) -> ResponseReturnValue:
    """Let it stand in the ledger."""
    form = ApproveForm()
    if not form.validate():
        return _again(correction, "approving", form)
    note, now = form.note.data or "", clock.now()
    write(actions_desk.approve, correction.id, note, actor=current_actor(), now=now)
    flash(_("通过了，时长已经记上，来源写明补录。"), "success")
    return changed(_base(correction))


@bp.post("/desk/corrections/<correction>/return")
@_one
def send_back(correction: Correction) -> ResponseReturnValue:
    """Ask for more."""
    form = ReturnForm()
    if not form.validate():
        return _again(correction, "returning", form)
    now = clock.now()
    write(actions_desk.send_back, correction.id, form.note.data, actor=current_actor(), now=now)
    flash(_("已经退回，本人会看到要补充什么。"), "success")
    return changed(_base(correction))


@bp.post("/desk/corrections/<correction>/refusal")
@_one
def refuse(correction: Correction) -> ResponseReturnValue:
    """Refuse it, with the reason."""
    form = RefuseForm()
    if not form.validate():
        return _again(correction, "refusing", form)
    now = clock.now()
    write(actions_desk.refuse, correction.id, form.note.data, actor=current_actor(), now=now)
    flash(_("已经答复，本人会看到原因。"), "success")
    return changed(_base(correction))


@bp.post("/desk/corrections/<correction>/evidence")
@allowed(policy.may_write, correction=queries.correction_by_id)
def desk_add_evidence(correction: Correction) -> ResponseReturnValue:
    """Add files for the person; who does has a hand in it and cannot decide."""
    return added(correction, _base(correction))


@bp.post("/desk/corrections/<correction>/withdrawal")
@allowed(policy.wrote, correction=queries.correction_by_id)
def desk_withdraw(correction: Correction) -> ResponseReturnValue:
    """Take back what one wrote down for somebody."""
    return withdrawn(correction, _base(correction))


# --- the last days -------------------------------------------------------------------------------


@bp.get("/desk/deadlines")
@allowed(policy.keeps_corrections)
def desk_deadlines() -> ResponseReturnValue:
    """List what the own stations are to enter or answer, with its last day."""
    stations = current_actor().stations(Role.STATION_MANAGER) or current_actor().stations(
        *policy.ROLES
    )
    return _deadlines(stations, clock.now(), "/desk/deadlines")


@bp.get("/office/deadlines")
@allowed(policy.reads_office)
def office_deadlines() -> ResponseReturnValue:
    """The same below an office, by organiser."""
    return _deadlines(current_actor().stations(*policy.OFFICE_ROLES), clock.now(),
                      "/office/deadlines")  # fmt: skip


def _deadlines(station_ids: frozenset[int], now: datetime, base: str) -> ResponseReturnValue:
    asked = request.args.get("station", "")
    known = [row for row in org.all_stations() if row.id in station_ids]
    chosen = next((row for row in known if row.public_id == asked), None)
    below = set(org.ids_below(chosen.id)) & station_ids if chosen else station_ids
    rows = deadlines.listed(below, now)
    near, number = request.args.get("show", ""), page_number()
    if near not in set(deadlines.Standing):
        near = ""
    shown = [one for one in rows if near in {"", one.standing}]
    return page(
        "corrections/deadlines.html",
        base=base,
        is_office=base.startswith("/office"),
        found=Page(shown[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, len(shown)),
        tally=deadlines.tally(rows),
        stations=known,
        station=chosen.public_id if chosen else "",
        near=near,
        labels=deadlines.STANDING_LABELS,
        tones=deadlines.STANDING_TONES,
        is_unknown=bool(asked) and chosen is None,
    )
