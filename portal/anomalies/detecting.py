"""All detectors, by what each finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from portal.anomalies import rules_hours, rules_scans
from portal.anomalies.models import AnomalyKind
from portal.anomalies.rules import Figures, Finding, Window

Detector = Callable[[Window, Figures], Iterator[Finding]]

DETECTORS: dict[AnomalyKind, Detector] = {
    AnomalyKind.BURST: rules_scans.bursts,
    AnomalyKind.EQUAL_SECOND: rules_scans.equal_seconds,
    AnomalyKind.ROUND_CLOCK: rules_hours.round_the_clock,
    AnomalyKind.APPROVER: rules_hours.approvers,
    AnomalyKind.BACK_ENTRY: rules_hours.back_entries,
    AnomalyKind.SAME_DEVICE: rules_scans.same_devices,
    AnomalyKind.TRAVEL: rules_scans.travels,
    AnomalyKind.UNFOUNDED: rules_hours.unfounded,
}


def detect(window: Window, figures: Figures) -> list[Finding]:
    """Return all that stands out, in no order of weight: it is no ranking."""
    return [found for detector in DETECTORS.values() for found in detector(window, figures)]
