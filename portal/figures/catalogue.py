"""The catalogue of figures: what each one is called, what it means, how it is added up.

A figure is defined here once; page, API, download and drill-down follow (product rule 12).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.core.i18n import lazy_gettext as _l
from portal.figures import rules

SINCE = "2026-11"
NOTHING = "—"

_ADDED = _l("逐日相加。")
_AT_THE_END = _l("取期末那一天结束时的数，不相加。")
_DISTINCT = _l("同一个人只算一次，不能逐日或逐站相加。")
_DIVIDED = _l("两数相除，不相加。")


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one row. None: the figure has no meaning there (e.g. by kind)."""

    sessions: int
    attendances: int
    active: int
    minutes: int
    provisional_minutes: int
    applications: int | None = None
    registered: int | None = None
    population: int | None = None
    counted: int = 0
    estimated: int = 0
    headcounts: int = 0
    uncounted: int = 0

    @property
    def heads(self) -> int | None:
        """Heads of all crowds that were counted; None where none was: that is not nought."""
        return self.counted + self.estimated if self.headcounts else None

    @property
    def heads_estimated(self) -> int | None:
        """How many of them by estimate."""
        return self.estimated if self.headcounts else None

    @property
    def uncounted_sessions(self) -> int | None:
        """Open crowds that nobody counted; None where there was no crowd at all."""
        return self.uncounted if self.headcounts or self.uncounted else None

    @property
    def registration_rate(self) -> float | None:
        """Registered volunteers among the residents."""
        if self.registered is None or self.population is None:
            return None
        return rules.rate(self.registered, self.population)

    @property
    def minutes_per_active(self) -> int | None:
        """Minutes a head of those who served."""
        return rules.per_head(self.minutes, self.active)

    @property
    def hours_per_active(self) -> float | None:
        """Hours a head of those who served."""
        return rules.hours_per_head(self.minutes, self.active)


@dataclass(frozen=True, slots=True)
class Figure:
    """One entry. `records` names the list of records that a number of this figure opens."""

    key: str
    name: Any
    unit: Any
    definition: Any
    adding: Any
    records: str
    shown: Callable[[Figures], str]
    # JSON keys and values: minutes are whole numbers there, hours as the page prints them.
    values: Callable[[Figures], dict[str, int | float | None]]
    by_kind: bool = True
    # Printed beside the table, never added to anything (product rule 4).
    apart: bool = False
    since: str = SINCE


def _count(key: str) -> Callable[[Figures], str]:
    def shown(figures: Figures) -> str:
        value = getattr(figures, key)
        return NOTHING if value is None else f"{value:,}"

    return shown


def _plain(key: str) -> Callable[[Figures], dict[str, int | float | None]]:
    return lambda figures: {key: getattr(figures, key)}


def _heads(figures: Figures) -> str:
    """Heads in words: what is not told is said to be so, and is never nought."""
    if figures.heads is None:
        return str(_l("未填报")) if figures.uncounted else NOTHING
    return f"{figures.heads:,}"


def _heads_json(figures: Figures) -> dict[str, int | float | None]:
    return {
        "headcount": figures.heads,
        "headcount_counted": figures.counted if figures.headcounts else None,
    }


def _percent(figures: Figures) -> str:
    share = figures.registration_rate
    return NOTHING if share is None else f"{share * 100:.2f}%"


def _hours(key: str) -> Callable[[Figures], str]:
    return lambda figures: rules.hours_text(getattr(figures, key))


def _hours_a_head(figures: Figures) -> str:
    hours = figures.hours_per_active
    return NOTHING if hours is None else f"{hours:,.1f}"


def _both(key: str, hours_key: str) -> Callable[[Figures], dict[str, int | float | None]]:
    def values(figures: Figures) -> dict[str, int | float | None]:
        minutes = getattr(figures, key)
        return {key: minutes, hours_key: rules.tenths_of_hours(minutes) / 10}

    return values


