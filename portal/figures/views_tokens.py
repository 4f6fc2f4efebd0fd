"""API tokens: made here, shown once, stopped here."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.figures import policy, queries, scope
from portal.figures.blueprint import bp
from portal.figures.forms import TokenForm
from portal.figures.scope import Scope
from portal.people import actions as people_actions
from portal.people import api_tokens
from portal.people.models import ApiToken


@bp.get("/office/tokens")
@allowed(policy.keeps_tokens)
def tokens() -> ResponseReturnValue:
    """List the tokens of the actor's stations, with a form for a new one."""
    where = _own()
    return page("figures/tokens.html", form=_form(where), **_list(where))


@bp.post("/office/tokens")
@allowed(policy.keeps_tokens)
def create_token() -> ResponseReturnValue:
    """Make a token and show it this once; only its hash is kept."""
    where = _own()
    form = _form(where)
    if not form.validate():
        return invalid("figures/tokens.html", form=form, **_list(where))
    station = next(place for place in where.places if place.public_id == form.station.data)
    token = write(
        people_actions.create_api_token,
        form.name.data,
        station.id,
        actor=current_actor(),
        now=clock.now(),
    )
    # Shown in the answer itself: an address that showed it would show it twice. Never cached.
    return page("figures/token_made.html", token=token, name=form.name.data, station=station.name)


@bp.get("/office/tokens/<token>/revocation")
@allowed(policy.may_revoke, token=queries.token_by_id)
def ask_to_revoke(token: ApiToken) -> ResponseReturnValue:
    """Ask before a token is stopped: whoever uses it loses the figures at once."""
    return page("figures/token_revoke.html", token=token)


@bp.post("/office/tokens/<token>/revocation")
@allowed(policy.may_revoke, token=queries.token_by_id)
def revoke_token(token: ApiToken) -> ResponseReturnValue:
    """Stop a token."""
    write(people_actions.revoke_api_token, token.id, actor=current_actor(), now=clock.now())
    flash(_("令牌已停用。"), "success")
    return changed(url_for("figures.tokens"))


def _own() -> Scope:
    return scope.of_stations(current_actor().stations(*policy.TOKEN_ROLES))


def _form(where: Scope) -> TokenForm:
    form = TokenForm()
    form.station.choices = choices(
        [(place.public_id, place.name) for place in where.places if place.closed_at is None]
    )
    return form


def _list(where: Scope) -> dict[str, Any]:
    stations = frozenset(place.id for place in where.places)
    return {"rows": api_tokens.listed(stations, policy.TOKEN_ROLES)}
