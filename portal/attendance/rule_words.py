"""A version of the rules in words; and who may write one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core import filters
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.i18n import gettext as _
from portal.hours import queries as ledger
from portal.hours.models_rules import SHORT_STAY_LABELS, ShortStays
from portal.hours.rules import Terms
from portal.org.models import Station
from portal.people import queries as people


def sets_rules(actor: Actor) -> bool:
    """Clause: administrators, and campaign officers of the whole district."""
    if actor.is_admin or not actor.holds(Role.CAMPAIGN_OFFICER):
        return actor.is_admin
    top = db.session.scalars(select(Station.id).where(Station.parent_id.is_(None))).all()
    return any(actor.holds(Role.CAMPAIGN_OFFICER, at=station_id) for station_id in top)


@dataclass(frozen=True, slots=True)
class Version:
    """One version on the page; `state` says whether it holds, will, or did."""

    number: int
    since: str
    state: str
    tone: str
    lines: Sequence[str]
    by: str = ""
    at: str = ""
    reason: str = ""


def versions(today: date) -> list[Version]:
    """Return all versions, the newest first."""
    written = {row.version: row for row in ledger.written_versions()}
    names = people.names_of([row.actor_id for row in written.values() if row.actor_id])
    holds = ledger.terms(today).version
    found = []
    for first, terms in reversed(ledger.versions()):
        row = written.get(terms.version)
        state, tone = _state(first, terms.version, holds, today)
        found.append(
            Version(
                number=terms.version,
                since=_("%(day)s 起", day=filters.day(first)) if _has_day(first) else _("从一开始"),
                state=state,
                tone=tone,
                lines=lines(terms),
                by=names.get(row.actor_id or 0, "") if row else "",
                at=filters.moment(row.at) if row else "",
                reason=row.reason if row else "",
            )
        )
    return found


def _has_day(first: date) -> bool:
    return first > ledger.FIRST_DAY


def _state(first: date, number: int, holds: int, today: date) -> tuple[str, str]:
    if number == holds:
        return _("现在用的"), "success"
    replaced = any(day == first and terms.version > number for day, terms in ledger.versions())
    if first > today and not replaced:
        return _("还没开始"), "info"
    return _("不再用"), "neutral"


def lines(terms: Terms) -> list[str]:
    """Return the figures as sentences."""
    found = [
        _("比计划早到或晚走，最多各算 %(n)d 分钟。", n=terms.grace),
        rounding(terms),
        _("同一段时间只算一次，一天最多算 %(most)s。", most=filters.minutes(terms.day_cap)),
    ]
    if terms.break_after:
        found.append(
            _(
                "班次超过 %(long)s 的，在场超过的部分扣 %(off)s 休息；早走的不扣。",
                long=filters.minutes(terms.break_after),
                off=filters.minutes(terms.break_minutes),
            )
        )
    if terms.minimum_share:
        share = _("在场不到班次的 %(n)d%%：", n=terms.minimum_share)
        found.append(f"{share}{SHORT_STAY_LABELS[ShortStays(terms.short_stays)]}。")
    return found


def rounding(terms: Terms) -> str:
    """Return the rounding rule in a sentence."""
    words = {
        "down": _("按 %(n)d 分钟取整，不足的舍去。", n=terms.step),
        "nearest": _("按 %(n)d 分钟取整，四舍五入。", n=terms.step),
        "up": _("按 %(n)d 分钟取整，不足的补足。", n=terms.step),
    }
    return words[terms.rounding]
