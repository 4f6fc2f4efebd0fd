"""One's own pledge: the contact, more time, giving back, the delivery."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.records import files
from portal.wishes import actions_pledges, actions_stories, policy, words
from portal.wishes import queries_pledges as pledges
from portal.wishes import queries_stories as stories
from portal.wishes.actions_pledges import Address, Help
from portal.wishes.actions_stories import Shot
from portal.wishes.blueprint import bp
from portal.wishes.forms import DeliveryForm, ExtensionForm, ReturnForm
from portal.wishes.models_pledges import Pledge
from portal.wishes.models_stories import Shown

# Where the message of an action stands in the form.
_FIELDS = {"starts_at": "helped_from", "photo": "photo"}


@bp.get("/pledges/<pledge>")
@allowed(policy.is_pledger, pledge=pledges.pledge_by_id)
def pledge_page(pledge: Pledge) -> ResponseReturnValue:
    """What was promised, and what the pledger can do now."""
    return page("wishes/pledge.html", **_values(pledge))


def _values(
    row: Pledge,
    *,
    returning: ReturnForm | None = None,
    extension: ExtensionForm | None = None,
    delivery: DeliveryForm | None = None,
    contact: Address | None = None,
) -> dict[str, Any]:
    return {
        "own": words.own(row, clock.today()),
        "returning": returning or ReturnForm(None),
        "extension": extension or ExtensionForm(None),
        "delivery": delivery or _delivery(row, sent=False),
        "photos": stories.photos_of([row.id]),
        "contact": contact,
        "has_errors": any(form and form.errors for form in (returning, extension, delivery)),
    }


@bp.post("/pledges/<pledge>/contact")
@allowed(policy.is_pledger, pledge=pledges.pledge_by_id)
def contact(pledge: Pledge) -> Response:
    """Show whom to call; that it was shown is written down."""
    found = write(actions_pledges.reveal, pledge.id, actor=current_actor(), now=clock.now())
    return page("wishes/pledge.html", **_values(pledge, contact=found))


@bp.post("/pledges/<pledge>/extension")
@allowed(policy.is_pledger, pledge=pledges.pledge_by_id)
def extend(pledge: Pledge) -> ResponseReturnValue:
    """Put the promised day off, once."""
    form = ExtensionForm()
    if not form.validate():
        return invalid("wishes/pledge.html", **_values(pledge, extension=form))
    reason = form.extension_reason.data or ""
    try:
        write(
            actions_pledges.extend, pledge.id, form.promised_on.data, reason,
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return invalid("wishes/pledge.html", **_values(pledge, extension=form))
    flash(_("已经延期。"), "success")
    return changed(url_for("wishes.pledge_page", pledge=pledge.public_id))


@bp.post("/pledges/<pledge>/return")
@allowed(policy.is_pledger, pledge=pledges.pledge_by_id)
def give_back(pledge: Pledge) -> ResponseReturnValue:
    """Give it back; somebody else may pledge it."""
    form = ReturnForm()
    if not form.validate():
        return invalid("wishes/pledge.html", **_values(pledge, returning=form))
    reason = form.reason.data or ""
    write(actions_pledges.give_back, pledge.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已经退回，心愿回到了心愿墙。"), "success")
    return changed("/me")


@bp.post("/pledges/<pledge>/delivery")
@allowed(policy.is_pledger, pledge=pledges.pledge_by_id)
def deliver(pledge: Pledge) -> ResponseReturnValue:
    """Note that it is done, and the time it took."""
    form = _delivery(pledge)
    if not form.validate():
        return invalid("wishes/pledge.html", **_values(pledge, delivery=form))
    note, actor = form.note.data or "", current_actor()
    try:
        shot = _shot(form)
        given = _helps(form, pledge)
        write(actions_stories.deliver, pledge.id, note, given, shot, actor=actor, now=clock.now())
    except Invalid as wrong:
        form.add_error(_FIELDS.get(wrong.field, "minutes"), wrong.message)
        return invalid("wishes/pledge.html", **_values(pledge, delivery=form))
    flash(_("记下了，谢谢您。等许愿人确认后，站点销号。"), "success")
    return changed("/me")


def _delivery(row: Pledge, *, sent: bool = True) -> DeliveryForm:
    """Return the form; a team's has its other members to choose from."""
    form = DeliveryForm() if sent else DeliveryForm(None)
    members = pledges.members_of(row.team_id) if row.team_id else ()
    form.helpers.choices = choices(
        (one.public_id, one.name) for one in members if one.id != row.person_id
    )
    return form


def _helps(form: DeliveryForm, row: Pledge) -> list[Help]:
    """Return the time given: the pledger's, and the same for each member who went along."""
    if not form.minutes.data:
        return []
    chosen = set(form.helpers.data or ())
    members = pledges.members_of(row.team_id) if row.team_id else ()
    went = [row.person_id, *(one.id for one in members if one.public_id in chosen)]
    return [Help(one, form.starts_at, form.minutes.data) for one in dict.fromkeys(went)]


def _shot(form: DeliveryForm) -> Shot | None:
    """Return the photo redrawn, before anything is locked. Raises Invalid for what is none."""
    if not form.photo.data:
        return None
    with closing(form.photo.data) as sent:  # a large one is a temporary file
        return Shot(files.picture(sent.read(files.MOST_BYTES + 1)), Shown(form.shown.data))
