"""What the verbs of membership share: locks, references, rows in the log that name no member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.core.access import Actor
from portal.core.db import locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.membership import queries
from portal.membership.models import MembershipRequest
from portal.org.models_party import PartyBranch
from portal.records import audit


def lock_branch(branch_id: int) -> PartyBranch:
    """Lock an open branch. Raises Refused(`closed`) when it is closed."""
    row = locked(PartyBranch, branch_id)
    if row is None or row.closed_at is not None:
        raise Refused(Reason("closed", _("这个党组织已经关闭了，请刷新页面再看。")))
    return row


def must_keep(branch_id: int, actor: Actor) -> None:
    """Raise Refused(`not_kept`) when the actor does not keep the branch (any more)."""
    if not actor.is_system and actor.person_id not in queries.keepers_of(branch_id):
        raise Refused(Reason("not_kept", _("这个党组织不归您管了。")))


def ref(branch_id: int) -> Ref:
    """Return how the log names a branch."""
    return Ref(queries.SUBJECT, branch_id)


def request_ref(row: MembershipRequest) -> Ref:
    """Return how notes name a request."""
    return Ref("membership_request", row.id)


def record(verb: str, branch_id: int, *, actor: Actor, now: datetime, **details: Any) -> None:
    """Write down what was done with a branch; the details hold counts, never who."""
    audit.record(
        verb,
        ref(branch_id),
        actor=actor,
        now=now,
        station_id=queries.station_of(branch_id),
        **details,
    )
