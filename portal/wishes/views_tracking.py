"""Following a wish without an account: by its number, and the phone or the code from the desk."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, tokens
from portal.core.access import current_actor, public
from portal.core.db import write
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.records import limits
from portal.wishes import actions_closing, numbers, queries, story, words
from portal.wishes.actions_closing import Proof, Word
from portal.wishes.blueprint import bp
from portal.wishes.forms import ConfirmationForm, ReopeningForm
from portal.wishes.forms_filing import TrackForm
from portal.wishes.models import ConfirmWay, Wish, WishState


@bp.route("/wishes/track", methods=["GET", "POST"])
@public
def track() -> ResponseReturnValue:
    """Say where a wish stands; an unknown number and a wrong proof are told alike."""
    form = TrackForm()
    if request.method == "GET":
        form.number.data = request.args.get("number", "")[:30]
        return page("wishes/track.html", form=form)
    found = _tracked(form)
    if not isinstance(found, Wish):
        return found
    return page("wishes/track.html", **_shown(form, found))


@bp.post("/wishes/track/confirmation")
@public
def confirm_by_number() -> ResponseReturnValue:
    """Take down the wisher's word, proved by the number with the phone or the code."""
    form, confirmation = TrackForm(), ConfirmationForm()
    found = _tracked(form)
    if not isinstance(found, Wish):
        return found
    if not confirmation.validate():
        return invalid("wishes/track.html", **_shown(form, found, confirmation=confirmation))
    proof = _proof(form)
    word = Word(
        proof.way,
        int(confirmation.satisfaction.data),
        confirmation.note.data or "",
        proof.words,
        confirmation.with_photo,
    )
    write(actions_closing.confirm, found.id, word, actor=current_actor(), now=clock.now())
    flash(_("已经确认。谢谢您告诉我们。"), "success")
    return changed(url_for("wishes.track", number=found.number))


@bp.post("/wishes/track/reopening")
@public
def reopen_by_number() -> ResponseReturnValue:
    """Take down that it is not done yet, proved in the same way."""
    form, reopening = TrackForm(), ReopeningForm()
    found = _tracked(form)
    if not isinstance(found, Wish):
        return found
    if not reopening.validate():
        return invalid("wishes/track.html", **_shown(form, found, reopening=reopening))
    note, actor = reopening.shortfall.data, current_actor()
    write(actions_closing.reopen, found.id, note, _proof(form), actor=actor, now=clock.now())
    flash(_("已经告诉认领人，请他再去看看。"), "success")
    return changed(url_for("wishes.track", number=found.number))


def _proof(form: TrackForm) -> Proof:
    given = str(form.phone.data)
    is_code = numbers.is_code(given)
    return Proof(ConfirmWay.CODE if is_code else ConfirmWay.NUMBER_AND_PHONE, given)


def _tracked(form: TrackForm) -> Wish | ResponseReturnValue:
    """Return the wish, or the answer to who could not name it."""
    if not form.validate():
        return invalid("wishes/track.html", form=form)
    number, now = str(form.number.data), clock.now()
    attempts = (limits.WISH_TRACK_NUMBER, number), (limits.WISH_TRACK_ADDRESS, _address())
    wait = limits.longest_wait(*attempts, now=now)
    if wait:
        return too_many(wait, _("试的次数太多了，请过一会儿再试，或者打电话问。"))
    row = _proved(number, str(form.phone.data))
    if row is not None:
        return row
    write(limits.count_all, *attempts, now=now)
    form.add_error("phone", _("编号和手机号、确认码对不上。请核对，或者打电话问。"))
    return invalid("wishes/track.html", form=form)


def _proved(number: str, proof: str) -> Wish | None:
    if not numbers.is_code(proof):
        return queries.tracked(number, proof)
    fits = tokens.same(proof, numbers.confirmation_code(number))
    return queries.wish_by_number(number) if fits else None


def _shown(form: TrackForm, row: Wish, **sent: Any) -> dict[str, Any]:
    is_open = row.state == WishState.FULFILLED
    return {
        "form": form,
        "card": words.card(row),
        "story": story.story(row),
        "confirmation": ConfirmationForm(None) if is_open else None,
        "reopening": ReopeningForm(None) if is_open else None,
        **sent,
    }


def _address() -> str:
    return request.remote_addr or ""
