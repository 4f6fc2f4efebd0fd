"""How good detectors are: which cases they find, and how much of what they find is fraud."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from portal.anomalies.detecting import detect
from portal.anomalies.models import AnomalyKind
from portal.anomalies.rules import Figures
from tests.anomalies.generated import Truth


@dataclass(frozen=True, slots=True)
class Measure:
    """Cases, those found by a finding of their own kind; findings, those mostly of fraud."""

    cases: int
    hit: int
    findings: int
    true: int

    @property
    def recall(self) -> float:
        return self.hit / self.cases if self.cases else 1.0

    @property
    def precision(self) -> float:
        return self.true / self.findings if self.findings else 1.0


def measure(truth: Truth, figures: Figures | None = None) -> dict[AnomalyKind, Measure]:
    """Return the measure of each kind.

    A case counts as found only by its own kind; a finding counts as true when at least half of its
    records belong to fraud, of whatever kind.
    """
    findings: Counter = Counter()
    true: Counter = Counter()
    hit: dict[AnomalyKind, set[int]] = {kind: set() for kind in AnomalyKind}
    for found in detect(truth.window, figures or Figures()):
        records = [truth.checks.get(one) for one in found.checks]
        records += [truth.entries.get(one) for one in found.entries]
        bad = [one for one in records if one is not None]
        findings[found.kind] += 1
        if 2 * len(bad) >= len(records):
            true[found.kind] += 1
        hit[found.kind] |= {number for kind, number in bad if kind == found.kind}
    return {
        kind: Measure(truth.cases.get(kind, 0), len(hit[kind]), findings[kind], true[kind])
        for kind in AnomalyKind
    }


def whole(by_kind: dict[AnomalyKind, Measure]) -> Measure:
    """Return the measure of all kinds together."""
    rows = by_kind.values()
    return Measure(
        sum(row.cases for row in rows), sum(row.hit for row in rows),
        sum(row.findings for row in rows), sum(row.true for row in rows),
    )  # fmt: skip


def table(by_kind: dict[AnomalyKind, Measure]) -> str:
    """Return the measures as lines of a table."""
    lines = [
        "| kind | cases | found | recall | findings | true | precision |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in [*by_kind.items(), ("all", whole(by_kind))]:
        lines.append(
            f"| {name} | {row.cases} | {row.hit} | {row.recall:.1%} | {row.findings} "
            f"| {row.true} | {row.precision:.1%} |"
        )
    return "\n".join(lines)
