"""Honours, evaluations, star levels and a batch of the demo district. All of it is invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.attendance.models import Visit
from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.honours import actions, actions_evaluations, actions_stars, actions_upstream, subjects
from portal.honours.actions import NewHonour
from portal.honours.actions_evaluations import Judgement
from portal.honours.models import Honoured
from portal.honours.queries_evaluations import Period
from portal.honours.queries_upstream import Asked
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.people.models_teams import Team
from portal.records import settings
from portal.shifts.models import PlaceRole, Shift
from portal.shifts.models_projects import Project

_DAY = timedelta(days=1)
SERVICE = 95
# The records of three months reach a level; a real district asks for a hundred hours.
STAR_HOURS = "15,30,60,100,300"
# Kind, title, level, who gave it, how many days ago.
HONOURS = (
    (Honoured.TEAM, "十佳志愿服务队", "district", "区文明办", 40),
    (Honoured.PROJECT, "优秀志愿服务项目", "city", "市文明办", 60),
    (Honoured.COMMUNITY, "志愿服务示范社区", "district", "区文明办", 75),
    (Honoured.PERSON, "优秀志愿者", "street", "街道党工委", 30),
    (Honoured.FAMILY, "最美志愿家庭", "district", "区妇联", 20),
)


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Honour somebody of each kind, evaluate the last shift, recognise, hand on one month."""
    officer, manager = residents.actor("officer"), residents.actor("manager")
    settings.change("star_hours", STAR_HOURS, actor=officer, now=now)
    settings.change("star_approval", value=True, actor=officer, now=now)
    station, volunteer = places.stations[0], residents.accounts["volunteer"]
    named = {
        Honoured.TEAM: db.session.scalars(select(Team).order_by(Team.id)).first(),
        Honoured.PROJECT: db.session.scalars(select(Project).order_by(Project.id)).first(),
        Honoured.COMMUNITY: station,
        Honoured.PERSON: volunteer,
        Honoured.FAMILY: residents.accounts["resident"],
    }
    for kind, title, level, issuer, days in HONOURS:
        row = named[kind]
        subject = subjects.found(kind, row.public_id) if row else None
        if subject is not None:
            day = clock.local_day(now - days * _DAY)
            said = NewHonour(title, _id(Vocabulary.HONOUR_LEVEL, level), day, issuer)
            actions.give(subject, said, actor=officer, now=now - days * _DAY)
    _evaluate(station.id, volunteer.id, manager, now)
    actions_stars.recognise(volunteer.id, 1, actor=manager, now=now - _DAY)
    last = clock.local_day(now - 45 * _DAY)
    asked = Asked(station.id, clock.local_day(now - SERVICE * _DAY), last)
    batch = actions_upstream.make(asked, actor=officer, now=now - 9 * _DAY)
    handed_in = clock.local_day(now - 8 * _DAY)
    actions_upstream.hand_in(batch.id, handed_in, actor=officer, now=now - 8 * _DAY)


def _evaluate(station_id: int, person_id: int, manager: Actor, now: datetime) -> None:
    """Evaluate the volunteer's last shift in time, and a time before it too late."""
    query = (
        select(Shift)
        .join(Visit, Visit.shift_id == Shift.id)
        .where(
            Visit.person_id == person_id,
            Visit.role == PlaceRole.VOLUNTEER,
            Shift.ends_at < now - _DAY,
        )
    )
    shift = db.session.scalars(query.order_by(Shift.ends_at.desc())).first()
    if shift is not None:
        good = Judgement(person_id, _id(Vocabulary.QUALITY, "excellent"), "来得早，主动照顾老人。")
        after = shift.ends_at + timedelta(hours=2)
        (row,) = actions_evaluations.enter_shift(shift.id, [good], actor=manager, now=after)
        volunteer = Actor(person_id)
        actions_evaluations.answer(row.id, "谢谢，以后还来。", actor=volunteer, now=after + _DAY)
    first = clock.local_day(now - 120 * _DAY)
    period = Period(station_id, first, clock.local_day(now - 60 * _DAY))
    fair = Judgement(person_id, _id(Vocabulary.QUALITY, "good"), "每周都来，很少缺席。")
    actions_evaluations.enter_period(fair, period, actor=manager, now=now - 2 * _DAY)


def _id(vocabulary: Vocabulary, code: str) -> int:
    row = term(vocabulary, code)
    assert row is not None  # noqa: S101  every district begins with it
    return row.id
