"""One's own wishes, pledges, the weekly letter, and what a unit's liaison has been shown."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import units
from portal.wishes import (
    actions,
    actions_letter,
    actions_stories,
    filing,
    policy,
    queries,
    telling,
    words,
)
from portal.wishes import queries_pledges as pledges
from portal.wishes import queries_reach as reach
from portal.wishes import queries_stories as stories
from portal.wishes.blueprint import bp
from portal.wishes.forms_desk import WithdrawForm
from portal.wishes.models import Wish
from portal.wishes.models_pledges import PledgeState

_own = allowed(policy.speaks_for, wish=queries.wish_by_id)


@bp.get("/me/wishes")
@allowed(signed_in)
def my_wishes() -> ResponseReturnValue:
    """One's wishes, and those filed for the family, with what to do next."""
    return page("wishes/mine.html", **_mine())


def _mine(**values: Any) -> dict[str, Any]:
    person_id = current_actor().person_id or 0
    rows = queries.of_person(person_id, filed_as_staff=False)
    said = queries.what_of([row.id for row in rows])
    told = {row.wish.public_id: row for row in stories.of_wishes([row.id for row in rows])}
    return {
        "wishes": [words.mine(row, said.get(row.id, "")) for row in rows],
        "stories": {one.wish_id: one for one in telling.stories(list(told.values()))},
        "letter": reach.may_have_letter(person_id),
        "withdrawing": WithdrawForm(None),
        "withdrawn": "",
        **values,
    }


@bp.route("/me/wishes/<wish>/change", methods=["GET", "POST"])
@_own
def my_change(wish: Wish) -> ResponseReturnValue:
    """Say the wish anew, while nobody has verified it."""
    return filing.change(wish, url_for("wishes.my_wishes"), nav="me")


@bp.post("/me/wishes/<wish>/withdrawal")
@_own
def my_withdraw(wish: Wish) -> ResponseReturnValue:
    """Take the wish back."""
    form = WithdrawForm()
    if not form.validate():
        return invalid("wishes/mine.html", **_mine(withdrawing=form, withdrawn=wish.public_id))
    reason, actor = form.withdraw_reason.data, current_actor()
    write(actions.withdraw, wish.id, reason, actor=actor, now=clock.now())
    flash(_("已经撤回。以后可以再提。"), "success")
    return changed(url_for("wishes.my_wishes"))


@bp.post("/me/wishes/<wish>/story/removal")
@_own
def my_take_back(wish: Wish) -> ResponseReturnValue:
    """Take the consent to be told of back; the story is gone at once."""
    write(actions_stories.take_back, wish.id, actor=current_actor(), now=clock.now())
    flash(_("故事已经撤下。"), "success")
    return changed(url_for("wishes.my_wishes"))


@bp.get("/me/pledges")
@allowed(signed_in)
def my_pledges() -> ResponseReturnValue:
    """What one has pledged: to be done, and past."""
    today = clock.today()
    rows = pledges.of_person(current_actor().person_id or 0)
    active = sorted(
        (row for row in rows if row.state == PledgeState.ACTIVE), key=lambda row: row.promised_on
    )
    past = [row for row in rows if row.state != PledgeState.ACTIVE]
    return page(
        "wishes/my_pledges.html",
        active=[words.own(row, today) for row in active],
        past=[words.own(row, today) for row in past],
    )


# --- the weekly letter ----------------------------------------------------------------------------


@bp.get("/me/wishes/letter")
@allowed(signed_in)
def my_letter() -> ResponseReturnValue:
    """This week's wishes that may suit one, each with the reason; and the switch."""
    person_id = current_actor().person_id or 0
    rows = reach.letter_of(person_id)
    return page(
        "wishes/letter.html",
        items=[
            {
                "card": words.card(row.wish),
                "is_near": row.is_near,
                "skill": row.skill.label if row.skill else "",
            }
            for row in rows
        ],
        may_have=reach.may_have_letter(person_id),
        wanted=reach.wants_letter(person_id),
    )


@bp.post("/me/wishes/letter")
@allowed(signed_in)
def my_want_letter() -> ResponseReturnValue:
    """Switch the letter on or off."""
    actor, wanted = current_actor(), request.form.get("wanted") == "1"
    write(
        actions_letter.want_letter, actor.person_id or 0, wanted=wanted,
        actor=actor, now=clock.now(),
    )  # fmt: skip
    flash(_("记下了，每周会有一封心愿信。") if wanted else _("记下了，不再发心愿信。"), "success")
    return changed(url_for("wishes.my_letter"))


# --- a unit's liaison -----------------------------------------------------------------------------


@bp.get("/me/unit-wishes")
@allowed(signed_in)
def unit_wishes() -> ResponseReturnValue:
    """Unclaimed wishes of the communities one's unit is paired with."""
    unit_ids = units.units_of(current_actor().person_id or 0)
    rows = reach.shown_to_units(unit_ids) if unit_ids else ()
    return page("wishes/unit.html", cards=words.cards(rows), is_liaison=bool(unit_ids))
