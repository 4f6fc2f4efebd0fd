"""What is asked before a certificate is issued: days and unit, and what it would say."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from portal.certificates import drafting, queries, words
from portal.certificates import queries_ledger as ledger
from portal.certificates.forms import ScopeForm
from portal.certificates.rules import Scope
from portal.core import clock
from portal.core.i18n import gettext as _
from portal.people.models import Person
from portal.records import settings


def form_for(person: Person, given: MultiDict[str, str] | None) -> ScopeForm | None:
    """Return the form with what was asked, or all days so far; None for who has no records."""
    units, today = ledger.units_of(person.id), clock.today()
    if not units:
        return None
    first = ledger.first_day(person.id)
    form = ScopeForm(given, station=units[0].public_id, first=first, last=today)
    form.offer(units, first or today, today)
    return form


def scope_of(form: ScopeForm) -> Scope:
    """Return the scope of a valid form."""
    unit, first, last = form.units[str(form.station.data)], form.first.data, form.last.data
    assert first and last  # noqa: S101, PT018  both are needed
    return Scope(unit.id, first, last)


def previewed(person: Person, endpoint: str, /, **values: Any) -> dict[str, Any]:
    """Return what the page before issuing shows, by the address that asks for it."""
    asked = request.args if "to" in request.args else None
    form = form_for(person, asked)
    shown: dict[str, Any] = {"scope_form": form, "draft": None, "person": person}
    if form is None:
        return shown
    shown["spans"] = _spans(form, endpoint, **values)
    if asked is None or form.validate():
        shown |= preview(person, form)
    return shown


def preview(person: Person, form: ScopeForm) -> dict[str, Any]:
    """Return what a certificate of the scope of a valid form would say."""
    drafted = drafting.draft(person, scope_of(form))
    live = queries.live_of_scope(person.id, drafted.scope)
    return {
        "draft": drafted,
        "period": words.period(drafted.scope.from_on, drafted.scope.to_on),
        "same": next((row for row in live if row.entry_digest == drafted.digest), None),
        "rule": drafting.rule_summary(drafted.entries),
        "notice_days": settings.get("certificate_notice_days"),
        "typed": {
            "station": drafted.unit.public_id,
            "from": drafted.scope.from_on.isoformat(),
            "to": drafted.scope.to_on.isoformat(),
        },
    }


def _spans(form: ScopeForm, endpoint: str, /, **values: Any) -> list[dict[str, Any]]:
    """Return the usual periods as links: this year, the last one, all of it."""
    today = clock.today()
    spans = (
        (_("今年"), today.replace(month=1, day=1), today),
        (_("去年"), today.replace(today.year - 1, 1, 1), today.replace(today.year - 1, 12, 31)),
        (_("全部"), form.since, today),
    )
    station = str(form.station.data)
    chosen = (form.first.data, form.last.data)
    return [
        {
            "text": text,
            "current": chosen == (first, last),
            "href": url_for(endpoint, **{**values, "station": station, "from": first, "to": last}),
        }
        for text, first, last in spans
    ]
