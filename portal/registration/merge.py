"""The checked merge of two records of one person. The ledger is not repointed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import case, update

from portal.attendance import joining
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.notices import actions as notices
from portal.people import family, party, trainings
from portal.people import queries as people
from portal.people.locks import gone
from portal.people.models import Account, Person, Volunteer, VolunteerState
from portal.people.models_consents import GuardianConsent
from portal.people.models_sign_ins import SignIn
from portal.people.models_teams import TeamMember
from portal.posts import actions_standing
from portal.records import audit, stale
from portal.registration import application, doubles, moves, rules
from portal.signups import queries as signups
from portal.signups.models import Signup, SignupState
from portal.signups.models_cover import CoverRequest

_REGISTERED = (VolunteerState.REGISTERED, VolunteerState.PAUSED)
_COMING = (SignupState.CONFIRMED, SignupState.WAITLISTED, SignupState.OFFERED)


def merge(volunteer_id: int, duplicate_id: int, *, actor: Actor, now: datetime) -> Volunteer:
    """Let the duplicate person become one with the volunteer's; twice is harmless.

    Raises Refused with all reasons why a merge would lose or mix up something.
    """
    survivor_id = db.session.get_one(Volunteer, volunteer_id).person_id
    persons = {one: locked(Person, one) for one in sorted({survivor_id, duplicate_id})}
    survivor, duplicate = persons[survivor_id], persons[duplicate_id]
    row = locked(Volunteer, volunteer_id)
    if survivor is None or duplicate is None or row is None:
        raise Refused(_no_double())
    if duplicate.merged_into_id == survivor_id:
        return row
    if survivor.merged_into_id is not None or survivor.erased_at is not None:
        raise Refused(gone())
    reasons = list(_reasons(row, survivor, duplicate, actor=actor, now=now))
    if reasons:
        raise Refused(*reasons)
    _close_other_row(row, duplicate_id, actor=actor, now=now)
    _move_signups(survivor_id, duplicate_id, now=now)
    _move_account(survivor_id, duplicate_id, now=now)
    _move_belongings(survivor_id, duplicate_id)
    party.join(survivor_id, duplicate_id, clock.local_day(now))
    actions_standing.move_to(survivor_id, duplicate_id, now=now)
    family.join(survivor_id, duplicate_id, now)
    trainings.join(survivor_id, duplicate_id, now)
    _fill_gaps(survivor, duplicate)
    _point_at(survivor_id, duplicate_id)
    joining.join(survivor_id, duplicate_id, actor=actor, now=now)
    stale.mark(clock.local_day(now), row.station_id)
    audit.record(
        "person.merge", Ref("person", survivor_id), actor=actor, now=now,
        station_id=row.station_id, duplicate=duplicate_id,
    )  # fmt: skip
    return row


def _no_double() -> Reason:
    message = _("这两份档案没有相同的手机号、身份证号，姓名和出生日期也不同，不能合并。")
    return Reason("no_double", message)


def _reasons(
    row: Volunteer, survivor: Person, duplicate: Person, *, actor: Actor, now: datetime
) -> Iterator[Reason]:
    if duplicate.id not in {one.person.id for one in doubles.doubles(row)}:
        yield _no_double()
    if actor.person_id in {survivor.id, duplicate.id}:
        yield Reason("own_record", _("其中一份是您自己的档案，要由另一位负责人来合并。"))
    if people.account_of(survivor.id) and people.account_of(duplicate.id):
        message = _("两份档案都有登录账号，不能合并。请先和本人确认用哪一个，另一个由本人注销。")
        yield Reason("two_accounts", message)
    if people.is_staff(duplicate.id):
        yield Reason("staff", _("另一份是工作人员的档案，请先由管理员收回角色。"))
    other = people.volunteer_of(duplicate.id)
    if other and other.state in _REGISTERED:
        if row.state in _REGISTERED:
            yield Reason("both_registered", _("两份档案都是注册志愿者，请先让本人退出其中一份。"))
        else:
            message = _("另一份档案已经是注册志愿者，请从那一份的页面上合并。")
            yield Reason("keep_registered", message)
    if any(not _is_to_come(signup, now) for signup in signups.coming(duplicate.id, now)):
        message = _("另一份档案的人正在参加一场活动。请等活动结束以后再合并，不然签不了退。")
        yield Reason("on_shift", message)
    if _overlapping(survivor.id, duplicate.id, now):
        message = _("两份档案报名的场次时间有重叠，请先取消其中一个报名。")
        yield Reason("overlapping_signups", message)


def _is_to_come(signup: Signup, now: datetime) -> bool:
    return signup.state in _COMING and signup.shift.starts_at > now


def _overlapping(survivor_id: int, duplicate_id: int, now: datetime) -> bool:
    own = [signup.shift for signup in signups.coming(survivor_id, now)]
    others = [signup.shift for signup in signups.coming(duplicate_id, now)]
    return any(a.starts_at < b.ends_at and b.starts_at < a.ends_at for a in own for b in others)


def _close_other_row(row: Volunteer, duplicate_id: int, *, actor: Actor, now: datetime) -> None:
    """End the duplicate's volunteer row; an ID number that only it held goes over."""
    other = people.volunteer_of(duplicate_id)
    if other is None:
        return
    verb = rules.closing_verb(VolunteerState(other.state))
    if verb:
        moves.move(other, verb, actor=actor, now=now)
    held = (other.id_number_sealed, other.id_number_hash, other.id_number_last4)
    application.forget_id_number(other)
    other.emergency_sealed = None
    db.session.flush()
    if held[1] and row.id_number_hash is None:
        row.id_number_sealed, row.id_number_hash, row.id_number_last4 = held


