"""What would become of each row of a workbook: taken, left out, or wrong, with a sentence.

The same judgement is made for the report and once more in the import's own transaction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select

from portal.core.db import db
from portal.core.forms import PHONE, clean, normal_phone
from portal.core.i18n import gettext as _
from portal.membership.policy import Kept
from portal.membership.sheets import Line
from portal.org.models_party import PartyBranch
from portal.people.models import Person
from portal.people.models_consents import Consent, ConsentKind
from portal.people.models_party import PartyMember

_CHUNK = 500
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NAME = re.compile(r"[^\W\d_]+(?:[ ·.'’-][^\W\d_]+)*")
_FIRST_DAY = date(1921, 7, 1)
LONGEST_NAME = 40


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    MOVED = "moved"
    SAME = "same"
    WRONG = "wrong"


TAKEN = (Fate.NEW, Fate.MOVED)


@dataclass(frozen=True, slots=True)
class Checked:
    """A row with what becomes of it. `person_id`: who it is, when on record already."""

    number: int
    name: str
    phone: str
    branch: str
    since: str
    fate: Fate
    sentence: str = ""
    branch_id: int = 0
    since_on: date | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is on record about the phones of a workbook."""

    persons: dict[str, list[Person]]
    branch_of: dict[int, int]
    withdrew: set[int]


def dumped(lines: Sequence[Line]) -> str:
    """Return rows as text, to be sealed."""
    return json.dumps([asdict(line) for line in lines], ensure_ascii=False)


def loaded(text: str) -> list[Line]:
    """Return the rows of such a text."""
    return [Line(**line) for line in json.loads(text)]


def check(lines: Sequence[Line], branch: Kept, today: date) -> list[Checked]:
    """Judge each row, in the order of the workbook."""
    phones = {normal_phone(line.phone) for line in lines}
    known = _known(phones)
    branches = _branches(branch)
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        row = _judged(line, branch, branches, known, today)
        first = seen.setdefault(row.phone, row.number) if PHONE.fullmatch(row.phone) else row.number
        if first != row.number:
            row = _wrong(line, _("和第 %(n)d 行是同一个手机号。", n=first), row.phone)
        found.append(row)
    return found


def _judged(
    line: Line, branch: Kept, branches: dict[str, PartyBranch], known: _Known, today: date
) -> Checked:
    name = " ".join((clean(line.name) or "").split())
    phone = normal_phone(line.phone)
    asked = branches.get(clean(line.branch) or branch.row.name)
    since_on = _day(line.since) if line.since else today
    fault = _fault(name, phone, asked, since_on, today)
    if fault or asked is None or since_on is None:
        return _wrong(line, fault, phone)
    fate, sentence, person_id = _fate(name, phone, asked, branch, known)
    if fate == Fate.WRONG:
        return _wrong(line, sentence, phone)
    return Checked(
        number=line.number,
        name=name,
        phone=phone,
        branch=asked.name,
        since=since_on.isoformat(),
        fate=fate,
        sentence=sentence,
        branch_id=asked.id,
        since_on=since_on,
        person_id=person_id,
    )


def _wrong(line: Line, sentence: str, phone: str) -> Checked:
    return Checked(
        line.number, line.name, phone or line.phone, line.branch, line.since, Fate.WRONG, sentence
    )


def _fault(
    name: str, phone: str, asked: PartyBranch | None, since_on: date | None, today: date
) -> str:
    if not name:
        return _("没有填姓名。")
    if len(name) < 2 or len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        return _("姓名不像一个人的姓名，请核对。")
    if not PHONE.fullmatch(phone):
        return _("手机号要填 11 位数字。")
    if asked is None:
        return _("没有这个党组织，或者它不归您管。名称要和系统里的一样。")
    if since_on is None or not _FIRST_DAY <= since_on <= today:
        return _("日期请写成 2026-03-15 这样，不能晚于今天。")
    return ""


def _fate(
    name: str, phone: str, asked: PartyBranch, branch: Kept, known: _Known
) -> tuple[Fate, str, int | None]:
    """Say what becomes of a row.

    Who is in a branch of elsewhere is told apart from a phone of another name by nothing.
    """
    persons = known.persons.get(phone, [])
    if not persons:
        return Fate.NEW, "", None
    person = next((one for one in persons if one.name == name), None)
    present = known.branch_of.get(person.id) if person else None
    if present == asked.id:
        return Fate.SAME, _("已经在名单里，不重复导入。"), person.id if person else None
    is_elsewhere = present is not None and present not in branch.branch_ids
    if person is None or is_elsewhere or person.id in known.withdrew:
        message = _("手机号登记的是另一个姓名，或者要由本人在“我的 → 党员服务”里申请。请核对。")
        return Fate.WRONG, message, None
    if present is not None:
        return Fate.MOVED, _("从您管的另一个党组织转过来。"), person.id
    return Fate.NEW, "", person.id


def _day(text: str) -> date | None:
    found = _DAY.match(text.strip())
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- what is on record -----------------------------------------------------------------------------


def _branches(branch: Kept) -> dict[str, PartyBranch]:
    query = select(PartyBranch).where(
        PartyBranch.id.in_(branch.branch_ids), PartyBranch.closed_at.is_(None)
    )
    return {row.name: row for row in db.session.scalars(query)}


def _known(phones: Iterable[str]) -> _Known:
    persons: dict[str, list[Person]] = {}
    for some in _chunks(sorted(one for one in phones if PHONE.fullmatch(one))):
        query = select(Person).where(
            Person.phone.in_(some), Person.merged_into_id.is_(None), Person.erased_at.is_(None)
        )
        for row in db.session.scalars(query.order_by(Person.id)):
            persons.setdefault(row.phone or "", []).append(row)
    ids = sorted({row.id for rows in persons.values() for row in rows})
    return _Known(persons, _branch_of(ids), _withdrew(ids))


def _branch_of(ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in _chunks(ids):
        query = select(PartyMember.person_id, PartyMember.branch_id).where(
            PartyMember.person_id.in_(some), PartyMember.ended_on.is_(None)
        )
        found.update(db.session.execute(query).tuples().all())
    return found


def _withdrew(ids: Sequence[int]) -> set[int]:
    """Return who took the consent back; paper signed before does not go over that."""
    newest: dict[int, bool] = {}
    for some in _chunks(ids):
        query = (
            select(func.coalesce(Person.merged_into_id, Person.id), Consent.given)
            .join(Consent, Consent.person_id == Person.id)
            .where(
                or_(Person.id.in_(some), Person.merged_into_id.in_(some)),
                Consent.kind == ConsentKind.PARTY,
            )
            .order_by(Consent.id)
        )
        newest.update(db.session.execute(query).tuples().all())
    return {person_id for person_id, given in newest.items() if not given}


def _chunks(items: Sequence[str] | Sequence[int]) -> Iterator[list[Any]]:
    """Few enough values for one statement on either database."""
    for start in range(0, len(items), _CHUNK):
        yield list(items[start : start + _CHUNK])
