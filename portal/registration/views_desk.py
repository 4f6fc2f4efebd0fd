"""The desk that decides: applications in a list, one with all it takes to decide, the decisions."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org.models import Vocabulary
from portal.people import actions as people_actions
from portal.people.models import (
    IDENTITY_CHECK_LABELS,
    SEX_LABELS,
    VOLUNTEER_STATE_LABELS,
    IdentityCheck,
    Volunteer,
    VolunteerState,
)
from portal.people.models_consents import CHANNEL_LABELS, Channel
from portal.people.models_teams import PRESENT
from portal.people.rules import age_on, is_minor
from portal.registration import decisions, doubles, policy, queries, words
from portal.registration.forms_desk import ApprovalForm, GuardianForm, RefusalForm, ReturnForm
from portal.registration.views import bp

_one = allowed(policy.may_decide, volunteer=queries.volunteer_by_id)


def stations_kept() -> frozenset[int] | None:
    """Return the stations whose volunteers the actor keeps; None: all."""
    actor = current_actor()
    return None if actor.is_admin else actor.stations(Role.STATION_MANAGER)


@bp.get("/desk/volunteers")
@allowed(policy.keeps_volunteers)
def desk_index() -> ResponseReturnValue:
    """List the volunteers of the own stations, what waits on top."""
    asked = request.args.get("state", "")
    state = VolunteerState(asked) if asked in set(VolunteerState) else None
    query = request.args.get("q", "").strip()[:40]
    kept = stations_kept()
    today = clock.today()
    chips = [{"text": _("全部"), "href": _list_url("", query), "current": state is None}]
    chips += [
        {"text": label, "href": _list_url(one, query), "current": one == state}
        for one, label in VOLUNTEER_STATE_LABELS.items()
    ]
    return page(
        "registration/desk_index.html",
        volunteers=queries.listed(queries.Filter(kept, state, query), page_number(), today),
        overdue=queries.overdue_count(kept, today),
        labels=VOLUNTEER_STATE_LABELS,
        tones=words.STATE_TONES,
        chips=chips,
        keep={"state": state} if state else {},
        query=query,
        today=today,
    )


def _list_url(state: str, query: str) -> str:
    return url_for("registration.desk_index", state=state or None, q=query or None)


@bp.get("/desk/volunteers/<volunteer>")
@_one
def desk_show(volunteer: Volunteer) -> ResponseReturnValue:
    """Show what it takes to decide; that a minor's page was seen is written down."""
    if is_minor(volunteer.person.birth_on, clock.today()):
        write(decisions.note_sight, volunteer.id, "minor", actor=current_actor(), now=clock.now())
    return page("registration/desk_show.html", **_detail(volunteer))


def _detail(row: Volunteer, **forms: Any) -> dict[str, Any]:
    """Return what the page of a volunteer shows."""
    person, state = row.person, VolunteerState(row.state)
    today = clock.today()
    terms = queries.terms_of(row.id)
    minor = is_minor(person.birth_on, today)
    return {
        "row": row,
        "state_words": VOLUNTEER_STATE_LABELS[state],
        "tone": words.STATE_TONES.get(state, "neutral"),
        "age": age_on(person.birth_on, today) if person.birth_on else None,
        "is_overdue": state == VolunteerState.SUBMITTED and row.due_on < today,
        "waits": state == VolunteerState.SUBMITTED,
        "is_own": person.id == current_actor().person_id,
        "sex": SEX_LABELS.get(person.sex) if person.sex else "",
        "skills": words.terms_words(terms, Vocabulary.SKILL),
        "service_kinds": words.terms_words(terms, Vocabulary.SERVICE_KIND),
        "free_times": words.free_times_words(row.free_times),
        "unit": queries.unit(row.unit_id),
        "teams": _("、").join(
            team.name for team, member in queries.teams_of(person.id)
            if member.state in PRESENT
        ),
        "identity": IDENTITY_CHECK_LABELS.get(row.identity_check) if row.identity_check else "",
        "is_minor": minor,
        "guardians": queries.guardian_consents(person.id) if minor else (),
        "guardian_confirmed": minor and queries.guardian_confirmed(person.id),
        "channel_labels": CHANNEL_LABELS,
        "doubles": doubles.doubles(row),
        "sameness": words.SAMENESS_WORDS,
        "timeline": words.timeline(row, for_staff=True),
        "revealed": None,
        "approval": ApprovalForm(formdata=None),
        "back": ReturnForm(formdata=None),
        "refusal": RefusalForm(formdata=None),
        "guardian": GuardianForm(formdata=None),
        **forms,
    }  # fmt: skip