def _move_signups(survivor_id: int, duplicate_id: int, *, now: datetime) -> None:
    """Whoever signed up alone still did: the hand goes over with the person."""
    coming = [signup.id for signup in signups.coming(duplicate_id, now)]
    own_hand = case((Signup.actor_id == duplicate_id, survivor_id), else_=Signup.actor_id)
    db.session.execute(
        update(Signup)
        .where(Signup.id.in_(coming))
        .values(person_id=survivor_id, actor_id=own_hand, updated_at=now)
    )


def _move_account(survivor_id: int, duplicate_id: int, *, now: datetime) -> None:
    """Let the survivor sign in with the duplicate's account; who is signed in signs in anew."""
    if people.account_of(duplicate_id) is None:
        return
    open_ones = update(SignIn).where(SignIn.person_id == duplicate_id, SignIn.ended_at.is_(None))
    db.session.execute(open_ones.values(ended_at=now))
    db.session.execute(
        update(Account).where(Account.person_id == duplicate_id).values(person_id=survivor_id)
    )


def _move_belongings(survivor_id: int, duplicate_id: int) -> None:
    notices.join(survivor_id, duplicate_id)
    for table in (GuardianConsent, CoverRequest):
        db.session.execute(
            update(table).where(table.person_id == duplicate_id).values(person_id=survivor_id)
        )
    own_teams = {member.team_id for member in people.team_rows_of(survivor_id)}
    for member in people.team_rows_of(duplicate_id):
        if member.team_id not in own_teams:
            values = {"role": member.role, "state": member.state, "at": member.at}
            db.session.delete(member)
            db.session.flush()  # a team has one leader at any time
            db.session.add(TeamMember(team_id=member.team_id, person_id=survivor_id, **values))
        else:
            db.session.delete(member)


def _point_at(survivor_id: int, duplicate_id: int) -> None:
    """Let the duplicate, and whatever was merged into it before, point at the survivor itself."""
    pointing = (Person.id == duplicate_id) | (Person.merged_into_id == duplicate_id)
    db.session.execute(update(Person).where(pointing).values(merged_into_id=survivor_id))


def _fill_gaps(survivor: Person, duplicate: Person) -> None:
    """Take over what only the duplicate knew."""
    if not survivor.phone:
        survivor.phone, survivor.phone_confirmed_at = duplicate.phone, duplicate.phone_confirmed_at
    survivor.birth_on = survivor.birth_on or duplicate.birth_on
    survivor.sex = survivor.sex or duplicate.sex
    survivor.home_station_id = survivor.home_station_id or duplicate.home_station_id
