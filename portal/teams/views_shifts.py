"""A team takes a shift: who leads it signs up members by name, all of them or nobody."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import cards, listing
from portal.activities.queries import Filter as Shifts
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, page
from portal.people import queries_teams
from portal.people.models_teams import MemberState
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState, PlaceRole, Shift
from portal.signups import open_list, panel
from portal.signups import queries as signups
from portal.signups import queries_teams as sent
from portal.signups import team as team_signups
from portal.signups.models import Signup
from portal.signups.open_list import About, Seat
from portal.signups.takable import Offered
from portal.teams import policy, queries
from portal.teams.blueprint import bp
from portal.teams.forms import MembersForm
from portal.teams.policy import Kept

_one = allowed(policy.may_run, team=queries.kept_by_id)


def _may_take(actor: Any, team: Kept, shift: Shift) -> bool:
    """Who runs the team, for whatever is published."""
    return policy.may_run(actor, team) and shift.offering.state == OfferingState.PUBLISHED


@bp.get("/desk/teams/<team>/shifts")
@_one
def desk_shifts(team: Kept) -> ResponseReturnValue:
    """List what the team could take: at its station, or everywhere."""
    everywhere = request.args.get("all") == "1"
    here = url_for("teams.desk_shifts", team=team.team.public_id)
    wanted = Shifts(
        role=PlaceRole.VOLUNTEER, station_id=None if everywhere else team.team.station_id
    )
    now = clock.now()
    found = listing.page_of_list(wanted, page_number(), now)
    chips = [
        {"text": _("本站的"), "href": here, "current": not everywhere},
        {"text": _("全区的"), "href": f"{here}?all=1", "current": everywhere},
    ]
    rows = list(zip(cards.ready(found.rows, now), found.rows, strict=True))
    return page("teams/desk_shifts.html", team=team.team, found=found, rows=rows, chips=chips)


@bp.route("/desk/teams/<team>/shifts/<shift>", methods=["GET", "POST"])
@allowed(_may_take, team=queries.kept_by_id, shift=shifts.shift_by_id)
def desk_take(team: Kept, shift: Shift) -> ResponseReturnValue:
    """Choose who goes; all of them are signed up, or nobody."""
    form = _form(team, shift)
    if request.method == "GET":
        return _page(team, shift, form)
    if not form.validate():
        return _page(team, shift, form, status=422)
    chosen = set(form.members.data or ())
    rows = queries_teams.rows_of(team.team.id, MemberState.MEMBER)
    person_ids = [row.person_id for row in rows if row.person.public_id in chosen]
    shift_id, team_id = shift.id, team.team.id
    actor, now = current_actor(), clock.now()
    try:
        found = write(team_signups.sign_up, shift_id, team_id, person_ids, actor=actor, now=now)
    except Refused as refused:
        return _page(team, shifts.shift(shift_id), form, refused.reasons, status=409)
    flash(
        _("报好了 %(n)d 位队员，他们都会收到通知。", n=sum(one.is_new for one in found)), "success"
    )
    return changed(_address(team, shift))


@bp.get("/desk/teams/<team>/members/<person>/open")
@allowed(policy.may_run, team=queries.kept_by_id)
def desk_member_open(team: Kept, person: str) -> ResponseReturnValue:
    """List what a member can take with the team; why somebody cannot is theirs to know."""
    rows = queries_teams.rows_of(team.team.id, MemberState.MEMBER)
    member = next((row.person for row in rows if row.person.public_id == person), None)
    if member is None:
        abort(404)
    about = About(member, lambda row: _seat(team, row, person), team.team.id)
    shown = open_list.ready(about, actor=current_actor(), now=clock.now())
    back = url_for("teams.desk_show", team=team.team.public_id)
    return page("signups/open.html", **shown, whom=[], own=False, back_href=back)


def _seat(team: Kept, row: Offered, person: str) -> Seat:
    to = url_for("teams.desk_take", team=team.team.public_id, shift=row.shift.public_id)
    return Seat(to, {"members": person})


@bp.post("/desk/teams/<team>/shifts/<shift>/signups/<signup>/withdrawal")
@allowed(_may_take, team=queries.kept_by_id, shift=shifts.shift_by_id)
def desk_give_up(team: Kept, shift: Shift, signup: str) -> ResponseReturnValue:
    """Withdraw a member whom the team signed up."""
    row = signups.signup_by_id(signup)
    if row is None or row.shift_id != shift.id or sent.team_of(row.id) != team.team.id:
        abort(404)
    write(team_signups.withdraw, row.id, "", actor=current_actor(), now=clock.now())
    flash(_("已经取消，本人会收到通知。"), "success")
    return changed(_address(team, shift))


# --- parts ---------------------------------------------------------------------------------------


def _address(team: Kept, shift: Shift) -> str:
    return url_for("teams.desk_take", team=team.team.public_id, shift=shift.public_id)


def _on(team: Kept, shift: Shift) -> dict[int, Signup]:
    members = queries_teams.member_ids(team.team.id)
    return {row.person_id: row for row in signups.on_shift(shift.id) if row.person_id in members}


def _form(team: Kept, shift: Shift) -> MembersForm:
    form = MembersForm()
    taken = _on(team, shift)
    form.members.choices = choices(
        (row.person.public_id, row.person.name)
        for row in queries_teams.rows_of(team.team.id, MemberState.MEMBER)
        if row.person_id not in taken
    )
    return form


def _page(
    team: Kept,
    shift: Shift,
    form: MembersForm,
    reasons: tuple[Reason, ...] = (),
    status: int = 200,
) -> Response:
    now = clock.now()
    rows = list(_on(team, shift).values())
    own = sent.of_team([row.id for row in rows], team.team.id)
    positions = signups.positions(rows)
    return page(
        "teams/desk_take.html",
        status=status,
        team=team.team,
        shift=shift,
        panel=panel.panel(shift, current_actor(), now),
        signed_up=[(panel.shown(row, now, positions.get(row.id)), row.id in own) for row in rows],
        form=form,
        reasons=reasons,
    )
