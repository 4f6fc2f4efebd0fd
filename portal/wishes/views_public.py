"""The public wall, a wish's page, pledging it, and the wisher's word at its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, allowed, current_actor, public
from portal.core.copies import cached
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.security import within
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.people import queries as people
from portal.wishes import (
    actions_closing,
    actions_pledges,
    asking,
    policy,
    queries,
    story,
    telling,
    words,
)
from portal.wishes import queries_pledges as pledges
from portal.wishes import queries_stories as stories
from portal.wishes.actions_closing import Word
from portal.wishes.actions_pledges import Promise
from portal.wishes.blueprint import bp
from portal.wishes.forms import ConfirmationForm, PledgeForm, ReopeningForm
from portal.wishes.models import ON_WALL, ConfirmWay, Wish, WishState
from portal.wishes.rules import BANDS

SEARCHES_A_SECOND = 20
USUAL_DAYS = 7
STORIES = 3


@bp.get("/wishes")
@public
def wall() -> ResponseReturnValue:
    """The wall: what waits for somebody first, twenty a page."""
    if request.args.get("q") and not within("search", SEARCHES_A_SECOND):
        abort(429)
    return cached(_wall)


def _wall() -> Response:
    home = people.home_station(current_actor().person_id or 0)
    asked = asking.read(request.args, clock.now(), home)
    found = queries.listed(asked.filter, page_number())
    return page(
        "wishes/wall.html",
        asked=asked,
        found=found,
        cards=words.cards(found.rows),
        stations=org.station_choices(),
        kinds=org.wish_kind_choices(),
        bands=[(str(band), words.amount(band)) for band in BANDS],
        home=home if not asked.values["near"] else None,
        stories=telling.stories(stories.told(1, STORIES).rows),
    )


@bp.get("/wishes/<wish>")
@public
def show(wish: str) -> ResponseReturnValue:
    """One wish: what everybody reads, and what the reader can do about it."""
    return cached(lambda: _show(wish))


def _show(public_id: str) -> Response:
    actor = current_actor()
    row = queries.wish_by_id(public_id)
    if row is None or not (row.state in ON_WALL or policy.may_change(actor, row)):
        abort(404)
    return page("wishes/show.html", **_values(row, actor))


def _values(
    row: Wish,
    actor: Actor,
    form: PledgeForm | None = None,
    confirmation: ConfirmationForm | None = None,
    reopening: ReopeningForm | None = None,
) -> dict[str, Any]:
    parts = words.parts(row)
    person_id = actor.person_id or 0
    is_free = row.state == WishState.PUBLISHED
    may_confirm = row.state == WishState.FULFILLED and policy.may_confirm(actor, row)
    return {
        "wish": row,
        "card": words.card(row),
        "parts": parts,
        "own": pledges.live(row.id, person_id) if person_id else None,
        "is_free": is_free,
        "form": form or (_form(row, actor) if is_free and actor.is_signed_in else None),
        "confirmation": (confirmation or ConfirmationForm(None)) if may_confirm else None,
        "reopening": (reopening or ReopeningForm(None)) if may_confirm else None,
        "story": story.story(row) if policy.may_change(actor, row) else [],
        "photos": stories.photos_of_wishes([row.id]) if policy.sees_photos(actor, row) else [],
    }


def _form(row: Wish, actor: Actor) -> PledgeForm:
    """Return the pledge's form with the free parts and the person's teams to choose from."""
    form = PledgeForm()
    free = [(str(part.number), part.label) for part in words.parts(row) if not part.taken_by]
    teams = [(one.public_id, one.name) for one in pledges.teams_of(actor.person_id or 0)]
    form.part.choices = choices([("0", _("还没人认领的一份")), *free])
    form.team.choices = choices([("", _("以个人名义")), *teams])
    form.part.data = form.part.data or (free[0][0] if free else "0")
    form.team.data = form.team.data or ""
    if request.method == "GET":
        form.promised_on.data = clock.today() + timedelta(days=USUAL_DAYS)
    return form


def _anybody(actor: Actor, wish: Wish) -> bool:  # noqa: ARG001  a clause's form
    return True


@bp.post("/wishes/<wish>/pledge")
@allowed(_anybody, wish=queries.wish_on_wall)
def pledge(wish: Wish) -> ResponseReturnValue:
    """Take on the wish, or a part of it."""
    actor, now = current_actor(), clock.now()
    form = _form(wish, actor)
    if wish.state == WishState.PUBLISHED and not form.validate():
        return invalid("wishes/show.html", **_values(wish, actor, form))
    team = people.team_by_id(form.team.data) if form.team.data else None
    part = int(form.part.data) if form.part.data.isdecimal() else 0
    promised_on = form.promised_on.data or clock.today()
    promise = Promise(actor.person_id or 0, promised_on, part, team.id if team else None)
    try:
        write(actions_pledges.pledge, wish.id, promise, actor=actor, now=now)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("wishes/show.html", **_values(wish, actor, form))
    except Refused as refused:
        if not {"taken", "not_on_wall"} & set(refused.codes):
            raise
        return _others_instead(wish, refused)
    flash(_("认领好了，谢谢您。请在答应的日期前办好。"), "success")
    return changed(url_for("wishes.show", wish=wish.public_id))


def _others_instead(wish: Wish, refused: Refused) -> Response:
    """Say who has it, and offer others like it that still wait."""
    rows = queries.alike(wish, current_actor().person_id or 0)
    return page(
        "wishes/taken.html",
        status=409,
        wish=wish,
        reasons=refused.reasons,
        cards=words.cards(rows),
    )


@bp.post("/wishes/<wish>/confirmation")
@allowed(policy.may_confirm, wish=queries.wish_on_wall)
def confirm(wish: Wish) -> ResponseReturnValue:
    """Take down the wisher's word: done, and how well."""
    actor, form = current_actor(), ConfirmationForm()
    if not form.validate():
        return invalid("wishes/show.html", **_values(wish, actor, confirmation=form))
    way = ConfirmWay.ACCOUNT if policy.speaks_for(actor, wish) else ConfirmWay.CALL_BACK
    word = Word(way, int(form.satisfaction.data), form.note.data or "", with_photo=form.with_photo)
    write(actions_closing.confirm, wish.id, word, actor=actor, now=clock.now())
    flash(_("已经确认。谢谢您告诉我们。"), "success")
    return changed(url_for("wishes.show", wish=wish.public_id))


@bp.post("/wishes/<wish>/reopening")
@allowed(policy.may_confirm, wish=queries.wish_on_wall)
def reopen(wish: Wish) -> ResponseReturnValue:
    """Take down that it is not done yet, and what is missing."""
    actor, form = current_actor(), ReopeningForm()
    if not form.validate():
        return invalid("wishes/show.html", **_values(wish, actor, reopening=form))
    note = form.shortfall.data or ""
    write(actions_closing.reopen, wish.id, note, actor=actor, now=clock.now())
    flash(_("已经告诉认领人，请他再去看看。"), "success")
    return changed(url_for("wishes.show", wish=wish.public_id))
