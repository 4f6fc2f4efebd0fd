"""Everything about one person: gathered for the legal export, or erased, over all floors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
from portal.people import queries_family
from portal.people.counter import Identified
from portal.people.locks import lock_person
from portal.people.models_consents import SEALED_KINDS, Channel, ConsentKind
from portal.records import audit
from portal.registration import actions as registration
from portal.registration import queries
from portal.signups import queries as signups

# What the export always holds, also before a feature has anything to say.
_ALWAYS: dict[str, Any] = {
    "person": {}, "volunteer": {}, "signups": [], "visits": [], "service_records": [],
    "wishes": [], "pledges": [], "consents": [],
}  # fmt: skip


# What no staff may read, not even to hand it out: the person takes it from the own page.
_SEALED = ("party_membership", "party_request")


def gathered(person_id: int, *, for_staff: bool = False) -> dict[str, Any]:
    """Return all that is held about a person (个人信息保护法 art. 45), from the ground up."""
    found = dict(_ALWAYS)
    for hooks in _hooks("export", FEATURES):
        found |= hooks.export(person_id)
    return _without_sealed(found) if for_staff else found


def _without_sealed(found: dict[str, Any]) -> dict[str, Any]:
    open_to_staff = {key: value for key, value in found.items() if key not in _SEALED}
    given = [one for one in found["consents"] if one["kind"] not in SEALED_KINDS]
    return {**open_to_staff, "consents": given}


@dataclass(frozen=True, slots=True)
class Asked:
    """By which way a person asked staff for something, and how these knew whose wish it is."""

    way: Channel
    identified: Identified

    def as_details(self) -> dict[str, Any]:
        """Return what the log keeps: codes alone."""
        return {"channel": self.way.value, "identified": self.identified.value}


def note_export(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down that a person took their data with them."""
    audit.record("data.export", Ref("person", person_id), actor=actor, now=now)


def export_for(person_id: int, asked: Asked, *, actor: Actor, now: datetime) -> None:
    """Write down that staff handed a person's data out, at the person's wish."""
    _must_not_be_staff(person_id, now)
    audit.record(
        "person.export", Ref("person", person_id), actor=actor, now=now, **asked.as_details()
    )


def put_consent_for(
    person_id: int, kind: ConsentKind, asked: Asked, *, given: bool, actor: Actor, now: datetime
) -> None:
    """Give a consent, or take it back, as the person told staff."""
    _must_not_be_staff(person_id, now)
    verb = registration.give_consent if given else registration.withdraw_consent
    known = {"identified": asked.identified.value}
    verb(person_id, kind, asked.way, actor=actor, now=now, **known)


def erase(person_id: int, *, actor: Actor, now: datetime) -> None:
    """Erase a person, from the top down and in one transaction: all of it or nothing.

    What the law keeps (hours, scans, steps, audit) stays and names an id alone. Raises Refused
    while the person still has a place on a coming shift, or works for a station.
    """
    lock_person(person_id)
    reasons = list(_reasons(person_id, now))
    if reasons:
        raise Refused(*reasons)
    _erase(person_id, actor=actor, now=now)


def erase_for(person_id: int, asked: Asked, *, actor: Actor, now: datetime) -> None:
    """The same by staff, at the person's wish; who did it, for whom and how known is written down."""
    lock_person(person_id)
    reasons = hindrances_for(person_id, now, erases=True)
    if reasons:
        raise Refused(*reasons)
    _erase(person_id, actor=actor, now=now, **asked.as_details())


def _erase(person_id: int, *, actor: Actor, now: datetime, **details: Any) -> None:
    family = queries_family.only_held_by(person_id)
    for one in (*family, *queries.merged_into(person_id), person_id):
        for hooks in _hooks("erase", reversed(FEATURES)):
            hooks.erase(one, actor=actor, now=now)
    audit.record("data.erase", Ref("person", person_id), actor=actor, now=now, **details)


def hindrances_for(person_id: int, now: datetime, *, erases: bool) -> list[Reason]:
    """Return why staff cannot do it for the person; an empty list means they can."""
    reasons = []
    if people.is_staff(person_id):
        message = _("这是工作人员的账号，不能代办。要由本人登录后自己办。")
        reasons.append(Reason("staff_account", message))
    if erases and signups.coming(person_id, now):
        message = _("本人还有没结束的报名。请先在名单里替本人取消，再注销。")
        reasons.append(Reason("live_signups", message))
    return reasons


def _must_not_be_staff(person_id: int, now: datetime) -> None:
    reasons = hindrances_for(person_id, now, erases=False)
    if reasons:
        raise Refused(*reasons)


def _reasons(person_id: int, now: datetime) -> Iterator[Reason]:
    # With a holder go those of the family for whom nobody else speaks.
    if any(
        signups.coming(one, now) for one in (person_id, *queries_family.only_held_by(person_id))
    ):
        message = _("还有没结束的报名。请先取消报名，再注销。")
        yield Reason("live_signups", message, _("我的报名"), "/me/signups")
    if people.is_staff(person_id):
        yield Reason("staff", _("您还是工作人员。请先让管理员收回角色，再注销。"))


def _hooks(name: str, features: Iterable[str]) -> Iterator[ModuleType]:
    for feature in features:
        hooks = load(feature, "hooks")
        if hooks is not None and hasattr(hooks, name):
            yield hooks
