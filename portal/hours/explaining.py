"""How minutes came about, in steps that add up: what of a stay was cut, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from portal.core.i18n import lazy_gettext as _l
from portal.hours.rules import Span, Terms, break_seconds, counted_span, rounded


class Part(StrEnum):
    """What makes the minutes more or less."""

    STAY = "stay"
    OUTSIDE = "outside"
    OVERLAP = "overlap"
    BREAK = "break"
    ROUNDING = "rounding"
    DAY_CAP = "day_cap"


PART_LABELS = {
    Part.STAY: _l("在场的时间"),
    Part.OUTSIDE: _l("开始前、结束后多出的，不算"),
    Part.OVERLAP: _l("和另一条记录重叠的，不重复算"),
    Part.BREAK: _l("休息，不算"),
    Part.ROUNDING: _l("取整"),
    Part.DAY_CAP: _l("超过一天上限的，不算"),
}


class Step(NamedTuple):
    """One line of the sum, in seconds."""

    part: Part
    seconds: int


class Judged(NamedTuple):
    """A credited record: the stay, the plan (the stay itself, where there was none), what came of it."""

    stay: Span
    planned: Span
    span: Span
    minutes: int
    rule: Mapping[str, Any]


def steps(judged: Judged, terms: Terms) -> list[Step]:
    """Return the steps from the stay to the minutes; they add up to the minutes to the second."""
    counted = counted_span(judged.stay, judged.planned, terms.grace)
    paused = max(0.0, counted.seconds - break_seconds(counted, judged.planned, terms))
    worked = min(judged.span.seconds, paused)
    found = [
        Step(Part.STAY, round(judged.stay.seconds)),
        Step(Part.OUTSIDE, round(counted.seconds) - round(judged.stay.seconds)),
        Step(Part.OVERLAP, round(judged.span.seconds) - round(counted.seconds)),
        Step(Part.BREAK, round(worked) - round(judged.span.seconds)),
    ]
    full = rounded(worked, terms) * 60
    is_capped = "day_cap" in judged.rule.get("cut_by", ())
    due = full if is_capped else judged.minutes * 60
    found.append(Step(Part.ROUNDING, due - round(worked)))
    found.append(Step(Part.DAY_CAP, judged.minutes * 60 - due))
    return [step for step in found if step.seconds or step.part == Part.STAY]
