"""Arrivals of the demo: a sheet that was typed and waits for release, a claim and somebody new."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.arrivals import actions_claims as claims
from portal.arrivals import actions_paper as paper
from portal.arrivals import actions_walk_ins as walk_ins
from portal.arrivals.actions_claims import Said
from portal.arrivals.actions_walk_ins import Arrived
from portal.arrivals.rules_paper import Typed
from portal.attendance import actions_sheets as sheets
from portal.attendance.models import Direction, Way
from portal.cli.district import coming, programme
from portal.cli.district.places import Places
from portal.cli.district.programme import Idea
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.errors import Refused
from portal.people import queries as people
from portal.posts import queries as posts
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, Shift, ShiftState
from portal.signups import queries as signups
from portal.signups.models import SignupState

HILL = Idea(
    "山脚步道清理",
    "environment",
    "environment",
    "everyone",
    "步道上没有信号，用纸质签到表。",
    9,
    120,
    8,
    place="山脚牌坊",
)
BLANK_ROWS = 4
MOST_POSTS = 10
# Within the days in which a claim can still be confirmed, weekends counted.
LATELY = timedelta(days=4)


def make(made: Places, residents: Residents, now: datetime) -> None:
    """Leave something to release and to confirm at the first station."""
    _sheet(made, residents, now)
    _claim(made, now)


def _sheet(made: Places, residents: Residents, now: datetime) -> None:
    """Yesterday on the hill: signed on paper, typed by the manager, one name nobody knows."""
    station, manager = made.stations[0], residents.actor("manager")
    day = clock.local_day(now) - timedelta(days=1)
    starts_at, before = programme.usual_start(HILL, day), now - timedelta(days=3)
    row = programme.publish(HILL, station, starts_at, actor=SYSTEM, now=before)
    shift = shifts.shifts_of(row.id)[0]
    coming.sign_up(shift, coming.volunteers_of(station.id), 5, before)
    sheet = sheets.draw_up(shift.id, BLANK_ROWS, actor=manager, now=before)
    came = len(signups.on_shift(shift.id))
    typed = [Typed(number, f"85{number}", f"11{number}0") for number in range(1, came)]
    typed.append(Typed(came + 1, "0910", "1100", "甘小溪", "0321"))
    paper.save(sheet.id, typed, 0, actor=manager, now=now)
    paper.submit(sheet.id, actor=manager, now=now)
    arrived = Arrived(
        shift.id, "", Way.MANUAL, "路小远", "0654", starts_at, starts_at + timedelta(hours=1),
        role=PlaceRole.VOLUNTEER,
    )  # fmt: skip
    walk_ins.record(arrived, actor=manager, now=now)


def _claim(made: Places, now: datetime) -> None:
    """Somebody on duty had scanned the post's poster; the leader has not looked yet."""
    station_id = made.stations[0].id
    for shift in _duties(station_id, now):
        before = shift.starts_at - timedelta(hours=3)
        coming.sign_up(shift, coming.volunteers_of(station_id), 1, before)
        for row in signups.on_shift(shift.id):
            if row.state not in {SignupState.CONFIRMED, SignupState.NO_SHOW}:
                continue
            own = people.actor_of(people.person(row.person_id))
            said = Said(shift.id, Direction.IN)
            try:
                claims.claim(said, actor=own, now=shift.starts_at + timedelta(minutes=1))
            except Refused:
                continue
            return


def _duties(station_id: int, now: datetime) -> list[Shift]:
    """Return the duties of the station that began lately, the last one first."""
    begun = [
        shift
        for post in posts.published([station_id], MOST_POSTS)
        for shift in shifts.shifts_of(post.id)
        if shift.state == ShiftState.PLANNED and now - LATELY < shift.starts_at < now
    ]
    return sorted(begun, key=lambda shift: shift.starts_at, reverse=True)
