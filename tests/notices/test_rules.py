"""When a notice may leave the house, and what it is about."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.notices import rules
from portal.notices.rules import Quiet
from portal.notices.texts import NOTICES
from portal.notices.topics import CALLED, MAY_BE_URGENT, REMINDERS, Topic, topic_of

DAY = clock.day_start(clock.today())


@pytest.mark.parametrize(
    ("first", "until", "hour", "goes"),
    [
        (21, 8, 20.99, 20.99),
        (21, 8, 21, 32),
        (21, 8, 23.5, 32),
        (21, 8, 0, 8),
        (21, 8, 7.99, 8),
        (21, 8, 8, 8),
        (12, 14, 12, 14),
        (12, 14, 14, 14),
        (12, 14, 3, 3),
        (0, 0, 3, 3),
        (22, 0, 23, 24),
        (22, 0, 0.5, 0.5),
    ],
)
def test_quiet_hours(first, until, hour, goes):
    at, wanted = DAY + timedelta(hours=hour), DAY + timedelta(hours=goes)
    assert rules.may_go_at(at, Quiet(first, until), urgent=False) == wanted
    assert rules.may_go_at(at, Quiet(first, until), urgent=True) == at


@pytest.mark.parametrize(
    ("kind", "hours", "urgent"),
    [
        ("shift_called_off", 23, True),
        ("shift_moved", 1, True),
        ("shift_moved", -1, True),
        ("shift_called_off", 25, False),
        ("shift_called_off", -25, False),
        ("offer", 1, False),
        ("reminder_hours", 2, False),
    ],
)
def test_what_cannot_wait(kind, hours, urgent):
    assert rules.is_urgent(kind, DAY + timedelta(hours=hours), DAY) is urgent
    assert rules.is_urgent(kind, None, DAY) is False


def test_attempts_grow_apart_and_come_to_an_end():
    spans, number = [], 1
    while (again := rules.again_at(number, DAY)) is not None:
        spans.append(again - DAY)
        number += 1
    assert spans == sorted(spans)
    assert sum(spans, timedelta()) < timedelta(days=1) < rules.TOO_OLD


def test_every_kind_has_a_topic_but_what_tells_of_the_party():
    inside = {kind for kind in NOTICES if topic_of(kind) is None}
    assert inside == {kind for kind in NOTICES if kind.startswith(("membership_", "report_"))}
    assert {topic_of(kind) for kind in NOTICES} - {None} == set(Topic)
    assert set(CALLED) | set(MAY_BE_URGENT) | set(REMINDERS) <= set(NOTICES)
