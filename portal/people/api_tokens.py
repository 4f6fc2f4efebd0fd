"""API tokens as they stand: one lives no longer than the grant under which it was made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from portal.core import tokens
from portal.core.access import Role
from portal.core.db import db
from portal.org.models import StationTree
from portal.people.models import ApiToken, RoleGrant


class Listed(NamedTuple):
    """A token, and whether its maker still holds what allowed it."""

    token: ApiToken
    maker_may: bool


def live(value: str, roles: Collection[Role]) -> ApiToken | None:
    """Return the token of a bearer value: not stopped, and its maker still holds the grant."""
    query = select(ApiToken).where(
        ApiToken.token_hash == tokens.fingerprint(value),
        ApiToken.revoked_at.is_(None),
        _maker_may(roles),
    )
    return db.session.scalars(query).first()


def listed(station_ids: frozenset[int], roles: Collection[Role]) -> Sequence[Listed]:
    """Return the tokens of these stations, the newest first."""
    query = select(ApiToken, _maker_may(roles)).where(ApiToken.station_id.in_(station_ids))
    return [Listed(*row) for row in db.session.execute(query.order_by(ApiToken.id.desc()))]


def _maker_may(roles: Collection[Role]) -> ColumnElement[bool]:
    """One of the roles was the maker's, there and then, and is to this day.

    A role taken away and given again is another grant: what was made before stays ended.
    """
    grant = (
        select(RoleGrant.id)
        .join(StationTree, StationTree.ancestor_id == RoleGrant.station_id)
        .where(
            RoleGrant.person_id == ApiToken.created_by_id,
            RoleGrant.role.in_(roles),
            RoleGrant.granted_at <= ApiToken.created_at,
            RoleGrant.revoked_at.is_(None),
            StationTree.descendant_id == ApiToken.station_id,
        )
    )
    return grant.exists()
