"""Who may do what with figures."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.people.models import ApiToken

TOKEN_ROLES = (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)


def may_read_figures(actor: Actor) -> bool:
    """Campaign officers, administrators and auditors; each sees the subtree of the grant."""
    return actor.is_office


def keeps_tokens(actor: Actor) -> bool:
    """Who may let another system read figures: officers and administrators."""
    return actor.holds_any(*TOKEN_ROLES)


def may_revoke(actor: Actor, token: ApiToken) -> bool:
    """Who could have made it."""
    return actor.holds_any(*TOKEN_ROLES, at=token.station_id)


def decides_applications(actor: Actor) -> bool:
    """Who has the desk where volunteer applications are decided."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR)


def may_audit(actor: Actor) -> bool:
    """Who reads what was done by whom: administrators and auditors."""
    return actor.holds_any(Role.ADMINISTRATOR, Role.AUDITOR)
