"""Everything about one person: gathered for the legal export, or erased, over all floors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

from portal import load
from portal.core.access import Actor
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.floors import FEATURES
from portal.people import queries as people
from portal.records import audit
from portal.registration import moves, queries
from portal.signups import queries as signups

# What the export always holds, also before a feature has anything to say.
_ALWAYS: dict[str, Any] = {
    "person": {}, "volunteer": {}, "signups": [], "visits": [], "service_records": [],
    "wishes": [], "pledges": [], "consents": [],
}  # fmt: skip


def gathered(person_id: int) -> dict[str, Any]:
    """Return all that is held about a person (个人信息保护法 art. 45), from the ground up."""
    found = dict(_ALWAYS)
    for hooks in _hooks("export", FEATURES):
        found |= hooks.export(person_id)
    return found


def note_export(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that a person took their data with them."""
    audit.record("data.export", Ref("person", person_id), actor=actor, now=now)


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Erase a person, from the top down and in one transaction: all of it or nothing.

    What the law keeps (hours, scans, steps, audit) stays and names an id alone. Raises Refused
    while the person still has a place on a coming shift, or works for a station.
    """
    moves.lock_person(person_id)
    reasons = list(_reasons(person_id, now))
    if reasons:
        raise Refused(*reasons)
    for one in (*queries.merged_into(person_id), person_id):
        for hooks in _hooks("erase", reversed(FEATURES)):
            hooks.erase(one, actor=actor, now=now)


def _reasons(person_id: int, now: datetime) -> Iterator[Reason]:
    if signups.coming(person_id, now):
        message = _("还有没结束的报名。请先取消报名，再注销。")
        yield Reason("live_signups", message, _("我的报名"), "/me/signups")
    if people.is_staff(person_id):
        yield Reason("staff", _("您还是工作人员。请先让管理员收回角色，再注销。"))


def _hooks(name: str, features: Iterable[str]) -> Iterator[ModuleType]:
    for feature in features:
        hooks = load(feature, "hooks")
        if hooks is not None and hasattr(hooks, name):
            yield hooks
