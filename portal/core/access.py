"""Who may: the actor, and the two decorators every route carries one of. Default is deny."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from flask import abort, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., Any])
STAFF_PATHS = ("/desk", "/office", "/admin")
PRIVATE_PATHS = (*STAFF_PATHS, "/me", "/signups", "/pledges", "/branches")


class Role(StrEnum):
    """Grants at a station, valid for its subtree."""

    STATION_MANAGER = "station_manager"
    TEAM_LEADER = "team_leader"
    CAMPAIGN_OFFICER = "campaign_officer"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person as signed in, or nobody. Made from the sign-in over the station tree."""

    person_id: int | None = None
    public_id: str = ""
    name: str = ""
    # Role -> ids of every station it is valid at (the subtree is already spread out).
    grants: Mapping[Role, frozenset[int]] = field(default_factory=dict)
    is_system: bool = False

    @property
    def is_signed_in(self) -> bool:
        """Whether this is a person at all."""
        return self.person_id is not None

    def holds(self, role: Role, at: int | None = None) -> bool:
        """Return whether the actor holds the role (at the station, when one is named)."""
        stations = self.grants.get(role)
        if stations is None:
            return False
        return at is None or at in stations

    def holds_any(self, *roles: Role, at: int | None = None) -> bool:
        """Return whether the actor holds one of the roles (at the station)."""
        return any(self.holds(role, at) for role in roles)

    def stations(self, *roles: Role) -> frozenset[int]:
        """Return the ids of all stations where the actor holds one of the roles."""
        return frozenset().union(*(self.grants.get(role, frozenset()) for role in roles))

    @property
    def is_staff(self) -> bool:
        """Whether the actor holds any grant."""
        return bool(self.grants)

    @property
    def has_desk(self) -> bool:
        """Whether the actor has a desk to keep."""
        return self.holds_any(Role.STATION_MANAGER, Role.TEAM_LEADER)

    @property
    def is_office(self) -> bool:
        """Whether the actor reads the office's pages."""
        return self.holds_any(Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)

    @property
    def is_admin(self) -> bool:
        """Whether the actor administers."""
        return self.holds(Role.ADMINISTRATOR)


VISITOR = Actor()
SYSTEM = Actor(name="system", is_system=True)


def current_actor() -> Actor:
    """Return who acts in this request; the `people` feature puts the loader in place."""
    if "actor" not in g:
        loader: Callable[[], Actor] = current_app.extensions["portal.actor"]
        g.actor = loader()
    actor: Actor = g.actor
    return actor


# --- clauses that need no rows -------------------------------------------------------------------


def signed_in(actor: Actor) -> bool:
    """Clause: any signed-in person."""
    return actor.is_signed_in


# --- decorators ----------------------------------------------------------------------------------


def public(view: View) -> View:
    """Everybody may."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def public_with(**loaders: Callable[[str], Any]) -> Callable[[View], View]:
    """Everybody may; rows named in the address are loaded, 404 when they are not there."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**kwargs: Any) -> ResponseReturnValue:
            kwargs.update(_rows(loaders, kwargs))
            return view(**kwargs)  # type: ignore[no-any-return]

        guarded.access = "public"  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def allowed(clause: Callable[..., bool], **loaders: Callable[[str], Any]) -> Callable[[View], View]:
    """Only whom the clause lets in: `clause(actor, **rows)`; the view gets the rows.

    Not signed in: 303 to the sign-in page (JSON 401). Signed in without any role on staff pages:
    403. A thing of another station or person on private addresses: 404. Otherwise 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**kwargs: Any) -> ResponseReturnValue:
            actor = current_actor()
            if not actor.is_signed_in:
                return ask_to_sign_in()
            if request.path.startswith(STAFF_PATHS) and not actor.is_staff:
                abort(403)
            rows = _rows(loaders, kwargs)
            if not clause(actor, **rows):
                abort(404 if rows and request.path.startswith(PRIVATE_PATHS) else 403)
            kwargs.update(rows)
            return view(**kwargs)  # type: ignore[no-any-return]

        guarded.access = clause  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def _rows(loaders: Mapping[str, Callable[[str], Any]], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    rows = {name: loader(kwargs[name]) for name, loader in loaders.items()}
    if any(row is None for row in rows.values()):
        abort(404)
    return rows


def ask_to_sign_in() -> ResponseReturnValue:
    """Send a visitor to the sign-in page and back afterwards."""
    if wants_json():
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else _page_of_the_form()
    address = url_for("people.login", next=target)
    response = make_response(redirect(address, 303))
    if request.headers.get("HX-Request"):
        response = make_response("", 200, {"HX-Redirect": address})
    if request.method == "POST":
        current_app.extensions["portal.keep_form"](response)
    return response


def _page_of_the_form() -> str:
    return url_for("people.resume")


def wants_json() -> bool:
    """Return whether the client speaks JSON: the API, a JSON body, or who asks for JSON before HTML."""
    accepted = request.accept_mimetypes
    asks = accepted["application/json"] > accepted["text/html"]
    return request.path.startswith("/api/") or request.is_json or asks
