"""One's own pages: the hours, and the code for the desk's camera."""

from __future__ import annotations

from flask import flash, make_response, url_for
from flask.typing import ResponseReturnValue

from portal.attendance import own_codes, records, rule_words
from portal.attendance.views import bp
from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.hours import queries as ledger
from portal.people import queries as people
from portal.people import queries_family as families


@bp.get("/me/hours")
@allowed(signed_in)
def my_hours() -> ResponseReturnValue:
    """List every record with its source, and for each missing or zero one why."""
    actor = current_actor()
    shown = records.records_of(actor.person_id or 0, actor, clock.now())
    lines = rule_words.lines(ledger.terms(clock.today()))
    return page("attendance/hours.html", records=shown, lines=lines)


@bp.get("/me/code")
@allowed(signed_in)
def my_code() -> ResponseReturnValue:
    """Show the own code, and six characters to say aloud."""
    person = people.person(current_actor().person_id or 0)
    family = families.members_of(person.id)
    return page("attendance/code.html", card=own_codes.card(person), has_family=bool(family))


@bp.get("/me/code.svg")
@allowed(signed_in)
def my_code_svg() -> ResponseReturnValue:
    """Give the own code as a picture."""
    person = people.person(current_actor().person_id or 0)
    response = make_response(own_codes.card(person).picture)
    response.headers["Content-Type"] = "image/svg+xml"
    return response


@bp.get("/me/code/cards")
@allowed(signed_in)
def my_code_cards() -> ResponseReturnValue:
    """Print the own code, and those of the family, to cut out and take along."""
    person = people.person(current_actor().person_id or 0)
    own = [person, *(one.person for one in families.members_of(person.id))]
    back = url_for("attendance.my_code")
    return page("attendance/code_cards.html", cards=own_codes.cards(own), back_href=back)


@bp.get("/me/code/replacement")
@allowed(signed_in)
def ask_replacement() -> ResponseReturnValue:
    """Say what replacing the code means."""
    return page("attendance/code_replace.html")


@bp.post("/me/code/replacement")
@allowed(signed_in)
def replace_my_code() -> ResponseReturnValue:
    """Replace the own code: prints of the old one say since when they are old."""
    actor = current_actor()
    write(own_codes.replace, actor.person_id or 0, actor=actor, now=clock.now())
    flash(_("换好了。旧的码不能再用，打印过的请重新打印。"), "success")
    return changed(url_for("attendance.my_code"))
