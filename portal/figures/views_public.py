"""The district's open figures, for everybody."""

from __future__ import annotations

from flask import Response

from portal.core import clock, filters
from portal.core.access import public
from portal.core.copies import cached
from portal.core.i18n import gettext as _
from portal.core.web import page
from portal.figures import catalogue, present, queries, rules, scope
from portal.figures.blueprint import bp
from portal.figures.rules import Span

OPEN = (
    "sessions",
    "attendances",
    "headcount",
    "registered",
    "registration_rate",
    "active",
    "hours",
)


@bp.get("/figures")
@public
def public_figures() -> Response:
    """This month's and this year's figures of the district, each with its definition."""
    return cached(_public_figures)


def _public_figures() -> Response:
    now = clock.now()
    month = rules.month_so_far(clock.local_day(now))
    year = Span(month.first.replace(month=1), month.last)
    where = scope.of_district()
    this_month = queries.total(where, month, now=now)
    this_year = queries.total(where, year, now=now)
    figures = [catalogue.BY_KEY[key] for key in OPEN]
    return page(
        "figures/public.html",
        rows=[
            [
                _("%(name)s（%(unit)s）", name=figure.name, unit=figure.unit),
                figure.shown(this_month),
                figure.shown(this_year),
            ]
            for figure in figures
        ],
        month=filters.month(month.first),
        year=str(month.first.year),
        until=filters.day(month.last),
        definitions=present.definitions(),
    )
