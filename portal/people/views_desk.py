"""The desk for people: find a person, hand over a one-time code for a new password."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.forms import clean
from portal.core.web import invalid, page
from portal.people import counter, desk_page, queries
from portal.people.forms_records import CodeForm
from portal.people.models import Person
from portal.people.resets import RESET_CODE_LIFE
from portal.people.views import bp

_one = allowed(counter.may_help, person=counter.person_to_help)


@bp.get("/desk/people")
@allowed(counter.helps_people)
def desk_index() -> ResponseReturnValue:
    """Find people by their whole name or phone number."""
    words = (clean(request.args.get("q")) or "")[:40]
    enough = len(words) >= counter.SHORTEST_SEARCH
    rows = counter.found(words, current_actor()) if enough else ()
    return page("people/desk_index.html", query=words, enough=enough, rows=rows)


@bp.get("/desk/people/<person>")
@_one
def desk_show(person: Person) -> ResponseReturnValue:
    """Show a person: the way to a code, and what is on record; a minor's page seen is logged."""
    write(counter.note_sight, person.id, actor=current_actor(), now=clock.now())
    return page("people/desk_show.html", **desk_page.values(queries.person(person.id)))


@bp.post("/desk/people/<person>/reset-code")
@_one
def hand_code(person: Person) -> ResponseReturnValue:
    """Show a new code this once; it is not kept in a readable form."""
    form = CodeForm()
    if not form.validate():
        return invalid("people/desk_show.html", **desk_page.values(person, code=form))
    code = write(
        counter.hand_code, person.id, counter.Identified(form.identified.data), form.note.data,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return page(
        "people/desk_code.html",
        person=person,
        code=f"{code[:4]} {code[4:]}",
        until=clock.now() + RESET_CODE_LIFE,
    )
