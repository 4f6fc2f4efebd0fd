"""Verbs of the volunteer: apply, withdraw, pause, leave, take a consent back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org.queries import add_working_days
from portal.people import actions as people_actions
from portal.people import consents
from portal.people import queries as people
from portal.people.guardians import put_guardian
from portal.people.locks import lock_person
from portal.people.models import Volunteer, VolunteerState
from portal.people.models_consents import Channel, ConsentKind, GuardianConsent
from portal.records import audit, settings
from portal.registration import application, moves, queries, rules
from portal.registration.application import Application, Details


def apply(person_id: int, given: Application, *, actor: Actor, now: datetime) -> Volunteer:
    """Send the form in, for the first time or again; what stands already stays as it is.

    Raises Invalid beside the field when the person is too young or a guardian is missing.
    """
    person = lock_person(person_id)
    row = people.volunteer_of(person_id)
    before = VolunteerState(row.state) if row else None
    verb = rules.apply_verb(before)
    if row is not None and verb is None:
        return row
    _must_not_have_withdrawn(person_id, actor=actor)
    _must_be_old_enough(person_id, given, actor=actor)
    if row is None:
        row = Volunteer(person_id=person_id, station_id=given.station_id, free_times=0)
    else:
        moves.mark_days(row)
    row.state = VolunteerState.SUBMITTED
    row.applied_at = now
    row.due_on = add_working_days(clock.local_day(now), settings.get("application_days"))
    db.session.add(row)
    db.session.flush()
    application.put_person(person, given)
    application.put_details(row, given)
    row.unit_id = given.unit_id
    if given.id_number:
        application.put_id_number(row, given.id_number)
    moves.mark_days(row)
    application.put_consents(person_id, given, actor=actor, now=now)
    application.ask_for_teams(person_id, given.team_ids, now=now)
    if given.guardian and rules.needs_guardian(given.birth_on, clock.local_day(now)):
        put_guardian(person_id, given.guardian, given.channel, actor=actor, now=now)
    moves.record(row, before or "", verb or rules.SUBMIT, actor=actor, now=now)
    return row


def change_details(volunteer_id: int, given: Details, *, actor: Actor, now: datetime) -> Volunteer:
    """Take over what the volunteer says anew; the log names the fields, never what they hold.

    The community is also the person's home. Raises Refused(`wrong_state`) for who is not
    registered.
    """
    row = moves.lock(volunteer_id)
    if row.state not in rules.MAY_CHANGE:
        raise Refused(Reason("wrong_state", _("现在不是注册志愿者，不能改这些。可以重新申请。")))
    fields = rules.differing(queries.details_of(row), given)
    if not fields:
        return row
    moves.mark_days(row)
    application.put_details(row, given)
    row.person.home_station_id = given.station_id
    moves.mark_days(row)
    audit.record(
        "volunteer.change", moves.ref(row), actor=actor, now=now,
        station_id=row.station_id, person=row.person_id, fields=" ".join(fields),
    )  # fmt: skip
    return row


def apply_for(
    details: people_actions.NewPerson, given: Application, *, actor: Actor, now: datetime
) -> Volunteer:
    """Send the form in for somebody at the desk, who is put on record when not known.

    Known is who gave this phone under this name, with no other birth date.
    """
    person = queries.known_person(details.name, details.phone, given.birth_on)
    if person is None:
        person = people_actions.record_person(details, actor=actor, now=now)
    return apply(person.id, given, actor=actor, now=now)


def _must_not_have_withdrawn(person_id: int, *, actor: Actor) -> None:
    """Who took the notice's consent back gives it again first, where they took it back.

    At the desk the person's own word on the form is that consent, with who wrote it down.
    """
    if actor.person_id == person_id and consents.standing(person_id).withdrew_notice:
        message = _("您撤回了隐私告知的同意，不能申请做志愿者。重新同意以后就可以申请。")
        raise Refused(Reason("consent_withdrawn", message, _("去看隐私和我的数据"), "/me/privacy"))


def _must_be_old_enough(person_id: int, given: Application, *, actor: Actor) -> None:
    today = clock.today()
    own = actor.person_id == person_id
    minimum = settings.get("volunteer_minimum_age")
    too_young = rules.age_refusal(given.birth_on, today, minimum, own=own)
    if too_young:
        raise Invalid("birth_date", too_young)
    if not rules.needs_guardian(given.birth_on, today) or given.guardian:
        return
    if not people.has_guardian_consent(person_id):
        raise Invalid("guardian_name", _("未满 18 岁，请填写监护人的姓名和电话，并请监护人同意。"))


def withdraw(volunteer_id: int, *, actor: Actor, now: datetime) -> Volunteer:
    """Take the application back; twice is harmless."""
    row = moves.lock(volunteer_id)
    if row.state == VolunteerState.WITHDRAWN:
        return row
    return moves.end(row, "withdraw", actor=actor, now=now)


def pause(volunteer_id: int, *, actor: Actor, now: datetime) -> Volunteer:
    """Stop for a while; twice is harmless."""
    row = moves.lock(volunteer_id)
    if row.state == VolunteerState.PAUSED:
        return row
    return moves.move(row, "pause", actor=actor, now=now)


def resume(volunteer_id: int, *, actor: Actor, now: datetime) -> Volunteer:
    """Go on after a pause; twice is harmless."""
    row = moves.lock(volunteer_id)
    if row.state == VolunteerState.REGISTERED:
        return row
    return moves.move(row, "resume", actor=actor, now=now)


def leave(volunteer_id: int, *, actor: Actor, now: datetime) -> Volunteer:
    """Stop being a volunteer: coming places become free, records and the number stay."""
    row = moves.lock(volunteer_id)
    if row.state == VolunteerState.LEFT:
        return row
    moves.end(row, "leave", actor=actor, now=now)
    row.left_at = now
    return row


def withdraw_consent(
    person_id: int,
    kind: ConsentKind,
    channel: Channel,
    *,
    actor: Actor,
    now: datetime,
    **known: Any,
) -> None:
    """Take a consent back; with the one for the ID number the number itself is deleted."""
    lock_person(person_id)
    row = people.volunteer_of(person_id)
    if kind == ConsentKind.ID_NUMBER and row is not None:
        application.forget_id_number(row)
    if consents.holds(person_id, kind):
        consents.withdraw(person_id, kind, channel, actor=actor, now=now, **known)


def give_consent(
    person_id: int,
    kind: ConsentKind,
    channel: Channel,
    *,
    actor: Actor,
    now: datetime,
    **known: Any,
) -> None:
    """Agree (again); twice is harmless."""
    lock_person(person_id)
    if not consents.holds(person_id, kind):
        consents.give(person_id, kind, channel, actor=actor, now=now, **known)


def withdraw_guardian(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the guardian's consent back; twice is harmless."""
    lock_person(person_id)
    live = update(GuardianConsent).where(
        GuardianConsent.person_id == person_id, GuardianConsent.withdrawn_at.is_(None)
    )
    if db.session.execute(live.values(withdrawn_at=now).returning(GuardianConsent.id)).all():
        audit.record(
            "consent.withdraw", Ref("person", person_id), actor=actor, now=now, consent="guardian"
        )
