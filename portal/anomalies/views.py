"""The office's list of what stands out, and one of it with its records and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.anomalies import actions, policy, queries, words
from portal.anomalies.forms import DecisionForm
from portal.anomalies.models import (
    KIND_LABELS,
    OPEN,
    STATE_LABELS,
    Anomaly,
    AnomalyKind,
    AnomalyState,
)
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.signups.policy import keeps_roster_at

bp = Blueprint("anomalies", __name__)
_INDEX = "/office/anomalies"
_ALL = "all"

_seen = allowed(policy.may_see, anomaly=queries.anomaly_by_id)
_decided = allowed(policy.may_decide, anomaly=queries.anomaly_by_id)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; `ignored` says what was not used."""

    state: str
    kind: str
    first: date | None
    last: date | None
    ignored: tuple[str, ...]

    @property
    def values(self) -> dict[str, str]:
        """The parameters as they are in force."""
        found = {"state": self.state, "kind": self.kind}
        found |= {"from": str(self.first or ""), "to": str(self.last or "")}
        return {key: value for key, value in found.items() if value}

    @property
    def states(self) -> tuple[AnomalyState, ...]:
        """The states to show: those somebody still has to look into, unless asked otherwise."""
        if not self.state:
            return OPEN
        return () if self.state == _ALL else (AnomalyState(self.state),)


def _asked() -> _Asked:
    ignored: list[str] = []
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    if state not in {"", _ALL, *AnomalyState}:
        ignored.append(_("没有这种状态，已经忽略。"))
        state = ""
    if kind not in {"", *AnomalyKind}:
        ignored.append(_("没有这种情形，已经忽略。"))
        kind = ""
    return _Asked(state, kind, _day("from", ignored), _day("to", ignored), tuple(ignored))


def _day(name: str, ignored: list[str]) -> date | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        ignored.append(_("日期要写成 2026-11-01 这样，没有用上。"))
        return None


@bp.get(_INDEX)
@allowed(policy.reads_somewhere)
def index() -> ResponseReturnValue:
    """List what stands out at the own stations, the latest first; it is no ranking."""
    asked = _asked()
    wanted = queries.Filter(
        current_actor().stations(*policy.READING),
        asked.states,
        AnomalyKind(asked.kind) if asked.kind else None,
        asked.first,
        asked.last,
    )
    found = queries.listed(wanted, page_number())
    return page(
        "anomalies/index.html",
        found=found,
        asked=asked,
        chips=_chips(asked),
        kinds=KIND_LABELS,
        labels=STATE_LABELS,
        tones=words.TONES,
        seen={row.id: words.seen(row) for row in found.rows},
        stretches={row.id: words.stretch(row) for row in found.rows},
        last_run=queries.last_run(),
    )


def _chips(asked: _Asked) -> list[dict[str, Any]]:
    states: dict[str, Any] = {"": _("还要看的")}
    states |= {state.value: label for state, label in STATE_LABELS.items()}
    states[_ALL] = _("全部")
    return [
        {
            "text": text,
            "href": f"{_INDEX}?{urlencode({**asked.values, 'state': state})}"
            if state
            else _open(asked),
            "current": state == asked.state,
        }
        for state, text in states.items()
    ]


def _open(asked: _Asked) -> str:
    values = {key: value for key, value in asked.values.items() if key != "state"}
    return f"{_INDEX}?{urlencode(values)}" if values else _INDEX


@bp.get(f"{_INDEX}/<anomaly>")
@_seen
def show(anomaly: Anomaly) -> ResponseReturnValue:
    """Show what was seen, what may explain it, the records, and the ways on."""
    return page("anomalies/show.html", **_detail(anomaly, DecisionForm(formdata=None)))


def _detail(row: Anomaly, form: DecisionForm, *, revealed: bool = False) -> dict[str, Any]:
    actor = current_actor()
    kind, state = AnomalyKind(row.kind), AnomalyState(row.state)
    is_own = queries.concerns(row.id, actor.person_id or 0)
    records = words.lines(row, lambda station: keeps_roster_at(actor, station), full=revealed)
    return {
        "row": row,
        "title": KIND_LABELS[kind],
        "state_words": STATE_LABELS[state],
        "tone": words.TONES[state],
        "seen": words.seen(row),
        "stretch": words.stretch(row),
        "innocent": words.INNOCENT[kind],
        "records": records,
        "total": queries.count_records(row.id),
        "timeline": words.timeline(row),
        "form": form,
        "revealed": revealed,
        "is_open": state in OPEN,
        "is_own": is_own,
        "may_decide": policy.may_decide(actor, row) and not is_own,
    }


@bp.post(f"{_INDEX}/<anomaly>/decision")
@_decided
def decide(anomaly: Anomaly) -> ResponseReturnValue:
    """Say what came of looking into it."""
    form = DecisionForm()
    if not form.validate():
        return invalid("anomalies/show.html", **_detail(anomaly, form))
    verb, said = str(form.verb.data), str(form.words.data)
    write(actions.decide, anomaly.id, verb, said, actor=current_actor(), now=clock.now())
    flash(_("已经记下。时长和人员都没有变。"), "success")
    return changed(url_for("anomalies.show", anomaly=anomaly.public_id))


@bp.post(f"{_INDEX}/<anomaly>/reopening")
@_decided
def reopen(anomaly: Anomaly) -> ResponseReturnValue:
    """Look into it once more."""
    write(actions.reopen, anomaly.id, actor=current_actor(), now=clock.now())
    flash(_("已经改回“还没看”。"), "success")
    return changed(url_for("anomalies.show", anomaly=anomaly.public_id))


@bp.post(f"{_INDEX}/<anomaly>/reveal")
@_decided
def reveal(anomaly: Anomaly) -> ResponseReturnValue:
    """Show the names in full; that it was done is written down."""
    write(actions.note_sight, anomaly.id, actor=current_actor(), now=clock.now())
    form = DecisionForm(formdata=None)
    return page("anomalies/show.html", **_detail(anomaly, form, revealed=True))
