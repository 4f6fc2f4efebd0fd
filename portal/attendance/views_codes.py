"""The codes of people without a phone: printed for them at the desk, replaced when lost."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import own_codes
from portal.attendance.views import bp
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import page
from portal.people import counter
from portal.people.models import Person

_one = allowed(counter.may_help, person=counter.person_to_help)


@bp.post("/desk/people/<person>/code-card")
@_one
def print_code(person: Person) -> ResponseReturnValue:
    """Show the card of somebody who asked for it; who printed whose is logged."""
    write(own_codes.note_print, person.id, actor=current_actor(), now=clock.now())
    return _card(person)


@bp.post("/desk/people/<person>/code-replacement")
@_one
def replace_code(person: Person) -> ResponseReturnValue:
    """Replace a code that was lost, and show the new card."""
    write(own_codes.replace, person.id, actor=current_actor(), now=clock.now())
    flash(_("换好了。旧的码不能再用，打印过的请重新打印。"), "success")
    return _card(person)


def _card(person: Person) -> ResponseReturnValue:
    back = url_for("people.desk_show", person=person.public_id)
    return page("attendance/code_cards.html", cards=[own_codes.card(person)], back_href=back)
