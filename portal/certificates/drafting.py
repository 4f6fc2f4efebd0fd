"""What a certificate of some scope says now: for the preview, and for the sheet when it is issued.

The paper is a Chinese document, so its words stand here as they are and are not translated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.certificates import queries_ledger as ledger
from portal.certificates import rules
from portal.certificates.queries_ledger import Given
from portal.certificates.rules import Scope
from portal.certificates.sheet import Item, Sheet
from portal.core import clock
from portal.hours.models import LedgerEntry, Source
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people
from portal.people.models import Person
from portal.records import settings

# As what the paper names them, also to an English reader.
_SOURCES = {
    Source.CHECK_IN: "签到",
    Source.PAPER: "纸质签到表",
    Source.WISH: "心愿、点单服务",
    Source.MAKE_UP: "补录",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be certified now."""

    person: Person
    scope: Scope
    unit: Station
    given: Sequence[Given]
    provisional: int

    @property
    def entries(self) -> list[LedgerEntry]:
        """The records that count, by day."""
        return [one.entry for one in self.given]

    @property
    def minutes(self) -> int:
        """The sum that is certified."""
        return sum(entry.minutes for entry in self.entries)

    @property
    def made_up(self) -> list[LedgerEntry]:
        """Those that were entered later by hand, which is said for ever."""
        return [entry for entry in self.entries if entry.source == Source.MAKE_UP]

    @property
    def digest(self) -> str:
        """The digest over the records."""
        return rules.digest_of(entry.digest for entry in self.entries)

    @property
    def items(self) -> list[Item]:
        """The records as rows of the paper."""
        return [_item(one) for one in self.given]


def draft(person: Person, scope: Scope) -> Draft:
    """Return what a certificate of the scope would say now."""
    return Draft(
        person,
        scope,
        org.station(scope.station_id),
        ledger.given(person.id, scope),
        ledger.provisional_minutes(person.id, scope),
    )


def _item(one: Given) -> Item:
    entry = one.entry
    what, unit = f"{_SOURCES[Source(entry.source)]}（{one.kind}）", one.unit
    if entry.shift is not None:
        offering = entry.shift.offering
        place = entry.shift.venue
        what = f"{offering.title}（{one.kind}）" + (f"\n地点：{place}" if place else "")
        unit += f"\n负责人：{offering.leader_name}" if offering.leader_name else ""
    first, last = clock.local(entry.starts_at), clock.local(entry.ends_at)
    when = f"{entry.day.isoformat()}\n{first:%H:%M}-{last:%H:%M}"
    return when, what, unit, _SOURCES[Source(entry.source)], rules.length(entry.minutes)


def sheet(drafted: Draft, number: str, *, now: datetime) -> Sheet:
    """Return the words of the paper, as they are kept from now on."""
    scope, unit = drafted.scope, drafted.unit
    span = f"{rules.in_full(scope.from_on)}至{rules.in_full(scope.to_on)}"
    name, total = drafted.person.name, rules.length(drafted.minutes)
    return Sheet(
        number=number,
        sentence=(
            f"兹证明 {name} 在{span}期间，参加{unit.name}"
            f"{'及其下属各站点' if org.children_of(unit.id) else ''}组织的志愿服务，"
            f"共 {len(drafted.given)} 次，服务时长 {total}。"
        ),
        facts=_facts(drafted, span, total),
        items=drafted.items,
        issuer=unit.name,
        issued_on=rules.in_full(clock.local_day(now)),
    )


def _facts(drafted: Draft, span: str, total: str) -> list[tuple[str, str]]:
    volunteer = people.volunteer_of(drafted.person.id)
    number = volunteer.volunteer_no if volunteer else None
    facts = [
        ("姓名", drafted.person.name),
        ("志愿者编号", number or ""),
        ("服务期间", span),
        ("服务时长", f"{total}，共 {len(drafted.given)} 次"),
        ("其中补录", _made_up_words(drafted.made_up)),
        ("计时规则", rule_summary(drafted.entries)),
        ("记录单位", drafted.unit.name),
        ("联系方式", drafted.unit.phone or settings.get("help_phone")),
        ("记录截至", _heads_words(drafted.person.id)),
        ("明细校验值", drafted.digest),
    ]
    return [(key, value) for key, value in facts if value]


def _made_up_words(rows: Sequence[LedgerEntry]) -> str:
    if not rows:
        return ""
    total = rules.length(sum(row.minutes for row in rows))
    return f"{len(rows)} 次，{total}，明细中标为“补录”"


def rule_summary(entries: Sequence[LedgerEntry]) -> str:
    """Return the rules the records were judged by, as they are kept with each of them."""
    return rules.rule_words((entry.day, entry.rule) for entry in entries)


def _heads_words(person_id: int) -> str:
    numbers = "、".join(str(entry.seq) for entry in ledger.heads_of(person_id))
    return f"本人服务记录第 {numbers} 条"
