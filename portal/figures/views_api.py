"""The figures as JSON for other systems: a bearer token, the same numbers as the page."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import VISITOR, public
from portal.core.copies import cached
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.figures import actions, openapi, outputs, present, queries, rules, scope
from portal.figures.blueprint import bp
from portal.figures.policy import TOKEN_ROLES
from portal.people import api_tokens
from portal.people.models import ApiToken

PARAMETERS = ("station", "from", "to", "by")
# The last use is written down at most this often; reading figures stays a read.
SEEN_STEP = timedelta(minutes=5)


@bp.get("/api/v1/figures")
@public
def api() -> ResponseReturnValue:
    """Figures of the token's stations. Who asks is known by the token alone, never by a session."""
    token = _token()
    if token is None:
        answer = error(401, "unauthorized", _("需要有效的接口令牌。"))
        answer.headers["WWW-Authenticate"] = 'Bearer realm="figures"'
        return answer
    unknown = sorted(set(request.args) - set(PARAMETERS))
    if unknown:
        return error(422, "unknown_parameter", _("没有这个参数。"), unknown[0])
    asked = rules.read(request.args, clock.today())
    if asked.faults:
        return error(422, "invalid", asked.faults[0].message, asked.faults[0].field)
    readable = scope.of_subtree(token.station_id)
    where = queries.chosen_scope(readable, request.args.get("station", ""))
    if where is None:
        return error(404, "not_found", _("没有这个站点，或者令牌看不到它。"), "station")
    return jsonify(_body(where, asked))


def _body(where: scope.Scope, asked: rules.Asked) -> dict[str, object]:
    now = clock.now()
    top = where.root or where.places[0]
    return {
        "station": {"id": top.public_id, "name": top.name},
        "from": asked.span.first.isoformat(),
        "to": asked.span.last.isoformat(),
        "by": asked.by.value,
        "as_of": clock.local(now).isoformat(timespec="seconds"),
        **present.as_json(queries.table(where, asked.span, asked.by, now=now)),
        "outputs": [one.as_json for one in outputs.outputs(where, asked.span, now=now)],
        "definitions": present.definitions(asked.by),
    }


def _token() -> ApiToken | None:
    """Return the live token of the request, and note its use."""
    scheme, _blank, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        return None
    row = api_tokens.live(value.strip(), TOKEN_ROLES)
    if row is None:
        return None
    now = clock.now()
    if row.last_used_at is None or now - row.last_used_at > SEEN_STEP:
        write(actions.see_api_token, row.id, actor=VISITOR, now=now)
    return row


def error(status: int, code: str, message: str, field: str | None = None) -> Response:
    """Return an error as the contract words it."""
    body = {"error": {"code": code, "message": message, "field": field}}
    return make_response(jsonify(body), status)


@bp.get("/api/v1/openapi.json")
@public
def description() -> Response:
    """The description of the API (OpenAPI 3.1)."""
    address = current_app.config["PORTAL"].public_url
    return cached(lambda: jsonify(openapi.description(address)))
