"""The log of a duty: written once, corrected with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField

from portal.core import clock, filters
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Term, Vocabulary
from portal.posts import actions_logs, policy, queries_duty, queries_logs
from portal.posts.actions_logs import INCIDENT, Logged
from portal.posts.blueprint import bp
from portal.posts.forms import LogForm, number_field
from portal.posts.models_logs import DutyLog
from portal.posts.policy import LogOf
from portal.records import notes


@bp.route("/shifts/<shift>/duty-log", methods=["GET", "POST"])
@allowed(policy.may_log, shift=queries_duty.log_of)
def duty_log(shift: LogOf) -> ResponseReturnValue:
    """Write, read or correct the log of a duty."""
    terms = org.terms(Vocabulary.DUTY_COUNTER)
    form = _form(terms)
    row = shift.shift
    versions = queries_logs.versions(row.id)
    values: dict[str, Any] = {
        "form": form,
        "counters": [form[f"counter_{term.code}"] for term in terms],
        "shift": row,
        "when": filters.when(row.starts_at, row.ends_at),
        "versions": versions,
        "back": _back(shift),
        "is_open": clock.now() >= row.starts_at,
    }
    if request.method == "GET":
        if versions:
            _fill(form, versions[0], terms)
        return page("posts/log.html", **values)
    if not form.validate():
        return invalid("posts/log.html", **values)
    counts = {term.id: form[f"counter_{term.code}"].data or 0 for term in terms}
    logged = Logged(form.helped.data, counts, form.incident.data or "")
    write(actions_logs.record, row.id, logged, actor=current_actor(), now=clock.now())
    flash(_("值岗记录存好了，谢谢您。"), "success")
    return changed(url_for("posts.duty_log", shift=row.public_id))


def _form(terms: Sequence[Term]) -> LogForm:
    """Return the form with a number for each counter, which are data."""
    fields: Mapping[str, IntegerField] = {
        f"counter_{term.code}": number_field(term.label, 9999) for term in terms
    }
    form: LogForm = type("LogFormOfTerms", (LogForm,), dict(fields))()
    return form


def _fill(form: LogForm, row: DutyLog, terms: Sequence[Term]) -> None:
    counts = queries_logs.counts(row.id)
    form.helped.data = row.helped
    form.incident.data = notes.latest(actions_logs.ref(row), INCIDENT)
    for term in terms:
        form[f"counter_{term.code}"].data = counts.get(term.id)


def _back(log: LogOf) -> str:
    """Return where the reader came from: the roster, or the own duties."""
    actor = current_actor()
    if actor.holds_any(*policy.PLANS, at=log.shift.station_id):
        return f"/desk/shifts/{log.shift.public_id}"
    return url_for("posts.mine")
