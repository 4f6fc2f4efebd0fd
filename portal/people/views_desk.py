"""The desk for people: find a person, hand over a one-time code for a new password."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.forms import Form, choices, clean, needed, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.core.web import invalid, page
from portal.people import counter, queries
from portal.people.models import Person
from portal.people.resets import RESET_CODE_LIFE
from portal.people.views import bp

_one = allowed(counter.may_help, person=counter.person_to_help)


class CodeForm(Form):
    """How the person was identified."""

    identified = RadioField(
        _l("怎么确认是本人"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, label) for one, label in counter.IDENTIFIED_LABELS.items()),
    )
    note = text_field(_l("记一句"), longest=200)


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
    """Show a person, and the way to a code."""
    return page("people/desk_show.html", **_shown(person, CodeForm(formdata=None)))


@bp.post("/desk/people/<person>/reset-code")
@_one
def hand_code(person: Person) -> ResponseReturnValue:
    """Show a new code this once; it is not kept in a readable form."""
    form = CodeForm()
    if not form.validate():
        return invalid("people/desk_show.html", **_shown(person, form))
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


def _shown(person: Person, form: CodeForm) -> dict[str, Any]:
    may_have = current_actor().is_admin or not queries.is_staff(person.id)
    return {
        "person": person,
        "account": queries.account_of(person.id),
        "may_have_code": may_have,
        "form": form,
    }