CATALOGUE: tuple[Figure, ...] = (
    Figure(
        "sessions",
        _l("场次"),
        _l("场"),
        _l("已发布、没有取消、已经开始的班次。算在开始的那一天。"),
        _ADDED,
        "sessions",
        _count("sessions"),
        _plain("sessions"),
    ),
    Figure(
        "attendances",
        _l("人次"),
        _l("次"),
        _l(
            "签到有效的人，每人每场算一次，参加活动的和做志愿者的都算。"
            "作废的签到不算。算在班次开始的那一天。"
        ),
        _ADDED,
        "attendances",
        _count("attendances"),
        _plain("attendances"),
    ),
    Figure(
        "headcount",
        _l("现场清点"),
        _l("次"),
        _l(
            "随到随参加的活动，结束后由负责人报一次的现场人数，数的和估计的分开存。"
            "签到的人不在里面，和人次分开算。没有填报的不是 0，另外列出。"
        ),
        _ADDED,
        "headcount",
        _heads,
        _heads_json,
    ),
    Figure(
        "headcount_missing",
        _l("未填报人数"),
        _l("场"),
        _l("随到随参加、已经开始、还没有现场人数的场次。"),
        _ADDED,
        "headcount_missing",
        _count("uncounted_sessions"),
        lambda figures: {"headcount_missing": figures.uncounted_sessions},
    ),
    Figure(
        "applications",
        _l("志愿者申请"),
        _l("份"),
        _l("提交的志愿者申请，不论结果，算在提交的那一天和申请人所在的社区。"),
        _ADDED,
        "applications",
        _count("applications"),
        _plain("applications"),
        by_kind=False,
    ),
    Figure(
        "registered",
        _l("注册志愿者数"),
        _l("人"),
        _l("期末已经注册、没有退出的志愿者，按所在社区算，含暂停的。"),
        _AT_THE_END,
        "registered",
        _count("registered"),
        _plain("registered"),
        by_kind=False,
    ),
    Figure(
        "registration_rate",
        _l("注册率"),
        _l("%"),
        _l("注册志愿者除以所选站点的社区人口。没有人口数的站点不显示。"),
        _DIVIDED,
        "registered",
        _percent,
        _plain("registration_rate"),
        by_kind=False,
    ),
    Figure(
        "active",
        _l("活跃志愿者"),
        _l("人"),
        _l("期间内有一天以上记入时长的人。时长全部冲正的不算。"),
        _DISTINCT,
        "active",
        _count("active"),
        _plain("active"),
    ),
    Figure(
        "hours",
        _l("服务时长"),
        _l("小时"),
        _l("已经记入的志愿服务时长，减去冲正的，算在服务开始的那一天。待确认的不算。"),
        _ADDED,
        "hours",
        _hours("minutes"),
        _both("minutes", "hours"),
    ),
    Figure(
        "hours_per_active",
        _l("人均时长"),
        _l("小时"),
        _l("服务时长除以活跃志愿者。"),
        _DIVIDED,
        "active",
        _hours_a_head,
        lambda figures: {
            "minutes_per_active": figures.minutes_per_active,
            "hours_per_active": figures.hours_per_active,
        },
    ),
    Figure(
        "provisional",
        _l("待确认时长"),
        _l("小时"),
        _l("没有签退或申请还没通过、等人确认的时长。单列，不计入上面任何一项。"),
        _ADDED,
        "provisional",
        _hours("provisional_minutes"),
        _both("provisional_minutes", "provisional_hours"),
        apart=True,
    ),
    Figure(
        "estimated",
        _l("其中估计"),
        _l("次"),
        _l("现场清点里，负责人估计的人数。其余是一个一个数的。"),
        _ADDED,
        "estimated",
        _count("heads_estimated"),
        lambda figures: {"headcount_estimated": figures.heads_estimated},
        apart=True,
    ),
)
BY_KEY: dict[str, Figure] = {figure.key: figure for figure in CATALOGUE}
APART: tuple[Figure, ...] = tuple(figure for figure in CATALOGUE if figure.apart)


def columns(by: rules.By) -> tuple[Figure, ...]:
    """Return the figures of a table's columns."""
    return tuple(
        figure
        for figure in CATALOGUE
        if not figure.apart and (figure.by_kind or by != rules.By.KIND)
    )


def as_json(figures: Figures, by: rules.By) -> dict[str, int | float | None]:
    """Return the numbers of a row by key, those apart included."""
    found: dict[str, int | float | None] = {}
    for figure in (*columns(by), *APART):
        found.update(figure.values(figures))
    return found
