"""The office's page of the rules of service time: versions, and a new one seen before it holds."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import preview, rule_words
from portal.attendance.forms_rules import RuleForm
from portal.attendance.views import bp
from portal.core import clock, filters
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.hours import actions_rules
from portal.hours import queries as ledger

_DAYS_OF_MONTH = 30


@bp.get("/office/rules")
@allowed(rule_words.sets_rules)
def rules_index() -> ResponseReturnValue:
    """List the versions, the one that holds marked."""
    return page("attendance/rules.html", versions=rule_words.versions(clock.today()))


@bp.route("/office/rules/new", methods=["GET", "POST"])
@allowed(rule_words.sets_rules)
def rules_new() -> ResponseReturnValue:
    """Take the figures of a new version, and show what they would have changed; nothing is kept."""
    now = clock.now()
    if request.method == "GET":
        today = clock.local_day(now)
        form = RuleForm(formdata=None, obj=ledger.terms(today))
        form.valid_from.data = actions_rules.first_day(now)
        return page("attendance/rule_new.html", form=form)
    form = _read(actions_rules.first_day(now))
    if not form.validate():
        return invalid("attendance/rule_new.html", form=form)
    last = clock.local_day(now)
    first = last - timedelta(days=_DAYS_OF_MONTH * int(form.months.data))
    terms = form.terms()
    return page(
        "attendance/rule_new.html",
        form=form,
        found=preview.preview(terms, first, last),
        lines=rule_words.lines(terms),
        fields={field.name: request.form.get(field.name, "") for field in form},
    )


@bp.post("/office/rules")
@allowed(rule_words.sets_rules)
def adopt_rules() -> ResponseReturnValue:
    """Let the figures hold from their day on."""
    now = clock.now()
    form = _read(actions_rules.first_day(now))
    if not form.validate():
        return invalid("attendance/rule_new.html", form=form)
    first, reason = form.valid_from.data, str(form.reason.data)
    try:
        row = write(
            actions_rules.adopt, form.terms(), first, reason, actor=current_actor(), now=now
        )
    except Invalid as error:  # a day that began while the page was open
        form.add_error(error.field, error.message)
        return invalid("attendance/rule_new.html", form=form)
    day = filters.day(first)
    flash(_("第 %(n)d 版从 %(day)s 的班次起用。", n=row.version, day=day), "success")
    return changed(url_for("attendance.rules_index"))


def _read(first_day: date) -> RuleForm:
    form = RuleForm()
    form.first_day = first_day
    return form
