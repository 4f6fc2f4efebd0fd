"""The table, for readers and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.goals import BOUNDS, GOALS, Goal
from benchmarks.measure import Figures

_HEAD = "row | c | req/s | hello req/s | ratio | xCPU | CPU ms (hello) | p50 ms | p99 ms | goal | reached"
_PACKAGES = ("Flask", "SQLAlchemy", "gunicorn", "granian", "psycopg")


def machine(syncs: int) -> str:
    """Return where it was measured."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.platform(terse=True)}, "
        f"Python {platform.python_version()}, {packages}; load before {os.getloadavg()[0]:.1f}; "
        f"{syncs:,} syncs of 4 KiB a second"
    )


def table(results: Sequence[Figures]) -> str:
    """Return the table in Markdown, and below it what bounds the rows that miss."""
    lines = [f"| {_HEAD} |", "|" + "---|" * (_HEAD.count("|") + 1)]
    lines += [f"| {' | '.join(_cells(row))} |" for row in results]
    missed = {row.key: row.title for row in results if not _is_met(row)}
    if missed:
        lines += ["", "Missed, and what bounds it:"]
        lines += [f"- {title}: {BOUNDS.get(key, '')}" for key, title in missed.items()]
    return "\n".join(lines)


def failed(row: Figures) -> bool:
    """Return whether the row broke, or misses a goal by more than the slack."""
    goals = _goals(row)
    return bool(row.faults) or not all(goal.is_near(row.values[goal.measure]) for goal in goals)


def write_json(file: Path, about: dict[str, Any], results: Sequence[Figures]) -> None:
    """Write everything down for programs."""
    rows = [
        {**asdict(row), "goals": [str(goal) for goal in _goals(row)], "met": _is_met(row)}
        for row in results
    ]
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **about, "rows": rows}
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _goals(row: Figures) -> list[Goal]:
    known = GOALS.get(row.key, ())
    return [goal for goal in known if goal.connections == row.connections]


def _is_met(row: Figures) -> bool:
    return not row.faults and all(goal.is_met(row.values[goal.measure]) for goal in _goals(row))


def _cells(row: Figures) -> list[str]:
    values = row.values
    middle = [
        _number(values, "rate", 0),
        _number(values, "hello_rate", 0),
        _number(values, "ratio", 3),
        _number(values, "xcpu", 1),
        _number(values, "cpu_ms", 2)
        + (f" ({values['hello_cpu_ms']:.2f})" if "cpu_ms" in values else ""),
        _number(values, "p50_ms", 1),
        _number(values, "p99_ms", 1),
    ]
    title = row.title
    if "wall_s" in values:
        title += f": {values['wall_s']:.2f} s"
    if "memory_mib" in values:
        title += f": {values['memory_mib']:.0f} MiB"
    goals = _goals(row)
    return [
        title,
        str(row.connections or ""),
        *middle,
        ", ".join(str(goal) for goal in goals),
        _reached(row),
    ]


def _reached(row: Figures) -> str:
    if row.faults:
        return "BROKEN: " + "; ".join(row.faults)
    if not _goals(row):
        return ""
    if _is_met(row):
        return "yes"
    return "NO" if failed(row) else "nearly"


def _number(values: dict[str, float], name: str, digits: int) -> str:
    return f"{values[name]:,.{digits}f}" if name in values else ""
