"""What filing and changing a wish have in common, at home and at the desk."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import flash, request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.records import settings
from portal.wishes import actions, queries, rules, words
from portal.wishes.actions import Contact, Filing, Wanted
from portal.wishes.forms_filing import FilingForm, PrivateForm
from portal.wishes.models import Urgency, Wish, WishState

Form = TypeVar("Form", bound=FilingForm)


def offered(form: Form, kept: frozenset[int] | None = None) -> Form:
    """Put the kinds, bands and communities in; of these only the `kept` ones where some are named.

    Who keeps no community but a point below one (格长) files for the point.
    """
    named = org.communities()
    if kept is not None:
        own = [row for row in named if row.id in kept]
        named = own or [row for row in org.all_stations() if row.id in kept]
    wanted = {row.public_id for row in named}
    form.offer(
        org.wish_kind_choices(),
        _bands(),
        [one for one in org.station_choices() if one.value in wanted],
    )
    if len(wanted) == 1 and request.method == "GET":
        form.station.data = next(iter(wanted))
    return form


def _bands() -> list[tuple[str, str]]:
    return [(str(band), words.amount(band)) for band in rules.bands(settings.get("wish_ceiling"))]


def told(form: FilingForm, **known: Any) -> Filing:
    """Return the wish as it was told; `known` is what the page knows beside it."""
    station = org.station_by_id(form.station.data)
    if station is None:  # it was chosen from the list
        raise LookupError(form.station.data)
    wisher = Contact(form.name.data, form.phone.data)
    return Filing(station_id=station.id, wanted=_wanted(form), wisher=wisher, **known)


def _wanted(form: PrivateForm) -> Wanted:
    kind = org.term(Vocabulary.WISH_KIND, form.kind.data)
    if kind is None:  # it was chosen from the list
        raise LookupError(form.kind.data)
    return Wanted(
        kind_id=kind.id,
        what=form.what.data,
        why=form.why.data or "",
        amount=int(form.amount.data),
        urgency=Urgency(form.urgency.data),
        wished_on=form.wished_on.data,
        address=form.address.data or "",
    )


def change(row: Wish, back: str, *, nav: str) -> ResponseReturnValue:
    """Say the wish anew while nobody has verified it; the same page for the wisher and the desk."""
    if (WishState(row.state), "change") not in rules.STEPS:
        raise Refused(Reason("wrong_state", _("站点已经核实，不能再改。要改请打电话给站点。")))
    form = _filled(row)
    values: dict[str, Any] = {"form": form, "wish": row, "back": back, "nav": nav}
    if request.method == "GET":
        return page("wishes/change.html", **values)
    if not form.validate():
        return invalid("wishes/change.html", **values)
    try:
        write(actions.change, row.id, _wanted(form), actor=current_actor(), now=clock.now())
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("wishes/change.html", **values)
    flash(_("改好了。"), "success")
    return changed(back)


def _filled(row: Wish) -> PrivateForm:
    private = queries.private_of(row.id)
    known = {
        "kind": row.kind.code,
        "what": private.what if private else "",
        "why": private.why if private else "",
        "address": private.address if private else "",
        "amount": str(row.amount),
        "urgency": row.urgency,
        "wished_on": row.wished_on,
    }
    form = PrivateForm(data=known)
    form.offer_lists(org.choices_of(Vocabulary.WISH_KIND, row.kind.code), _bands())
    return form
