"""Transitions are data: a table of (state, verb) -> next state, and the one way to read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _

State = TypeVar("State", bound=str)


def next_state(steps: Mapping[tuple[State, str], State], state: State, verb: str) -> State:
    """Return the state after the verb. Raises Refused(`wrong_state`) when it is not a step."""
    following = steps.get((state, verb))
    if following is None:
        raise Refused(Reason("wrong_state", _("现在不能这样做：这一项已经变了。请刷新页面再看。")))
    return following