def _again(volunteer: Volunteer, name: str, form: Any) -> Response:
    """Show the page once more with a form that cannot be used."""
    shown = _detail(volunteer, **{name: form})
    return invalid("registration/desk_show.html", **shown, form=form)


def _shown(volunteer: Volunteer, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return changed(url_for("registration.desk_show", volunteer=volunteer.public_id))


@bp.post("/desk/volunteers/<volunteer>/approval")
@_one
def approve(volunteer: Volunteer) -> ResponseReturnValue:
    """Register the applicant."""
    form = ApprovalForm()
    if not form.validate():
        return _again(volunteer, "approval", form)
    row = write(
        decisions.approve, volunteer.id, IdentityCheck(form.identity_check.data),
        form.note.data or "", actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return _shown(volunteer, _("已经通过，编号 %(number)s。", number=row.volunteer_no))


@bp.post("/desk/volunteers/<volunteer>/return")
@_one
def send_back(volunteer: Volunteer) -> ResponseReturnValue:
    """Return the application with what is to be mended."""
    form = ReturnForm()
    if not form.validate():
        return _again(volunteer, "back", form)
    write(
        decisions.send_back, volunteer.id, form.reason.data, actor=current_actor(), now=clock.now()
    )
    return _shown(volunteer, _("已经退回，本人会看到要补充什么。"))


@bp.post("/desk/volunteers/<volunteer>/refusal")
@_one
def refuse(volunteer: Volunteer) -> ResponseReturnValue:
    """Refuse the application for a reason."""
    form = RefusalForm()
    if not form.validate():
        return _again(volunteer, "refusal", form)
    write(decisions.refuse, volunteer.id, form.reason.data, actor=current_actor(), now=clock.now())
    return _shown(volunteer, _("已经记下不通过，本人会看到原因和申诉办法。"))


@bp.post("/desk/volunteers/<volunteer>/guardian")
@_one
def record_guardian(volunteer: Volunteer) -> ResponseReturnValue:
    """Write down that the guardian agreed."""
    form = GuardianForm()
    if not form.validate():
        return _again(volunteer, "guardian", form)
    write(
        decisions.record_guardian, volunteer.id, form.contact(), Channel(form.channel.data),
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return _shown(volunteer, _("监护人同意已经登记。"))


@bp.post("/desk/volunteers/<volunteer>/reveal")
@_one
def reveal(volunteer: Volunteer) -> ResponseReturnValue:
    """Show phone numbers in full; that it was done is written down."""
    write(decisions.note_sight, volunteer.id, "contact", actor=current_actor(), now=clock.now())
    contacts = {
        "phone": volunteer.person.phone,
        "emergency": queries.emergency_of(volunteer),
        "guardian": queries.guardian_of(volunteer.person_id),
    }
    return page("registration/desk_show.html", **_detail(volunteer, revealed=contacts))


@bp.post("/desk/volunteers/<volunteer>/phone-confirmation")
@_one
def confirm_phone(volunteer: Volunteer) -> ResponseReturnValue:
    """Note that the desk saw or called the phone."""
    write(people_actions.confirm_phone, volunteer.person_id, actor=current_actor(), now=clock.now())
    return _shown(volunteer, _("手机号已经核实。"))
