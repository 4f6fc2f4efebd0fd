"""Filing a wish on the web, and following it by number and phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, current_actor, public
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import queries as people
from portal.records import limits, settings
from portal.wishes import actions, actions_closing, queries, rules, story, words
from portal.wishes.actions import Contact, Filing, Wanted
from portal.wishes.actions_closing import Word
from portal.wishes.blueprint import bp
from portal.wishes.forms import ConfirmationForm
from portal.wishes.forms_filing import FilingForm, TrackForm
from portal.wishes.models import ConfirmWay, Filer, Urgency, Wish, WishState


@bp.route("/wishes/new", methods=["GET", "POST"])
@public
def new() -> ResponseReturnValue:
    """Make a wish, with or without an account; the station calls before anybody reads of it."""
    actor, now = current_actor(), clock.now()
    form = _offered(actor)
    if request.method == "GET":
        return page("wishes/new.html", form=form)
    if not form.validate():
        return invalid("wishes/new.html", form=form)
    wait = limits.seconds_to_wait(limits.WISH_ADDRESS, _address(), now=now)
    if wait:
        return too_many(wait, _("从这里提交的太多了，请过一会儿再试，或者打电话告诉我们。"))
    try:
        row = write(_file_counted, _told(form, actor), _address(), actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("wishes/new.html", form=form)
    flash(
        _("收到了。心愿编号是 %(number)s，请记下来。站点会打电话核实。", number=row.number),
        "success",
    )
    return changed(url_for("wishes.track", number=row.number))


def _offered(actor: Actor) -> FilingForm:
    form = FilingForm()
    bands = [(str(band), words.amount(band)) for band in rules.bands(settings.get("wish_ceiling"))]
    stations = [one for one in org.station_choices() if one.value in _communities()]
    form.offer(org.wish_kind_choices(), bands, stations)
    if request.method == "GET" and actor.person_id:
        person = people.person(actor.person_id)
        form.name.data, form.phone.data = person.name, person.phone
        home = people.home_station(actor.person_id)
        form.station.data = home.public_id if home else ""
    return form


def _communities() -> set[str]:
    return {row.public_id for row in org.communities()}


def _told(form: FilingForm, actor: Actor) -> Filing:
    kind = org.term(Vocabulary.WISH_KIND, form.kind.data)
    station = org.station_by_id(form.station.data)
    if kind is None or station is None:  # both were chosen from the lists
        raise LookupError(form.kind.data)
    is_own = form.filer.data == Filer.WISHER
    wanted = Wanted(
        kind_id=kind.id,
        what=form.what.data,
        why=form.why.data or "",
        amount=int(form.amount.data),
        urgency=Urgency(form.urgency.data),
        wished_on=form.wished_on.data,
        address=form.address.data or "",
    )
    return Filing(
        station_id=station.id,
        wanted=wanted,
        wisher=Contact(form.name.data, form.phone.data),
        filer=Filer(form.filer.data),
        wisher_id=actor.person_id if is_own else None,
        filer_contact=Contact()
        if is_own
        else Contact(form.filer_name.data or "", form.filer_phone.data or ""),
    )


def _file_counted(given: Filing, address: str, *, actor: Actor, now: datetime) -> Wish:
    limits.count(limits.WISH_ADDRESS, address, now=now)
    return actions.file(given, actor=actor, now=now)


# --- following -----------------------------------------------------------------------------------


@bp.route("/wishes/track", methods=["GET", "POST"])
@public
def track() -> ResponseReturnValue:
    """Say where a wish stands; an unknown number and a wrong phone are told alike."""
    form = TrackForm()
    if request.method == "GET":
        form.number.data = request.args.get("number", "")[:30]
        return page("wishes/track.html", form=form)
    found = _tracked(form)
    if not isinstance(found, Wish):
        return found
    return page("wishes/track.html", **_shown(form, found, ConfirmationForm(None)))


@bp.post("/wishes/track/confirmation")
@public
def confirm_by_number() -> ResponseReturnValue:
    """Take down the wisher's word, proved by number and phone."""
    form, confirmation = TrackForm(), ConfirmationForm()
    found = _tracked(form)
    if not isinstance(found, Wish):
        return found
    if not confirmation.validate():
        return invalid("wishes/track.html", **_shown(form, found, confirmation))
    word = Word(
        ConfirmWay.NUMBER_AND_PHONE,
        int(confirmation.satisfaction.data),
        confirmation.note.data or "",
        form.phone.data,
    )
    write(actions_closing.confirm, found.id, word, actor=current_actor(), now=clock.now())
    flash(_("已经确认。谢谢您告诉我们。"), "success")
    return changed(url_for("wishes.track", number=found.number))


def _tracked(form: TrackForm) -> Wish | ResponseReturnValue:
    """Return the wish, or the answer to who could not name it."""
    if not form.validate():
        return invalid("wishes/track.html", form=form)
    number, now = str(form.number.data), clock.now()
    wait = max(
        limits.seconds_to_wait(limits.WISH_TRACK_NUMBER, number, now=now),
        limits.seconds_to_wait(limits.WISH_TRACK_ADDRESS, _address(), now=now),
    )
    if wait:
        return too_many(wait, _("试的次数太多了，请过一会儿再试，或者打电话问。"))
    row = queries.tracked(number, str(form.phone.data))
    if row is not None:
        return row
    write(_count_failed, number, _address(), now=now)
    form.add_error("phone", _("编号和手机号对不上。请核对，或者打电话问。"))
    return invalid("wishes/track.html", form=form)


def _count_failed(number: str, address: str, *, now: datetime) -> None:
    limits.count(limits.WISH_TRACK_NUMBER, number, now=now)
    limits.count(limits.WISH_TRACK_ADDRESS, address, now=now)


def _shown(form: TrackForm, row: Wish, confirmation: ConfirmationForm) -> dict[str, Any]:
    return {
        "form": form,
        "card": words.card(row),
        "story": story.story(row),
        "confirmation": confirmation if row.state == WishState.FULFILLED else None,
    }


def _address() -> str:
    return request.remote_addr or ""
