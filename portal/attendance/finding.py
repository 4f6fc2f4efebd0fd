"""Finding somebody on a roster: by name, by the end of a telephone number, by first letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.attendance.models import Visit, VisitState
from portal.core import initials
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole
from portal.signups.models import Signup, SignupState

_LONGEST = 40


class Standing(StrEnum):
    """Where somebody on a roster stands."""

    EXPECTED = "expected"
    HERE = "here"
    GONE = "gone"
    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    NO_SHOW = "no_show"


STANDING_LABELS = {
    Standing.EXPECTED: _l("还没到"),
    Standing.HERE: _l("已到"),
    Standing.GONE: _l("已签退"),
    Standing.OFFERED: _l("等确认"),
    Standing.WAITLISTED: _l("候补"),
    Standing.NO_SHOW: _l("没有到场"),
}
_BEFORE = {
    SignupState.OFFERED: Standing.OFFERED,
    SignupState.WAITLISTED: Standing.WAITLISTED,
    SignupState.NO_SHOW: Standing.NO_SHOW,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a roster; nothing asked is everybody."""

    query: str = ""
    state: Standing | None = None
    role: PlaceRole | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """What stands in the address for it, and in hidden fields."""
        given = {"q": self.query, "state": self.state or "", "role": self.role or ""}
        return {name: str(value) for name, value in given.items() if value}

    @property
    def rest(self) -> dict[str, Any]:
        """What a new search keeps: all but the words."""
        return {name: value for name, value in self.fields.items() if name != "q"}

    def fits(self, row: Signup, last: Visit | None) -> bool:
        """Return whether somebody is looked for; `last` is their last stay."""
        if self.role is not None and row.role != self.role:
            return False
        if self.state is not None and standing(row, last) != self.state:
            return False
        return not self.query or is_meant(self.query, row.person.name, row.person.phone)


def read(values: Mapping[str, str]) -> Asked:
    """Read the question of an address or a form; what is unknown is not asked."""
    state, role = values.get("state", ""), values.get("role", "")
    return Asked(
        query=values.get("q", "").strip()[:_LONGEST],
        state=Standing(state) if state in set(Standing) else None,
        role=PlaceRole(role) if role in set(PlaceRole) else None,
    )


def standing(row: Signup, last: Visit | None) -> Standing:
    """Return where somebody stands."""
    if last is not None:
        return Standing.HERE if last.state == VisitState.OPEN else Standing.GONE
    return _BEFORE.get(SignupState(row.state), Standing.EXPECTED)


def is_meant(query: str, name: str, phone: str | None) -> bool:
    """Return whether the words mean this person."""
    if query.isascii() and query.isdecimal():
        return bool(phone) and str(phone).endswith(query)
    return query.casefold() in name.casefold() or (
        query.isascii() and query.isalpha() and initials.hold(name, query)
    )


def chips(asked: Asked, to: Callable[[dict[str, Any]], str]) -> list[dict[str, Any]]:
    """Return the ways to narrow by state; `to` makes an address of fields."""
    rest = {name: value for name, value in asked.fields.items() if name != "state"}
    found: list[dict[str, Any]] = [
        {"text": _l("全部"), "href": to(rest), "current": asked.state is None}
    ]
    for state, label in STANDING_LABELS.items():
        href = to({**rest, "state": state.value})
        found.append({"text": label, "href": href, "current": state == asked.state})
    return found


def role_chips(asked: Asked, to: Callable[[dict[str, Any]], str]) -> list[dict[str, Any]]:
    """Return the ways to narrow by role."""
    rest = {name: value for name, value in asked.fields.items() if name != "role"}
    found: list[dict[str, Any]] = [
        {"text": _l("所有身份"), "href": to(rest), "current": asked.role is None}
    ]
    for role, label in PLACE_ROLE_LABELS.items():
        href = to({**rest, "role": role.value})
        found.append({"text": label, "href": href, "current": role == asked.role})
    return found
