"""The station's desk for wishes: the list, filing on behalf, one with all that is known, paper."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, qr
from portal.core.access import Actor, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.forms import clean
from portal.core.i18n import gettext as _
from portal.core.tables import Page, page_number
from portal.core.web import changed, invalid, page
from portal.people import queries as people
from portal.wishes import actions, actions_desk, desk, filing, numbers, policy, queries, words
from portal.wishes import queries_desk as listing
from portal.wishes.blueprint import bp
from portal.wishes.forms_desk import DeskFilingForm
from portal.wishes.models import WISH_STATE_LABELS, Filer, Urgency, Way, Wish, WishState
from portal.wishes.queries_desk import HERE, RAISED, DeskFilter, Row

PRINTED = 200
_one = allowed(policy.may_keep, wish=queries.wish_by_id)


@bp.get("/desk/wishes")
@allowed(policy.keeps_wishes)
def desk_index() -> ResponseReturnValue:
    """List the stations' wishes: overdue first, then what waits for the station."""
    asked = _asked(current_actor())
    at = desk.moment(clock.now())
    found = listing.listed(asked, at, page_number())
    waiting = listing.waiting(asked.station_ids, at)
    return page(
        "wishes/desk_index.html",
        found=found,
        rows=_in_words(found),
        asked=asked,
        chips=_chips(asked.shown, waiting),
        waiting=waiting,
    )


@bp.get("/desk/wishes/print")
@allowed(policy.keeps_wishes)
def desk_print() -> Response:
    """The same list on paper, without names and phones."""
    asked = _asked(current_actor())
    found = listing.listed(asked, desk.moment(clock.now()), 1, PRINTED)
    return page(
        "wishes/desk_print.html", rows=_in_words(found), found=found, asked=asked, most=PRINTED
    )


def _asked(actor: Actor) -> DeskFilter:
    shown = request.args.get("state", "")
    known = {HERE, RAISED, *WishState}
    typed = (clean(request.args.get("q")) or "")[:40]
    return DeskFilter(desk.kept_by(actor), shown if shown in known else "", typed)


def _chips(shown: str, waiting: listing.Waiting) -> list[dict[str, Any]]:
    entries = [("", _("全部")), (HERE, _("要我们办的 %(n)d", n=waiting.here))]
    if waiting.raised or shown == RAISED:
        entries.append((RAISED, _("下面交上来的 %(n)d", n=waiting.raised)))
    entries += [(state.value, str(label)) for state, label in WISH_STATE_LABELS.items()]
    return [
        {
            "text": text,
            "href": url_for("wishes.desk_index", state=value or None),
            "current": value == shown,
        }
        for value, text in entries
    ]


def _in_words(found: Page[Row]) -> list[dict[str, Any]]:
    live = listing.pledges_of([row.wish.id for row in found.rows])
    return [
        {
            "wish": row.wish,
            "card": words.card(row.wish),
            "title": words.shortened(row.wish.public_text or row.what or row.wish.kind.label),
            "name": row.name or "",
            "is_urgent": row.wish.urgency == Urgency.URGENT and row.wish.state in queries.OPEN,
            "is_overdue": row.is_overdue,
            "next": words.waits_for(row.wish, live.get(row.wish.id, ()), is_overdue=row.is_overdue),
        }
        for row in found.rows
    ]


# --- filing on behalf -----------------------------------------------------------------------------


@bp.route("/desk/wishes/new", methods=["GET", "POST"])
@allowed(policy.keeps_wishes)
def desk_new() -> ResponseReturnValue:
    """Write a wish down for somebody; similar ones are shown before it is filed."""
    actor = current_actor()
    form = filing.offered(DeskFilingForm(), desk.kept_by(actor))
    if request.method == "GET":
        return page("wishes/desk_new.html", form=form)
    if not form.validate():
        return invalid("wishes/desk_new.html", form=form)
    given = _told(form)
    similar = queries.similar(given.wisher.phone, given.wisher.name, given.station_id)
    if similar and not form.is_another.data:
        form.is_another.data = "1"
        return page("wishes/desk_new.html", form=form, similar=desk.hints(similar))
    try:
        row = write(actions.file, given, actor=actor, now=clock.now())
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("wishes/desk_new.html", form=form)
    flash(_("登记好了，编号 %(number)s。可以打印短条交给本人。", number=row.number), "success")
    return changed(url_for("wishes.desk_show", wish=row.public_id))


def _told(form: DeskFilingForm) -> actions.Filing:
    filer = Filer(form.filer.data)
    is_relative = filer == Filer.RELATIVE
    wisher = actions.Contact(form.name.data, form.phone.data)
    relative = actions.Contact(form.filer_name.data or "", form.filer_phone.data or "")
    return filing.told(
        form,
        way=Way(form.way.data),
        filer=filer,
        wisher_id=people.confirmed_id(wisher.name, wisher.phone),
        relative_id=people.confirmed_id(relative.name, relative.phone) if is_relative else None,
        filer_contact=relative if is_relative else actions.Contact(),
    )


# --- one ------------------------------------------------------------------------------------------


@bp.get("/desk/wishes/<wish>")
@_one
def desk_show(wish: Wish) -> ResponseReturnValue:
    """Everything about one wish, and what can be done now."""
    return page("wishes/desk_show.html", **desk.detail(wish, current_actor()))


@bp.post("/desk/wishes/<wish>/reveal")
@_one
def desk_reveal(wish: Wish) -> ResponseReturnValue:
    """Show name, phone and address in full; that it was done is written down."""
    actor = current_actor()
    write(actions_desk.reveal, wish.id, actor=actor, now=clock.now())
    return page("wishes/desk_show.html", **{**desk.detail(wish, actor), "revealed": True})


@bp.get("/desk/wishes/<wish>/slip")
@_one
def desk_slip(wish: Wish) -> ResponseReturnValue:
    """The slip the wisher takes home: number, how to follow it, and the code to confirm with."""
    path = url_for("wishes.track", number=wish.number)
    address = f"{current_app.config['PORTAL'].public_url}{path}"
    return page(
        "wishes/desk_slip.html",
        wish=wish,
        code=numbers.confirmation_code(wish.number),
        address=address,
        svg=qr.svg(address, label=_("用手机查心愿办得怎么样")),
    )


@bp.route("/desk/wishes/<wish>/change", methods=["GET", "POST"])
@_one
def desk_change(wish: Wish) -> ResponseReturnValue:
    """Change the wish together with the wisher, before it is verified."""
    return filing.change(wish, url_for("wishes.desk_show", wish=wish.public_id), nav="desk")
