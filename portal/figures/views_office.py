"""The office's pages: the day at a glance, the table of figures, the records behind a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from portal.activities import policy as activity_policy
from portal.anomalies import queries as anomalies
from portal.arrivals import policy as arrival_policy
from portal.attendance import rule_words
from portal.closeouts import policy as closeout_policy
from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.i18n import gettext as _
from portal.core.tables import csv_bytes, page_number
from portal.core.web import page
from portal.corrections import policy as correction_policy
from portal.feedback import policy as feedback_policy
from portal.figures import (
    behind,
    catalogue,
    outputs,
    policy,
    present,
    queries,
    rules,
    scope,
    waiting,
)
from portal.figures.behind_lines import Asked
from portal.figures.blueprint import bp
from portal.figures.rules import By, Span
from portal.figures.scope import Scope
from portal.org import queries as org
from portal.org import queries_units as units
from portal.org.models import Term, Vocabulary
from portal.pairing import policy as pairing_policy
from portal.services import policy as order_policy


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for, within what the actor may see."""

    readable: Scope
    where: Scope
    station: str
    span: Span
    by: By
    sentences: tuple[str, ...]

    @property
    def values(self) -> dict[str, str]:
        """The parameters as they are in force."""
        first, last = self.span
        values = {"from": first.isoformat(), "to": last.isoformat(), "by": self.by.value}
        return {**values, "station": self.station} if self.station else values


def _asked() -> _Asked:
    """Read the parameters. 404 for a station that is not within the actor's subtree."""
    readable = scope.of_actor(current_actor())
    station = request.args.get("station", "")
    where = queries.chosen_scope(readable, station)
    if where is None:
        abort(404)
    if request.args.get("only") == "1":
        where = where.only()
    asked = rules.read(request.args, clock.today())
    sentences = tuple(_("%(what)s这一项没有用上。", what=fault.message) for fault in asked.faults)
    return _Asked(readable, where, station, asked.span, asked.by, sentences)


@bp.get("/office")
@allowed(policy.may_read_figures)
def office() -> ResponseReturnValue:
    """The day at a glance: yesterday and today, and what waits."""
    actor, now = current_actor(), clock.now()
    where = scope.of_actor(actor)
    today = clock.local_day(now)
    table = queries.table(where, Span(today - timedelta(days=1), today), By.DAY, now=now)
    shown = present.shown(table)
    may_review = activity_policy.reviews_somewhere(actor)
    ways = {"provisional": _provisional_records(today)}
    if feedback_policy.keeps_feedback(actor):
        ways["feedback"] = "/desk/feedback"
    if order_policy.is_office(actor):
        ways["orders"] = "/office/orders?late=1#orders"
    if may_review:
        ways["reviews"] = "/desk/reviews"
    if closeout_policy.keeps_closeouts(actor):
        ways["closeouts"] = "/desk/closeouts?state=late"
    if policy.decides_applications(actor):
        ways["applications"] = "/desk/volunteers"
    return page(
        "figures/office.html",
        where=where,
        headers=shown.headers,
        days=list(zip(table.rows, shown.rows, strict=True)),
        yesterday=table.rows[0].key,
        waiting=waiting.at_stations(where, now=now),
        anomalies=anomalies.count_open(place.id for place in where.places),
        ways=ways,
        may_review=may_review,
        pairs=pairing_policy.pairs_somewhere(actor),
        decides_corrections=correction_policy.reads_office(actor),
        may_read_orders=order_policy.is_office(actor),
        exports=actor.holds_any(Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR),
        sees_sheets=arrival_policy.sees_sheets(actor),
        keeps_tokens=policy.keeps_tokens(actor),
        may_audit=policy.may_audit(actor),
        sets_rules=rule_words.sets_rules(actor),
        may_set=actor.is_admin,
        keeps_trainings=actor.holds(Role.CAMPAIGN_OFFICER, units.centre_id()),
    )


def _provisional_records(today: date) -> str:
    """Return the list of what is still to be confirmed: of the last month, up to today."""
    first = today - timedelta(days=31)
    return f"{present.RECORDS}?{urlencode({'figure': 'provisional', 'from': first, 'to': today})}"


@bp.get("/office/figures")
@allowed(policy.may_read_figures)
def index() -> ResponseReturnValue:
    """The table of figures, its definitions below."""
    asked = _asked()
    table = queries.table(asked.where, asked.span, asked.by, now=clock.now())
    return page(
        "figures/index.html",
        asked=asked,
        table=present.shown(table),
        outputs=outputs.outputs(asked.where, asked.span, now=clock.now()),
        chips=_chips(asked),
        groupings=present.BY_LABELS,
        definitions=present.definitions(asked.by),
        download=f"/office/figures.csv?{urlencode(asked.values)}",
    )


@bp.get("/office/figures.csv")
@allowed(policy.may_read_figures)
def table_csv() -> ResponseReturnValue:
    """The same table for a spreadsheet."""
    asked = _asked()
    table = queries.table(asked.where, asked.span, asked.by, now=clock.now())
    first, last = asked.span
    response: Response = current_app.response_class(
        csv_bytes(*present.csv_rows(table)), content_type="text/csv; charset=utf-8"
    )
    name = f"figures-{first}-{last}-{asked.by.value}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("/office/figures/records")
@allowed(policy.may_read_figures)
def records() -> ResponseReturnValue:
    """The records behind a number, twenty a page, names masked."""
    key = request.args.get("figure", "")
    if key not in behind.LISTS:
        abort(404)
    asked = _asked()
    kind, sentences = _kind()
    now = clock.now()
    which = Asked(asked.where, asked.span, kind.id if kind else None, now)
    listing = behind.listing(key, which, page_number())
    figure = catalogue.BY_KEY[key]
    return page(
        "figures/records.html",
        asked=asked,
        figure=figure,
        kind=kind,
        listing=listing,
        hours=None if listing.minutes is None else rules.hours_text(int(listing.minutes)),
        sentences=(*asked.sentences, *sentences),
        back=f"/office/figures?{urlencode(asked.values)}",
    )


def _kind() -> tuple[Term | None, tuple[str, ...]]:
    code = request.args.get("kind", "")
    row = org.term(Vocabulary.ACTIVITY_KIND, code) if code else None
    unknown = bool(code) and row is None
    return row, ((_("没有这种类别，已经忽略。"),) if unknown else ())


def _chips(asked: _Asked) -> list[dict[str, Any]]:
    today = clock.today()
    this_month = rules.month_so_far(today)
    last_day = this_month.first - timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    spans = (
        (_("今天"), Span(today, today)),
        (_("本周"), Span(monday, today)),
        (_("本月"), this_month),
        (_("上月"), Span(last_day.replace(day=1), last_day)),
        (_("今年"), Span(today.replace(month=1, day=1), today)),
    )
    return [
        {
            "text": text,
            "href": "/office/figures?"
            + urlencode({**asked.values, "from": span.first, "to": span.last}),
            "current": span == asked.span,
        }
        for text, span in spans
    ]
