"""The own page: the next thing first, then what the person was told, then the rest."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.attendance import decisions
from portal.core import clock
from portal.core.access import allowed, current_actor, signed_in
from portal.core.web import page
from portal.honours import queries_stars, record
from portal.hours import queries as hours
from portal.notices import queries as notices
from portal.pairing import queries as pairing
from portal.people import queries as people
from portal.people import queries_family as families
from portal.people.models import VOLUNTEER_STATE_LABELS, VolunteerState
from portal.services import queries_dispatches as dispatches
from portal.signups import panel, queries_waiting
from portal.signups import queries as signups
from portal.site import told
from portal.wishes import queries_pledges as pledges
from portal.wishes import queries_reach as reach
from portal.wishes import words

bp = Blueprint("me", __name__)
SHOWN = 5


@bp.get("/me")
@allowed(signed_in)
def me() -> ResponseReturnValue:
    """Show the own page."""
    actor, now = current_actor(), clock.now()
    person_id = actor.person_id or 0
    names = {one.person_id: one.person.name for one in families.members_of(person_id)}
    coming = signups.coming_of([person_id, *names], now)
    positions = signups.positions(coming)
    parties = queries_waiting.party_sizes(coming)
    volunteer = people.volunteer_of(person_id)
    return page(
        "site/me.html",
        coming=[
            panel.shown(row, now, positions.get(row.id), parties.get(row.party_id or 0, 0))
            for row in coming[:SHOWN]
        ],
        names=names,
        more=len(coming) > SHOWN,
        notices=told.shown(notices.unread(person_id)),
        volunteer=volunteer,
        volunteer_state=VOLUNTEER_STATE_LABELS[VolunteerState(volunteer.state)]
        if volunteer
        else "",
        minutes=hours.total(person_id),
        to_confirm=decisions.of_person(person_id, actor, now),
        stars=record.star_words(queries_stars.standing(person_id)) if volunteer else (),
        pledges=[words.own(row, clock.local_day(now)) for row in pledges.active_of(person_id)],
        units=pairing.units_of(person_id),
        has_letter=reach.may_have_letter(person_id),
        to_do=dispatches.count_waiting(person_id),
        now=now,
    )
