"""Who may do what with the list."""

from __future__ import annotations

from portal.anomalies.models import Anomaly
from portal.core.access import Actor, Role

DECIDING = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
READING = (*DECIDING, Role.AUDITOR)


def reads_somewhere(actor: Actor) -> bool:
    """Campaign officers, administrators and auditors; each sees the subtree of the grant."""
    return actor.holds_any(*READING)


def may_see(actor: Actor, anomaly: Anomaly) -> bool:
    """Who reads the list of its station."""
    return actor.holds_any(*READING, at=anomaly.station_id)


def may_decide(actor: Actor, anomaly: Anomaly) -> bool:
    """Officers and administrators; auditors change nothing."""
    return actor.holds_any(*DECIDING, at=anomaly.station_id)
