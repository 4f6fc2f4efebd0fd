"""The grid becomes shifts, weeks ahead; a change of it touches nobody who was not asked about."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.org import actions as org_actions
from portal.org import queries as org
from portal.posts import actions, actions_pattern, filling, hooks, queries
from portal.posts.actions_pattern import Others
from portal.posts.models import DutyShift
from portal.posts.rules import Cell
from portal.records import settings
from portal.shifts.models import ShiftState
from portal.signups import actions as signups
from portal.signups import queries as signup_queries
from tests.posts.given import (
    MORNING,
    drafted,
    duties,
    every_day,
    pattern,
    place,
    published,
    signed_up,
)

AFTERNOON = (14 * 60, 16 * 60)


@pytest.fixture
def station(make):
    return make.station()


def count_of_days(now):
    """How many mornings lie between now and the horizon."""
    first, last = clock.local_day(now), filling.horizon(now)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sum(clock.day_start(day) + timedelta(hours=9) > now for day in days)


def test_a_draft_makes_no_shifts(station):
    assert duties(drafted(station)) == []


def test_publishing_fills_the_weeks_ahead(station):
    now = clock.now()
    post = published(station, now=now)
    rows = duties(post)
    assert len(rows) == count_of_days(now)
    assert all(row.station_id == station.id and row.starts_at > now for row in rows)
    assert {place(row).capacity for row in rows} == {2}
    assert clock.local(rows[0].starts_at).hour == 9
    assert clock.local(rows[0].ends_at).hour == 11


def test_filling_twice_adds_nothing(station):
    post = published(station)
    before = [row.id for row in duties(post)]
    assert write(filling.fill, post.id, actor=SYSTEM, now=clock.now()) == 0
    hooks.due(clock.now())
    assert [row.id for row in duties(post)] == before
    assert hooks.check() == []


def test_time_rolls_the_duties_forward(station):
    now = clock.now()
    post = published(station, now=now)
    before = len(duties(post))
    hooks.due(now + timedelta(days=3))
    assert len(duties(post)) == before + 3
    hooks.due(now + timedelta(days=3))
    assert len(duties(post)) == before + 3


def test_the_setting_says_how_far(station):
    now = clock.now()
    write(settings.change, "duty_weeks", 1, actor=SYSTEM, now=now)
    post = published(station, now=now)
    assert len(duties(post)) in {7, 8}
    write(settings.change, "duty_weeks", 2, actor=SYSTEM, now=now)
    hooks.due(now)
    assert len(duties(post)) in {14, 15}


def test_the_grid_holds_from_and_until(station):
    today = clock.today()
    grid = pattern(from_on=today + timedelta(days=3), until_on=today + timedelta(days=5))
    rows = duties(published(station, grid=grid))
    assert [clock.local_day(row.starts_at) for row in rows] == [
        today + timedelta(days=n) for n in (3, 4, 5)
    ]
    assert queries.to_fill(filling.horizon(clock.now()), today) == []


def test_holidays_are_passed_over_when_the_grid_says_so(station):
    holiday = clock.today() + timedelta(days=4)
    write(
        org_actions.import_calendar, holiday.year, [(holiday, False, "测试节")], "test",
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip
    skipping = published(station, grid=pattern(skips=True))
    keeping = published(station, grid=pattern(skips=False))
    days = {clock.local_day(row.starts_at) for row in duties(skipping)}
    assert holiday not in days
    assert holiday in {clock.local_day(row.starts_at) for row in duties(keeping)}


def test_a_free_weekend_beside_a_holiday_belongs_to_it(make):
    """The list holds what differs from Monday to Friday; 1 October 2026 is a Thursday."""
    make.centre()
    from datetime import date

    days = [(date(2026, 10, n), False, "国庆节") for n in (1, 2, 5, 6, 7)]
    days.append((date(2026, 10, 10), True, "国庆节"))
    write(org_actions.import_calendar, 2026, days, "test", actor=SYSTEM, now=clock.now())
    found = org.holidays(date(2026, 9, 26), date(2026, 10, 12))
    assert sorted(day.day for day in found) == [1, 2, 3, 4, 5, 6, 7]


def test_a_duty_called_off_singly_is_not_made_again(station):
    post = published(station)
    row = duties(post)[2]
    write(signups.call_off, row.id, "停电", actor=SYSTEM, now=clock.now())
    hooks.due(clock.now() + timedelta(days=1))
    days = [clock.local_day(one.starts_at) for one in duties(post)]
    assert clock.local_day(row.starts_at) not in days


def test_a_duty_moved_by_hand_is_not_made_again(station):
    post = published(station)
    row = duties(post)[2]
    later = row.starts_at + timedelta(hours=3)
    write(signups.move, row.id, later, later + timedelta(hours=1), actor=SYSTEM, now=clock.now())
    before = len(duties(post))
    hooks.due(clock.now())
    assert len(duties(post)) == before
    change(post, every_day(3))
    moved = next(one for one in duties(post) if one.id == row.id)
    assert moved.starts_at == later
    assert hooks.check() == []


# --- changing the grid ---------------------------------------------------------------------------


def change(post, cells, others=Others.KEEP, **kwargs):
    return write(
        actions_pattern.set_pattern, post.id, pattern(cells, **kwargs), others,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip


def test_nobody_signed_up_so_everything_follows(station):
    post = published(station)
    count = len(duties(post))
    done = change(post, every_day(1, AFTERNOON))
    assert (len(done.added) >= count - 1, len(done.dropped), done.asks) == (True, count, False)
    rows = duties(post)
    assert {clock.local(row.starts_at).hour for row in rows} == {14}
    dropped = db.session.query(DutyShift).filter_by(is_dropped=True).count()
    assert dropped == count
    assert hooks.check() == []


def test_more_people_and_another_end_change_in_place(station):
    post = published(station)
    before = [row.id for row in duties(post)]
    done = change(post, every_day(5, (9 * 60, 12 * 60)))
    rows = duties(post)
    assert [row.id for row in rows] == before
    assert len(done.altered) == len(before)
    assert {place(row).capacity for row in rows} == {5}
    assert {clock.local(row.ends_at).hour for row in rows} == {12}


def test_what_people_signed_up_for_is_asked_about_and_kept(make, station):
    post = published(station)
    taken = duties(post)[3]
    signed_up(taken, make.volunteer(station))
    wanted = pattern(every_day(1, AFTERNOON))
    proposed = actions_pattern.propose(post, wanted, now=clock.now())
    assert [one.shift_id for one in proposed.unwanted] == [taken.id]
    assert place(taken).taken == 1
    change(post, every_day(1, AFTERNOON))
    kept = [row for row in duties(post) if clock.local(row.starts_at).hour == 9]
    assert [row.id for row in kept] == [taken.id]


def test_or_follows_and_its_people_are_told(make, station):
    post = published(station)
    taken, longer = duties(post)[3], duties(post)[4]
    rows = [signed_up(one, make.volunteer(station)) for one in (taken, longer)]
    cells = [cell for cell in every_day() if cell.weekday != clock.local(taken.starts_at).weekday()]
    cells = [cell._replace(ends_minute=12 * 60) for cell in cells]
    done = change(post, tuple(cells), Others.FOLLOW)
    assert [one.shift_id for one in done.unwanted] == [taken.id]
    assert [one.shift.shift_id for one in done.different] == [longer.id]
    db.session.expire_all()
    assert taken.state == ShiftState.CALLED_OFF
    assert clock.local(longer.ends_at).hour == 12
    assert [str(row.state) for row in rows] == ["called_off", "confirmed"]
    change(post, every_day())
    again = [row for row in duties(post) if row.starts_at == taken.starts_at]
    assert [row.id == taken.id for row in again] == [False]
    assert hooks.check() == []


def test_fewer_places_never_than_are_taken(make, station):
    post = published(station)
    taken = duties(post)[0]
    for _ in range(2):
        signed_up(taken, make.volunteer(station))
    done = change(post, every_day(1), Others.FOLLOW)
    assert [one.shift.shift_id for one in done.different] == [taken.id]
    assert (place(taken).capacity, place(taken).taken) == (2, 2)
    assert {place(row).capacity for row in duties(post)[1:]} == {1}


def test_a_cell_that_comes_back_has_its_kept_duties_again(make, station):
    post = published(station)
    taken = duties(post)[3]
    signed_up(taken, make.volunteer(station))
    change(post, every_day(1, AFTERNOON))
    change(post, every_day())
    mornings = [row for row in duties(post) if clock.local(row.starts_at).hour == 9]
    assert taken.id in {row.id for row in mornings}
    days = [clock.local_day(row.starts_at) for row in mornings]
    assert len(days) == len(set(days))
    slot = db.session.get(DutyShift, taken.id).slot
    assert slot.retired_at is None
    assert hooks.check() == []


def test_overlapping_cells_are_refused(station):
    post = published(station)
    cells = (Cell(0, 540, 660, 1), Cell(0, 600, 720, 1))
    with pytest.raises(Invalid):
        change(post, cells)


def test_spans_that_touch_are_fine(station):
    change(published(station), (Cell(0, *MORNING, 1), Cell(0, 660, 720, 1)))


# --- publishing and calling off ------------------------------------------------------------------


def test_a_post_without_a_grid_is_not_published(station):
    with pytest.raises(Refused) as refused:
        published(station, cells=())
    assert refused.value.codes == ("no_cell",)


def test_a_risky_post_needs_insurance_and_a_review(make, station):
    with pytest.raises(Refused) as refused:
        published(station, is_risky=True)
    assert refused.value.codes == ("insurance_missing",)
    post = published(station, is_risky=True, insurance_note="每人当日意外险")
    assert post.state == "in_review"
    assert duties(post) == []
    write(actions.approve, post.id, actor=SYSTEM, now=clock.now())
    assert duties(post) != []


def test_a_returned_post_is_a_draft_again(station):
    post = published(station, is_risky=True, insurance_note="每人当日意外险")
    write(actions.give_back, post.id, "写清楚路口", actor=SYSTEM, now=clock.now())
    assert post.state == "draft"


def test_a_published_post_does_not_become_risky_unseen(station):
    from tests.posts.given import details

    post = published(station)
    with pytest.raises(Refused) as refused:
        write(
            actions.change, post.id, details(is_risky=True, insurance_note="有"),
            actor=SYSTEM, now=clock.now(),
        )  # fmt: skip
    assert refused.value.codes == ("needs_review",)


def test_calling_off_takes_everything_along(make, station):
    post = published(station)
    person = make.volunteer(station)
    row = signed_up(duties(post)[0], person)
    write(actions.call_off, post.id, "大厅装修", actor=SYSTEM, now=clock.now())
    assert duties(post) == []
    db.session.expire_all()
    assert (post.state, row.state) == ("called_off", "called_off")
    assert signup_queries.coming(person.id, clock.now()) == []
    hooks.due(clock.now() + timedelta(days=2))
    assert duties(post) == []
