"""Posts in words: the grid, who is on duty, why a standing place found no place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.people import consents
from portal.people.models_consents import ConsentKind
from portal.posts import queries_rota, rules
from portal.posts.forms import WEEKDAYS
from portal.posts.models import DutySlot, ServicePost
from portal.posts.rules import Cell
from portal.shifts.models import Shift

TURN_REASONS = {
    "on_leave": _l("请假"),
    "full": _l("名额满了"),
    "clash": _l("和本人别的班次时间冲突"),
    "not_volunteer": _l("不是注册志愿者"),
    "wrong_state": _l("现在不是注册志愿者"),
    "no_guardian_consent": _l("没有监护人同意的记录"),
    "too_young": _l("年龄不够"),
    "consent_withdrawn": _l("撤回了隐私告知的同意"),
    "members_themselves": _l("这个岗要党员本人报名"),
    "called_off": _l("这一班取消了"),
}


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A duty that is on now, as everybody may see it."""

    post: ServicePost
    until: str
    names: Sequence[str]
    there: int
    expected: int


def on_duty(now: datetime) -> list[OnDuty]:
    """Return what is on now: masked names of those who agreed to be named, else how many."""
    rows = queries_rota.on_now(now)
    present = queries_rota.present([shift.id for shift, _post, _taken in rows])
    people = {person_id for one in present.values() for person_id, _name in one}
    named = consents.holding(people, ConsentKind.PUBLICATION)
    return [
        _on_duty(shift, post, taken, present.get(shift.id, ()), named)
        for shift, post, taken in rows
    ]


def _on_duty(
    shift: Shift,
    post: ServicePost,
    taken: int,
    there: Sequence[tuple[int, str]],
    named: frozenset[int],
) -> OnDuty:
    # Whoever is named where only Party members serve would be named as one.
    named = frozenset() if post.members_only else named
    names = [filters.masked_name(name) for person_id, name in there if person_id in named]
    return OnDuty(post, filters.hour(shift.ends_at), names, len(there), taken)


def grid(slots: Sequence[DutySlot]) -> list[str]:
    """Return the weekly grid in words, a span a line."""
    cells = [
        Cell(slot.weekday, slot.starts_minute, slot.ends_minute, slot.volunteers) for slot in slots
    ]
    return rules.weekdays_text(cells, {n: str(name) for n, name in enumerate(WEEKDAYS)})


def slot_text(slot: DutySlot) -> str:
    """Return a cell of the grid in words: 周二 09:00-11:00."""
    return grid([slot])[0]


def turn_reason(code: str) -> str:
    """Return why a standing place found no place on a shift."""
    return str(TURN_REASONS.get(code, _("不符合报名条件")))
