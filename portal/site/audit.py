"""The audit log, for administrators and auditors: who did what to which thing, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import page
from portal.figures import scope
from portal.figures.policy import may_audit
from portal.records.audit import KEEP_DAYS, SEALED, VERBS
from portal.site import trail

bp = Blueprint("audit", __name__)

USUAL_DAYS = 7


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; `ignored` says what was not used."""

    wanted: trail.Wanted
    subject: str
    ignored: tuple[str, ...]


@bp.get("/office/audit")
@allowed(may_audit)
def index() -> ResponseReturnValue:
    """A week of the log unless asked otherwise, twenty entries a page."""
    asked = _asked(current_actor())
    return page(
        "site/audit.html",
        asked=asked,
        found=trail.page_of(asked.wanted, page_number()),
        verbs=sorted((verb, words) for verb, words in VERBS.items() if verb not in SEALED),
        keep_days=KEEP_DAYS,
    )


def _asked(actor: Actor) -> _Asked:
    ignored: list[str] = []
    today = clock.today()
    last = _day("to", ignored) or today
    first = _day("from", ignored) or min(last, today) - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        ignored.append(_("开始日期晚于结束日期，已经忽略。"))
        first = last - timedelta(days=USUAL_DAYS - 1)
    verb = request.args.get("verb", "")
    if verb and (verb not in VERBS or verb in SEALED):
        ignored.append(_("没有这种操作，已经忽略。"))
        verb = ""
    subject = request.args.get("subject", "").strip()
    subjects = trail.subjects_of(subject) if subject else ()
    if subject and not subjects:
        ignored.append(_("没有找到这个编号，已经忽略。"))
    where = scope.of_stations(actor.stations(Role.ADMINISTRATOR, Role.AUDITOR))
    wanted = trail.Wanted(first, last, verb, subjects, where.station_ids)
    return _Asked(wanted, subject, tuple(ignored))


def _day(name: str, ignored: list[str]) -> date | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if 2000 <= found.year < 2100:
        return found
    ignored.append(_("日期要写成 2026-11-01 这样，没有用上。"))
    return None
