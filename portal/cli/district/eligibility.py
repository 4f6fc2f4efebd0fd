"""Who may sign up, in the demo district: a course, what needs it, and a large event. All invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from portal.activities import actions as activities
from portal.activities.models import Activity
from portal.cli.district import programme
from portal.cli.district.places import Places
from portal.cli.district.programme import Idea
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import Actor
from portal.org.models import Station, Vocabulary
from portal.org.queries import term
from portal.people import trainings
from portal.people.trainings import Held
from portal.shifts.actions_conditions import Conditions
from portal.shifts.rules import needs_permit

COURSE = Idea(
    "急救培训班", "education", "welfare", "everyone",
    "心肺复苏、止血包扎，人人动手。签到听完，负责人确认后记入培训记录。", 14, 120, 0, 30,
    place="站内多功能厅",
)  # fmt: skip
NEEDS_IT = Idea(
    "敬老院午间陪护", "care", "relations", "elderly",
    "陪老人吃饭、聊天、散步，请本社区学过急救的邻居来。", 11, 120, 4, place="和平敬老院一楼",
)  # fmt: skip
LARGE = Idea(
    "迎新春广场文艺汇演", "festival", "relations", "everyone",
    "歌舞、快板、书法家写春联，凭报名号入场。", 15, 150, 40, 400, place="文化广场",
)  # fmt: skip


def make(made: Places, people: Residents, now: datetime) -> None:
    """Plan the three at the first station; some volunteers have trainings, one has run out."""
    station, manager = made.stations[0], people.actor("manager")
    first_aid, traffic = (_id(code) for code in ("first_aid", "traffic"))
    asked = Conditions(
        maximum_age=75,
        community_only=True,
        trainings=frozenset({first_aid}),
        skills_wanted=frozenset({_id("medical", Vocabulary.SKILL)}),
    )
    course = Conditions(gives_training_id=first_aid)
    _plan(COURSE, station, 8, course, actor=manager, now=now)
    _plan(NEEDS_IT, station, 12, asked, actor=manager, now=now)
    large = Conditions(expected_persons=1200)
    _plan(LARGE, station, 45, large, actor=manager, now=now)
    today, other = clock.local_day(now), people.actor("other_manager")
    volunteers = [people.accounts["volunteer"], *people.volunteers[station.id][:3]]
    for days, term_id in ((200, traffic), (500, traffic)):
        held = Held(term_id, today - timedelta(days=days), "看过培训签到表")
        for row in volunteers[:2]:
            trainings.record(row.id, held, actor=other, now=now)
    for row in volunteers[1:]:
        held = Held(first_aid, today - timedelta(days=90), "看过区红十字会的证书")
        trainings.record(row.id, held, actor=other, now=now)


def _id(code: str, vocabulary: Vocabulary = Vocabulary.TRAINING) -> int:
    row = term(vocabulary, code)
    assert row is not None  # noqa: S101  every district begins with it
    return row.id


def _plan(
    idea: Idea,
    station: Station,
    days: int,
    asked: Conditions,
    *,
    actor: Actor,
    now: datetime,
) -> Activity:
    starts_at = programme.usual_start(idea, clock.local_day(now) + timedelta(days=days))
    youngest = 18 if asked.trainings else 0
    details = replace(programme.details_of(idea, station), minimum_age=youngest)
    shift = programme.shift_of(idea, starts_at)
    row = activities.create(station.id, details, shift, conditions=asked, actor=actor, now=now)
    if not needs_permit(asked.expected_persons, asked.permit_note):
        activities.publish(row.id, actor=actor, now=now)
    return row
